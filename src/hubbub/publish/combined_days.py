"""The released tables of combinations, day by day, as arrays."""

from collections.abc import Iterator, Sequence
from datetime import date
from functools import lru_cache

import numpy as np
from msgspec import Struct

from hubbub.core.combinations import LISTS, Key, Tables, names_in, values_in
from hubbub.core.keys import Measure
from hubbub.publish.marts import Marts
from hubbub.publish.scan import Presence
from hubbub.publish.shelf import Floats, Ints, MonthCells, day_number

MEASURE = Measure.COMBINATIONS.value


class Days(Struct, frozen=True):
    """Some days of one site whose tables are the same, with the same noise.

    days      days since 1970
    cells     float[days, tables.cells], in the order of `tables.keys`
    variance  of the noise on each cell
    """

    tables: Tables
    days: Ints
    cells: Floats
    variance: float


class Found(Struct, frozen=True):
    """All that is released of one site in a period."""

    groups: tuple[Days, ...]
    presences: tuple[Presence, ...]
    trial: bool


def read_days(marts: Marts, site: str, first: date, last: date) -> Found:
    """The tables of a site's days, by month and within it by what is told apart and how noisy it is."""
    groups: list[Days] = []
    presences: list[Presence] = []
    trial = False
    for _, month in marts.cells(site, (MEASURE,), first, last):
        trial = trial or month.trial
        presences += [
            Presence(site, MEASURE, day, hour, gap) for day, hour, gap in month.presences if first <= day <= last
        ]
        groups += _of_month(month, day_number(first), day_number(last))
    return Found(tuple(groups), tuple(presences), trial)


def _of_month(month: MonthCells, first: int, last: int) -> Iterator[Days]:
    chosen = np.flatnonzero((month.day >= first) & (month.day <= last))
    if not chosen.size:
        return
    pairs = month.key1.astype(np.int64) * len(month.names2) + month.key2
    order = chosen[np.argsort(month.day[chosen], kind="stable")]  # within a day as the file has them: by key
    days, starts = np.unique(month.day[order], return_index=True)
    alike: dict[tuple[float, bytes], list[tuple[int, Ints]]] = {}
    for day, places in zip(days.tolist(), np.split(order, starts[1:]), strict=True):
        name = float(month.variance[places[0]]), pairs[places].tobytes()
        alike.setdefault(name, []).append((day, places))
    for (variance, _), its in alike.items():
        keys = [(month.names1[month.key1[place]], month.names2[month.key2[place]]) for place in its[0][1].tolist()]
        tables, places = _placed(tuple(keys))
        cells = np.empty((len(its), tables.cells))
        for row, (_, found) in enumerate(its):
            cells[row, places] = month.value[found]
        yield Days(tables, np.array([day for day, _ in its], np.int64), cells, variance)


@lru_cache(maxsize=64)
def _placed(keys: tuple[Key, ...]) -> tuple[Tables, Ints]:
    """The tables that some keys are of, and the place of each among theirs."""
    lists: dict[str, set[str]] = {}
    for names, values in keys:
        for name, value in zip(names_in(names), values_in(values), strict=True):
            lists.setdefault(name, set()).add(value)
    ordered: Sequence[str] = sorted(lists, key=list(LISTS).index)
    tables = Tables(tuple((name, tuple(sorted(lists[name]))) for name in ordered), len(names_in(keys[0][0])))
    places = {key: place for place, key in enumerate(tables.keys())}
    return tables, np.array([places[key] for key in keys], np.int64)
