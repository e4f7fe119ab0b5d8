"""A target's daily series: what was released of it, from the query interface or a declared table."""

from collections.abc import Sequence
from datetime import date
from typing import Protocol

import numpy as np
from msgspec import Struct

from hubbub.core.errors import QueryError
from hubbub.core.settings import Settings
from hubbub.core.tables import Table
from hubbub.core.targets import Counted, Target
from hubbub.insight.targets.months import Months
from hubbub.publish.catalogue import METRICS
from hubbub.publish.intervals import Estimate
from hubbub.publish.kalman import Floats
from hubbub.publish.marts import Marts
from hubbub.publish.query import Answer, Filter, Query
from hubbub.publish.query import check as check_query
from hubbub.publish.table_kinds import Shape, shapes_of
from hubbub.publish.table_questions import Question, TableAnswer
from hubbub.publish.table_questions import check as check_question

SUMMED = ("count", "amount", "number")
MEDIANS = ("engaged_median", "scroll_median")
TABLE_RATES = ("mean", "share", "funnel")
TABLE_KINDS = ("units", "count", "sum", *TABLE_RATES)
OF = {"bounce_rate": "visits", "visit_duration": "visits"}  # whose days a rate is weighed by; else visitors
DENOMINATOR_SIGMAS = 5.0  # a day with fewer in the denominator tells no rate
ANY_DAY = date(2000, 1, 1)


class Released(Protocol):
    """Where released numbers are asked for; `serve.reading.ReadSide` is one."""

    @property
    def settings(self) -> Settings:
        """Which sites and tables there are."""
        ...

    @property
    def marts(self) -> Marts:
        """Which days are released."""
        ...

    def ask(self, query: Query) -> Answer:
        """Answer a question about sites."""
        ...

    def ask_table(self, table: Table, question: Question) -> TableAnswer:
        """Answer a question about a table."""
        ...


class Measured(Struct, frozen=True):
    """Days in a row from `first` on: float[d] each, NaN where nothing was released that could be used.

    weights   what a day counts in a mean over days; None: days are added up
    is_count  of single things, so that days scatter at least like Poisson's
    """

    first: date
    values: Floats
    variances: Floats
    weights: Floats | None
    unit: str
    is_count: bool


def check_counted(counted: Counted, settings: Settings) -> None:
    """Raises `QueryError` where no released numbers answer it, or where days do not add up."""
    table = _table_of(counted, settings)
    if table is None:
        metric = METRICS.get(counted.metric)
        check_query(_query(counted, counted.metric, settings, ANY_DAY, ANY_DAY))
        if metric is not None and metric.name in MEDIANS:
            raise QueryError(
                "metrics", repr(counted.metric), "a count, a sum, a mean or a share: medians do not add up"
            )
        return
    shape = check_question(table, _question(counted, ANY_DAY, ANY_DAY))
    if shape.kind not in TABLE_KINDS:
        raise QueryError("measure", f"{shape.name}, of the kind {shape.kind}", "of the kinds " + ", ".join(TABLE_KINDS))


def is_rate(counted: Counted | Target, settings: Settings) -> bool:
    """Whether its days are averaged and not added up."""
    one = counted.counted if isinstance(counted, Target) else counted
    table = _table_of(one, settings)
    if table is None:
        return METRICS[one.metric].unit not in SUMMED
    return shapes_of(table)[one.metric].kind in TABLE_RATES


def sources_of(target: Target, settings: Settings) -> tuple[str, ...]:
    """All sites and tables that a target is told by, sorted."""
    found = set[str]()
    for counted in (target.counted, target.of):
        if counted is not None:
            found |= set(counted.sources or (site.name for site in settings.sites))
    return tuple(sorted(found))


def last_day(target: Target, released: Released) -> tuple[date, date] | None:
    """First and last day that can be told: of sites that are added up from the first one's on, until the day that all
    of them have; of a share, days that both numbers have. None: nothing is released of it.
    """
    begun, ends = list[date](), list[date]()
    for counted in (target.counted, target.of):
        if counted is None:
            continue
        names = counted.sources or _sites_of(counted, released.settings)
        spans = [span for name in names if (span := released.marts.span(name)) and span.closed]
        if not spans:
            return None
        begun.append(min(span.first for span in spans))
        ends.append(min(span.closed for span in spans if span.closed))
    return max(begun), min(ends)


def measure(target: Target, released: Released, first: date, last: date, months: Months) -> Measured:
    """The target's series on these days. Raises `QueryError`."""
    whole = _measured(target.counted, released, (first, last), months)
    if target.of is None:
        return whole
    of = _measured(target.of, released, (first, last), months)
    told = of.values > DENOMINATOR_SIGMAS * np.sqrt(of.variances)
    bottom = np.where(told, of.values, np.nan)
    rate = whole.values / bottom
    variance = (whole.variances + rate**2 * of.variances) / bottom**2
    weights = np.where(told & np.isfinite(rate), of.values, 0.0)
    return Measured(first, 100 * rate, 1e4 * variance, weights, "percent", False)


def _measured(counted: Counted, released: Released, span: tuple[date, date], months: Months) -> Measured:
    table = _table_of(counted, released.settings)
    if table is not None:
        return _of_table(table, counted, released, span, months)
    return _of_sites(counted, released, span, months)


def _of_sites(counted: Counted, released: Released, span: tuple[date, date], months: Months) -> Measured:
    unit = METRICS[counted.metric].unit
    values, variances = _days_of(counted, counted.metric, released, span, months)
    weights = None
    if unit not in SUMMED:
        is_funnel = counted.filter.partition("==")[0].strip() == "funnel"
        by = counted if is_funnel else Counted("visitors", counted.sources)
        found, _ = _days_of(by, OF.get(counted.metric, "visitors"), released, span, months)
        weights = np.where(np.isfinite(values), np.maximum(np.nan_to_num(found), 0.0), 0.0)
    return Measured(span[0], values, variances, weights, unit, unit == "count")


def _days_of(
    counted: Counted, metric: str, released: Released, span: tuple[date, date], months: Months
) -> tuple[Floats, Floats]:
    """Values and variances by day. Left out are days on which a site is missing that was there before, and the first
    release of a new key, which is seen only because it is high.
    """

    def ask(first: date, last: date) -> Floats:
        answer = released.ask(_query(counted, metric, released.settings, first, last))
        rows = [row for row in answer.rows if not row.is_new]
        told = [(row.dimensions[0], row.values[0], float(row.days)) for row in rows]
        return _columns(told, first, last)

    sites = _sites_of(counted, released.settings)
    values, variances, sites_seen = months.days((counted, metric, sites), sites, released.marts, span, ask)
    partly = sites_seen < np.fmax.accumulate(np.nan_to_num(sites_seen))
    return np.where(partly, np.nan, values), np.where(partly, np.nan, variances)


def _of_table(table: Table, counted: Counted, released: Released, span: tuple[date, date], months: Months) -> Measured:
    shape: Shape = shapes_of(table)[counted.metric]
    is_funnel, is_rate = shape.kind == "funnel", shape.kind in TABLE_RATES

    def ask(first: date, last: date) -> Floats:
        answer = released.ask_table(table, _question(counted, first, last))
        rows = [row for row in answer.rows if row.when and not row.is_new]
        began = {row.when: row.values[0] for row in rows if is_funnel and row.keys[-1] == shape.parts[0]}
        told = []
        for row in rows:
            if is_funnel and row.keys[-1] != shape.parts[-1]:
                continue
            weight = began.get(row.when) if is_funnel else row.values[1] if is_rate else None
            told.append((row.when, row.values[1 if is_funnel else 0], weight.value if weight else 0.0))
        return _columns(told, first, last)

    key = (counted, table)
    values, variances, by = months.days(repr(key), (table.name,), released.marts, span, ask)
    weights = np.where(np.isfinite(values), np.maximum(np.nan_to_num(by), 0.0), 0.0) if is_rate else None
    unit = tuple(shape.metrics.values())[1 if is_funnel else 0]
    return Measured(span[0], values, variances, weights, unit, shape.kind in ("units", "count"))


def _columns(told: Sequence[tuple[str, Estimate | None, float]], first: date, last: date) -> Floats:
    """Values, variances and what comes with them, float[3, d]; NaN on days that tell nothing."""
    found = np.full((3, (last - first).days + 1), np.nan)
    for when, estimate, beside in told:
        if estimate is not None and np.isfinite(estimate.stderr):
            found[:, (date.fromisoformat(when) - first).days] = estimate.value, estimate.stderr**2, beside
    return found


def _table_of(counted: Counted, settings: Settings) -> Table | None:
    return settings.table(counted.sources[0]) if len(counted.sources) == 1 else None


def _query(counted: Counted, metric: str, settings: Settings, first: date, last: date) -> Query:
    sites = counted.sources or tuple(site.name for site in settings.sites)
    return Query(sites=sites, metrics=(metric,), dimensions=("day",), filters=_filters(counted), first=first, last=last)


def _sites_of(counted: Counted, settings: Settings) -> tuple[str, ...]:
    return counted.sources or tuple(site.name for site in settings.sites)


def _question(counted: Counted, first: date, last: date) -> Question:
    (source,) = counted.sources
    return Question(
        source=source, measure=counted.metric, first=first, last=last, period="day", filters=_filters(counted)
    )


def _filters(counted: Counted) -> tuple[Filter, ...]:
    if not counted.filter:
        return ()
    dimension, sign, value = counted.filter.partition("==")
    if not sign or not dimension.strip() or not value.strip():
        raise QueryError("filters", repr(counted.filter), "dimension==value")
    return (Filter(dimension.strip(), (value.strip(),)),)
