"""What may be asked: the metrics, the dimensions, and which measure answers which pair of them."""

from msgspec import Struct

from hubbub.core.errors import QueryError
from hubbub.core.keys import Measure


class Metric(Struct, frozen=True):
    """One number that can be asked for.

    unit        "count", "percent", "seconds" or "ratio"
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
    """

    measures: tuple[Measure, ...]
    key: int
    additive: bool


METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric(
            "visitors",
            "Visitors",
            "count",
            "Devices on one site on one day (visitor-days): over several days or sites the daily numbers are "
            "added, since nothing links a device across them. By hour a visitor counts in the first three hours "
            "of the visit day; by page in at most five known pages and two new ones; by event in at most three "
            "events; by origin, place and technology with the first visit of the day.",
        ),
        Metric(
            "pageviews",
            "Page views",
            "count",
            "Views of pages, at most 10 a visitor and day. By hour and by page a visitor's views count while the "
            "sum of their squares stays within the plan's bound.",
        ),
        Metric(
            "visits",
            "Visits",
            "count",
            "Visits end after 30 minutes without a sign of life; the first two a visitor and day count.",
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
            "Page views, at most 10 a visitor and day, divided by visitors of the same days.",
        ),
        Metric(
            "events",
            "Events",
            "count",
            "Visitors who did it that day: a visitor counts once an event, in at most three events.",
        ),
    )
}
RATIOS = ("bounce_rate", "visit_duration", "views_per_visitor")
TIMES = ("day", "hour", "week", "month")
SITE = "site"
ALIASES = {"source": "referrer"}

_PLAIN: dict[str, tuple[Measure, ...]] = {
    "visitors": (Measure.VISITORS,),
    "pageviews": (Measure.PAGEVIEWS,),
    "visits": (Measure.VISITS,),
    "bounce_rate": (Measure.VISITS,),
    "visit_duration": (Measure.VISITS,),
    "views_per_visitor": (Measure.PAGEVIEWS, Measure.VISITORS),
}
_HOURLY: dict[str, tuple[Measure, ...]] = {
    "visitors": (Measure.VISITORS_HOUR,),
    "pageviews": (Measure.PAGEVIEWS_HOUR,),
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
}
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
        measures = (_HOURLY if dimension else _PLAIN).get(metric)
        if measures is not None:
            return Answering(measures, 0, additive=True)
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
