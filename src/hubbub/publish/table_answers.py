"""Answering a question about a declared table: rows of estimates, what is missing, and what to know beside them."""

from collections import Counter
from collections.abc import Iterator
from datetime import date

import numpy as np
from msgspec.structs import replace

from hubbub.core.days import days_between
from hubbub.core.tables import HOUR, ROW, Table
from hubbub.publish.coverage import gap_notes
from hubbub.publish.intervals import Estimate, carries
from hubbub.publish.marts import Marts
from hubbub.publish.query import Calendar, Order
from hubbub.publish.rank_intervals import rank_intervals
from hubbub.publish.scan import Presence
from hubbub.publish.shelf import day_at
from hubbub.publish.table_kinds import LOOKS, Shape, estimates, unfolded
from hubbub.publish.table_questions import Question, TableAnswer, TableRow, check
from hubbub.publish.table_sums import Found, add_up, bucket_start
from hubbub.publish.unbounded_rows import estimated

ADDITIVE = ("units", "count", "sum", *LOOKS)


def answer_table(marts: Marts, table: Table, question: Question, calendar: Calendar) -> TableAnswer:
    """Answer a question from the marts. Raises `QueryError` for what the table does not release."""
    shape = check(table, question)
    months = marts.table_cells(table.name, question.measure, question.first, question.last)
    found = add_up(months, shape, question, calendar.zone_of(table.name))
    made = estimated(marts, table, shape, question, found) if question.estimate != "raw" else None
    found = made.found if made else found
    spans = Counter(_when(day, question.period) for day in days_between(question.first, question.last))
    if _is_top_list(question) and shape.kind in ADDITIVE:
        rows, total, grey = _top(shape, question, found, spans)
    else:
        rows = _rows(shape, question, found, range(len(found.keys)), spans)
        if not question.by:
            there = {row.when for row in rows}
            rows += [_empty(shape, when, days) for when, days in spans.items() if when not in there]
        if _is_top_list(question) and not shape.unfolds:
            rows = _with_ranks(rows)
        total, grey = len(rows), sum(map(_is_grey, rows))
        rows = _ordered(shape, question, rows)[question.offset : question.offset + question.limit]
    presences = [Presence(table.name, question.measure, day, None, gap) for day, gap in found.presences]
    gaps = gap_notes(
        table.name,
        [question.measure],
        presences,
        marts.span(table.name),
        (question.first, question.last),
        calendar,
    )
    return TableAnswer(
        question,
        shape,
        (*question.by, *([shape.dimension] if shape.unfolds else [])),
        tuple(rows),
        total,
        grey,
        (question.last - question.first).days + 1,
        tuple(gaps),
        (*([made.note] if made else []), *_notes(table, shape, question, found)),
        found.trial,
        made.estimate if made else "raw",
    )


def _is_top_list(question: Question) -> bool:
    """Rows are told apart by keys alone, so that their places mean something."""
    return bool(question.by) and not question.period and HOUR not in question.by and not question.order


def _top(shape: Shape, question: Question, found: Found, spans: Counter[str]) -> tuple[list[TableRow], int, int]:
    """The rows that are returned, how many there are, and how many of those are grey: of sums that are sorted by their
    values, not all need be estimated.
    """
    value, variance = found.value[:, 0], found.variance[:, 0]
    grey = [not carries(abs(x), v) for x, v in zip(value.tolist(), variance.tolist(), strict=True)]
    order = sorted(range(len(value)), key=lambda place: (grey[place], -value[place], found.keys[place]))
    chosen = order[question.offset : question.offset + question.limit]
    rows = _rows(shape, question, found, chosen, spans)
    ranks = rank_intervals(value, variance, np.array(chosen, np.int64)) if len(value) > 1 and chosen else []
    if ranks:
        rows = [replace(row, ranks=one) for row, one in zip(rows, ranks, strict=True)]
    return rows, len(value), sum(grey)


def _with_ranks(rows: list[TableRow]) -> list[TableRow]:
    """The rows with the places that noise leaves open by their first estimates, taken as normal."""
    told = [row.values[0] for row in rows]
    if len(rows) < 2 or any(one is None for one in told):
        return rows
    value = np.array([one.value for one in told if one])
    variance = np.array([one.stderr**2 for one in told if one])
    ranks = rank_intervals(value, variance, np.arange(len(rows)))
    return [replace(row, ranks=one) for row, one in zip(rows, ranks, strict=True)]


def _rows(
    shape: Shape, question: Question, found: Found, places: range | list[int], spans: Counter[str]
) -> list[TableRow]:
    rows = []
    for place in places:
        bucket = int(found.buckets[place])
        when = _when(day_at(bucket), question.period) if question.period else ""
        sums = found.sums(place)
        of_days, days, keys = spans[when], int(found.days[place]), found.keys[place]
        if shape.unfolds:
            for part, values in zip(shape.parts, unfolded(shape, sums), strict=True):
                rows.append(TableRow(when, (*keys, part), values, days, of_days))
            continue
        values = estimates(shape, sums, found.reach)
        rows.append(TableRow(when, keys, values, days, of_days, bool(sums.first_releases)))
    return rows


def _empty(shape: Shape, when: str, of_days: int) -> TableRow:
    keys = ("",) if shape.unfolds else ()
    return TableRow(when, keys, (None,) * len(shape.metrics), 0, of_days)


def _when(day: date, period: str) -> str:
    """How a day's row is named: the day, its week's Monday, or its month ("2026-03"); "" for the whole period."""
    if not period:
        return ""
    start = bucket_start(day, period)
    return f"{start:%Y-%m}" if period == "month" else start.isoformat()


def _ordered(shape: Shape, question: Question, rows: list[TableRow]) -> list[TableRow]:
    """Without an order: times upwards, then hours, bins and steps as they follow each other, else shown rows by the
    first metric downwards, then grey ones.
    """
    parts = {part: place for place, part in enumerate(shape.parts)}

    def tail(row: TableRow) -> tuple[object, ...]:
        return (*row.keys[:-1], parts.get(row.keys[-1], -1)) if shape.unfolds else row.keys

    ordered = sorted(rows, key=lambda row: (row.when, tail(row)))
    if question.order:
        for order in reversed(question.order):
            _sort(shape, question, ordered, order)
    elif question.by and HOUR not in question.by and not shape.unfolds:
        _sort(shape, question, ordered, Order(next(iter(shape.metrics))))
        ordered.sort(key=_is_grey)
        ordered.sort(key=lambda row: row.when)
    return ordered


def _sort(shape: Shape, question: Question, rows: list[TableRow], order: Order) -> None:
    descends = order.direction == "desc"
    if order.by == question.period:
        rows.sort(key=lambda row: row.when, reverse=descends)
    elif order.by in question.by:
        place = question.by.index(order.by)
        rows.sort(key=lambda row: row.keys[place], reverse=descends)
    else:
        column = list(shape.metrics).index(order.by)

        def rank(row: TableRow) -> tuple[bool, float]:
            value = row.values[column]
            return (True, 0.0) if value is None else (False, -value.value if descends else value.value)

        rows.sort(key=rank)


def _is_grey(row: TableRow) -> bool:
    first: Estimate | None = row.values[0]
    return first is None or not first.shown


def _notes(table: Table, shape: Shape, question: Question, found: Found) -> Iterator[str]:
    is_unit = table.unit != ROW
    adds_days = question.first < question.last and question.period != "day"
    if is_unit and adds_days and shape.kind not in ("count", "sum"):
        yield (
            "Units are unit-days: each day's units are counted apart and added, because nothing links a unit across "
            "days. A week's or a month's sum is no number of different units."
        )
    if is_unit and shape.by and shape.kind not in LOOKS:
        yield (
            "A unit that stands in several cells is scaled down in all of them together, and may count in more than "
            "one: cells added up are no number of different units."
        )
    opened = next((name for name in shape.by if name != HOUR and table.columns[name].open), "")
    if opened and opened not in question.by and shape.kind not in LOOKS:
        yield f"Of {opened}, only values known beforehand or above the day's threshold are in these sums."
    if opened in question.by and len(set(found.days.tolist())) > 1 and not question.period:
        yield "Rows were released on different numbers of days; a day without a release is not a zero."
    if _is_top_list(question) and not shape.unfolds and len(found.keys) > 1:
        yield "Ranks are the places that noise leaves open to a row, at 95 %, compared with all others (Bonferroni)."
    if shape.kind in ("histogram", "quantiles"):
        yield "Of each unit one row counts, drawn by chance; within a bin values are taken as evenly spread."
    if found.news:
        yield (
            "New keys show only above a threshold, which favours high draws: their intervals reach further down to "
            "allow for it, their values stay as released."
        )
    if found.trial:
        yield "These numbers are not private: they were released on the budget of a trial."
