"""Reading the cells that answer a question about a declared table, and adding them up by what it tells apart."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from functools import lru_cache

import numpy as np
from msgspec import Struct

from hubbub.core.days import slot_label
from hubbub.core.tables import HOUR
from hubbub.publish.intervals import FirstRelease
from hubbub.publish.shelf import Floats, Ints, Small, day_at, day_number
from hubbub.publish.table_kinds import Shape, Sums, entries, reach_of
from hubbub.publish.table_questions import Question
from hubbub.publish.table_shelf import Definition, TableCells, TableMonth

CHANGED = "changed"
GRAIN = 0.001  # a weighted count counts in thousandths: `release.plan.PARTS`


class Found(Struct, frozen=True):
    """Cells added up by row; a row is a bucket of days and its keys.

    buckets   first day of each row's bucket, days since 1970; -1: the whole period
    keys      each row's keys, in the order asked
    value, variance  by row and part; covariance by row
    days      how many days each row's cells are of
    presences the gap of each day that was released, "" where it has cells
    reach     the range of the measure's number
    """

    buckets: Ints
    keys: tuple[tuple[str, ...], ...]
    value: Floats
    variance: Floats
    covariance: Floats
    days: Ints
    news: dict[int, tuple[FirstRelease, ...]]
    presences: tuple[tuple[date, str], ...]
    reach: tuple[float, float]
    trial: bool

    def sums(self, row: int) -> Sums:
        """One row's."""
        return Sums(self.value[row], self.variance[row], float(self.covariance[row]), self.news.get(row, ()))


class _Texts:
    """Numbers of texts, shared by all months."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self._places: dict[str, int] = {}

    def codes(self, texts: Sequence[str]) -> Ints:
        """The number of each text."""
        for text in texts:
            if text not in self._places:
                self._places[text] = len(self.names)
                self.names.append(text)
        return np.array([self._places[text] for text in texts], np.int64)


def add_up(months: Sequence[TableMonth], shape: Shape, question: Question, zone: str) -> Found:
    """The sums of a checked question. Days that were measured otherwise than now are left out and noted."""
    texts = [_Texts() for _ in question.by]
    columns: list[list[Ints]] = [[] for _ in range(2 + len(question.by))]  # day, bucket, keys: a place a chosen cell
    sums: list[list[np.ndarray]] = [[] for _ in range(5)]  # cell, part, value, variance, covariance
    news: list[tuple[int, FirstRelease]] = []
    changed: set[date] = set()
    reaches: list[tuple[float, float]] = []
    cells_before = 0
    for month in months:
        for part in month.parts:
            days, parts = _usable(part, shape, question)
            changed |= days
            if parts is None:
                continue
            chosen = _chosen(part, question, zone, {day_number(day) for day in days})
            if not chosen.size:
                continue
            reaches.append((part.definition.low, part.definition.high))
            columns[0].append(part.day[chosen].astype(np.int64))
            columns[1].append(_buckets(part.day[chosen], question.period))
            for place, name in enumerate(question.by):
                codes, names = _labelled(part, name, zone)
                columns[2 + place].append(texts[place].codes(names)[codes[chosen]])
            added = entries(shape, part, chosen, parts[chosen])
            for column, values in zip(
                sums,
                (added.cell + cells_before, added.part, added.value, added.variance, added.covariance),
                strict=True,
            ):
                column.append(values)
            news += _news(part, chosen, cells_before)
            cells_before += len(chosen)
    presences = tuple(
        (day, CHANGED if day in changed else gap)
        for month in months
        for day, gap in month.presences
        if question.first <= day <= question.last
    )
    trial = any(month.trial for month in months)
    return _grouped(shape, columns, sums, news, texts, presences, reach_of(reaches), trial)


def _grouped(
    shape: Shape,
    columns: list[list[Ints]],
    sums: list[list[np.ndarray]],
    news: list[tuple[int, FirstRelease]],
    texts: list[_Texts],
    presences: tuple[tuple[date, str], ...],
    reach: tuple[float, float],
    trial: bool,
) -> Found:
    width = max(1, len(shape.parts))
    if not columns[0]:
        none, empty = np.zeros((0, width)), np.zeros(0, np.int64)
        return Found(empty, (), none, none, np.zeros(0), empty, {}, presences, reach, trial)
    day, bucket, *keys = (np.concatenate(column) for column in columns)
    codes = bucket + 1
    for column, its in zip(keys, texts, strict=True):
        codes = codes * len(its.names) + column
    rows, places = np.unique(codes, return_inverse=True)
    cell, part, value, variance, covariance = (np.concatenate(column) for column in sums)
    slots = places[cell] * width + part
    # One cell a row and day where all is told apart that there is; else several cells are of the same day.
    is_single = not shape.parts and len(keys) == len(shape.by)
    days = places if is_single else np.unique(places * (day.max() + 1) + day) // (day.max() + 1)
    found = defaultdict[int, tuple[FirstRelease, ...]](tuple)
    for at, release in news:
        found[int(places[at])] += (release,)
    names: list[list[str]] = []
    rest = rows
    for its in reversed(texts):
        names.append([its.names[code] for code in (rest % len(its.names)).tolist()])
        rest = rest // len(its.names)
    return Found(
        rest - 1,
        tuple(zip(*names[::-1], strict=True)) if names else ((),) * len(rows),
        _added(slots, value, len(rows) * width).reshape(-1, width),
        _added(slots, variance, len(rows) * width).reshape(-1, width),
        _added(places[cell], covariance, len(rows)),
        np.bincount(days, minlength=len(rows)),
        dict(found),
        presences,
        reach,
        trial,
    )


def _added(slots: Ints, values: Floats, width: int) -> Floats:
    """The sum of the values of each slot."""
    return np.bincount(slots, values, width).astype(np.float64)


def _usable(cells: TableCells, shape: Shape, question: Question) -> tuple[set[date], Ints | None]:
    """Days on which the measure was another one, and the place of each cell's part; None where all are of others."""
    its = np.unique(cells.day)
    days = {day_at(int(day)) for day in its if question.first <= day_at(int(day)) <= question.last}
    if not _is_same(cells.definition, shape):
        return days, None
    if not shape.parts:
        return set(), np.zeros(len(cells.day), np.int64)
    place = cells.definition.dimensions.index(shape.dimension)
    known = {name: code for code, name in enumerate(shape.parts)}
    parts = np.array([known.get(name, -1) for name in cells.names[place]], np.int64)[cells.keys[place]]
    width = len(shape.parts) + 1
    pairs = np.unique(cells.day.astype(np.int64) * width + parts + 1)
    whole = {  # every part is released on every day, zeros too, so a day that lacks one, or has more, had others
        day for day in its.tolist()
        if [pair % width for pair in pairs[(pairs // width) == day].tolist()] == list(range(1, width))
    }  # fmt: skip
    return {day for day in days if day_number(day) not in whole}, np.maximum(parts, 0)


def _is_same(found: Definition, shape: Shape) -> bool:
    wanted = {*shape.by, *([shape.dimension] if shape.dimension else [])}
    return found.tells == shape.kind and found.of == shape.of and set(found.dimensions) == wanted


def _chosen(cells: TableCells, question: Question, zone: str, without: set[int]) -> Ints:
    mask = (cells.day >= day_number(question.first)) & (cells.day <= day_number(question.last))
    if without:
        mask &= ~np.isin(cells.day, list(without))
    for one in question.filters:
        codes, names = _labelled(cells, one.dimension, zone)
        mask &= np.isin(codes, [place for place, name in enumerate(names) if name in one.values])
    return np.flatnonzero(mask)


def _labelled(cells: TableCells, dimension: str, zone: str) -> tuple[Ints | Small, Sequence[str]]:
    """A dimension of the cells: places, and what they stand for. Hour slots are told by the clock of their day."""
    place = cells.definition.dimensions.index(dimension)
    if dimension != HOUR:
        return cells.keys[place], cells.names[place]
    packed = cells.day.astype(np.int64) * 32 + np.array([int(name) for name in cells.names[place]], np.int64)[
        cells.keys[place]
    ] if len(cells.day) else np.zeros(0, np.int64)  # fmt: skip
    distinct, places = np.unique(packed, return_inverse=True)
    return places, [_hour(number % 32, day_at(number // 32), zone) for number in distinct.tolist()]


@lru_cache(maxsize=100_000)
def _hour(slot: int, day: date, zone: str) -> str:
    return slot_label(slot, day, zone)


def _news(cells: TableCells, chosen: Ints, before: int) -> list[tuple[int, FirstRelease]]:
    if not cells.news.size:
        return []
    place_of = {cell: place for place, cell in enumerate(chosen.tolist())}
    return [
        (
            place_of[cell] + before,
            FirstRelease(float(cells.value[cell]), float(cells.variance[cell]), threshold, GRAIN),
        )
        for cell, threshold in zip(cells.news.tolist(), cells.thresholds.tolist(), strict=True)
        if cell in place_of
    ]


def _buckets(days: Small, period: str) -> Ints:
    if not period:
        return np.full(len(days), -1, np.int64)
    starts, places = np.unique(days, return_inverse=True)
    firsts = [day_number(bucket_start(day_at(day), period)) for day in starts.tolist()]
    return np.array(firsts, np.int64)[places]


def bucket_start(day: date, period: str) -> date:
    """The first day of the bucket that a day is in."""
    if period == "month":
        return day.replace(day=1)
    return day - timedelta(days=day.weekday()) if period == "week" else day
