"""Rows of a series by day, each day estimated in the light of the others."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from hubbub.publish.catalogue import METRICS, SITE, dimension_of
from hubbub.publish.intervals import Total, estimate
from hubbub.publish.kalman import Floats
from hubbub.publish.query import LONGEST, AnswerRow, Query, Reading
from hubbub.publish.smoothing import smoothed

PAST = timedelta(days=182)  # what a series is judged by before the period that is asked for


def with_past(query: Query) -> Query:
    """The released numbers that the smoothed ones of a query rest on."""
    longest = min(PAST, query.first - date.min, max(timedelta(0), LONGEST - (query.last - query.first)))
    return replace(query, estimate="raw", first=query.first - longest)


def smooth_rows(reading: Reading, rows: Sequence[AnswerRow]) -> list[AnswerRow]:
    """The period's rows, smoothed, from the released rows of `with_past`.

    A day of which nothing was released stays without a value. The first release of a new key, which is only seen
    because it is high, and a day on which some of the sites that are added are missing, are told by other days alone.
    """
    query = reading.query
    by_day = next(place for place, asked in enumerate(query.dimensions) if dimension_of(asked) == "day")
    start = with_past(query).first
    series: dict[tuple[str, ...], int] = {}
    places = {}
    for row in rows:
        if row.values[0] is not None:
            rest = row.dimensions[:by_day] + row.dimensions[by_day + 1 :]
            day = date.fromisoformat(row.dimensions[by_day]) - start
            places[row.dimensions] = series.setdefault(rest, len(series)), day.days
    table = _table({place: row for row in rows if (place := places.get(row.dimensions))}, len(series))
    found: dict[tuple[str, ...], Total] = {}
    if len(table.values):
        is_count = METRICS[query.metrics[0]].unit == "count"
        weekday = (start + timedelta(days=table.begin)).weekday()
        best = smoothed(
            table.values,
            table.variances,
            weekday=weekday,
            together=reading.is_grouped and SITE not in query.dimensions,
            dispersion=1.0 if is_count else 0.0,
        )
        for name, (line, column) in places.items():
            here = line, column - table.begin
            if here[1] >= 0 and np.isfinite(best.variance[here]):
                found[name] = Total(float(best.estimate[here]), float(best.variance[here]))
    return [
        replace(row, values=(estimate(found[row.dimensions]) if row.dimensions in found else None,))
        for row in rows
        if date.fromisoformat(row.dimensions[by_day]) >= query.first
    ]


class _Table(Struct, frozen=True):
    """Series by day, float[n, d], from the first day on that any of them can be judged by."""

    values: Floats
    variances: Floats
    begin: int


def _table(rows: Mapping[tuple[int, int], AnswerRow], series: int) -> _Table:
    """The table of the rows at (series, day); of no rows where nothing is to be learnt from any."""
    most = [0] * series  # how many sites are added in a series when none is missing
    for (line, _), row in rows.items():
        most[line] = max(most[line], row.days)
    used = {
        place: value
        for place, row in rows.items()
        if (value := row.values[0]) is not None and not row.is_new and row.days == most[place[0]]
    }
    begin, end = min((day for _, day in used), default=0), max((day for _, day in rows), default=-1)
    values = np.full((series if used else 0, end + 1 - begin), np.nan)
    variances = np.full_like(values, np.inf)
    for (line, day), value in used.items():
        values[line, day - begin], variances[line, day - begin] = value.value, value.stderr**2
    return _Table(values, variances, begin)
