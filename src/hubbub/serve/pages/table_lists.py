"""Lists of a declared table's measure: by one of its columns, by bins, by steps."""

from math import hypot
from urllib.parse import quote, urlencode

from msgspec import Struct
from msgspec.structs import replace

from hubbub.core.tables import HOUR, Table
from hubbub.publish.intervals import Estimate
from hubbub.publish.query import Filter
from hubbub.publish.table_kinds import Shape
from hubbub.publish.table_questions import Question, TableAnswer, TableRow
from hubbub.serve.pages.figures import Figure
from hubbub.serve.pages.periods import Period
from hubbub.serve.pages.table_words import dimension_label, figure_of, key_text, metric_label
from hubbub.serve.pages.toplists import lengths
from hubbub.serve.reading import ReadSide
from hubbub.serve.texts import Texts, _

ROWS_SHOWN, ROWS_IN_ALL = 8, 100


class TableListRow(Struct, frozen=True):
    """One key. `bar`, `low` and `high` are lengths in percent of the longest; `note` says what to know of it."""

    label: str
    figures: tuple[Figure, ...]
    note: str
    bar: float
    low: float
    high: float

    @property
    def figure(self) -> Figure:
        """The first number, which the row is ranked by."""
        return self.figures[0]


class TableList(Struct, frozen=True):
    """A list as it stands on a page.

    heads   what its numbers are
    shown   rows that stand at once; `rest` those behind a click, `grey` those too noisy to rank
    beyond  how many there are besides
    csv     where all of it can be had
    """

    title: str
    heads: tuple[str, ...]
    shown: tuple[TableListRow, ...]
    rest: tuple[TableListRow, ...]
    grey: tuple[TableListRow, ...]
    beyond: int
    csv: str
    sentence: str


def ask_lists(
    read_side: ReadSide, table: Table, shape: Shape, period: Period, texts: Texts
) -> tuple[tuple[TableList, TableAnswer], ...]:
    """The measure's lists: one a column that it is told apart by, or that of its bins or steps. Hours are drawn."""
    if shape.unfolds:
        return (_list(read_side, table, shape, (), period, texts),)
    return tuple(_list(read_side, table, shape, (name,), period, texts) for name in shape.by if name != HOUR)


def _list(
    read_side: ReadSide, table: Table, shape: Shape, by: tuple[str, ...], period: Period, texts: Texts
) -> tuple[TableList, TableAnswer]:
    question = Question(
        source=table.name, measure=shape.name, first=period.first, last=period.last, by=by, limit=ROWS_IN_ALL
    )
    answer = read_side.ask_table(table, question)
    unbounded = _unbounded(read_side, table, shape, question, answer)
    dimension = answer.dimensions[0]
    is_ordered = shape.unfolds
    most = max((row.days for row in answer.rows), default=0)
    there = [row for row in answer.rows if row.values[0] is not None]
    longest = max((row.values[0].high95 for row in there if row.values[0] and row.values[0].shown), default=1.0)
    carries = [is_ordered or _carries(row) for row in there]

    def rows(which: bool) -> tuple[TableListRow, ...]:
        chosen = [row for row, carry in zip(there, carries, strict=True) if carry is which]
        return tuple(
            _row(
                table,
                shape,
                dimension,
                row,
                longest,
                most,
                texts,
                is_level=_is_level(there),
                about=unbounded.get(row.keys),
            )
            for row in chosen
        )

    shown, at_once = rows(True), len(there) if is_ordered else ROWS_SHOWN
    listed = TableList(
        dimension_label(dimension, texts),
        tuple(metric_label(table, metric, texts) for metric in shape.metrics),
        shown[:at_once],
        shown[at_once:],
        rows(False),
        answer.total - len(answer.rows),
        csv_url(question),
        _sentence(table, shape, dimension, there, texts),
    )
    return listed, answer


def _unbounded(
    read_side: ReadSide, table: Table, shape: Shape, question: Question, answer: TableAnswer
) -> dict[tuple[str, ...], Estimate]:
    """What the rows would be without the bound, by key: where that is surer of it than the released number is."""
    if shape.kind not in ("units", "count") or not answer.rows:
        return {}
    keys = tuple(row.keys[0] for row in answer.rows)
    asked = replace(question, estimate="unbounded", filters=(Filter(question.by[0], keys),))
    made = read_side.ask_table(table, asked)
    raw = {row.keys: row.values[0] for row in answer.rows}
    found = {row.keys: row.values[0] for row in made.rows} if made.estimate == "unbounded" else {}
    return {key: one for key, one in found.items() if one and _is_surer(one, raw.get(key))}


def _is_surer(unbounded: Estimate, raw: Estimate | None) -> bool:
    """Its error is smaller than the released number's distance from what it tells, noise included."""
    return raw is not None and unbounded.shown and unbounded.stderr < hypot(unbounded.value - raw.value, raw.stderr)


def csv_url(question: Question) -> str:
    """Where a question's rows can be had as CSV."""
    query = {"from": question.first.isoformat(), "to": question.last.isoformat(), "format": "csv"}
    if question.by:
        query = {"by": ",".join(question.by)} | query
    place = f"/api/v1/tables/{quote(question.source, safe='')}/{quote(question.measure, safe='')}"
    return f"{place}?{urlencode(query)}"


def _carries(row: TableRow) -> bool:
    return row.values[0] is not None and row.values[0].shown


def _is_level(rows: list[TableRow]) -> bool:
    """Noise leaves every place open to every row."""
    return len(rows) > 1 and all(row.ranks == (1, len(rows)) for row in rows)


def _row(
    table: Table,
    shape: Shape,
    dimension: str,
    row: TableRow,
    longest: float,
    most: int,
    texts: Texts,
    *,
    is_level: bool,
    about: Estimate | None,
) -> TableListRow:
    value = row.values[0]
    notes = []
    if row.ranks and row.ranks[0] < row.ranks[1] and not is_level and value is not None and value.shown:
        notes.append(texts.say(_("place {first} to {last}"), first=row.ranks[0], last=row.ranks[1]))
    if row.days < most:
        notes.append(texts.say(_("{there} of {days} days"), there=row.days, days=most))
    if about is not None:
        told = figure_of(next(iter(shape.metrics)), shape, about, texts)
        words = _("about {value} {margin} without the bound")
        notes.append(texts.say(words, value=told.text, margin=told.margin))
    drawn = lengths(value, longest) if value is not None and value.shown and longest > 0 else (0.0, 0.0, 0.0)
    figures = tuple(figure_of(metric, shape, one, texts) for metric, one in zip(shape.metrics, row.values, strict=True))
    return TableListRow(key_text(table, shape, dimension, row.keys[0], texts), figures, ", ".join(notes), *drawn)


def _sentence(table: Table, shape: Shape, dimension: str, rows: list[TableRow], texts: Texts) -> str:
    """What the list says, honest about its order."""
    if not rows:
        return texts.say(_("Nothing released in this period."))
    best = max(rows, key=lambda row: row.values[0].value if row.values[0] and row.values[0].shown else float("-inf"))
    metric, value = next(iter(shape.metrics)), best.values[0]
    if value is None or not value.shown:
        return texts.say(_("Every entry is too noisy to rank in this period."))
    if shape.kind == "funnel":
        return _funnel_sentence(shape, rows, texts)
    key, figure = key_text(table, shape, dimension, best.keys[0], texts), figure_of(metric, shape, value, texts)
    if shape.kind == "histogram":
        figure = figure_of("share", shape, best.values[1], texts)
        words = _("Most lie in {key}: {value} {margin}.")
    elif _is_level(rows):
        return texts.say(_("Noise alone may explain all differences between these."))
    elif best.ranks and best.ranks[1] > 1:
        words = _("{key} has {value} {margin}; noise leaves open whether another one has more.")
    else:
        words = _("{key} has most: {value} {margin}.")
    return texts.say(words, key=key, value=figure.text, margin=figure.margin).replace(" .", ".").replace(" ;", ";")


def _funnel_sentence(shape: Shape, rows: list[TableRow], texts: Texts) -> str:
    began, ended = rows[0].values[0], rows[-1].values[1]
    if began is None or ended is None or not ended.shown:
        return texts.say(_("Too few began it in this period to tell which share came to its end."))
    start, end = figure_of("units", shape, began, texts), figure_of("rate", shape, ended, texts)
    return texts.say(
        _("Of {count} {margin} that began, {share} {share_margin} came to the end."),
        count=start.text,
        margin=start.margin,
        share=end.text,
        share_margin=end.margin,
    )
