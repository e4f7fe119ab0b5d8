"""Declared tables and answers about them as JSON and CSV."""

import csv
from datetime import date
from io import StringIO

import msgspec
from msgspec import Struct

from hubbub.core.plan_text import MeasureText
from hubbub.core.tables import Table
from hubbub.publish.table_kinds import shapes_of
from hubbub.publish.table_questions import TableAnswer, TableRow
from hubbub.serve.api.rendering import EstimateBody, csv_parts, estimate_body
from hubbub.serve.reading import ReadSide


class MeasureBody(Struct, frozen=True):
    """A measure of a table.

    kind     `units`, `count`, `sum`, `mean`, `quantiles`, `histogram`, `share`, `funnel`; `new` and `more` for
             keys of an open column on the day they were first released, at a first and a second look
    of       the number that it is of; "" without one
    by       what it can be told apart by, besides `day`, `week` and `month`
    metrics  what each row of an answer has: name → `count`, `number` or `percent`
    counted, bound  in words; sigma: of the noise on each cell
    """

    name: str
    title: str
    kind: str
    of: str
    by: tuple[str, ...]
    metrics: dict[str, str]
    counted: str
    bound: str
    sigma: float | None


class TableBody(Struct, frozen=True):
    """A declared table, and which of its days are released; `unit` is what privacy protects: a column, or `row`."""

    name: str
    title: str
    timezone: str
    unit: str
    first: date | None
    last: date | None
    measures: tuple[MeasureBody, ...]


class TablesBody(Struct, frozen=True):
    """All declared tables; `trial`: the numbers are not private."""

    tables: tuple[TableBody, ...]
    trial: bool


class TableGapBody(Struct, frozen=True):
    """Days that have no numbers, and why."""

    first: date
    last: date
    reason: str
    text: str


class TableRowBody(Struct, frozen=True):
    """One row.

    when     the day, the week's Monday or the month (2026-03); "" for the whole period
    keys     what it is told apart by: name → value
    values   each metric's estimate (null: nothing was released)
    ranks    the first and the last place that noise leaves open to it among all rows; null where that means nothing
    """

    when: str
    keys: dict[str, str]
    values: dict[str, EstimateBody | None]
    days: int
    of_days: int
    is_new: bool
    ranks: tuple[int, int] | None


class TableAnswerBody(Struct, frozen=True, kw_only=True):
    """The answer to a question about one measure; `estimate`: what its numbers are. The rest as of a site."""

    table: str
    measure: str
    kind: str
    first: date = msgspec.field(name="from")
    last: date = msgspec.field(name="to")
    timezone: str
    by: tuple[str, ...]
    filters: tuple[str, ...]
    metrics: dict[str, str]
    rows: tuple[TableRowBody, ...]
    total: int
    grey: int
    days: int
    gaps: tuple[TableGapBody, ...]
    notes: tuple[str, ...]
    trial: bool
    estimate: str


def tables_body(context: ReadSide) -> TablesBody:
    """Every table of the settings."""
    return TablesBody(tuple(_table(context, each) for each in context.settings.tables), context.ledger.is_trial())


def _table(context: ReadSide, table: Table) -> TableBody:
    span = context.marts.span(table.name)
    said = {each.measure: each for each in context.plan_of(table.name).measures}
    return TableBody(
        table.name,
        table.title or table.name,
        context.settings.zone_of(table.name),
        table.unit,
        span.first if span else None,
        span.last if span else None,
        tuple(_measures(table, said)),
    )


def _measures(table: Table, said: dict[str, MeasureText]) -> list[MeasureBody]:
    found = []
    for name, shape in shapes_of(table).items():
        text = said.get(name)
        title = table.measures[name].title if name in table.measures else ""
        words = (text.counted, text.bound, text.sigma) if text else ("", "", None)
        found.append(
            MeasureBody(name, title or name, shape.kind, shape.of, shape.by, dict(shape.metrics), *words),
        )
    return found


def table_answer_body(answer: TableAnswer, timezone: str, filters: tuple[str, ...], *, trial: bool) -> TableAnswerBody:
    """The answer as it is sent; `trial` marks all answers of a home that ever ran one."""
    question = answer.question
    return TableAnswerBody(
        table=question.source,
        measure=question.measure,
        kind=answer.shape.kind,
        first=question.first,
        last=question.last,
        timezone=timezone,
        by=(*([question.period] if question.period else []), *answer.dimensions),
        filters=filters,
        metrics=dict(answer.shape.metrics),
        rows=tuple(_row(answer, row) for row in answer.rows),
        total=answer.total,
        grey=answer.grey,
        days=answer.days,
        gaps=tuple(TableGapBody(gap.first, gap.last, gap.reason, gap.text) for gap in answer.gaps),
        notes=answer.notes,
        trial=answer.trial or trial,
        estimate=answer.estimate,
    )


def _row(answer: TableAnswer, row: TableRow) -> TableRowBody:
    values = zip(answer.shape.metrics, row.values, strict=True)
    return TableRowBody(
        row.when,
        dict(zip(answer.dimensions, row.keys, strict=True)),
        {metric: None if value is None else estimate_body(value) for metric, value in values},
        row.days,
        row.of_days,
        row.is_new,
        row.ranks,
    )


def table_csv(answer: TableAnswer) -> str:
    """The rows as CSV: the time, the keys, for every metric its value, error, interval and whether it is shown.

    A column that is called like a metric is headed `by_` and its name.
    """
    output = StringIO()
    writer = csv.writer(output, lineterminator="\n")
    time = [answer.question.period] if answer.question.period else []
    metrics = list(answer.shape.metrics)
    taken = {*metrics, "days", "of_days", "rank_first", "rank_last"}
    heads = [f"by_{name}" if name in taken else name for name in answer.dimensions]
    of_metrics = [metric + end for metric in metrics for end in ("", "_stderr", "_low95", "_high95", "_shown")]
    writer.writerow([*time, *heads, *of_metrics, "days", "of_days", "rank_first", "rank_last"])
    for row in answer.rows:
        values = [part for value in row.values for part in csv_parts(value)]
        when = [row.when] if time else []
        writer.writerow([*when, *row.keys, *values, row.days, row.of_days, *(row.ranks or ("", ""))])
    return output.getvalue()
