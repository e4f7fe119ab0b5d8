"""What the SQL must count, in plain Python: one unit after the other, bounded by its own rows alone."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from release_samples import Cells

from hubbub.core import vocabulary
from hubbub.core.keys import Measure
from hubbub.core.patterns import matches
from hubbub.core.rows import DETAIL_SEPARATOR, SENT_ONCE, Kind, Row
from hubbub.core.settings import Condition
from hubbub.core.vocabulary import CONTRIBUTION_BINS, DURATION_BINS
from hubbub.release import portal
from hubbub.release.plan import MeasurePlan, Plan
from hubbub.release.portal import DIRECT, VISIT_GAP_MS
from hubbub.release.site_plan import most_key

ACTS = (Kind.EVENT, Kind.OUTLINK, Kind.DOWNLOAD, Kind.FORM, Kind.SEARCH)
PREFIX = {
    Kind.EVENT: "event:",
    Kind.OUTLINK: "outlink:",
    Kind.DOWNLOAD: "download:",
    Kind.MISSING: "404:",
    Kind.FORM: "form:",
}
KINDS = {
    "outlink": Kind.OUTLINK,
    "download": Kind.DOWNLOAD,
    "form": Kind.FORM,
    "search": Kind.SEARCH,
    "404": Kind.MISSING,
}

Keys = Iterable[tuple[str, ...]]


def by_hand(
    rows: Sequence[Row],
    plan: Plan,
    public: Iterable[str],
    pages: Iterable[str],
    events: Iterable[str],
    *,
    trial: bool = False,
) -> dict[str, Cells]:
    """Everything that is counted; a trial sets nobody aside."""
    total: dict[str, Cells] = defaultdict(Counter)
    units: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        units[row.unit].append(row)
    for mine in map(_sent_once, units.values()):
        aside = is_set_aside(mine)
        total[Measure.SET_ASIDE].update([()] * aside)
        if trial or not aside:
            for measure, cells in _of_unit(mine, plan, set(public), set(pages), set(events)).items():
                total[measure].update(cells)
    return total


def _of_unit(rows: list[Row], plan: Plan, public: set[str], pages: set[str], events: set[str]) -> dict[str, Keys]:
    """The keys that one unit adds 1 to, each as often as it adds."""
    found: dict[str, Keys] = {Measure.EVENTS: _least_tags(_event_keys(rows, events), plan[Measure.EVENTS])} | _asked(
        rows, plan
    )
    views = sorted((row for row in rows if row.kind == Kind.PAGEVIEW), key=lambda row: row.ms)
    if not views:
        return found
    first = views[0]
    hours = sorted({row.hour for row in views})[: plan[Measure.VISITORS_HOUR].bound]
    bins = [label for label, low in CONTRIBUTION_BINS if low <= len(views)]
    visits = _visits(sorted(rows, key=lambda row: row.ms))
    return (
        found
        | _asked_of_visitors(rows, views, plan)
        | {
            Measure.VISITORS: [()],
            Measure.VISITORS_HOUR: [(str(hour),) for hour in hours],
            Measure.PAGEVIEWS: [()] * min(len(views), plan[Measure.PAGEVIEWS].bound),
            Measure.PAGEVIEWS_HOUR: _squares([(row.tag, str(row.hour)) for row in views], plan[Measure.PAGEVIEWS_HOUR]),
            Measure.PAGE_VISITORS: _least_tags(
                [(row.tag, row.page) for row in views if row.page in public], plan[Measure.PAGE_VISITORS]
            ),
            Measure.NEW_PAGES: _least_tags(
                [(row.tag, row.page) for row in views if row.page not in public], plan[Measure.NEW_PAGES]
            ),
            Measure.PAGE_PAGEVIEWS: _squares(
                [(row.tag, row.page) for row in views if row.page in pages], plan[Measure.PAGE_PAGEVIEWS]
            ),
            Measure.VISITS: [
                (str(place), label)
                for place, (label, _, _) in enumerate(visits, 1)
                if place <= plan[Measure.VISITS].bound
            ],
            Measure.ENTRY_PAGES: [(visits[0][1],)],
            Measure.EXIT_PAGES: [(visits[0][2],)],
            Measure.CHANNELS: [(first.channel,)],
            Measure.REFERRERS: [(first.referrer or DIRECT,)],
            Measure.CAMPAIGNS: [(first.campaign,)] if first.campaign else [],
            Measure.COUNTRIES: [(first.country,)],
            Measure.DEVICES: [(first.device,)],
            Measure.BROWSERS: [(first.browser,)],
            Measure.SYSTEMS: [(first.os,)],
            Measure.LANGUAGES: [(first.language,)],
            Measure.CONTRIBUTIONS: [(bins[-1],)],
        }
        | ({Measure.COMBINATIONS: _combinations(first, plan)} if Measure.COMBINATIONS in plan else {})
    )


def _combinations(first: Row, plan: Plan) -> Keys:
    """A cell of each table that the bound leaves."""
    listed = set(plan[Measure.COMBINATIONS].fixed)
    tables = list(dict.fromkeys(names for names, _ in plan[Measure.COMBINATIONS].fixed))
    last = {"channel": "Unassigned", "device": "Other", "country": "rest"}
    for names in tables[: plan[Measure.COMBINATIONS].bound]:
        values = []
        for name in names.split("+"):
            told = {part for key, text in listed if name in key.split("+") for part in text.split("|")}
            value = getattr(first, name)
            values.append(value if value in told else last[name])
        yield names, "|".join(values)


def _event_keys(rows: list[Row], events: set[str]) -> list[tuple[int, str]]:
    keys = []
    for row in rows:
        if row.kind not in PREFIX:
            continue
        key = PREFIX[Kind(row.kind)] + row.name
        keys.append((row.tag, key))
        if row.kind == Kind.EVENT and row.detail:
            keys += [(row.tag, f"{key} {part}") for part in row.detail.split(DETAIL_SEPARATOR)]
    return [(tag, key) for tag, key in keys if not key.startswith("event:") or key in events]


def _least_tags(tagged: list[tuple[int, str]], measure: MeasurePlan) -> list[tuple[str, ...]]:
    least: dict[str, int] = {}
    for tag, key in tagged:
        least[key] = min(tag, least.get(key, tag))
    return [(key,) for _, key in sorted((tag, key) for key, tag in least.items())[: measure.bound]]


def _squares(tagged: list[tuple[int, str]], measure: MeasurePlan) -> list[tuple[str, ...]]:
    kept: Counter[str] = Counter()
    for _, key in sorted(tagged):
        if sum(n * n for n in (kept + Counter([key])).values()) > measure.bound:
            break
        kept[key] += 1
    return [(key,) for key in kept.elements()]


def _visits(rows: list[Row]) -> list[tuple[str, str, str]]:
    """(duration bin, entry page, exit page) of each visit."""
    runs: list[list[Row]] = []
    for row in rows:
        if not runs or row.ms - runs[-1][-1].ms > VISIT_GAP_MS:
            runs.append([])
        runs[-1].append(row)
    visits = []
    for run in runs:
        views = [row for row in run if row.kind == Kind.PAGEVIEW]
        if not views:
            continue
        began = next(row.ms for row in run if row.kind != Kind.ENGAGEMENT)
        seconds = (run[-1].ms - began) // 1000
        label = [name for name, low, high in DURATION_BINS if low < high and low <= seconds][-1]
        bounces = len(views) == 1 and not any(row.kind in ACTS and row.engaged_ms >= 0 for row in run)
        visits.append(("bounce" if bounces else label, views[0].page, views[-1].page))
    return visits


def is_set_aside(rows: list[Row]) -> bool:
    """Whether no person can have made these rows of one unit."""
    views = sorted(row.ms for row in rows if row.kind == Kind.PAGEVIEW)
    bursts = zip(views, views[portal.BURST_VIEWS - 1 :], strict=False)
    hours = Counter(row.hour for row in rows if row.kind == Kind.PAGEVIEW)
    return (
        any(last - first < portal.BURST_MS for first, last in bursts)
        or any(n > portal.HOUR_VIEWS for n in hours.values())
        or len(views) > portal.DAY_VIEWS
        or len({term for _, term in _terms(rows)}) >= portal.DAY_SEARCHES
    )


def _asked(rows: list[Row], plan: Plan) -> dict[str, Keys]:
    """What the settings ask for, of units with and without page views."""
    found: dict[str, Keys] = {}
    if Measure.GOALS in plan:
        reached = [
            (row.tag, name) for row in rows for name, condition in plan.asked.goals.items() if _meets(row, condition)
        ]
        found[Measure.GOALS] = _least_tags(reached, plan[Measure.GOALS])
    if Measure.SEARCH_TERMS in plan:
        found[Measure.SEARCH_TERMS] = _least_tags(_terms(rows), plan[Measure.SEARCH_TERMS])
    if Measure.AMOUNTS in plan:
        found[Measure.AMOUNTS] = _amounts(rows, plan)
    return found


def _asked_of_visitors(rows: list[Row], views: list[Row], plan: Plan) -> dict[str, Keys]:
    """Engagement, and what the settings ask for of units with page views."""
    found: dict[str, Keys] = {}
    if Measure.TOPICS in plan:
        tagged = [
            (row.tag, name)
            for row in views
            for name, patterns in plan.asked.topics.items()
            if any(matches(pattern, row.page) for pattern in patterns)
        ]
        found[Measure.TOPICS] = _least_tags(tagged, plan[Measure.TOPICS])
    if Measure.FUNNELS in plan:
        found[Measure.FUNNELS] = _funnels(rows, plan)
    if Measure.RETURNING in plan:
        found[Measure.RETURNING] = [(row.returning,) for row in views if row.returning][:1]
    engaged = {row.page for row in rows if row.kind == Kind.ENGAGEMENT and (row.engaged_ms or row.scroll)}
    read = sorted((row.tag, row.page) for row in views if row.page in engaged)
    if read and Measure.ENGAGEMENT in plan:
        page = read[0][1]
        its = [row for row in rows if row.kind == Kind.ENGAGEMENT and row.page == page]
        ms = sum(row.engaged_ms for row in its) // sum(row.page == page for row in views)
        deepest = max(row.scroll for row in its)
        if ms:
            found[Measure.ENGAGEMENT] = [([label for label, low in vocabulary.ENGAGED_BINS if low <= ms][-1],)]
        if deepest:
            found[Measure.SCROLLING] = [([label for label, low in vocabulary.SCROLL_BINS if low <= deepest][-1],)]
    return found


def _terms(rows: list[Row]) -> list[tuple[int, str]]:
    return [(row.tag, row.name) for row in rows if row.kind in (Kind.PAGEVIEW, Kind.SEARCH) and row.name]


def _amounts(rows: list[Row], plan: Plan) -> Keys:
    """Each key as often as the unit has thousandths."""
    sums: Counter[str] = Counter()
    least: dict[str, int] = {}
    for row in rows:
        if row.kind == Kind.EVENT and row.amount and row.name in plan.asked.amounts:
            sums[row.name] += row.amount
            least[row.name] = min(row.tag, least.get(row.name, row.tag))
    for _, event in sorted((tag, event) for event, tag in least.items())[: plan[Measure.AMOUNTS].bound]:
        amount = plan.asked.amounts[event]
        cap = amount.most * 100
        parts = (min(sums[event], cap) * 1000 + int(least[event] / 2) % cap) // cap
        yield from [(event, most_key(amount))] * parts


def _funnels(rows: list[Row], plan: Plan) -> Keys:
    deepest: dict[str, int] = {}
    begun: list[tuple[int, str]] = []
    runs: list[list[Row]] = []
    for row in sorted(rows, key=lambda row: row.ms):  # as received where the time is the same
        if not runs or row.ms - runs[-1][-1].ms > VISIT_GAP_MS:
            runs.append([])
        runs[-1].append(row)
    for run in runs:
        if not any(row.kind == Kind.PAGEVIEW for row in run):
            continue
        for name, steps in plan.asked.funnels.items():
            begun += [(row.tag, name) for row in run if _meets(row, steps[0])]
            reached = 0
            for row in run:
                if reached < len(steps) and _meets(row, steps[reached]):
                    reached += 1
            deepest[name] = max(reached, deepest.get(name, 0))
    return [(name, str(deepest[name])) for (name,) in _least_tags(begun, plan[Measure.FUNNELS])]


def _meets(row: Row, condition: Condition) -> bool:
    if condition.page:
        return row.kind == Kind.PAGEVIEW and matches(condition.page, row.page)
    if condition.event in KINDS:
        is_results = condition.event == "search" and row.kind == Kind.PAGEVIEW and row.name != ""
        return row.kind == KINDS[condition.event] or is_results
    parts = [part.partition("=")[::2] for part in row.detail.split(DETAIL_SEPARATOR)]
    has = any(name == condition.property and condition.value in ("", value) for name, value in parts)
    return row.kind == Kind.EVENT and row.name == condition.event and (not condition.property or has)


def _sent_once(rows: list[Row]) -> list[Row]:
    """Rows without those that were sent again."""
    first: dict[int, Row] = {}
    for row in rows:
        if row.tag & SENT_ONCE and (row.tag not in first or row.ms < first[row.tag].ms):
            first[row.tag] = row
    return [row for row in rows if not row.tag & SENT_ONCE or first[row.tag] is row]
