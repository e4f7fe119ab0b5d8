"""What may be asked: the metrics, the dimensions, and which measure answers which pair of them."""

from msgspec import Struct

from hubbub.core.errors import QueryError
from hubbub.core.keys import Measure


class Metric(Struct, frozen=True):
    """One number that can be asked for.

    unit        "count", "percent", "seconds", "ratio" or "amount" (of the currency that the row's key names)
    definition  what is counted and within which bound, in words for a reader
    """

    name: str
    label: str
    unit: str
    definition: str


class Answering(Struct, frozen=True):
    """The measures whose cells answer a metric by one dimension, and which of a cell's keys is that dimension.

    key       1 or 2: the column of the mart; 0 when the metric is asked without a dimension
    additive  a device-day stands in one cell at most, so cells of several keys may be summed
    bin       1 or 2: the column whose values the metric weighs differently; 0 when it weighs all alike
    of        measures without keys that the metric divides by, day by day
    """

    measures: tuple[Measure, ...]
    key: int
    additive: bool
    bin: int = 0
    of: tuple[Measure, ...] = ()

    @property
    def read(self) -> tuple[Measure, ...]:
        """All measures whose cells it takes."""
        return (*self.measures, *self.of)


METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric(
            "visitors",
            "Visitors",
            "count",
            "Devices on one site on one day (visitor-days): over several days or sites the daily numbers are "
            "added, since nothing links a device across them. Unless the site's plan says otherwise, by hour a visitor "
            "counts in the first three hours of the visit day; by page in at most five known pages and two new ones; "
            "by event in at most three events. By origin, place and technology with the first visit of the day.",
        ),
        Metric(
            "pageviews",
            "Page views",
            "count",
            "Views of pages, at most 10 a visitor and day unless the site's plan says otherwise. By hour and by page a "
            "visitor's views count while the sum of their squares stays within the plan's bound.",
        ),
        Metric(
            "visits",
            "Visits",
            "count",
            "Visits end after 30 minutes without a sign of life; the first two a visitor and day count, unless the "
            "site's plan says otherwise.",
        ),
        Metric(
            "bounce_rate",
            "Bounce rate",
            "percent",
            "Visits of a single page view without further engagement, as a share of all counted visits.",
        ),
        Metric(
            "visit_duration",
            "Visit duration",
            "seconds",
            "Mean over counted visits, computed from eight bins by their middles; a bounce is 0 s, and visits "
            "over 30 minutes are taken as 45 minutes.",
        ),
        Metric(
            "views_per_visitor",
            "Views per visitor",
            "ratio",
            "Page views, at most 10 a visitor and day unless the site's plan says otherwise, divided by visitors of "
            "the same days.",
        ),
        Metric(
            "events",
            "Events",
            "count",
            "Visitors who did it that day: a visitor counts once an event, in at most three events unless the "
            "site's plan says otherwise.",
        ),
        Metric(
            "engaged_time",
            "Time on a page",
            "seconds",
            "How long a page was visible and in use, the mean over one page of each visitor that tells it; computed "
            "from seven bins by their middles, over 10 minutes taken as 15.",
        ),
        Metric(
            "engaged_median",
            "Time on a page, median",
            "seconds",
            "Half of the pages were in use for longer, of one page of each visitor that tells it; computed from seven "
            "bins, evenly filled.",
        ),
        Metric(
            "scroll_depth",
            "Scroll depth",
            "percent",
            "How far down a page was read, the mean over one page of each visitor that tells it; computed from five "
            "bins by their middles.",
        ),
        Metric(
            "scroll_median",
            "Scroll depth, median",
            "percent",
            "Half of the pages were read further down, of one page of each visitor that tells it; computed from five "
            "bins, evenly filled.",
        ),
        Metric(
            "return_rate",
            "Return rate",
            "percent",
            "Visitors who were here on an earlier day, as a share of those whose browser tells it because they agreed.",
        ),
        Metric(
            "conversion_rate",
            "Conversion rate",
            "percent",
            "By goal, the devices that reached it as a share of visitors of the same days; by step of a funnel, as a "
            "share of visitors that began it; by funnel, of those the ones that came to its end.",
        ),
        Metric(
            "amount",
            "Amount",
            "amount",
            "Sums of what events carried, each device's cut at the most that is set for the event, in at most two "
            "events a device and day unless the site's plan says otherwise.",
        ),
        Metric(
            "set_aside",
            "Devices set aside",
            "count",
            "Devices whose rate of page views or searches no person has: they count here and nowhere else.",
        ),
    )
}
TIMES = ("day", "hour", "week", "month")
SITE = "site"
ALIASES = {"source": "referrer"}

_PLAIN: dict[str, Answering] = {
    "visitors": Answering((Measure.VISITORS,), 0, additive=True),
    "pageviews": Answering((Measure.PAGEVIEWS,), 0, additive=True),
    "visits": Answering((Measure.VISITS,), 0, additive=True),
    "bounce_rate": Answering((Measure.VISITS,), 0, additive=True, bin=2),
    "visit_duration": Answering((Measure.VISITS,), 0, additive=True, bin=2),
    "views_per_visitor": Answering((Measure.PAGEVIEWS,), 0, additive=True, of=(Measure.VISITORS,)),
    "engaged_time": Answering((Measure.ENGAGEMENT,), 0, additive=True, bin=1),
    "engaged_median": Answering((Measure.ENGAGEMENT,), 0, additive=True, bin=1),
    "scroll_depth": Answering((Measure.SCROLLING,), 0, additive=True, bin=1),
    "scroll_median": Answering((Measure.SCROLLING,), 0, additive=True, bin=1),
    "return_rate": Answering((Measure.RETURNING,), 0, additive=True, bin=1),
    "set_aside": Answering((Measure.SET_ASIDE,), 0, additive=True),
}
_HOURLY: dict[str, Answering] = {
    "visitors": Answering((Measure.VISITORS_HOUR,), 0, additive=True),
    "pageviews": Answering((Measure.PAGEVIEWS_HOUR,), 0, additive=True),
}
_KEYED: dict[tuple[str, str], Answering] = {
    ("visitors", "page"): Answering((Measure.PAGE_VISITORS, Measure.NEW_PAGES), 1, additive=False),
    ("pageviews", "page"): Answering((Measure.PAGE_PAGEVIEWS,), 1, additive=True),
    ("visits", "visit"): Answering((Measure.VISITS,), 1, additive=True),
    ("visits", "duration"): Answering((Measure.VISITS,), 2, additive=True),
    ("visitors", "entry_page"): Answering((Measure.ENTRY_PAGES,), 1, additive=True),
    ("visitors", "exit_page"): Answering((Measure.EXIT_PAGES,), 1, additive=True),
    ("visitors", "channel"): Answering((Measure.CHANNELS,), 1, additive=True),
    ("visitors", "referrer"): Answering((Measure.REFERRERS,), 1, additive=True),
    ("visitors", "campaign"): Answering((Measure.CAMPAIGNS,), 1, additive=True),
    ("visitors", "country"): Answering((Measure.COUNTRIES,), 1, additive=True),
    ("visitors", "device"): Answering((Measure.DEVICES,), 1, additive=True),
    ("visitors", "browser"): Answering((Measure.BROWSERS,), 1, additive=True),
    ("visitors", "os"): Answering((Measure.SYSTEMS,), 1, additive=True),
    ("visitors", "language"): Answering((Measure.LANGUAGES,), 1, additive=True),
    ("visitors", "views"): Answering((Measure.CONTRIBUTIONS,), 1, additive=True),
    ("visitors", "event"): Answering((Measure.EVENTS,), 1, additive=False),
    ("events", "event"): Answering((Measure.EVENTS,), 1, additive=False),
    ("visitors", "topic"): Answering((Measure.TOPICS,), 1, additive=False),
    ("visitors", "term"): Answering((Measure.SEARCH_TERMS,), 1, additive=False),
    ("visitors", "returning"): Answering((Measure.RETURNING,), 1, additive=True),
    ("visitors", "engaged"): Answering((Measure.ENGAGEMENT,), 1, additive=True),
    ("visitors", "scroll"): Answering((Measure.SCROLLING,), 1, additive=True),
    ("visitors", "goal"): Answering((Measure.GOALS,), 1, additive=False),
    ("conversion_rate", "goal"): Answering((Measure.GOALS,), 1, additive=False, of=(Measure.VISITORS,)),
    ("visitors", "funnel"): Answering((Measure.FUNNELS,), 1, additive=False),
    ("conversion_rate", "funnel"): Answering((Measure.FUNNELS,), 1, additive=False, bin=2),
    ("visitors", "step"): Answering((Measure.FUNNELS,), 2, additive=False),
    ("conversion_rate", "step"): Answering((Measure.FUNNELS,), 2, additive=False),
    ("amount", "amount_event"): Answering((Measure.AMOUNTS,), 1, additive=False),
}
WITHIN = {"step": "funnel"}  # what is told apart within one value of another dimension, and of which
KEYED = tuple(dict.fromkeys(dimension for _, dimension in _KEYED))
DIMENSIONS = (SITE, *TIMES, *KEYED)


def dimension_of(asked: str) -> str:
    """The dimension's own name for the one asked. Raises `QueryError`."""
    name = ALIASES.get(asked, asked)
    if name not in DIMENSIONS:
        raise QueryError("dimensions", repr(asked), ", ".join((*DIMENSIONS, *ALIASES)))
    return name


def answering(metric: str, dimension: str) -> Answering:
    """Which measures answer `metric` by `dimension` ("" for none, "hour", or a keyed one). Raises `QueryError`."""
    if metric not in METRICS:
        raise QueryError("metrics", repr(metric), ", ".join(METRICS))
    if dimension in ("", "hour"):
        plain = (_HOURLY if dimension else _PLAIN).get(metric)
        if plain is not None:
            return plain
    elif found := _KEYED.get((metric, dimension)):
        return found
    raise QueryError("metrics", f"{metric!r} by {dimension or 'nothing'}", _allowed(metric, dimension))


def _allowed(metric: str, dimension: str) -> str:
    """In words: what goes with this dimension, and what goes with this metric."""
    by_dimension = [name for name in METRICS if _answers(name, dimension)]
    by_metric = [name or "no dimension" for name in ("", "hour", *KEYED) if _answers(metric, name)]
    subject = f"by {dimension}" if dimension else "without a dimension"
    return f"{subject}: {', '.join(by_dimension)}; {metric} goes with: {', '.join(by_metric)}"


def _answers(metric: str, dimension: str) -> bool:
    if not dimension:
        return metric in _PLAIN
    return metric in _HOURLY if dimension == "hour" else (metric, dimension) in _KEYED
