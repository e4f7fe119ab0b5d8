"""Declared tables as other pages tell of them: a line on the overview, and what of their files is read."""

from datetime import date

from msgspec import Struct

from hubbub.core.tables import Column, Table
from hubbub.publish.table_kinds import shapes_of
from hubbub.publish.table_questions import Question
from hubbub.serve.pages.addresses import table_url
from hubbub.serve.pages.asked import AskedLine
from hubbub.serve.pages.figures import Figure
from hubbub.serve.pages.periods import Period
from hubbub.serve.pages.table_words import figure_of, metric_label, title_of
from hubbub.serve.reading import ReadSide
from hubbub.serve.texts import Texts, _

MOST_SHOWN = 12  # values of a column


class TableLine(Struct, frozen=True):
    """A table's line. `figure` is of its first plain count, `counted` says what it counts; None and "" without one."""

    title: str
    name: str
    href: str
    newest: date | None
    counted: str
    figure: Figure | None


def table_lines(read_side: ReadSide, period: Period, texts: Texts) -> tuple[TableLine, ...]:
    """A line a table."""
    return tuple(_line(read_side, table, period, texts) for table in read_side.settings.tables)


def _line(read_side: ReadSide, table: Table, period: Period, texts: Texts) -> TableLine:
    span = read_side.marts.span(table.name)
    counted, figure = "", None
    plain = [shape for shape in shapes_of(table).values() if shape.kind in ("units", "count") and not shape.by]
    if plain:
        shape = plain[0]
        question = Question(source=table.name, measure=shape.name, first=period.first, last=period.last)
        value = read_side.ask_table(table, question).rows[0].values[0]
        metric = next(iter(shape.metrics))
        figure = figure_of(metric, shape, value, texts)
        counted = texts.say(
            _("{title}, {what}"), title=title_of(table, shape.name), what=metric_label(table, metric, texts)
        )
    newest = span.closed if span else None
    return TableLine(table.title or table.name, table.name, table_url(table.name, period), newest, counted, figure)


def tell_read(table: Table, texts: Texts) -> tuple[AskedLine, ...]:
    """What is read of a table's files: no other column is."""
    columns = tuple((column.header or name, _holds(column, texts)) for name, column in table.columns.items())
    return (
        AskedLine(
            texts.say(_("Columns")),
            texts.say(_("These columns of its files are read, and no other.")),
            ((table.time, texts.say(_("when it was; kept is the hour of the day"))), *columns),
        ),
        AskedLine(
            texts.say(_("Measures")),
            texts.say(_("What is released, by name.")),
            tuple((name, title_of(table, name)) for name in table.measures),
        ),
    )


def _holds(column: Column, texts: Texts) -> str:
    if column.most is not None:
        return texts.say(_("a number from {least} to {most}"), least=f"{column.least:g}", most=f"{column.most:g}")
    if column.open:
        return texts.say(_("open; what could name a person is left out"))
    shown = ", ".join(column.values[:MOST_SHOWN])
    return f"{shown}, …" if len(column.values) > MOST_SHOWN else shown
