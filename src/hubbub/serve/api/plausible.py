"""Plausible's Stats API v2, for reading: its request into a query, the answer into its response.

What exists here under another name is translated; what does not exist is refused, saying so. Numbers are the
released ones; their standard errors stand in `meta`, since the format has no place beside the numbers.
"""

from collections.abc import Sequence
from datetime import date, datetime, time
from math import isfinite
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from hubbub.core.errors import QueryError
from hubbub.publish.intervals import Estimate
from hubbub.publish.query import LIMIT, Answer, AnswerRow, Filter, Order, Query
from hubbub.serve.api.errors import UnknownSite
from hubbub.serve.api.periods import day_in, period_of
from hubbub.serve.api.rendering import GapBody, gap_bodies
from hubbub.serve.reading import ReadSide

METRICS = (
    "visitors", "visits", "pageviews", "bounce_rate", "visit_duration", "events", "conversion_rate", "scroll_depth",
)  # fmt: skip
IN_TENTHS = ("bounce_rate", "conversion_rate")
OF_GOALS = frozenset(("visitors", "conversion_rate"))
REVENUE = ("total_revenue", "average_revenue")
PERIODS = ("day", "7d", "28d", "30d", "91d", "month", "6mo", "12mo", "year", "all")
DIMENSIONS = {
    "time": ("day",),
    "time:hour": ("day", "hour"),
    "time:day": ("day",),
    "time:week": ("week",),
    "time:month": ("month",),
    "event:page": ("page",),
    "event:goal": ("event",),
    "event:name": ("event",),
    "visit:entry_page": ("entry_page",),
    "visit:exit_page": ("exit_page",),
    "visit:source": ("referrer",),
    "visit:channel": ("channel",),
    "visit:utm_campaign": ("campaign",),
    "visit:device": ("device",),
    "visit:browser": ("browser",),
    "visit:os": ("os",),
    "visit:country": ("country",),
}
GOAL = "event:goal"
BUCKETS = ((2, "time:hour"), (40, "time:day"), (364, "time:week"))


class Include(Struct, frozen=True, forbid_unknown_fields=True):
    """What else to send. There is no imported data apart, so `imports` changes nothing."""

    imports: bool = False
    time_labels: bool = False
    total_rows: bool = False


class Pagination(Struct, frozen=True, forbid_unknown_fields=True):
    """Which rows to send."""

    limit: int = LIMIT
    offset: int = 0


class StatsRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of `POST /api/v2/query`."""

    site_id: str
    metrics: tuple[str, ...]
    date_range: str | tuple[str, str]
    dimensions: tuple[str, ...] = ()
    filters: tuple[Any, ...] = ()
    order_by: tuple[tuple[str, str], ...] = ()
    include: Include = Include()
    pagination: Pagination = Pagination()


class ResultRow(Struct, frozen=True):
    """One row of results."""

    metrics: tuple[float | int | None, ...]
    dimensions: tuple[str, ...]


class ExecutedQuery(Struct, frozen=True):
    """The query as it was understood."""

    site_id: str
    metrics: tuple[str, ...]
    date_range: tuple[str, str]
    dimensions: tuple[str, ...]
    filters: tuple[Any, ...]
    order_by: tuple[tuple[str, str], ...]
    include: Include
    pagination: Pagination


class Meta(Struct, frozen=True, omit_defaults=True):
    """What stands beside the results.

    standard_errors  one a metric, row by row as in `results`
    rows_left_out    rows of a breakdown that are too noisy to show; GET /api/v1/query lists them
    """

    standard_errors: tuple[tuple[float | None, ...], ...]
    rows_left_out: int = 0
    gaps: tuple[GapBody, ...] = ()
    notes: tuple[str, ...] = ()
    trial: bool = False
    imports_included: bool | None = None
    total_rows: int | None = None
    time_labels: tuple[str, ...] | None = None


class StatsResponse(Struct, frozen=True):
    """The body of the answer."""

    results: tuple[ResultRow, ...]
    meta: Meta
    query: ExecutedQuery


def answer_request(content: bytes, context: ReadSide) -> StatsResponse:
    """Answer a request's body. Raises `QueryError` for what does not exist here, `UnknownSite`."""
    try:
        asked = msgspec.json.decode(content, type=StatsRequest)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise QueryError("body", str(error), "an object with site_id, metrics, date_range and options") from None
    if context.settings.site(asked.site_id) is None:
        raise UnknownSite(asked.site_id)
    query = _query(asked, context)
    answer = context.ask(query)
    return _response(asked, answer, context)


def _query(asked: StatsRequest, context: ReadSide) -> Query:
    for metric in asked.metrics:
        if metric in REVENUE:
            raise QueryError("metrics", repr(metric), "GET /api/v1/query?metrics=amount&dimensions=amount_event")
        if metric not in METRICS:
            raise QueryError("metrics", repr(metric), f"what is released here: {', '.join(METRICS)}")
    goals = _goals(asked, context)
    first, last = _days(asked, context)
    names = tuple(_resolved(name, (last - first).days + 1) for name in asked.dimensions)
    ours = tuple(part for name in names for part in _ours(name, "dimensions", goals))
    order = []
    for by, direction in asked.order_by:
        if direction not in ("asc", "desc"):
            raise QueryError("order_by", repr(direction), "asc, desc")
        parts = (by,) if by in asked.metrics else _ours(_resolved(by, (last - first).days + 1), "order_by", goals)
        order += [Order(part, "desc" if direction == "desc" else "asc") for part in parts]
    if not 1 <= asked.pagination.limit <= LIMIT or asked.pagination.offset < 0:
        raise QueryError("pagination", repr(asked.pagination), f"limit 1 to {LIMIT}, offset 0 or more")
    return Query(
        sites=(asked.site_id,),
        metrics=asked.metrics,
        dimensions=ours,
        first=first,
        last=last,
        filters=tuple(_filters(asked.filters, goals)),
        order=tuple(order),
    )


def _resolved(name: str, days: int) -> str:
    """`time` stands for the bucket that suits the length of the period."""
    if name != "time":
        return name
    return next((unit for longest, unit in BUCKETS if days <= longest), "time:month")


def _goals(asked: StatsRequest, context: ReadSide) -> tuple[str, ...]:
    """What `event:goal` is: the site's goals, or, where it has none or events are asked for, its events."""
    site = context.settings.site(asked.site_id)
    is_of_goals = site is not None and site.goals and OF_GOALS.issuperset(asked.metrics)
    return ("goal",) if is_of_goals or "conversion_rate" in asked.metrics else DIMENSIONS[GOAL]


def _ours(name: str, field: str, goals: tuple[str, ...]) -> tuple[str, ...]:
    if name == GOAL:
        return goals
    if name not in DIMENSIONS:
        raise QueryError(field, repr(name), f"what is released here: {', '.join(DIMENSIONS)}")
    return DIMENSIONS[name]


def _days(asked: StatsRequest, context: ReadSide) -> tuple[date, date]:
    if not isinstance(asked.date_range, str):
        first, last = asked.date_range
        return day_in(first, "date_range"), day_in(last, "date_range")
    if asked.date_range not in PERIODS:
        raise QueryError("date_range", repr(asked.date_range), f"{', '.join(PERIODS)} or two days")
    span = context.marts.span(asked.site_id)
    return period_of(asked.date_range, context.calendar().today(asked.site_id), span.first if span else None)


def _filters(filters: Sequence[Any], goals: tuple[str, ...], *, within_and: bool = False) -> list[Filter]:
    """`["is", dimension, values]`, also within one `["and", […]]`."""
    found: list[Filter] = []
    for one in filters:
        match one:
            case ["and", [*inner]] if not within_and:
                found += _filters(inner, goals, within_and=True)
            case ["is", str(name), [*values]] | ["is", str(name), [*values], {"case_sensitive": True}] if all(
                isinstance(value, str) for value in values
            ):
                if name.startswith("time"):
                    raise QueryError("filters", repr(name), "a dimension other than time; set date_range instead")
                found.append(Filter(_ours(name, "filters", goals)[0], tuple(values)))
            case _:
                shown = one[0] if isinstance(one, list) and one else type(one).__name__
                raise QueryError("filters", repr(shown), '["is", dimension, [values]], and "and" of these')
    return found


def _response(asked: StatsRequest, answer: Answer, context: ReadSide) -> StatsResponse:
    names = _bucketed(asked, answer)
    breakdown = any(not name.startswith("time") for name in names)
    rows = [row for row in answer.rows if not names or any(value is not None for value in row.values)]
    kept = [row for row in rows if not breakdown or _is_shown(row)]
    start, end = asked.pagination.offset, asked.pagination.offset + asked.pagination.limit
    page = kept[start:end]
    labels = [_labels(names, row.dimensions)[0] for row in answer.rows] if names and not breakdown else None
    meta = Meta(
        standard_errors=tuple(tuple(_stderr(value) for value in row.values) for row in page),
        rows_left_out=len(rows) - len(kept),
        gaps=gap_bodies(answer),
        notes=answer.notes,
        trial=answer.trial or context.ledger.is_trial(),
        imports_included=False if asked.include.imports else None,
        total_rows=len(kept) if asked.include.total_rows else None,
        time_labels=tuple(labels) if labels and asked.include.time_labels else None,
    )
    executed = ExecutedQuery(
        site_id=asked.site_id,
        metrics=asked.metrics,
        date_range=_instants(answer.query, ZoneInfo(context.settings.zone_of(asked.site_id))),
        dimensions=names,
        filters=asked.filters,
        order_by=asked.order_by or _default_order(asked, names),
        include=asked.include,
        pagination=asked.pagination,
    )
    results = tuple(ResultRow(_numbers(asked, row), _labels(names, row.dimensions)) for row in page)
    return StatsResponse(results, meta, executed)


def _bucketed(asked: StatsRequest, answer: Answer) -> tuple[str, ...]:
    days = (answer.query.last - answer.query.first).days + 1
    return tuple(_resolved(name, days) for name in asked.dimensions)


def _is_shown(row: AnswerRow) -> bool:
    return any(value is not None and value.shown for value in row.values)


def _stderr(value: Estimate | None) -> float | None:
    return round(value.stderr, 4) if value is not None and isfinite(value.stderr) else None


def _numbers(asked: StatsRequest, row: AnswerRow) -> tuple[float | int | None, ...]:
    """Counts and seconds as whole numbers, rates in percent to a tenth, as Plausible has them."""
    return tuple(
        None
        if value is None or not isfinite(value.stderr)
        else round(value.value, 1)
        if metric in IN_TENTHS
        else round(value.value)
        for metric, value in zip(asked.metrics, row.values, strict=True)
    )


def _labels(names: tuple[str, ...], dimensions: tuple[str, ...]) -> tuple[str, ...]:
    """Our dimensions' values under their names: hours as `2026-03-31 14:00:00`, months by their first day."""
    left = list(dimensions)
    labels = []
    for name in names:
        label = left.pop(0)
        if name == "time:hour":
            label = f"{label} {left.pop(0)[:5]}:00"
        labels.append(f"{label}-01" if name == "time:month" else label)
    return tuple(labels)


def _default_order(asked: StatsRequest, names: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    times = tuple((name, "asc") for name in names if name.startswith("time"))
    return times or ((asked.metrics[0], "desc"),)


def _instants(query: Query, zone: ZoneInfo) -> tuple[str, str]:
    first = datetime.combine(query.first, time(), zone)
    last = datetime.combine(query.last, time(23, 59, 59), zone)
    return first.isoformat(), last.isoformat()
