"""The portal plan: what hubbub measures of every web site, as PRIVACY.md lists it (`site_plan` adds to it).

A *visitor* is a unit with at least one page view that day; rows of units without one count in what names events
(events, goals, amounts, search terms) alone. A *visit* is a run of a unit's rows without a pause of over 30 minutes
that holds a page view; engagement prolongs it and never opens it. It *bounces* when it is one page view and no event,
outlink, download, form or search: whoever searches from the first page has found use for it, as in a site whose search
has a page of its own and so a second view.
"""

from hubbub.core import vocabulary
from hubbub.core.keys import Dimension, Measure
from hubbub.release.plan import MOST_ROWS, Bound, Keys, MeasurePlan, Plan

DIRECT = "Direct / none"
VISIT_GAP_MS = 30 * 60_000
MOST_VISITS = 24

# Rates that no person has, told from a unit's own rows alone. A unit at them is left out of what a close counts but for
# `set_aside`. They are far out because one address with one kind of browser may be many people (an office, a mobile
# network): such a unit counts as one visitor anyway, so little is lost if it is left out.
BURST_VIEWS, BURST_MS = 30, 10_000  # three pages a second for ten seconds: a restored window opens fewer
HOUR_VIEWS = 600  # more than these: over one page in six seconds, for an hour of the clock on end
DAY_VIEWS = 2_000  # more than these: a page a minute, day and night, is 1,440
DAY_SEARCHES = 100  # as many different things searched for: a dictionary is being tried

ALWAYS_PUBLIC: dict[str, tuple[str, ...]] = {Dimension.REFERRER: (DIRECT, *vocabulary.REFERRERS)}

VISIT_KEYS = tuple(
    (str(visit), label) for visit in range(1, MOST_VISITS + 1) for label, _, _ in vocabulary.DURATION_BINS
)


def _listed(measure: str, weight: int, dimension: str, values: tuple[str, ...], says: str) -> MeasurePlan:
    keys = tuple((value,) for value in values)
    return MeasurePlan(
        measure, weight, Keys.FIXED, Bound.KEYS, 1, 1, says, "in one of them", (dimension,),
        fixed=keys, other=keys[-1],
    )  # fmt: skip


def _open(measure: str, weight: int, dimension: str, bound: int, says: str) -> MeasurePlan:
    return MeasurePlan(
        measure, weight, Keys.PUBLIC_OR_NEW, Bound.KEYS, bound, MOST_ROWS if bound > 1 else 1, says,
        "in at most {}" if bound > 1 else "in one of them", (dimension,), dimension,
    )  # fmt: skip


def _page(measure: str, weight: int, says: str) -> MeasurePlan:
    return MeasurePlan(
        measure, weight, Keys.DAY, Bound.KEYS, 1, 1, says, "in one of them", (Dimension.PAGE,),
        Dimension.PAGE,
    )  # fmt: skip


PORTAL = Plan(
    "portal",
    2,
    (
        MeasurePlan(
            Measure.VISITORS, 4, Keys.SINGLE, Bound.KEYS, 1, 1,
            "Visitors: devices that viewed a page that day", "once",
        ),
        MeasurePlan(
            Measure.VISITORS_HOUR, 17, Keys.HOURS, Bound.KEYS, 3, 25,
            "Visitors by hour", "in its first {} hours", online=True,
        ),
        MeasurePlan(
            Measure.PAGEVIEWS, 5, Keys.SINGLE, Bound.VIEWS, 10, MOST_ROWS,
            "Page views of the day", "with at most {} views",
        ),
        MeasurePlan(
            Measure.PAGEVIEWS_HOUR, 12, Keys.HOURS, Bound.SQUARES, 36, MOST_ROWS,
            "Page views by hour", "with views whose squared hourly counts sum to at most {}", online=True,
        ),
        MeasurePlan(
            Measure.PAGE_VISITORS, 17, Keys.PUBLIC, Bound.KEYS, 5, MOST_ROWS,
            "Visitors of each page known beforehand", "in at most {} pages", (Dimension.PAGE,), Dimension.PAGE,
        ),
        MeasurePlan(
            Measure.NEW_PAGES, 6, Keys.NEW, Bound.KEYS, 2, MOST_ROWS,
            "Visitors of each page not known beforehand", "in at most {} such pages", (Dimension.PAGE,),
            Dimension.PAGE,
        ),
        MeasurePlan(
            Measure.PAGE_PAGEVIEWS, 10, Keys.DAY, Bound.SQUARES, 16, MOST_ROWS,
            "Views of each page", "with views whose squared counts a page sum to at most {}", (Dimension.PAGE,),
            Dimension.PAGE,
        ),
        MeasurePlan(
            Measure.VISITS, 7, Keys.FIXED, Bound.KEYS, 2, MOST_VISITS,
            "Visits, and how long they took", "with its first {} visits", (Dimension.VISIT, Dimension.DURATION),
            fixed=VISIT_KEYS,
        ),
        _page(Measure.ENTRY_PAGES, 2, "Page on which the first visit began"),
        _page(Measure.EXIT_PAGES, 2, "Page on which the first visit ended"),
        _listed(Measure.CHANNELS, 3, Dimension.CHANNEL, vocabulary.CHANNELS, "Channel of the first page view"),
        _open(Measure.REFERRERS, 3, Dimension.REFERRER, 1, "Source of the first page view"),
        _open(Measure.CAMPAIGNS, 2, Dimension.CAMPAIGN, 1, "Campaign of the first page view"),
        _listed(Measure.COUNTRIES, 2, Dimension.COUNTRY, vocabulary.COUNTRIES, "Country"),
        _listed(Measure.DEVICES, 1, Dimension.DEVICE, vocabulary.DEVICES, "Kind of device"),
        _listed(Measure.BROWSERS, 1, Dimension.BROWSER, vocabulary.BROWSERS, "Browser"),
        _listed(Measure.SYSTEMS, 1, Dimension.OS, vocabulary.SYSTEMS, "Operating system"),
        _listed(Measure.LANGUAGES, 1, Dimension.LANGUAGE, vocabulary.LANGUAGES, "Language"),
        _open(
            Measure.EVENTS, 3, Dimension.EVENT, 3,
            "Devices with each event, outlink, download, form or address that was not found",
        ),
        MeasurePlan(
            Measure.CONTRIBUTIONS, 1, Keys.FIXED, Bound.KEYS, 1, 1,
            "How many pages a visitor views", "once", (Dimension.VIEWS,),
            fixed=tuple((label,) for label, _ in vocabulary.CONTRIBUTION_BINS),
        ),
    ),
)  # fmt: skip
