"""What visits do: the pages they see one after the other, how long they stay, and what else happens there."""

from datetime import date
from typing import NamedTuple

import numpy as np

from hubbub.cli.demo.city import Happening, Portal
from hubbub.cli.demo.columns import Marks, Numbers
from hubbub.cli.demo.story import LAUNCH_PAGE, Story, Surge
from hubbub.cli.demo.visits import MACHINE_VIEWS, Visits, pick
from hubbub.cli.demo.wishes import NEWS_SEARCHED, NEWS_TERM, SEARCHED, WISHES, Walked, walk
from hubbub.core.rows import Kind

STAYS_IN_SECTION = 0.65
FLATTEN, STEEPNESS = 1.2, 0.95  # a page's weight in its section: (rank + FLATTEN) ** -STEEPNESS
POPULARITY_SPREAD = 0.1
HOME_BY_LINK = 0.3  # share of `Portal.home` that visits from elsewhere have
DWELL_MS, DWELL_SPREAD, SHORTEST_MS, LONGEST_MS = 34_000, 1.05, 1_200, 1_500_000
MACHINE_DWELL_MS = 170
REPORTED = 0.6  # share of page views whose engagement arrives
OUTLINKS, DOWNLOADS, MISSING = 0.08, 0.06, 0.02
LAUNCHED = Happening("Application started", 0.3, "service", ("solar",))


class Views(NamedTuple):
    """One entry a page view, visit by visit: which visit, the page's place in `Portal.pages`, when, how long (ms).

    term    place in `terms` of what was searched for, of a view of results; 0 without
    walked  who walked which funnel
    """

    visit: Numbers
    page: Numbers
    ms: Numbers
    dwell: Numbers
    is_first: Marks
    term: Numbers
    terms: tuple[str, ...]
    walked: list[Walked]


class Deeds(NamedTuple):
    """Rows beside page views and engagement, with the places of name and detail in `names` and `details`.

    amount  hundredths of a euro
    """

    visit: Numbers
    page: Numbers
    ms: Numbers
    kind: Numbers
    name: Numbers
    detail: Numbers
    amount: Numbers
    names: tuple[str, ...]
    details: tuple[str, ...]


def draw_views(portal: Portal, day: date, story: Story, visits: Visits, rng: np.random.Generator) -> Views:
    """The page views of the visits."""
    visit = np.repeat(np.arange(len(visits.unit)), visits.views)
    begins = np.cumsum(visits.views) - visits.views
    is_first = np.zeros(len(visit), bool)
    is_first[begins] = True

    sections, steps = _shelf(portal, story.unborn_pages(portal, day), rng)
    section = pick(rng, sections, len(visits.unit))[visit]
    wanders = rng.random(len(visit)) > STAYS_IN_SECTION
    section[wanders] = pick(rng, sections, int(wanders.sum()))
    page = _page(steps, section, rng)
    again = np.flatnonzero((page[1:] == page[:-1]) & ~is_first[1:]) + 1
    page[again] = _page(steps, pick(rng, sections, len(again)), rng)
    is_direct = np.array([source.referrer == "" for source in visits.sources])[visits.source]
    home = np.where(is_direct, portal.home, portal.home * HOME_BY_LINK)
    page[begins[rng.random(len(home)) < home]] = 0
    surges = [surge for surge in story.surges if surge.portal == portal.name]
    for place, surge in enumerate(surges):
        page[begins[visits.surge == place]] = portal.pages.index(surge.page)
    walked = walk(portal, page, begins, visits.views, np.flatnonzero(visits.surge < 0), rng)
    term, terms = _search(portal, page, begins, visits, surges, rng)

    dwell = np.clip(rng.lognormal(np.log(DWELL_MS), DWELL_SPREAD, len(visit)), SHORTEST_MS, LONGEST_MS).astype(np.int64)
    dwell[visits.views[visit] == MACHINE_VIEWS] = MACHINE_DWELL_MS
    before = np.cumsum(dwell) - dwell
    ms = visits.start_ms[visit] + before - before[begins][visit]
    return Views(visit, page, ms, dwell, is_first, term, terms, walked)


def _search(
    portal: Portal,
    page: Numbers,
    begins: Numbers,
    visits: Visits,
    surges: list[Surge],
    rng: np.random.Generator,
) -> tuple[Numbers, tuple[str, ...]]:
    """What each view of the search page was for; some of those whom the launch brought search for more of it."""
    wishes = WISHES[portal.name]
    results = portal.pages.index(wishes.search[0])
    terms = ("", *wishes.terms, NEWS_TERM)
    term = np.zeros(len(page), np.int64)
    searched = np.flatnonzero((page == results) & (rng.random(len(page)) < SEARCHED))
    ranks = (np.arange(len(wishes.terms)) + 1.5) ** -0.9
    term[searched] = 1 + pick(rng, ranks.tolist(), len(searched))
    news = [place for place, surge in enumerate(surges) if surge.page == LAUNCH_PAGE]
    curious = np.isin(visits.surge, news) & (visits.views > 1) & (rng.random(len(begins)) < NEWS_SEARCHED)
    second = begins[curious] + 1
    page[second], term[second] = results, len(terms) - 1
    return term, terms


def _shelf(portal: Portal, unborn: tuple[str, ...], rng: np.random.Generator) -> tuple[list[float], Numbers]:
    """Weights of the sections, and for each page where its share of its section ends, counted in sections."""
    weights, steps = [], []
    for place, section in enumerate(portal.sections):
        born = np.array([page not in unborn for page in section.pages], float)
        likes = born * (np.arange(len(born)) + FLATTEN) ** -STEEPNESS * rng.lognormal(0, POPULARITY_SPREAD, len(born))
        total = likes.sum()
        weights.append(section.weight if total else 0.0)
        steps.append(place + np.cumsum(likes) / (total or 1))
    return weights, np.concatenate(steps)


def _page(steps: Numbers, section: Numbers, rng: np.random.Generator) -> Numbers:
    found = np.searchsorted(steps, section + rng.random(len(section)), side="right")
    return np.minimum(found, len(steps) - 1)


def draw_deeds(portal: Portal, visits: Visits, views: Views, rng: np.random.Generator) -> Deeds:
    """Declared events, outlinks, downloads and addresses that are gone, each on the last page of its visit."""
    last = np.cumsum(visits.views) - 1
    names: list[str] = [""]
    details: list[str] = [""]
    parts: list[tuple[Numbers, Kind, Numbers, Numbers, Numbers]] = []

    def add(
        visit: Numbers, kind: Kind, name: tuple[str, ...], detail: tuple[str, ...] = (), prices: tuple[int, ...] = ()
    ) -> None:
        """One row a visit; of several names or details the first is the most frequent."""
        ranks = (np.arange(max(len(name), len(detail))) + 1.0) ** -0.7
        chosen = pick(rng, ranks.tolist(), len(visit))
        flat = np.zeros(len(visit), np.int64)
        name_place = len(names) + (chosen if len(name) > 1 else flat)
        amount = np.array(prices, np.int64)[chosen] if prices else flat
        parts.append((visit, kind, name_place, len(details) + chosen if detail else flat, amount))
        names.extend(name)
        details.extend(detail)

    def happen(event: Happening, visit: Numbers) -> None:
        add(visit, Kind.EVENT, (event.name,), tuple(f"{event.key}={value}" for value in event.values), event.prices)

    def some(rate: float) -> Numbers:
        return np.flatnonzero(rng.random(len(last)) < rate)

    for event in portal.events:
        happen(event, some(event.rate))
    for walked in views.walked:
        happen(next(event for event in portal.events if event.name == walked.last.event), walked.ended)
    if LAUNCH_PAGE in portal.pages:
        on_page = views.page[last] == portal.pages.index(LAUNCH_PAGE)
        starters = np.flatnonzero(on_page & (rng.random(len(last)) < LAUNCHED.rate))
        happen(LAUNCHED, starters)
    add(some(OUTLINKS), Kind.OUTLINK, portal.outlinks)
    add(some(DOWNLOADS), Kind.DOWNLOAD, portal.downloads)
    add(some(MISSING), Kind.MISSING, portal.missing)

    visit = np.concatenate([part[0] for part in parts])
    kind = np.concatenate([np.full(len(part[0]), part[1].value) for part in parts])
    row = last[visit]
    ms = views.ms[row] + (views.dwell[row] * rng.uniform(0.3, 0.9, len(row))).astype(np.int64)
    name, detail, amount = (np.concatenate([part[place] for part in parts]) for place in (2, 3, 4))
    return Deeds(visit, views.page[row], ms, kind, name, detail, amount, tuple(names), tuple(details))
