"""Cells of tied measures made consistent day by day, and summed like any others."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from hubbub.publish.consistency import ROOT, Floats, Forest, adjust, nonnegative
from hubbub.publish.intervals import Estimate, Total, estimate, total_of
from hubbub.publish.marts import Marts
from hubbub.publish.query import AnswerRow, Reading
from hubbub.publish.rows import Place
from hubbub.publish.scan import EVERYTHING, CellSum, Group, buckets_of
from hubbub.publish.shelf import WHOLE_DAY, Ints, MonthCells, day_at, day_number
from hubbub.publish.tied import PARTITIONS, TOTAL


class AdjustedSums(Struct, frozen=True):
    """Consistent sums of the measure that is asked for.

    sums      as of a scan, with adjusted values and variances
    whole     what all of them add up to; None where there are none
    released  variance of the released cells in each sum, by which negative ones are set right
    """

    sums: tuple[CellSum, ...]
    whole: Estimate | None
    released: dict[Group, float]


class _Tree:
    """The nodes of one source's days, int[n] and float[n]. A day's total is a root, cells of its partitions are leaves.

    A day whose total was lost has a root without a cell. `asked` are the places of the nodes of the measure that is
    asked for, `keys` what each is of: places in `names`.
    """

    def __init__(self, cells: Iterable[tuple[str, MonthCells]], asked: str, reading: Reading) -> None:
        self.first = day_number(reading.query.first)
        self.size = day_number(reading.query.last) - self.first + 1
        self._asked = asked
        self._names: dict[str, int] = {}
        self._parts: list[tuple[Ints, int, Floats, Floats]] = []  # parents, partition, values, variances
        self._found: list[tuple[Ints, Ints]] = [(np.zeros(0, np.int64), np.zeros(0, np.int64))]  # asked, keys
        self.values, self.variances = np.zeros(self.size), np.full(self.size, np.inf)
        for measure, month in cells:
            if measure == TOTAL:
                self._add_total(month)
            else:
                number = next(number for number, one in enumerate(PARTITIONS) if one.measure == measure)
                self._add_partition(number, month)
        self.parents = np.concatenate([np.full(self.size, ROOT, np.int64), *(part[0] for part in self._parts)])
        self.partitions = np.concatenate(
            [np.zeros(self.size, np.int64), *(np.full(len(part[0]), part[1], np.int64) for part in self._parts)]
        )
        self.values = np.concatenate([self.values, *(part[2] for part in self._parts)])
        self.variances = np.concatenate([self.variances, *(part[3] for part in self._parts)])
        self.asked, self.keys = (np.concatenate(column) for column in zip(*self._found, strict=True))
        self.tops = np.where(self.parents == ROOT, np.arange(len(self.parents)), self.parents)
        self.names = tuple(self._names)

    def _add_total(self, month: MonthCells) -> None:
        chosen = self._chosen(month)
        roots = month.day[chosen].astype(np.int64) - self.first
        self.values[roots], self.variances[roots] = month.value[chosen], month.variance[chosen]
        if self._asked == TOTAL:
            self._tell(roots, np.zeros(len(roots), np.int64), ("",))

    def _add_partition(self, number: int, month: MonthCells) -> None:
        spec = PARTITIONS[number]
        chosen = self._chosen(month)
        if spec.first_key:
            wanted = np.array([name == spec.first_key for name in month.names1], np.bool_)
            chosen = chosen[wanted[month.key1[chosen]]]
        begin = self.size + sum(len(part[0]) for part in self._parts)
        parents = month.day[chosen].astype(np.int64) - self.first
        self._parts.append((parents, number, month.value[chosen], month.variance[chosen]))
        if self._asked == spec.measure:
            codes, names = (month.key1, month.names1) if spec.key == 1 else (month.key2, month.names2)
            self._tell(np.arange(begin, begin + len(chosen)), codes[chosen].astype(np.int64), names)

    def _chosen(self, month: MonthCells) -> Ints:
        day = month.day.astype(np.int64) - self.first
        return np.flatnonzero((day >= 0) & (day < self.size) & (month.hour == WHOLE_DAY))

    def _tell(self, places: Ints, codes: Ints, names: tuple[str, ...]) -> None:
        own = np.array([self._names.setdefault(name, len(self._names)) for name in names], np.int64)
        self._found.append((places, own[codes]))


def adjusted_sums(marts: Marts, reading: Reading) -> AdjustedSums:
    """Consistent sums of what the query asks. Only cells that were released are told, however well others say them."""
    found: list[CellSum] = []
    wholes: list[Total] = []
    released: dict[Group, float] = {}
    measure = reading.answers[0].measures[0].value
    measures = [TOTAL.value, *(one.measure.value for one in PARTITIONS)]
    for source in reading.query.sites:
        tree = _Tree(marts.cells(source, measures, reading.query.first, reading.query.last), measure, reading)
        if not len(tree.asked):
            continue
        best = adjust(Forest(tree.parents, tree.partitions), tree.values, tree.variances)
        tops = tree.tops[tree.asked]
        buckets, starts = _coded(buckets_of(tops + tree.first, reading))
        codes = buckets * len(tree.names) + tree.keys
        size = len(starts) * len(tree.names)
        columns = (best.values[tree.asked], best.variances[tree.asked], tree.variances[tree.asked])
        values, variances, raw = (np.bincount(codes, column, size) for column in columns)
        days = np.bincount(codes, minlength=size)
        for code in np.flatnonzero(days).tolist():
            bucket, key = starts[code // len(tree.names)], tree.names[code % len(tree.names)]
            group = Group(source, measure, bucket, None, key, "")
            found.append(CellSum(group, Total(float(values[code]), float(variances[code])), int(days[code])))
            released[group] = float(raw[code])
        wholes += [Total(float(best.values[top]), float(best.variances[top])) for top in np.unique(tops).tolist()]
    return AdjustedSums(tuple(found), estimate(total_of(wholes)) if wholes else None, released)


def with_nonnegative(rows: Mapping[Place, AnswerRow], released: Mapping[Place, float]) -> dict[Place, AnswerRow]:
    """Each row with the number of at least zero to be displayed; those of one site and time keep their sum."""
    together: dict[Place, list[Place]] = defaultdict(list)
    for place in rows:
        together[replace(place, key="")].append(place)
    found = dict(rows)
    for places in together.values():
        told = [(place, value) for place in places if (value := rows[place].values[0]) is not None]
        values = [value.value for _, value in told]
        shown = nonnegative(values, [released[place] for place, _ in told], sum(values)).tolist()
        for (place, value), least in zip(told, shown, strict=True):
            found[place] = replace(rows[place], values=(replace(value, nonnegative=least),))
    return found


def _coded(buckets: Ints) -> tuple[Ints, list[date | None]]:
    starts, codes = np.unique(buckets, return_inverse=True)
    return codes, [None if start == EVERYTHING else day_at(start) for start in starts.tolist()]
