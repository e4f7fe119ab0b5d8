"""The question that pages, API and exports ask of a declared table's released cells, and the answer they get."""

from datetime import date
from typing import Literal

from msgspec import Struct

from hubbub.core.errors import QueryError
from hubbub.core.tables import HOUR, OTHER, Table
from hubbub.publish.intervals import Estimate
from hubbub.publish.query import LIMIT, LONGEST, Filter, GapNote, Order
from hubbub.publish.table_kinds import Shape, shapes_of

Period = Literal["", "day", "week", "month"]
ESTIMATES = ("raw", "unbounded", "smoothed")
PERIODS: tuple[Period, ...] = ("", "day", "week", "month")


class Question(Struct, frozen=True, kw_only=True):
    """A question about one measure of a table.

    first, last  local days, both included
    by           of what the measure is told apart by, any of it in any order
    period       rows by day, week (from Monday) or month; "" for the whole
    filters      on what the measure is told apart by
    estimate     `raw`, the released numbers; or of `ESTIMATES` what is made of them
    order        () sorts times upwards, else shown rows by the first metric downwards, then grey rows
    """

    source: str
    measure: str
    first: date
    last: date
    by: tuple[str, ...] = ()
    period: str = ""
    filters: tuple[Filter, ...] = ()
    order: tuple[Order, ...] = ()
    limit: int = LIMIT
    offset: int = 0
    estimate: str = "raw"


class TableRow(Struct, frozen=True):
    """One row: when, its keys in the order asked, one estimate a metric (None: nothing was released).

    days     days whose cells are summed in the row, of `of_days` that it spans
    is_new   the row holds the first release of a key: its interval allows for the threshold it had to pass
    ranks    the places that noise leaves open to it among all rows, by the first metric; None where that means nothing
    """

    when: str
    keys: tuple[str, ...]
    values: tuple[Estimate | None, ...]
    days: int
    of_days: int
    is_new: bool = False
    ranks: tuple[int, int] | None = None


class TableAnswer(Struct, frozen=True):
    """Rows, and what a reader must know beside them.

    dimensions  what the rows' keys are: those asked, and `bin` or `step` where the measure has them
    total       rows before `limit` and `offset`, of which `grey` are too noisy to show
    days        days that the whole period spans
    estimate    what the numbers are: as asked, or `raw` or `unbounded` where too little is released for that
    """

    question: Question
    shape: Shape
    dimensions: tuple[str, ...]
    rows: tuple[TableRow, ...]
    total: int
    grey: int
    days: int
    gaps: tuple[GapNote, ...]
    notes: tuple[str, ...]
    trial: bool
    estimate: str = "raw"


def check(table: Table, question: Question) -> Shape:
    """The measure that is asked of. Raises `QueryError` naming field, found, allowed."""
    shapes = shapes_of(table)
    shape = shapes.get(question.measure)
    if shape is None:
        raise QueryError("measure", repr(question.measure), ", ".join(shapes))
    if question.last < question.first:
        raise QueryError("to", f"{question.last}, before {question.first}", "a day not before `from`")
    if question.last - question.first > LONGEST:
        raise QueryError("from", f"{(question.last - question.first).days} days", f"at most {LONGEST.days}")
    if not 1 <= question.limit <= LIMIT:
        raise QueryError("limit", str(question.limit), f"1 to {LIMIT}")
    if question.offset < 0:
        raise QueryError("offset", str(question.offset), "0 or more")
    if question.period not in PERIODS:
        raise QueryError("by", repr(question.period), ", ".join(PERIODS[1:]))
    for name in question.by:
        if name not in shape.by:
            raise QueryError("by", repr(name), _by(shape))
    if len(set(question.by)) < len(question.by):
        raise QueryError("by", ", ".join(question.by), "each once")
    for one in question.filters:
        _check_filter(table, shape, one)
    names = (*shape.metrics, *question.by, *([question.period] if question.period else []))
    for order in question.order:
        if order.by not in names:
            raise QueryError("order", repr(order.by), ", ".join(names))
    if question.estimate != "raw":
        _check_estimate(shape, question)
    return shape


def _check_estimate(shape: Shape, question: Question) -> None:
    if question.estimate not in ESTIMATES:
        raise QueryError("estimate", repr(question.estimate), ", ".join(ESTIMATES))
    said = f"{question.estimate} {shape.name}"
    if shape.kind not in ("units", "count") or not (shape.by or shape.kind == "count"):
        raise QueryError(
            "estimate", said, "a measure of units by something, or of rows: others lose nothing by a bound"
        )
    if question.period or HOUR in (*question.by, *(one.dimension for one in question.filters)):
        raise QueryError("estimate", f"{said} by time", "the whole period, without hour, day, week and month")
    if question.estimate == "smoothed" and (question.first != question.last or set(question.by) != set(shape.by)):
        raise QueryError("estimate", f"{said}, not of one day by all its keys", f"one day, by {', '.join(shape.by)}")


def _check_filter(table: Table, shape: Shape, one: Filter) -> None:
    if one.dimension not in shape.by:
        raise QueryError("filters", repr(one.dimension), _by(shape))
    if not one.values:
        raise QueryError("filters", f"{one.dimension} without a value", "at least one value")
    if one.dimension == HOUR:
        for value in one.values:
            if value[:5] not in HOURS:
                raise QueryError("filters", f"hour {value!r}", "hours of the clock, 00:00 to 23:00")
        return
    listed = table.columns[one.dimension].values
    for value in one.values:
        if listed and value not in (*listed, OTHER):
            raise QueryError("filters", f"{one.dimension} {value!r}", ", ".join((*listed, OTHER)))


def _by(shape: Shape) -> str:
    return f"of {shape.name}: {', '.join(shape.by) or 'nothing'}; and one of {', '.join(PERIODS[1:])}"


HOURS = frozenset(f"{hour:02}:{minute:02}" for hour in range(24) for minute in (0, 15, 30, 45))
