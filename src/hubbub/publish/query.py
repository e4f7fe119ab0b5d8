"""The one question that pages, API and exports ask of released cells, and the answer they get."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from hubbub.core.combinations import LISTS
from hubbub.core.days import day_of
from hubbub.core.errors import QueryError
from hubbub.core.keys import Measure
from hubbub.publish.catalogue import KEYED, METRICS, SITE, TIMES, WITHIN, Answering, answering, dimension_of
from hubbub.publish.estimates import Kind, check_estimate
from hubbub.publish.intervals import Estimate

LIMIT = 10_000
TOGETHER = "visitors"  # the metric that is estimated of combinations
COMBINED = Answering((Measure.COMBINATIONS,), 0, additive=True)
LONGEST = timedelta(days=3660)


class Filter(Struct, frozen=True):
    """Only cells whose `dimension` is one of `values`."""

    dimension: str
    values: tuple[str, ...]


class Order(Struct, frozen=True):
    """Sort by a metric or a dimension of the query."""

    by: str
    direction: Literal["asc", "desc"] = "desc"


class Query(Struct, frozen=True, kw_only=True):
    """A question about released cells.

    sites       names; several are summed unless `site` is among the dimensions
    metrics     of `catalogue.METRICS`
    first, last local days, both included
    dimensions  of `catalogue.DIMENSIONS` or their aliases; at most one that is not `site` or a time
    filters     on the one keyed dimension; `step` needs one on `funnel`. Estimates that are `combined` may have several
                keyed dimensions, in filters and among `dimensions`
    order       () sorts times upwards, else shown rows by the first metric downwards, then grey rows
    estimate    the released numbers, or what `publish.estimates` makes of them
    """

    sites: tuple[str, ...]
    metrics: tuple[str, ...]
    first: date
    last: date
    dimensions: tuple[str, ...] = ()
    filters: tuple[Filter, ...] = ()
    order: tuple[Order, ...] = ()
    limit: int = LIMIT
    offset: int = 0
    estimate: Kind = "raw"


class Calendar(Struct, frozen=True):
    """What time it is, and each site's zone (UTC where none is given): labels hours, tells unfinished days."""

    now_ms: int
    zones: Mapping[str, str] = {}

    def zone_of(self, site: str) -> str:
        """The IANA zone of the site's local day."""
        return self.zones.get(site, "UTC")

    def today(self, site: str) -> date:
        """The site's local day at present."""
        return day_of(self.now_ms, self.zone_of(site))


class AnswerRow(Struct, frozen=True):
    """One row: its dimensions' values in the order asked, one estimate a metric (None: nothing was released).

    days     site-days whose cells are summed in the row (of the first metric)
    of_days  site-days that the row spans; more than `days` where there are gaps or a key was not always released
    is_new   the row holds the first release of a key: its interval allows for the threshold it had to pass
    """

    dimensions: tuple[str, ...]
    values: tuple[Estimate | None, ...]
    days: int
    of_days: int
    is_new: bool = False


class GapNote(Struct, frozen=True):
    """Days, or hours of a day, without cells, and why. They are never counted as zero.

    hours   labels like "02:00", all of the day `first`; () for whole days
    reason  a `release.types.Gap`, or "unfinished" (the day is not over), "open" (over, not closed yet),
            "before" (the site's first release came later), "absent" (nothing was collected or released)
    text    the reason in plain words
    """

    site: str
    measures: tuple[str, ...]
    first: date
    last: date
    reason: str
    text: str
    hours: tuple[str, ...] = ()


class Answer(Struct, frozen=True):
    """Rows, and what a reader must know beside them.

    total   rows before `limit` and `offset`
    grey    how many of those are too noisy to show
    days    site-days that the whole period spans
    gaps    what is missing from the sums
    notes   definitions and choices that these numbers rest on, as sentences
    trial   at least one cell was released under a budget too large for privacy
    whole   of consistent estimates: what the rows add up to; None otherwise
    """

    query: Query
    rows: tuple[AnswerRow, ...]
    total: int
    grey: int
    days: int
    gaps: tuple[GapNote, ...]
    notes: tuple[str, ...]
    trial: bool
    whole: Estimate | None = None


class Reading(Struct, frozen=True):
    """A checked query: which keyed dimension it uses, over which times, and what answers each metric.

    filter_keys  for each filter, which of a cell's keys it looks at
    """

    query: Query
    key: str
    times: tuple[str, ...]
    answers: tuple[Answering, ...]
    filter_keys: tuple[int, ...] = ()

    @property
    def is_grouped(self) -> bool:
        """Rows are told apart by the keyed dimension, so that they make a top list; else it only filters."""
        return any(dimension_of(asked) == self.key for asked in self.query.dimensions)


def check(query: Query) -> Reading:
    """Check a query and find the measures that answer it. Raises `QueryError` naming field, found, allowed."""
    if not query.sites:
        raise QueryError("sites", "none", "at least one")
    if not query.metrics:
        raise QueryError("metrics", "none", "at least one")
    if len(set(query.metrics)) < len(query.metrics):
        raise QueryError("metrics", ", ".join(query.metrics), "each once")
    if query.last < query.first:
        raise QueryError("to", f"{query.last}, before {query.first}", "a day not before `from`")
    if query.last - query.first > LONGEST:
        raise QueryError("from", f"{(query.last - query.first).days} days", f"at most {LONGEST.days}")
    if not 1 <= query.limit <= LIMIT:
        raise QueryError("limit", str(query.limit), f"1 to {LIMIT}")
    if query.offset < 0:
        raise QueryError("offset", str(query.offset), "0 or more")
    names = [dimension_of(asked) for asked in query.dimensions]
    if len(set(names)) < len(names):
        raise QueryError("dimensions", ", ".join(query.dimensions), "each once")
    times = tuple(name for name in names if name in TIMES)
    if len(set(times) - {"hour"}) > 1:
        raise QueryError("dimensions", ", ".join(times), "one of day, week, month; hour alone or with day")
    if "hour" in times and set(times) - {"hour", "day"}:
        raise QueryError("dimensions", ", ".join(times), "hour alone or with day")
    keyed = [name for name in names if name not in TIMES and name != SITE]
    if query.estimate == "combined":
        _check_combined(query, keyed, times)
        return Reading(query, "", times, (COMBINED,))
    key = _one_key(query, keyed)
    if key and "hour" in times:
        raise QueryError("dimensions", f"hour with {key}", "hour without another dimension or filter")
    answers = tuple(answering(metric, key or ("hour" if "hour" in times else "")) for metric in query.metrics)
    _check_filters(query, names, answers)
    units = [(metric, METRICS[metric].unit) for metric in query.metrics]
    check_estimate(query.estimate, units, key, times, filtered=bool(query.filters))
    _check_order(query)
    places = tuple(answering(query.metrics[0], dimension_of(one.dimension)).key for one in query.filters)
    return Reading(query, key, times, answers, places)


def _check_order(query: Query) -> None:
    for order in query.order:
        if order.by not in (*query.metrics, *query.dimensions):
            raise QueryError("order", repr(order.by), ", ".join((*query.metrics, *query.dimensions)))


def _check_combined(query: Query, grouped: list[str], times: tuple[str, ...]) -> None:
    """What tables by several attributes can answer; which of them there are, only the marts know."""
    if query.metrics != (TOGETHER,):
        raise QueryError("estimate", f"combined {', '.join(query.metrics)}", TOGETHER)
    if "hour" in times:
        raise QueryError("dimensions", "hour of combinations", "day, week, month or none of them")
    filtered = [dimension_of(one.dimension) for one in query.filters]
    for field, used in (("filters", filtered), ("dimensions", grouped)):
        for name in used:
            if name not in LISTS:
                raise QueryError(field, f"combined by {name}", ", ".join(LISTS))
        if len(set(used)) < len(used):
            raise QueryError(field, ", ".join(used), "each once")
    if not grouped and not filtered:
        raise QueryError("estimate", "combined without a filter or dimension", f"at least one of {', '.join(LISTS)}")
    for one in query.filters:
        if not one.values:
            raise QueryError("filters", f"{one.dimension} without a value", "at least one value")
    _check_order(query)


def _one_key(query: Query, grouped: list[str]) -> str:
    """The keyed dimension that groups and filters share; released cells know one at a time, but for what is told apart
    within one value of another.
    """
    filtered = list(dict.fromkeys(dimension_of(one.dimension) for one in query.filters))
    used = list(dict.fromkeys([*grouped, *filtered]))
    for name in used:
        if name not in KEYED:
            raise QueryError("filters", repr(name), ", ".join(KEYED))
    for name in used:
        if whole := WITHIN.get(name):
            if used != [name, whole] or grouped != [name] or any(len(set(one.values)) != 1 for one in query.filters):
                raise QueryError("filters", f"{name} of no one {whole}", f"{whole}==NAME, and {name} as a dimension")
            return name
    if len(used) > 1:
        raise QueryError(
            "filters" if query.filters else "dimensions",
            " with ".join(used),
            "one of them at a time: no measure is released by two of them together. Of sites whose settings have "
            f"`combinations`, estimate=combined answers some of {', '.join(LISTS)} together",
        )
    return used[0] if used else ""


def _check_filters(query: Query, names: list[str], answers: tuple[Answering, ...]) -> None:
    for one in query.filters:
        if not one.values:
            raise QueryError("filters", f"{one.dimension} without a value", "at least one value")
        several = len(set(one.values)) > 1 and dimension_of(one.dimension) not in names
        if several and not all(answer.additive for answer in answers):
            raise QueryError(
                "filters",
                f"several values of {one.dimension} in one sum",
                "one value, or the same dimension among `dimensions`: a visitor may stand in several cells",
            )


def previous(query: Query) -> Query:
    """The same question about the period of the same length just before."""
    span = query.last - query.first + timedelta(days=1)
    return replace(query, first=query.first - span, last=query.last - span)
