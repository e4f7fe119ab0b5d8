"""Reading the cells that answer a checked query, summed by the engine, in one pass over the month files."""

from datetime import date
from importlib.resources import files
from typing import Any

import duckdb
from msgspec import Struct

from hubbub.core.keys import Measure
from hubbub.publish.intervals import FirstRelease, Total
from hubbub.publish.marts import Marts
from hubbub.publish.query import Reading

CELLS = files("hubbub.publish").joinpath("cells.sql").read_text()
MEASURES_A_SCAN = 4
BINNED = ("bounce_rate", "visit_duration")
ATTEMPTS = 5


class Presence(Struct, frozen=True):
    """A day, or an hour slot of it, for which a measure has cells (gap "") or a gap."""

    source: str
    measure: str
    day: date
    hour: int | None
    gap: str


class CellSum(Struct, frozen=True):
    """Cells of one measure added up.

    bucket  first day of the day, week or month they are of; None: of the whole period
    bin     bin of the visits' histogram, when it was asked for
    days    how many days they are of
    """

    source: str
    measure: str
    bucket: date | None
    hour: int | None
    key: str
    bin: str
    total: Total
    days: int


class Scan(Struct, frozen=True):
    """All that a pass over the files gave."""

    presences: tuple[Presence, ...]
    sums: tuple[CellSum, ...]
    trial: bool


def bucket_of(reading: Reading) -> str:
    """The finest time at which cells must be kept apart: sums over days of unequal cover need single days."""
    if "hour" in reading.times or "views_per_visitor" in reading.query.metrics:
        return "day"
    return reading.times[0] if reading.times else ""


def scan(marts: Marts, reading: Reading) -> Scan:
    """Read and sum the cells. A file that was replaced meanwhile is looked up anew."""
    query = reading.query
    measures = sorted({measure.value for answer in reading.answers for measure in answer.measures})
    if len(measures) > MEASURES_A_SCAN:
        raise ValueError(f"a query of {len(measures)} measures; at most {MEASURES_A_SCAN} are read at once")
    padded = measures + measures[-1:] * (MEASURES_A_SCAN - len(measures))
    parameters: dict[str, object] = {
        "bucket": bucket_of(reading),
        "key": reading.answers[0].key,
        "grouped": reading.is_grouped,
        "filtered": bool(query.filters),
        "wanted": sorted(set.intersection(*(set(one.values) for one in query.filters))) if query.filters else [""],
        "binned": any(metric in BINNED for metric in query.metrics),
        "first": query.first,
        "last": query.last,
        **{f"measure{i + 1}": measure for i, measure in enumerate(padded)},
    }
    for attempt in range(ATTEMPTS):
        paths = [path for site in query.sites for path in marts.files(site, query.first, query.last)]
        if not paths:
            break
        try:
            return _read(marts, {**parameters, "files": paths})
        except duckdb.IOException:
            if attempt == ATTEMPTS - 1:
                raise
    return Scan((), (), trial=False)


def _read(marts: Marts, parameters: dict[str, object]) -> Scan:
    with marts.cursor() as cursor:
        rows: list[tuple[Any, ...]] = cursor.execute(CELLS, parameters).fetchall()
    presences, sums = [], []
    trial = False
    for summed, source, measure, bucket, day, hour, key, bin_, gap, value, variance, days, news, is_trial in rows:
        trial = trial or is_trial
        if not summed:
            presences.append(Presence(source, measure, day, hour, gap))
            continue
        first_releases = tuple(FirstRelease(**one) for one in news or ())
        total = Total(value, variance, first_releases)
        sums.append(CellSum(source, measure, bucket, hour, key, bin_, total, days))
    return Scan(tuple(presences), tuple(sums), trial)


def is_hourly(measure: str) -> bool:
    """Whether the measure's cells are of hours."""
    return measure in (Measure.VISITORS_HOUR, Measure.PAGEVIEWS_HOUR)
