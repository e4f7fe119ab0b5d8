"""Cells of a declared table's mart file in memory, a measure at a time, as NumPy columns."""

from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from msgspec import Struct

from hubbub.publish.shelf import Floats, Ints, Shelf, Small, day_at

COLUMNS = (
    "day", "tells", "of", "low", "high", "dimensions", "keys", "value", "variance", "is_new", "threshold", "gap",
    "trial", "bound",
)  # fmt: skip


class Definition(Struct, frozen=True):
    """What a measure's cells of a day are: as `publish.declared.TABLE_MART_SCHEMA` has it beside each cell."""

    tells: str
    of: str
    low: float
    high: float
    dimensions: tuple[str, ...]
    bound: int


class TableCells(Struct, frozen=True):
    """Cells of one definition: parallel columns, a place a cell.

    day         days since 1970
    keys        a column a dimension: places in its `names`
    news        places of cells that are first releases of a key, with `thresholds` beside
    """

    definition: Definition
    day: Small
    keys: tuple[Small, ...]
    names: tuple[tuple[str, ...], ...]
    value: Floats
    variance: Floats
    news: Ints
    thresholds: Floats


class TableMonth(Struct, frozen=True):
    """One measure of one month. `presences`: the gap of every day that was released, "" where it has cells."""

    parts: tuple[TableCells, ...]
    presences: tuple[tuple[date, str], ...]
    trial: bool

    @property
    def size(self) -> int:
        """Bytes in memory, about."""
        cells = sum(len(one.day) * (20 + 4 * len(one.keys)) + 100 * sum(map(len, one.names)) for one in self.parts)
        return cells + 120 * len(self.presences) + 500


def table_shelf() -> Shelf[TableMonth]:
    """A shelf of the cells of declared tables."""
    return Shelf(_load)


def _load(file: Any, groups: list[int], _measure: str) -> TableMonth:
    table = file.read_row_groups(groups, COLUMNS, use_threads=False).combine_chunks()
    days = np.asarray(table["day"].cast(pa.int32()), np.int32)
    starts = np.flatnonzero(np.diff(days, prepend=-1))  # rows are sorted by day, and a day has one definition
    heads = (
        table.select(("tells", "of", "low", "high", "dimensions", "gap", "bound")).take(pa.array(starts)).to_pylist()
    )
    found: dict[Definition, list[int]] = {}
    for start, head in zip(starts.tolist(), heads, strict=True):
        dimensions = tuple(head["dimensions"])
        definition = Definition(head["tells"], head["of"], head["low"], head["high"], dimensions, head["bound"])
        found.setdefault(definition, []).append(int(days[start]))
    is_seen = np.asarray(table["value"].is_valid())
    parts = []
    for definition, its in found.items():
        mine = np.flatnonzero(is_seen & np.isin(days, its) if len(found) > 1 else is_seen)
        parts.append(_cells(definition, days[mine], table.take(pa.array(mine))))
    presences = tuple((day_at(int(days[start])), head["gap"]) for start, head in zip(starts, heads, strict=True))
    return TableMonth(tuple(parts), presences, bool(pc.any(table["trial"]).as_py()))


def _cells(definition: Definition, days: Small, table: pa.Table) -> TableCells:
    coded = [_coded(pc.list_element(table["keys"], place)) for place in range(len(definition.dimensions))]
    thresholds = np.asarray(table["threshold"], np.float64)
    news = np.flatnonzero(np.asarray(table["is_new"]) & (thresholds > 0))
    return TableCells(
        definition,
        days,
        tuple(codes for codes, _ in coded),
        tuple(names for _, names in coded),
        np.asarray(table["value"], np.float64),
        np.asarray(table["variance"], np.float64),
        news,
        thresholds[news],
    )


def _coded(column: pa.ChunkedArray) -> tuple[Small, tuple[str, ...]]:
    array = column.combine_chunks().dictionary_encode()
    array = array.chunk(0) if isinstance(array, pa.ChunkedArray) else array
    return np.asarray(array.indices, np.int32), tuple(array.dictionary.to_pylist())
