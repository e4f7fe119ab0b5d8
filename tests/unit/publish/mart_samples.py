"""Sample marts: released cells of a few sites and days, made up but shaped like the portal plan's."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from random import Random

from hubbub.core.combinations import Tables
from hubbub.core.days import bounds
from hubbub.core.keys import Dimension, Measure
from hubbub.core.vocabulary import CONTRIBUTION_BINS, DEVICES, DURATION_BINS, ENGAGED_BINS, RETURNING, SCROLL_BINS
from hubbub.publish.marts import Marts
from hubbub.release.types import Gap, Released

SITES = ("services.example", "transport.example", "culture.example")
ZONE = "Europe/Vienna"
PAGES = tuple(f"/{name}" for name in "home passport waste parking tax school pool library permits news".split())
REFERRERS = ("", "Google", "Bing", "DuckDuckGo", "facebook.com", "city.example", "ChatGPT", "orf.at", "x.com")
CHANNELS = ("Direct", "Organic Search", "Referral", "Organic Social", "AI assistant", "Email")
COUNTRIES = ("AT", "DE", "CH", "IT", "HU", "SK", "US", "FR", "GB", "CZ", "PL", "ZZ")
LISTS: tuple[tuple[Measure, Dimension, Sequence[str], float, float], ...] = (
    # measure, its dimension, its keys, share of visitors that its first key has, sigma
    (Measure.PAGE_VISITORS, Dimension.PAGE, PAGES, 0.5, 17.1),
    (Measure.PAGE_PAGEVIEWS, Dimension.PAGE, PAGES, 0.8, 40.0),
    (Measure.ENTRY_PAGES, Dimension.PAGE, PAGES, 0.4, 22.4),
    (Measure.EXIT_PAGES, Dimension.PAGE, PAGES, 0.3, 22.4),
    (Measure.REFERRERS, Dimension.REFERRER, REFERRERS, 0.4, 18.3),
    (Measure.CHANNELS, Dimension.CHANNEL, CHANNELS, 0.4, 18.3),
    (Measure.CAMPAIGNS, Dimension.CAMPAIGN, ("spring", "vaccination"), 0.05, 22.4),
    (Measure.COUNTRIES, Dimension.COUNTRY, COUNTRIES, 0.6, 22.4),
    (Measure.DEVICES, Dimension.DEVICE, DEVICES, 0.5, 31.6),
    (Measure.BROWSERS, Dimension.BROWSER, ("Chrome", "Safari", "Firefox", "Edge", "Other"), 0.5, 31.6),
    (Measure.SYSTEMS, Dimension.OS, ("Android", "Windows", "iOS", "Mac", "Other"), 0.4, 31.6),
    (Measure.LANGUAGES, Dimension.LANGUAGE, ("de", "en", "hu", "tr", "other"), 0.6, 31.6),
    (Measure.EVENTS, Dimension.EVENT, ("Signup", "Download: /form.pdf", "Outlink: gov.example"), 0.1, 31.6),
    (Measure.CONTRIBUTIONS, Dimension.VIEWS, [label for label, _ in CONTRIBUTION_BINS], 0.4, 31.6),
)

NAMED: tuple[tuple[Measure, Dimension, Sequence[str], float, float], ...] = (
    # what came later, of the same shape
    (Measure.ENGAGEMENT, Dimension.ENGAGED, [label for label, _ in ENGAGED_BINS], 0.4, 35.5),
    (Measure.SCROLLING, Dimension.SCROLL, [label for label, _ in SCROLL_BINS], 0.4, 35.5),
    (Measure.TOPICS, Dimension.TOPIC, ("Transport", "Health", "Permits"), 0.5, 30.7),
    (Measure.GOALS, Dimension.GOAL, ("Application sent", "Form downloaded"), 0.2, 30.7),
    (Measure.SEARCH_TERMS, Dimension.TERM, ("passport", "parking", "school"), 0.15, 29.0),
    (Measure.RETURNING, Dimension.RETURNING, RETURNING, 0.3, 35.5),
)

COMBINED = Tables(
    (("channel", ("Direct", "Referral")), ("device", ("Mobile", "Desktop", "rest")), ("os", ("iOS", "rest"))), 2
)

Cells = Mapping[tuple[str], int] | Mapping[tuple[str, str], int]


def released(
    source: str,
    day: date,
    measure: Measure,
    cells: Cells | int,
    *,
    slot: int | None = None,
    dimensions: tuple[Dimension, ...] = (),
    sigma: float = 10.0,
    new: Sequence[str] = (),
    hidden: Sequence[str] = (),
    threshold: int = 0,
    gap: Gap = Gap.NONE,
    trial: bool = False,
) -> Released:
    """One release; a number stands for a single cell without a key, and `gap` leaves all cells out."""
    table: dict[tuple[str, ...], int] = dict(cells.items()) if isinstance(cells, Mapping) else {(): cells}
    keys = () if gap else tuple(sorted(table))
    return Released(
        source=source,
        day=day,
        measure=measure,
        slot=slot,
        dimensions=dimensions,
        keys=keys,
        values=tuple(table[key] for key in keys),
        variance=sigma**2,
        is_new=tuple(key[:1] != () and key[0] in new for key in keys),
        threshold=threshold,
        hidden=tuple(key[:1] != () and key[0] in hidden for key in keys),
        gap=gap,
        trial=trial,
        entry="0" * 64,
    )


def sample_day(source: str, day: date, visitors: float, random: Random, zone: str = ZONE) -> Iterator[Released]:
    """All releases of one closed day with about this many visitors."""

    def noisy(mean: float, sigma: float) -> int:
        return round(random.gauss(mean, sigma))

    yield released(source, day, Measure.VISITORS, noisy(visitors, 15.8), sigma=15.8)
    yield released(source, day, Measure.PAGEVIEWS, noisy(visitors * 2.6, 141), sigma=141)
    hours = bounds(day, zone).hours
    for slot in range(hours):
        share = 2 * min(slot, hours - slot) / hours**2 * 2
        yield released(source, day, Measure.VISITORS_HOUR, noisy(visitors * share * 1.2, 13.3), slot=slot, sigma=13.3)
        yield released(source, day, Measure.PAGEVIEWS_HOUR, noisy(visitors * share * 2.2, 54.8), slot=slot, sigma=54.8)
    for measure, dimension, keys, share, sigma in LISTS:
        cells = {(key,): noisy(visitors * share * 0.62**i, sigma) for i, key in enumerate(keys)}
        yield released(source, day, measure, cells, dimensions=(dimension,), sigma=sigma)
    visits = {
        (str(visit), label): noisy(visitors * (0.45 if i == 0 else 0.09 * 0.8**i) / visit, 16.9)
        for visit in (1, 2)
        for i, (label, _, _) in enumerate(DURATION_BINS)
    }
    yield released(source, day, Measure.VISITS, visits, dimensions=(Dimension.VISIT, Dimension.DURATION), sigma=16.9)
    new = {("/new-service",): noisy(190, 20.4)} if day.day == 3 else {}
    yield released(
        source,
        day,
        Measure.NEW_PAGES,
        new,
        dimensions=(Dimension.PAGE,),
        new=["/new-service"],
        threshold=130,
        sigma=20.4,
    )


def asked_day(source: str, day: date, visitors: float, random: Random) -> Iterator[Released]:
    """What a site that asks for everything has besides."""

    def noisy(mean: float, sigma: float) -> int:
        return round(random.gauss(mean, sigma))

    for measure, dimension, keys, share, sigma in NAMED:
        cells = {(key,): noisy(visitors * share * 0.7**i, sigma) for i, key in enumerate(keys)}
        yield released(source, day, measure, cells, dimensions=(dimension,), sigma=sigma)
    steps = {("Permit", str(step)): noisy(visitors * 0.1 / step, 25.1) for step in range(1, 5)}
    yield released(source, day, Measure.FUNNELS, steps, dimensions=(Dimension.FUNNEL, Dimension.STEP), sigma=25.1)
    parts = {("Fee paid", "200 EUR"): noisy(visitors * 15, 29_000)}
    yield released(source, day, Measure.AMOUNTS, parts, dimensions=(Dimension.EVENT, Dimension.MOST), sigma=29_000)
    yield released(source, day, Measure.SET_ASIDE, noisy(3, 35.5), sigma=35.5)
    together = {key: noisy(visitors * 0.25 * 0.7**i, 20.0) for i, key in enumerate(COMBINED.keys())}
    dimensions = (Dimension.TOGETHER, Dimension.COMBINATION)
    yield released(source, day, Measure.COMBINATIONS, together, dimensions=dimensions, sigma=20.0)


def sample_marts(folder: Path, last: date, days: int = 60, sites: Sequence[str] = SITES, seed: int = 1) -> Marts:
    """Marts of `days` closed days up to `last`: weekly rhythm, one day of page views forfeited (the 10th)."""
    random, later = Random(seed), Random(seed + 1)
    marts = Marts(folder)
    for number, site in enumerate(sites):
        months: dict[date, list[Released]] = {}
        for back in range(days - 1, -1, -1):
            day = last - timedelta(days=back)
            visitors = 2400 / (number + 1) * (0.6 if day.weekday() > 4 else 1.0) * (1 + 0.004 * (days - back))
            cells = [*sample_day(site, day, visitors, random), *asked_day(site, day, visitors, later)]
            if day.day == 10:
                lost = released(site, day, Measure.PAGEVIEWS, 0, sigma=141, gap=Gap.FORFEITED)
                cells = [lost if one.measure == Measure.PAGEVIEWS else one for one in cells]
            months.setdefault(day.replace(day=1), []).extend(cells)
        for month, cells in months.items():
            marts.write(site, month, cells)
    return marts
