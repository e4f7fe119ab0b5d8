"""The plan of one site: the portal's, and what its settings ask for besides.

Weights come on top of the portal's and are relative, so that a day costs the same whatever is asked; what is asked
is paid by a little more noise on everything else. The sensitivities are proved in docs/adr/0005, for every bound that
settings may set (`Site.plan`): they are functions of the bound, and each statement cuts at the bound it is given.
"""

from collections.abc import Iterable
from typing import Literal

from msgspec.structs import replace

from hubbub.core import combinations, vocabulary
from hubbub.core.keys import Dimension, Measure
from hubbub.core.settings import Amount, Combinations, Condition, Settings, Site
from hubbub.release.plan import MOST_ROWS, MOST_TUNED, Asked, Bound, Keys, MeasurePlan, Plan
from hubbub.release.portal import PORTAL

DEPTH = 3
TOPICS_A_UNIT = GOALS_A_UNIT = 3
FUNNELS_A_UNIT = AMOUNTS_A_UNIT = TERMS_A_UNIT = 2
FROM_SETTINGS = frozenset((Measure.TOPICS, Measure.GOALS, Measure.FUNNELS, Measure.AMOUNTS))  # whose keys they name


def plan_of(site: Site | None, settings: Settings) -> Plan:
    """What is released of a site; None: of one that the settings do not have (any more)."""
    plan = untuned(site, settings)
    return plan if site is None else plan.tuned(site.plan)


def untuned(site: Site | None, settings: Settings) -> Plan:
    """The plan of a site as it is before its own weights and bounds."""
    if site is None:
        return replace(PORTAL, measures=(*PORTAL.measures, *_always("all")))
    asked = Asked(topics_of(site, settings.topics), site.goals, site.funnels, site.amounts)
    measures = [*PORTAL.measures, *_always(site.collect)]
    if asked.topics:
        measures.append(_named(
            Measure.TOPICS, 4, TOPICS_A_UNIT, (Dimension.TOPIC,), ((name,) for name in asked.topics),
            "Visitors of the pages of each topic", "in at most {} topics",
        ))  # fmt: skip
    if asked.goals:
        measures.append(_named(
            Measure.GOALS, 4, GOALS_A_UNIT, (Dimension.GOAL,), ((name,) for name in asked.goals),
            "Devices that reached each goal", "in at most {} goals",
        ))  # fmt: skip
    if asked.funnels:
        measures.append(_funnels(asked.funnels))
    if site.search_query or site.search_terms:
        measures.append(MeasurePlan(
            Measure.SEARCH_TERMS, 3, Keys.PUBLIC_OR_NEW, Bound.KEYS, TERMS_A_UNIT, MOST_ROWS,
            "Devices that searched the site for each term", "in at most {}", (Dimension.TERM,), Dimension.TERM,
        ))  # fmt: skip
    if asked.amounts:
        measures.append(_amounts(asked.amounts))
    if site.returning:
        measures.append(_named(
            Measure.RETURNING, 1, 1, (Dimension.RETURNING,), ((bucket,) for bucket in vocabulary.RETURNING),
            "How long ago visitors who agreed to tell it were here last", "in one of them",
        ))  # fmt: skip
    if site.combinations.attributes:
        measures.append(_combinations(site.combinations))
    return replace(PORTAL, measures=tuple(measures), asked=asked)


def topics_of(site: Site, topics: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """The topics that pages of this site can have, with their patterns of its paths.

    A pattern that does not begin with / names a host first, and holds for that site alone.
    """
    hosts = {host.removeprefix("www.") for host in (site.name, *site.own_hosts)}
    found = {}
    for name, patterns in topics.items():
        mine = []
        for pattern in patterns:
            host, slash, path = pattern.partition("/")
            if not host or host.removeprefix("www.") in hosts:
                mine.append(slash + path)
        if mine:
            found[name] = tuple(mine)
    return found


def most_key(amount: Amount) -> str:
    """How the most of an event stands in its key, so that what was released keeps its meaning when settings change."""
    return f"{amount.most} {amount.currency}".rstrip()


def _always(collect: Literal["all", "live", "log"]) -> Iterable[MeasurePlan]:
    """Measures of every site; a log knows nothing of engagement."""
    if collect != "log":
        yield _named(
            Measure.ENGAGEMENT, 1, 1, (Dimension.ENGAGED,), ((label,) for label, _ in vocabulary.ENGAGED_BINS),
            "How long a page was looked at: of one page that the visitor viewed, the mean over its views", "once",
        )  # fmt: skip
        yield _named(
            Measure.SCROLLING, 1, 1, (Dimension.SCROLL,), ((label,) for label, _ in vocabulary.SCROLL_BINS),
            "How far down a page was read: of one page that the visitor viewed, the deepest", "once",
        )  # fmt: skip
    yield MeasurePlan(
        Measure.SET_ASIDE, 1, Keys.SINGLE, Bound.KEYS, 1, 1,
        "Devices left out of everything else because no person views pages at such a rate", "once",
    )  # fmt: skip


def _named(
    measure: str,
    weight: int,
    most: int,
    dimensions: tuple[str, ...],
    names: Iterable[tuple[str, ...]],
    says: str,
    limit: str,
) -> MeasurePlan:
    """A measure with the keys that the settings name; a unit is in at most `most` of them."""
    keys = tuple(names)
    widest = len(keys) if most > 1 else 1
    return MeasurePlan(
        measure, weight, Keys.FIXED, Bound.KEYS, min(most, len(keys)), widest, says, limit, dimensions, fixed=keys
    )


def _funnels(funnels: dict[str, tuple[Condition, ...]]) -> MeasurePlan:
    """One cell a funnel: the deepest step; so the bound is on funnels, not on keys."""
    keys = tuple((name, str(step)) for name, steps in funnels.items() for step in range(1, len(steps) + 1))
    return MeasurePlan(
        Measure.FUNNELS, 4, Keys.FIXED, Bound.KEYS, min(FUNNELS_A_UNIT, len(funnels)), len(funnels),
        "The deepest step of each funnel that a visitor reached within a visit", "at its deepest step in at most {} "
        "funnels", (Dimension.FUNNEL, Dimension.STEP), fixed=keys,
    )  # fmt: skip


def _amounts(amounts: dict[str, Amount]) -> MeasurePlan:
    keys = tuple((event, most_key(amount)) for event, amount in amounts.items())
    return MeasurePlan(
        Measure.AMOUNTS, 3, Keys.FIXED, Bound.AMOUNTS, min(AMOUNTS_A_UNIT, len(keys)), len(keys),
        "Sums of amounts by event, in thousandths of the most that one device adds",
        "with at most that most in each of at most {} events", (Dimension.EVENT, Dimension.MOST), fixed=keys,
    )  # fmt: skip


def tables_of(asked: Combinations) -> combinations.Tables:
    """The tables that are counted for what the settings ask for."""
    names = [name for name in combinations.LISTS if name in asked.attributes]  # their order here is nobody's matter
    lists = tuple((name, combinations.told_apart(name, asked.values.get(name, ()))) for name in names)
    return combinations.Tables(lists, asked.depth or min(DEPTH, len(names)))


def _combinations(asked: Combinations) -> MeasurePlan:
    """Tables by several attributes. A unit stands in one cell of each, so as many cells as there are tables."""
    tables = tables_of(asked)
    return MeasurePlan(
        Measure.COMBINATIONS, asked.weight, Keys.FIXED, Bound.KEYS, tables.count, tables.count,
        f"Visitors by every {tables.depth} of {', '.join(name for name, _ in tables.lists)} together, as the first "
        "page view says", "in one cell of each of {} tables", (Dimension.TOGETHER, Dimension.COMBINATION),
        fixed=tables.keys(),
    )  # fmt: skip


_EVERYTHING = plan_of(
    Site(
        "",
        search_terms=("",),
        amounts={"": Amount(1)},
        goals={"": Condition()},
        funnels={"": (Condition(),)},
        returning=True,
        combinations=Combinations(("device", "os", "channel"), depth=2),
    ),
    Settings((), topics={"": ("/",)}),
)
SHAPES: dict[str, MeasurePlan] = {each.measure: each for each in _EVERYTHING.measures}
"""Every measure as some plan has it. Its dimensions and where its keys come from are the same in all plans and
versions, so what was released under an earlier or another plan is read by them; its bounds and fixed keys are not.
"""


def most_bound(name: str) -> int:
    """The largest bound that settings may set for a measure. Of one whose keys they name, more than there are keys is
    as many as there are. Raises `KeyError` for a measure that no site has.
    """
    return MOST_TUNED if name in FROM_SETTINGS else SHAPES[Measure(name)].most_bound
