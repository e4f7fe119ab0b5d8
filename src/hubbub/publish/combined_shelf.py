"""The released tables of combinations of a mart file in memory, as arrays by day; the last used ones are kept."""

from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from typing import Any

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from hubbub.core.combinations import LISTS, Key, Tables, names_in, values_in
from hubbub.publish.shelf import DICTIONARIES, Floats, Ints, MonthCells, Shelf, day_number, load_site


class Days(Struct, frozen=True):
    """Some days of one site whose tables are the same, with the same noise.

    days      days since 1970, upwards
    cells     float[days, tables.cells], in the order of `tables.keys`
    variance  of the noise on each cell
    """

    tables: Tables
    days: Ints
    cells: Floats
    variance: float

    def within(self, first: date, last: date) -> "Days":
        """Those of a period."""
        start, end = np.searchsorted(self.days, [day_number(first), day_number(last) + 1])
        return replace(self, days=self.days[start:end], cells=self.cells[start:end])


class CombinedMonth(Struct, frozen=True):
    """The tables of one month of one source; `presences` as in `MonthCells`."""

    groups: tuple[Days, ...]
    presences: tuple[tuple[date, int | None, str], ...]
    trial: bool

    @property
    def size(self) -> int:
        """Bytes in memory, about."""
        return sum(each.cells.nbytes for each in self.groups) + 120 * len(self.presences) + 500


def combined_shelf() -> Shelf[CombinedMonth]:
    """A shelf of the tables of sites."""
    return Shelf(_load, DICTIONARIES)


def _load(file: Any, groups: list[int], measure: str) -> CombinedMonth:
    month = load_site(file, groups, measure)
    return CombinedMonth(tuple(_groups(month)), month.presences, month.trial)


def _groups(month: MonthCells) -> Iterator[Days]:
    """The days by what is told apart and how noisy it is."""
    if not month.day.size:
        return
    pairs = month.key1.astype(np.int64) * len(month.names2) + month.key2
    order = np.argsort(month.day, kind="stable")  # within a day as the file has them: by key
    days, starts = np.unique(month.day[order], return_index=True)
    alike: dict[tuple[float, bytes], list[tuple[int, Ints]]] = {}
    for day, places in zip(days.tolist(), np.split(order, starts[1:]), strict=True):
        name = float(month.variance[places[0]]), pairs[places].tobytes()
        alike.setdefault(name, []).append((day, places))
    for (variance, _), its in alike.items():
        one = its[0][1]
        firsts, seconds = month.key1[one].tolist(), month.key2[one].tolist()
        keys = [(month.names1[first], month.names2[second]) for first, second in zip(firsts, seconds, strict=True)]
        tables, order_of = _placed(tuple(keys))
        cells = month.value[np.stack([found for _, found in its])][:, order_of]
        yield Days(tables, np.array([day for day, _ in its], np.int64), cells, variance)


@lru_cache(maxsize=16)
def _placed(keys: tuple[Key, ...]) -> tuple[Tables, Ints]:
    """The tables that some keys are of, and at which place of these keys each of theirs is."""
    lists: dict[str, set[str]] = {}
    for names, values in keys:
        for name, value in zip(names_in(names), values_in(values), strict=True):
            lists.setdefault(name, set()).add(value)
    ordered = sorted(lists, key=list(LISTS).index)
    tables = Tables(tuple((name, tuple(sorted(lists[name]))) for name in ordered), len(names_in(keys[0][0])))
    places: dict[Key, int] = {key: place for place, key in enumerate(keys)}
    return tables, np.array([places[key] for key in tables.keys()], np.int64)  # noqa: SIM118
