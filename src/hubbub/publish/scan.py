"""Reading the cells that answer a checked query, and summing them by what the query tells apart."""

from collections import defaultdict
from datetime import date, timedelta
from typing import Any

import numpy as np
from msgspec import Struct

from hubbub.core.keys import Measure
from hubbub.publish.intervals import FirstRelease, Total
from hubbub.publish.marts import Marts
from hubbub.publish.query import Reading
from hubbub.publish.shelf import WHOLE_DAY, Ints, MonthCells, Small, day_at, day_number
from hubbub.publish.tables import KEYS_OF

EVERYTHING = 0
DAYS_APART = 1_000_000


class Presence(Struct, frozen=True):
    """A day, or an hour slot of it, for which a measure has cells (gap "") or a gap."""

    source: str
    measure: str
    day: date
    hour: int | None
    gap: str


class Group(Struct, frozen=True):
    """What cells that are added up have in common.

    bucket  first day of the day, week or month they are of; None: the whole period
    bin     bin of a histogram, when the metric needs it
    """

    source: str
    measure: str
    bucket: date | None
    hour: int | None
    key: str
    bin: str


class CellSum(Struct, frozen=True):
    """Cells of one group added up; `days` is how many days they are of."""

    group: Group
    total: Total
    days: int


class Scan(Struct, frozen=True):
    """All that was found."""

    presences: tuple[Presence, ...]
    sums: tuple[CellSum, ...]
    trial: bool


class _Part(Struct):
    """Sums of a group so far."""

    value: float = 0.0
    variance: float = 0.0
    days: int = 0
    first_releases: tuple[FirstRelease, ...] = ()


def scan(marts: Marts, reading: Reading) -> Scan:
    """Read and sum the cells of a query."""
    query = reading.query
    measures = sorted({measure.value for answer in reading.answers for measure in answer.read})
    presences: list[Presence] = []
    parts: dict[Group, _Part] = defaultdict(_Part)
    trial = False
    for source in query.sites:
        for measure, month in marts.cells(source, measures, query.first, query.last):
            trial = trial or month.trial
            presences += [
                Presence(source, measure, day, hour, gap)
                for day, hour, gap in month.presences
                if query.first <= day <= query.last
            ]
            _add(parts, source, measure, month, reading)
    sums = (
        CellSum(group, Total(part.value, part.variance, part.first_releases), part.days)
        for group, part in parts.items()
    )
    return Scan(tuple(presences), tuple(sums), trial)


def _add(parts: dict[Group, _Part], source: str, measure: str, month: MonthCells, reading: Reading) -> None:
    """Add a month's cells to the sums of their groups."""
    chosen = _chosen(measure, month, reading)
    if not chosen.size:
        return
    buckets = buckets_of(month.day[chosen], reading)
    place = reading.answers[0].key if reading.is_grouped and KEYS_OF[Measure(measure)] else 0
    bin_place = max(answer.bin if measure in answer.measures else 0 for answer in reading.answers)
    all_keys = {0: None, 1: month.key1, 2: month.key2}
    names = {0: ("",), 1: month.names1, 2: month.names2}
    columns: list[Any] = [
        buckets,
        month.hour[chosen] if "hour" in reading.times else None,
        *(None if keys is None else keys[chosen] for keys in (all_keys[place], all_keys[bin_place])),
    ]
    codes, groups = _grouped([column for column in columns if column is not None], chosen.size)
    named = iter(groups)
    bucket_of, hour_of, key_of, bin_of = (None if column is None else next(named) for column in columns)
    width = len(groups[0])
    values = np.bincount(codes, month.value[chosen], width).tolist()
    variances = np.bincount(codes, month.variance[chosen], width).tolist()
    drops_keys = any(each not in (place, bin_place) and len(names[each]) > 1 for each in (1, 2))
    by_day = np.unique(codes * DAYS_APART + month.day[chosen]) // DAYS_APART if drops_keys else codes
    days = np.bincount(by_day, minlength=width).tolist()
    found = []
    for i in range(width):
        part = parts[
            Group(
                source,
                measure,
                None if bucket_of is None or bucket_of[i] == EVERYTHING else day_at(bucket_of[i]),
                None if hour_of is None or hour_of[i] == WHOLE_DAY else hour_of[i],
                names[place][key_of[i]] if key_of is not None else "",
                names[bin_place][bin_of[i]] if bin_of is not None else "",
            )
        ]
        part.value += values[i]
        part.variance += variances[i]
        part.days += days[i]
        found.append(part)
    _add_news(found, codes, month, chosen)


def _add_news(found: list[_Part], codes: Ints, month: MonthCells, chosen: Ints) -> None:
    """Note the single cells that are first releases with their groups."""
    if not month.news.size:
        return
    place_of = {cell: place for place, cell in enumerate(chosen.tolist())}
    for cell, threshold in zip(month.news.tolist(), month.thresholds.tolist(), strict=True):
        if cell in place_of:
            part = found[codes[place_of[cell]]]
            release = FirstRelease(int(month.value[cell]), float(month.variance[cell]), threshold)
            part.first_releases = (*part.first_releases, release)


def _chosen(measure: str, month: MonthCells, reading: Reading) -> Ints:
    """Places of the cells that the query asks for; a filter does not touch what has no keys."""
    query = reading.query
    mask = (month.day >= day_number(query.first)) & (month.day <= day_number(query.last))
    if KEYS_OF[Measure(measure)]:
        for one, key in zip(query.filters, reading.filter_keys, strict=True):
            codes, names = (month.key2, month.names2) if key == 2 else (month.key1, month.names1)
            mask &= np.isin(codes, [place for place, name in enumerate(names) if name in one.values])
    return np.flatnonzero(mask)


def buckets_of(days: Small | Ints, reading: Reading) -> Ints:
    """First day of each day's bucket; single days where sums need them."""
    if "hour" in reading.times or "day" in reading.times or any(answer.of for answer in reading.answers):
        return days.astype(np.int64)
    if not reading.times:
        return np.zeros(len(days), np.int64)
    starts, places = np.unique(days, return_inverse=True)
    firsts = [day_number(_bucket_start(day_at(day), reading.times[0])) for day in starts.tolist()]
    return np.array(firsts, np.int64)[places]


def _bucket_start(day: date, bucket: str) -> date:
    return day.replace(day=1) if bucket == "month" else day - timedelta(days=day.weekday())


def _grouped(columns: list[Any], cells: int) -> tuple[Ints, list[list[int]]]:
    """The place of each cell's group, and each column's value in every group."""
    codes = np.zeros(cells, np.int64)
    spans = []
    for column in columns:
        low, high = int(column.min()), int(column.max())
        spans.append((low, high - low + 1))
        codes = codes * (high - low + 1) + (column - low)
    present, places = np.unique(codes, return_inverse=True)
    groups = []
    for low, width in reversed(spans):
        groups.append((present % width + low).tolist())
        present = present // width
    return places, groups[::-1]
