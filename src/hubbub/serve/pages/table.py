"""A declared table's page: for each measure a sentence, its course or its lists, and what is missing."""

from collections.abc import Mapping
from datetime import date

from msgspec import Struct

from hubbub.core.tables import HOUR, ROW, Table
from hubbub.publish.intervals import Estimate
from hubbub.publish.query import GapNote
from hubbub.publish.table_kinds import LOOKS, Shape, shapes_of
from hubbub.serve.charts.course.query import Course
from hubbub.serve.charts.course.view import draw_course
from hubbub.serve.pages.addresses import table_url
from hubbub.serve.pages.figures import Comparison, Figure
from hubbub.serve.pages.missing import MissingNote, tell_missing
from hubbub.serve.pages.notes import NoteLine, marks_of, notes_on
from hubbub.serve.pages.periods import Period, anchor_day, choose_period, read_period
from hubbub.serve.pages.picker import Picker, make_picker
from hubbub.serve.pages.sentences import name_before
from hubbub.serve.pages.table_course import Told, ask_hours, ask_measure
from hubbub.serve.pages.table_lists import TableList, ask_lists
from hubbub.serve.pages.table_words import figure_of, metric_label, says, title_of
from hubbub.serve.reading import ReadSide
from hubbub.serve.texts import Texts, _


class TableHeadline(Struct, frozen=True):
    """One of a measure's numbers over the period; the first one with its change."""

    label: str
    figure: Figure
    comparison: Comparison | None


class TableCourseRow(Struct, frozen=True):
    """One line of the table under a chart."""

    label: str
    now: Figure
    before: Figure | None
    note: str


class Section(Struct, frozen=True):
    """A measure as it stands on the page: with a course, or with lists."""

    name: str
    title: str
    sentence: str
    headlines: tuple[TableHeadline, ...]
    charts: tuple[str, ...]
    grain: str
    label: str
    course: tuple[TableCourseRow, ...]
    lists: tuple[TableList, ...]
    says: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def is_wide(self) -> bool:
        """Its lists have many numbers a row: each takes the whole width."""
        return any(len(one.heads) > 2 for one in self.lists)


class TableView(Struct, frozen=True):
    """Everything the template needs. `unit` is what privacy protects, in words."""

    table: Table
    title: str
    unit: str
    period: Period
    picker: Picker
    before_name: str
    notes_shown: tuple[NoteLine, ...]
    sections: tuple[Section, ...]
    missing: tuple[MissingNote, ...]
    newest: date | None
    is_empty: bool


def view_table(read_side: ReadSide, table: Table, query: Mapping[str, str], texts: Texts) -> TableView:
    """Ask everything the page shows. Raises `QueryError` for an address that makes no sense."""
    today = read_side.calendar().today(table.name)
    span = read_side.marts.span(table.name)
    newest = span.closed if span else None
    anchor = anchor_day(today, newest)
    period = read_period(query, anchor, today)
    if period.is_today:
        period = choose_period("day", anchor, today)
    shapes = [shape for shape in shapes_of(table).values() if shape.kind not in LOOKS]
    gaps: list[GapNote] = []
    written = notes_on(read_side, table.name, period.first, period.last, texts)
    sections = tuple(_section(read_side, table, shape, period, texts, gaps, written) for shape in shapes)
    return TableView(
        table,
        table.title or table.name,
        texts.say(_("one row")) if table.unit == ROW else texts.say(_("one {unit} and day"), unit=table.unit),
        period,
        make_picker(period, lambda other: table_url(table.name, other), table_url(table.name), texts, hours=False),
        name_before(period, texts),
        written,
        sections,
        tell_missing(tuple(dict.fromkeys(gaps)), period.first, period.last, texts),
        newest,
        not any(one.headlines or one.charts or any(each.shown or each.grey for each in one.lists) for one in sections),
    )


def _section(
    read_side: ReadSide,
    table: Table,
    shape: Shape,
    period: Period,
    texts: Texts,
    gaps: list[GapNote],
    notes: tuple[NoteLine, ...],
) -> Section:
    if shape.unfolds or shape.by:
        return _section_of_lists(read_side, table, shape, period, texts, gaps)
    told = ask_measure(read_side, table, shape.name, period, texts)
    gaps += told.answer.gaps
    sentence, course = _sentence(table, shape, told, texts), told.course
    is_there = course is not None and any(point.now for point in course.points)
    title = title_of(table, shape.name)
    return Section(
        shape.name,
        title,
        sentence,
        _headlines(table, shape, told, texts) if any(told.values) else (),
        draw_course(course, _describe(title, period, sentence, texts), texts, marks=marks_of(course, notes))
        if course and is_there
        else (),
        course.grain if course else "",
        metric_label(table, next(iter(shape.metrics)), texts),
        _course_rows(shape, course, texts) if course and is_there else (),
        (),
        says(table, shape, texts),
        told.answer.notes,
    )


def _section_of_lists(
    read_side: ReadSide, table: Table, shape: Shape, period: Period, texts: Texts, gaps: list[GapNote]
) -> Section:
    """A measure with keys: a list a column, and its hours as a course."""
    found = ask_lists(read_side, table, shape, period, texts)
    lists = tuple(one for one, _answer in found)
    hours = ask_hours(read_side, table, shape.name, period) if HOUR in shape.by else None
    gaps += hours.gaps if hours else found[0][1].gaps
    title = title_of(table, shape.name)
    sentence = lists[0].sentence if len(lists) == 1 else ""
    is_there = hours is not None and any(point.now for point in hours.points)
    return Section(
        shape.name,
        title,
        sentence,
        (),
        draw_course(hours, _describe(title, period, sentence, texts), texts) if hours and is_there else (),
        hours.grain if hours else "",
        metric_label(table, next(iter(shape.metrics)), texts),
        _course_rows(shape, hours, texts) if hours and is_there else (),
        lists,
        says(table, shape, texts),
        tuple(dict.fromkeys(note for _list, answer in found for note in answer.notes)),
    )


def _headlines(table: Table, shape: Shape, told: Told, texts: Texts) -> tuple[TableHeadline, ...]:
    return tuple(
        TableHeadline(
            metric_label(table, metric, texts),
            figure_of(metric, shape, value, texts),
            None if place else told.comparison,
        )
        for place, (metric, value) in enumerate(zip(shape.metrics, told.values, strict=True))
    )


def _course_rows(shape: Shape, course: Course, texts: Texts) -> tuple[TableCourseRow, ...]:
    metric = next(iter(shape.metrics))
    return tuple(
        TableCourseRow(
            point.label,
            figure_of(metric, shape, point.now, texts),
            figure_of(metric, shape, point.before, texts) if course.grain == "day" else None,
            point.note,
        )
        for point in course.points
    )


def _sentence(table: Table, shape: Shape, told: Told, texts: Texts) -> str:
    """The measure's first number in words, or that it carries nothing."""
    value: Estimate | None = told.values[0]
    if value is None:
        return texts.say(_("Nothing released in this period."))
    figure = figure_of(next(iter(shape.metrics)), shape, value, texts)
    if not value.shown:
        return texts.say(_("Too noisy to tell in this period."))
    words = {
        "quantiles": _("Half lie under {value} {margin}."),
        "mean": _("The mean is {value} {margin}."),
        "share": _("It is {value} {margin} of all."),
        "sum": _("Together {value} {margin}."),
    }.get(shape.kind, _("{value} {margin} {what} in this period."))
    what = metric_label(table, next(iter(shape.metrics)), texts)
    return texts.say(words, value=figure.text, margin=figure.margin, what=what).replace(" .", ".").replace("  ", " ")


def _describe(title: str, period: Period, sentence: str, texts: Texts) -> str:
    return texts.say(
        _("{metric}, {days}, with the band of 95 %. {sentence} The numbers are in the table below."),
        metric=title,
        days=texts.days(period.first, period.last),
        sentence=sentence,
    )
