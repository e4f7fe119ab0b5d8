"""The series of all sources, from their marts: one row a series, one column a day, all scanned together."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from hubbub.core.days import bounds
from hubbub.core.settings import Settings
from hubbub.core.tables import HOUR, Table
from hubbub.insight.series import SeriesName
from hubbub.publish.catalogue import answering
from hubbub.publish.kalman import Flags, Floats, Ints
from hubbub.publish.marts import Marts
from hubbub.publish.shelf import WHOLE_DAY, Small, day_at, day_number
from hubbub.publish.table_shelf import Definition, TableCells

SCANNED = {
    "visitors": (
        "", "hour", "page", "channel", "referrer", "campaign", "country", "device", "language", "topic", "event",
        "goal", "term",
    ),
    "pageviews": ("",),
}  # fmt: skip
SHARES = ("channel", "device", "country", "language", "topic")  # whose parts may gain from each other
COUNTED = ("units", "count")  # kinds of declared measures that are scanned
CITY = ""  # the source of what is all sites together
HOURS = 24
LONGEST_DAYS = 800
LIKE_DAYS, LEAST_DAYS, LEAST_PART = 28, 14, 0.1  # days that tell a share, how many at the least, and which share
LEAST_WHOLE, SURE = 100.0, 10.0  # with fewer a day, or fewer standard errors, a share of the whole says little


class Series(Struct, frozen=True):
    """Series by day.

    first       of the days
    values      float[n, d], NaN where there is no cell; `variances` of the noise
    dispersion  float[n, d]: of a count of its own accord, variance over mean
    parents     int[n]: the series that each is a part of, −1 where it is of none; of a share the part itself
    is_share    bool[n]: the name stands once more, as a share of its whole
    wholes      float[n]: of a share, what a value of one whole is; else 1
    begins      int[n]: the column in which the source has its first cell
    """

    names: tuple[SeriesName, ...]
    first: date
    values: Floats
    variances: Floats
    dispersion: Floats
    parents: Ints
    is_share: Flags
    wholes: Floats
    begins: Ints

    def days(self) -> list[date]:
        """The days of the columns."""
        return [self.first + timedelta(place) for place in range(self.values.shape[1])]


class _Rows:
    """Rows that are being gathered; cells of one day and name add up."""

    def __init__(self, first: date, days: int) -> None:
        self.first, self._days = day_number(first), days
        self._places: dict[SeriesName, int] = {}
        self._values: list[Floats] = []
        self._variances: list[Floats] = []

    def row(self, name: SeriesName) -> int:
        """The row of a name, made at its first use."""
        place = self._places.setdefault(name, len(self._values))
        if place == len(self._values):
            self._values.append(np.full(self._days, np.nan))
            self._variances.append(np.zeros(self._days))
        return place

    def add(self, names: Sequence[SeriesName], codes: Ints, days: Ints, values: Floats, variances: Floats) -> None:
        """Add cells: the name of each by its place among `names`, its day since 1970, value and variance."""
        order = np.argsort(codes, kind="stable")
        bounds = np.searchsorted(codes[order], np.arange(len(names) + 1))
        for place, name in enumerate(names):
            mine = order[bounds[place] : bounds[place + 1]]
            if not len(mine):
                continue
            row, at = self.row(name), days[mine] - self.first
            sums = np.bincount(at, values[mine], self._days)
            there = np.bincount(at, minlength=self._days) > 0
            value = self._values[row]
            value[there] = np.nan_to_num(value[there]) + sums[there]
            self._variances[row] += np.bincount(at, variances[mine], self._days)

    def sum_of(self, name: SeriesName, parts: Iterable[SeriesName]) -> None:
        """A series of several added up, on the days that have all of those that have begun."""
        rows = [self._places[part] for part in parts if part in self._places]
        if not rows:
            return
        values = np.array([self._values[row] for row in rows])
        begun = np.isfinite(values).cumsum(axis=1) > 0
        whole = (np.isfinite(values) | ~begun).all(axis=0) & begun.any(axis=0)
        row = self.row(name)
        self._values[row][:] = np.where(whole, np.nan_to_num(values).sum(axis=0), np.nan)
        self._variances[row][:] = np.sum([self._variances[one] for one in rows], axis=0)

    def foretell(self, name: SeriesName) -> None:
        """The running day of a series, from those of its hours that are released: their sum by the share that the same
        hours had of the last days, with the variance of both. So an outage shows while it lasts.
        """
        places = [self._places.get(replace(name, hour=hour), -1) for hour in range(HOURS)]
        hours = [place for place in places if place >= 0 and np.isfinite(self._values[place][-1])]
        row = self._places.get(name, -1)
        if row < 0 or not hours or np.isfinite(self._values[row][-1]):
            return
        cells = np.array([self._values[place] for place in hours])
        part = cells.sum(axis=0)[-1 - LIKE_DAYS : -1]
        whole = self._values[row][-1 - LIKE_DAYS : -1]
        shares = part[np.isfinite(part) & (whole > 0)] / whole[np.isfinite(part) & (whole > 0)]
        if len(shares) < LEAST_DAYS or (share := float(shares.mean())) < LEAST_PART:
            return
        value, spread = float(cells[:, -1].sum()) / share, float(shares.var(ddof=1)) / share**2
        noise = sum(float(self._variances[place][-1]) for place in hours) / share**2
        self._values[row][-1] = value
        self._variances[row][-1] = noise + spread * value**2

    def made(self) -> tuple[tuple[SeriesName, ...], Floats, Floats]:
        """Names, values and variances."""
        shape = (0, self._days)
        values = np.array(self._values) if self._values else np.zeros(shape)
        return tuple(self._places), values, np.array(self._variances) if self._variances else np.zeros(shape)


def gather(marts: Marts, settings: Settings, last: date) -> Series:
    """All series of a home, until the day `last`, `LONGEST_DAYS` at the most."""
    spans = {source.name: span for source in settings.sources if (span := marts.span(source.name))}
    earliest = min((span.first for span in spans.values()), default=last)
    first = max(earliest, last - timedelta(LONGEST_DAYS - 1))
    rows = _Rows(first, (last - first).days + 1)
    for site in settings.sites:
        _add_site(rows, marts, site.name, settings.zone_of(site.name), first, last)
        rows.foretell(SeriesName(site.name, "visitors"))
    if len(settings.sites) > 1:
        for metric in SCANNED:
            rows.sum_of(SeriesName(CITY, metric), [SeriesName(site.name, metric) for site in settings.sites])
    for table in settings.tables:
        _add_table(rows, marts, table, first, last)
    names, values, variances = rows.made()
    begun = {span_of: max(0, (span.first - first).days) for span_of, span in spans.items()}
    begins = np.array([begun.get(name.source, 0) for name in names], np.int64)
    places = {name: place for place, name in enumerate(names)}
    wholes = (_whole_of(name, settings) for name in names)
    parents = np.array([places.get(whole, -1) if whole else -1 for whole in wholes], np.int64)
    alone = (np.zeros(len(names), np.bool_), np.ones(len(names)))
    plain = Series(names, first, values, variances, np.ones_like(values), parents, *alone, begins)
    return _with_shares(plain)


def measures_of(name: SeriesName) -> tuple[str, ...]:
    """The measures of a plan whose cells a series is made of."""
    if name.metric not in SCANNED:
        return (name.metric,)
    dimension = name.where[0][0] if name.where else "hour" if name.hour is not None else ""
    return tuple(measure.value for measure in answering(name.metric, dimension).measures)


def _add_site(rows: _Rows, marts: Marts, site: str, zone: str, first: date, last: date) -> None:
    asked: dict[str, list[tuple[str, str, int]]] = defaultdict(list)
    for metric, dimensions in SCANNED.items():
        for dimension in dimensions:
            answer = answering(metric, dimension)
            for measure in answer.measures:
                asked[measure.value].append((metric, dimension, answer.key))
    for name, month in marts.cells(site, sorted(asked), first, last):
        inside = (month.day >= day_number(first)) & (month.day <= day_number(last))
        for metric, dimension, key in asked[name]:
            if dimension == "hour":
                mine = np.flatnonzero(inside & (month.hour != WHOLE_DAY) & _is_even(month.day, zone))
                names = [SeriesName(site, metric, hour=hour) for hour in range(24)]
                codes = month.hour[mine].astype(np.int64)
            else:
                mine = np.flatnonzero(inside & (month.hour == WHOLE_DAY))
                none = np.zeros_like(month.key1)
                keys, texts = ((none, ("",)), (month.key1, month.names1), (month.key2, month.names2))[key]
                names = [SeriesName(site, metric, ((dimension, text),) if key else ()) for text in texts]
                codes = keys[mine].astype(np.int64)
            rows.add(names, codes, month.day[mine].astype(np.int64), month.value[mine], month.variance[mine])


def _is_even(days: Small, zone: str) -> Flags:
    """Which days have 24 hours: on the others a slot is not the hour that it is else."""
    present, places = np.unique(days, return_inverse=True)
    return np.array([bounds(day_at(day), zone).hours == HOURS for day in present.tolist()], np.bool_)[places]


def _add_table(rows: _Rows, marts: Marts, table: Table, first: date, last: date) -> None:
    for measure, declared in table.measures.items():
        if declared.kind not in COUNTED:
            continue
        months = marts.table_cells(table.name, measure, first, last)
        latest = _meaning(months[-1].parts[-1].definition) if months and months[-1].parts else None
        for month in months:
            for part in month.parts:
                if _meaning(part.definition) != latest:
                    continue  # measured otherwise then
                inside = np.flatnonzero((part.day >= day_number(first)) & (part.day <= day_number(last)))
                days, values = part.day[inside].astype(np.int64), part.value[inside]
                told = [place for place, name in enumerate(part.definition.dimensions) if name != HOUR]
                names, codes = _keyed(table.name, measure, part, told, inside)
                rows.add(names, codes, days, values, part.variance[inside])
                if told and declared.kind == "count":
                    nothing = np.zeros(len(inside), np.int64)
                    rows.add([SeriesName(table.name, measure)], nothing, days, values, part.variance[inside])


def _meaning(definition: Definition) -> Definition:
    """What a measure's cells tell; how much of a unit counts may follow the days before."""
    return replace(definition, bound=0)


def _keyed(
    source: str, metric: str, part: TableCells, told: Sequence[int], inside: Ints
) -> tuple[list[SeriesName], Ints]:
    """The names that cells have by their keys, and the place of each cell's name among them."""
    codes = np.zeros(len(inside), np.int64)
    for place in told:
        codes = codes * max(len(part.names[place]), 1) + part.keys[place][inside]
    present, places = np.unique(codes, return_inverse=True)
    names = []
    for code in present.tolist():
        where = []
        for place in reversed(told):
            code, at = divmod(code, max(len(part.names[place]), 1))
            where.append((part.definition.dimensions[place], part.names[place][at]))
        names.append(SeriesName(source, metric, tuple(sorted(where))))
    return names, np.asarray(places, np.int64)


def _whole_of(name: SeriesName, settings: Settings) -> SeriesName | None:
    """What this is a part of: of a key or an hour its source's, of a site's the city's; None: of nothing."""
    if not name.is_whole:
        return SeriesName(name.source, name.metric)
    return SeriesName(CITY, name.metric) if settings.site(name.source) else None


def _with_shares(series: Series) -> Series:
    """Once more those whose parts gain from each other, as what they would be were their whole constant.

    A part x of a whole w is x/w of it, with variance (v_x + (x/w)² v_w)/w² of the noise, and of its own accord as much
    as a share of w drawn by chance: its variance over its mean is 1/w.
    """
    told = [
        place
        for place, name in enumerate(series.names)
        if series.parents[place] >= 0 and name.where and (name.where[0][0] in SHARES or name.metric not in SCANNED)
    ]
    if not told:
        return series
    part, whole = np.array(told, np.int64), series.parents[told]
    top, bottom, noise = series.values[part], series.values[whole], series.variances[whole]
    large = np.isfinite(bottom) & (bottom >= LEAST_WHOLE) & (bottom >= SURE * np.sqrt(noise))
    safe = np.where(large, bottom, 1.0)
    usual = np.where(large, bottom, 0.0).sum(axis=1) / np.maximum(large.sum(axis=1), 1)
    share = np.where(large, top / safe, np.nan)
    spread = (series.variances[part] + np.nan_to_num(share) ** 2 * noise) / safe**2
    return Series(
        series.names + tuple(series.names[place] for place in told),
        series.first,
        np.concatenate((series.values, share * usual[:, None])),
        np.concatenate((series.variances, spread * usual[:, None] ** 2)),
        np.concatenate((series.dispersion, usual[:, None] / safe)),
        np.concatenate((series.parents, part)),
        np.concatenate((series.is_share, np.ones(len(told), np.bool_))),
        np.concatenate((series.wholes, usual)),
        np.concatenate((series.begins, series.begins[part])),
    )
