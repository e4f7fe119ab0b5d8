"""The released cells of a table's measure over several days, and what came with them, as arrays that share their keys.

Nothing but marts is read: `wide_<measure>` is the same under a wide bound, `load_<measure>` how much units would count
without one, `new_<column>` and `more_<column>` what found the keys of an open column.
"""

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
from msgspec import Struct

from hubbub.core.tables import HOUR, Table
from hubbub.publish.marts import Marts
from hubbub.publish.shelf import Floats, Ints, day_number
from hubbub.publish.table_kinds import LOOKS, Shape
from hubbub.publish.table_shelf import TableCells, TableMonth

PAST = 60  # days before the one that is told


class Past(Struct, frozen=True):
    """Cells of d days by n keys, in units of one, oldest day first; NaN where a day had none.

    first                  the first day; days without a release are rows of NaN
    dimensions, keys       what keys are of, and the n keys
    tight, wide            float[d, n]
    variances, wide_variances  float[d]: of the noise on each cell of the day
    bounds, wide_bounds    float[d]: squared norms within which a unit counted; 0 where nothing is known
    lows                   lower ends of the bins of loads
    loads, load_variances  float[d, b] units by load, and float[d] the noise on each
    looks                  what found keys, a look an entry: cells float[d, n] with the noise float[d] on each
    """

    first: date
    dimensions: tuple[str, ...]
    keys: tuple[tuple[str, ...], ...]
    tight: Floats
    variances: Floats
    bounds: Floats
    wide: Floats
    wide_variances: Floats
    wide_bounds: Floats
    lows: tuple[int, ...]
    loads: Floats
    load_variances: Floats
    looks: tuple[tuple[Floats, Floats], ...] = ()

    @property
    def days(self) -> int:
        """How many days there are, the last one asked for included."""
        return len(self.tight)


class _Cells(Struct, frozen=True):
    values: Floats
    variances: Floats
    bounds: Floats


def read_past(marts: Marts, table: Table, shape: Shape, first: date, last: date) -> Past | None:
    """The cells of a measure on `first` … `last` and `PAST` days before, of the keys that have one from `first` on.

    None without any. Days on which the measure was another one than now are left out.
    """
    start = max(first - timedelta(PAST), date.min)
    days = (last - start).days + 1

    def months(measure: str) -> list[TableMonth]:
        return marts.table_cells(table.name, measure, start, last)

    opened = next((name for name in shape.by if name != HOUR and table.columns[name].open), "")
    dimensions = (*([opened] if opened else []), *(name for name in shape.by if name != opened))
    own = months(shape.name)
    asked = (day_number(first), day_number(last))
    keys = tuple(sorted(_all_keys(own, shape.kind, dimensions, asked)))
    if not keys:
        return None
    places = {key: place for place, key in enumerate(keys)}
    tight = _cells(own, shape.kind, dimensions, places, day_number(start), days)
    wide = _cells(months(f"wide_{shape.name}"), "wide", dimensions, places, day_number(start), days)
    loads = months(f"load_{shape.name}")
    lows = sorted({int(key[0]) for key in _all_keys(loads, "load", ("load",))})
    bins: dict[tuple[str, ...], int] = {(str(low),): place for place, low in enumerate(lows)}
    found = _cells(loads, "load", ("load",), bins, day_number(start), days)
    looks = []
    if shape.kind == "units" and dimensions == (opened,) and not table.measures[shape.name].where:
        for look in LOOKS:
            cells = _cells(months(f"{look}_{opened}"), look, dimensions, places, day_number(start), days)
            looks.append((cells.values, cells.variances))
    return Past(
        start, dimensions, keys, tight.values, tight.variances, tight.bounds, wide.values, wide.variances, wide.bounds,
        tuple(lows), found.values, found.variances, tuple(looks),
    )  # fmt: skip


def _all_keys(
    months: Sequence[TableMonth], tells: str, dimensions: tuple[str, ...], asked: tuple[int, int] = (-(2**31), 2**31)
) -> set[tuple[str, ...]]:
    found = set[tuple[str, ...]]()
    for month in months:
        for part in month.parts:
            if part.definition.tells == tells and part.definition.dimensions == dimensions:
                there = (part.day >= asked[0]) & (part.day <= asked[1])
                codes = _codes(part)[there]
                found.update(_texts(np.unique(codes), part.names))
    return found


def _cells(
    months: Sequence[TableMonth],
    tells: str,
    dimensions: tuple[str, ...],
    places: dict[tuple[str, ...], int],
    start: int,
    days: int,
) -> _Cells:
    """One measure's cells by day and place. `start`: the first day, days since 1970."""
    values = np.full((days, len(places)), np.nan)
    variances, bounds = np.zeros(days), np.zeros(days)
    for month in months:
        for part in month.parts:
            if part.definition.tells != tells or part.definition.dimensions != dimensions:
                continue
            distinct, which = np.unique(_codes(part), return_inverse=True)
            columns = np.array([places.get(key, -1) for key in _texts(distinct, part.names)], np.int64)[which]
            rows = part.day.astype(np.int64) - start
            there = (columns >= 0) & (rows >= 0) & (rows < days)
            values[rows[there], columns[there]] = part.value[there]
            variances[rows[there]], bounds[rows[there]] = part.variance[there], part.definition.bound
    return _Cells(values, variances, bounds)


def _codes(cells: TableCells) -> Ints:
    """One number for the keys of each cell."""
    codes = np.zeros(len(cells.day), np.int64)
    for column, texts in zip(cells.keys, cells.names, strict=True):
        codes = codes * len(texts) + column
    return codes


def _texts(codes: Ints, names: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """The keys that such numbers stand for."""
    columns: list[list[str]] = []
    for texts in reversed(names):
        columns.append([texts[code] for code in (codes % len(texts)).tolist()])
        codes = codes // len(texts)
    return list(zip(*columns[::-1], strict=True)) if names else [()] * len(codes)
