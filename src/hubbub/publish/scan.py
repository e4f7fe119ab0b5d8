"""Reading the cells that answer a checked query, and summing them by what the query tells apart."""

from collections import defaultdict
from datetime import date, timedelta

import numpy as np
from msgspec import Struct

from hubbub.publish.intervals import FirstRelease, Total
from hubbub.publish.marts import Marts
from hubbub.publish.query import Reading
from hubbub.publish.shelf import WHOLE_DAY, Ints, MonthCells, day_at, day_number

BINNED = ("bounce_rate", "visit_duration")
DAY_BY_DAY = ("views_per_visitor",)
EVERYTHING = 0


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
    bin     bin of the visits' histogram, when the metric needs it
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
    measures = sorted({measure.value for answer in reading.answers for measure in answer.measures})
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
    chosen = _chosen(month, reading)
    if not chosen.size:
        return
    buckets = _buckets(month.day[chosen], reading)
    keys, key_names = _keys(month, reading, chosen) if reading.is_grouped else _nothing(chosen)
    binned = any(metric in BINNED for metric in reading.query.metrics) and measure == "visits"
    bins, bin_names = (month.key2[chosen], month.names2) if binned else _nothing(chosen)
    hours = month.hour[chosen] if "hour" in reading.times else np.full_like(chosen, WHOLE_DAY)
    columns = np.stack([buckets, hours, keys, bins])
    codes, groups = _grouped(columns)
    width = groups.shape[1]
    values = np.bincount(codes, month.value[chosen], width).tolist()
    variances = np.bincount(codes, month.variance[chosen], width).tolist()
    days = np.bincount(np.unique(codes * 100_000 + month.day[chosen]) // 100_000, minlength=width).tolist()
    found = []
    for place, (bucket, hour, key, bin_) in enumerate(groups.T.tolist()):
        group = Group(
            source,
            measure,
            None if bucket == EVERYTHING else day_at(bucket),
            None if hour == WHOLE_DAY else hour,
            key_names[key],
            bin_names[bin_],
        )
        part = parts[group]
        part.value += values[place]
        part.variance += variances[place]
        part.days += days[place]
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


def _chosen(month: MonthCells, reading: Reading) -> Ints:
    """Places of the cells that the query asks for."""
    query = reading.query
    mask = (month.day >= day_number(query.first)) & (month.day <= day_number(query.last))
    if query.filters:
        codes, names = (month.key2, month.names2) if reading.answers[0].key == 2 else (month.key1, month.names1)
        wanted = set.intersection(*(set(one.values) for one in query.filters))
        mask &= np.isin(codes, [place for place, name in enumerate(names) if name in wanted])
    return np.flatnonzero(mask)


def _keys(month: MonthCells, reading: Reading, chosen: Ints) -> tuple[Ints, tuple[str, ...]]:
    if reading.answers[0].key == 2:
        return month.key2[chosen], month.names2
    return month.key1[chosen], month.names1


def _nothing(chosen: Ints) -> tuple[Ints, tuple[str, ...]]:
    """A key that is not asked for: the same for all."""
    return np.zeros_like(chosen), ("",)


def _buckets(days: Ints, reading: Reading) -> Ints:
    """First day of each day's bucket; single days where sums need them."""
    if "hour" in reading.times or "day" in reading.times or any(m in DAY_BY_DAY for m in reading.query.metrics):
        return days
    if not reading.times:
        return np.zeros_like(days)
    starts, places = np.unique(days, return_inverse=True)
    firsts = [day_number(_bucket_start(day_at(day), reading.times[0])) for day in starts.tolist()]
    return np.array(firsts, np.int64)[places]


def _bucket_start(day: date, bucket: str) -> date:
    return day.replace(day=1) if bucket == "month" else day - timedelta(days=day.weekday())


def _grouped(columns: Ints) -> tuple[Ints, Ints]:
    """The place of each cell's group, and the groups as columns."""
    codes = np.zeros(columns.shape[1], np.int64)
    for row in columns:
        low = row.min()
        codes = codes * (row.max() - low + 1) + (row - low)
    _, firsts, places = np.unique(codes, return_index=True, return_inverse=True)
    return places, columns[:, firsts]
