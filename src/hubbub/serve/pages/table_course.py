"""The course of a declared table's number over a period, and its change."""

from datetime import date

from msgspec import Struct

from hubbub.core.days import DAY
from hubbub.core.tables import HOUR, Table
from hubbub.insight.change import compare
from hubbub.publish.intervals import Estimate, Total, estimate
from hubbub.publish.query import GapNote
from hubbub.publish.table_questions import Question, TableAnswer, TableRow
from hubbub.serve.charts.course.query import Course, Grain, Point, grain_of
from hubbub.serve.pages.figures import Comparison, write_comparison
from hubbub.serve.pages.periods import Period
from hubbub.serve.reading import ReadSide
from hubbub.serve.texts import Texts, _

ADDED = ("count", "units", "sum")


class Told(Struct, frozen=True):
    """A measure's numbers of the whole period, how the first one changed, and its course; None for one day."""

    values: tuple[Estimate | None, ...]
    comparison: Comparison
    course: Course | None
    answer: TableAnswer


def ask_measure(read_side: ReadSide, table: Table, measure: str, period: Period, texts: Texts) -> Told:
    """The numbers of a measure over all it is told apart by."""
    now = _ask(read_side, table, measure, period.first, period.last, "")
    earlier = period.before()
    before = _ask(read_side, table, measure, earlier.first, earlier.last, "")
    metric = next(iter(now.shape.metrics))
    first, second = now.rows[0], before.rows[0]
    is_fair = metric not in ADDED or (first.days == period.length and second.days == earlier.length)
    change = compare(first.values[0], second.values[0] if is_fair else None)
    course = None if period.is_hourly else _course(read_side, table, measure, period, texts)
    return Told(first.values, write_comparison(change, texts, now.shape.metrics[metric]), course, now)


def ask_hours(read_side: ReadSide, table: Table, measure: str, period: Period) -> Course:
    """A measure that is told apart by the hour, over the hours of the clock."""
    question = Question(source=table.name, measure=measure, first=period.first, last=period.last, by=(HOUR,))
    answer = read_side.ask_table(table, question)
    points = tuple(Point(row.keys[0], row.keys[0], row.values[0], None) for row in answer.rows)
    return Course("hour", points, None, None, 0, None, answer.gaps, answer.trial)


def _ask(read_side: ReadSide, table: Table, measure: str, first: date, last: date, period: str) -> TableAnswer:
    question = Question(source=table.name, measure=measure, first=first, last=last, period=period)
    return read_side.ask_table(table, question)


def _course(read_side: ReadSide, table: Table, measure: str, period: Period, texts: Texts) -> Course:
    """By day with the period before; of a longer period by week or month, sums as the mean of their days."""
    grain = grain_of(period)
    answer = _ask(read_side, table, measure, period.first, period.last, grain)
    is_sum = next(iter(answer.shape.metrics)) in ADDED
    before: dict[date, Estimate | None] = {}
    if grain == "day":
        earlier = period.before()
        found = _ask(read_side, table, measure, earlier.first, earlier.last, grain)
        before = {date.fromisoformat(row.when): row.values[0] for row in found.rows}
    points = tuple(_point(row, grain, is_sum, before, period, answer.gaps, texts) for row in answer.rows)
    start = next((place for place, point in enumerate(points) if point.reason != "before"), 0)
    return Course(grain, points[start:], None, None, 0, None, answer.gaps, answer.trial)


def _point(
    row: TableRow,
    grain: Grain,
    is_sum: bool,
    before: dict[date, Estimate | None],
    period: Period,
    gaps: tuple[GapNote, ...],
    texts: Texts,
) -> Point:
    start = date.fromisoformat(row.when if grain != "month" else f"{row.when}-01")
    value = row.values[0]
    if value is not None and is_sum and grain != "day":
        value = estimate(Total(value.value / row.days, value.stderr**2 / row.days**2))
    partner = period.partner(start) if grain == "day" else None
    first = max(start, period.first)
    gap = next((gap for gap in gaps if gap.first <= first <= gap.last), None) if value is None else None
    note = gap.text if gap else ""
    if value is not None and grain != "day" and row.days < row.of_days:
        note = texts.say(_("{there} of {days} days"), there=row.days, days=row.of_days)
    label, axis_label = _labels(first, row.of_days, grain, texts)
    earlier, reason = before.get(partner) if partner else None, gap.reason if gap else ""
    return Point(label, axis_label, value, earlier, note, reason, since=first)


def _labels(first: date, days: int, grain: Grain, texts: Texts) -> tuple[str, str]:
    if grain == "day":
        return texts.weekday(first), texts.short_day(first)
    if grain == "week":
        return texts.days(first, first + (days - 1) * DAY), texts.short_day(first)
    return texts.month(first), texts.short_month(first)
