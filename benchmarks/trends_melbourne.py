"""Melbourne's pedestrian counters, 2012 to 2014: the largest findings, with what happened on their days beside them.

    python benchmarks/trends_melbourne.py [--top 30] [--untold] [--write table.md]

The counts are open data without noise. With `--untold` the finder is not told of the public holidays. `EVENTS` are
public facts that were written down before any finding was looked at; what stands beside a finding is all of them and of
the public holidays from the day before it to the day after, and nothing where there is none. `RECOGNISED` was looked up
because of a finding: it stands in brackets and explains nothing in the figures.
"""

import argparse
import csv
import gzip
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
from trends_nab import DATA
from trends_ours import scan
from trends_scoring import Detection
from trends_world import Floats

from hubbub.insight.calendar import holidays_of

FIRST, LAST, REGION = date(2012, 1, 1), date(2014, 12, 31), "AU-VIC"
DAYS = (LAST - FIRST).days + 1
HOURS = 24
LEAST_HOURS = 23  # of a day, so that it is whole; an hour is missing when summer time begins
LEAST_DAYS = 200
SURE = 16.0
EVENTS: tuple[tuple[str, date, date], ...] = tuple(
    (name, date.fromisoformat(begin), date.fromisoformat(end or begin))
    for name, begin, end in (
        ("New Year's Eve", "2012-12-31", "2013-01-01"),
        ("New Year's Eve", "2013-12-31", "2014-01-01"),
        ("New Year's Eve", "2014-12-31", ""),
        ("Australian Open", "2012-01-16", "2012-01-29"),
        ("Australian Open", "2013-01-14", "2013-01-27"),
        ("Australian Open", "2014-01-13", "2014-01-26"),
        ("Lunar New Year", "2012-01-23", ""),
        ("Lunar New Year", "2013-02-10", ""),
        ("Lunar New Year", "2014-01-31", ""),
        ("White Night", "2013-02-23", "2013-02-24"),
        ("White Night", "2014-02-22", "2014-02-23"),
        ("Moomba", "2012-03-09", "2012-03-12"),
        ("Moomba", "2013-03-08", "2013-03-11"),
        ("Moomba", "2014-03-07", "2014-03-10"),
        ("Grand Prix", "2012-03-15", "2012-03-18"),
        ("Grand Prix", "2013-03-14", "2013-03-17"),
        ("Grand Prix", "2014-03-13", "2014-03-16"),
        ("Easter Sunday", "2012-04-08", ""),
        ("Easter Sunday", "2013-03-31", ""),
        ("Easter Sunday", "2014-04-20", ""),
        ("Open House Melbourne", "2012-07-28", "2012-07-29"),
        ("Open House Melbourne", "2013-07-27", "2013-07-28"),
        ("Open House Melbourne", "2014-07-26", "2014-07-27"),
        ("AFL Grand Final and the parade before it", "2012-09-28", "2012-09-29"),
        ("AFL Grand Final and the parade before it", "2013-09-27", "2013-09-28"),
        ("AFL Grand Final and the parade before it", "2014-09-26", "2014-09-27"),
        ("Melbourne Marathon", "2012-10-14", ""),
        ("Melbourne Marathon", "2013-10-13", ""),
        ("Melbourne Marathon", "2014-10-12", ""),
        ("Melbourne Cup and the parade before it", "2012-11-05", "2012-11-06"),
        ("Melbourne Cup and the parade before it", "2013-11-04", "2013-11-05"),
        ("Melbourne Cup and the parade before it", "2014-11-03", "2014-11-04"),
        ("Christmas Eve", "2012-12-24", ""),
        ("Christmas Eve", "2013-12-24", ""),
        ("Christmas Eve", "2014-12-24", ""),
        ("Boxing Day: sales, Test match", "2012-12-26", ""),
        ("Boxing Day: sales, Test match", "2013-12-26", ""),
        ("Boxing Day: sales, Test match", "2014-12-26", ""),
        ("British and Irish Lions' second Test", "2013-06-29", ""),
        ("Liverpool FC at the MCG", "2013-07-24", ""),
        ("four days above 41 °C", "2014-01-14", "2014-01-17"),
        ("H&M opens in the old GPO", "2014-04-05", ""),
        ("Emporium Melbourne opens", "2014-04-16", ""),
        ("AIDS 2014 conference", "2014-07-20", "2014-07-25"),
    )
)
JULYS = (date(2012, 7, 1), date(2013, 7, 1), date(2014, 7, 1))
RECOGNISED = tuple(
    ("fireworks at Docklands, Fridays in July", day, day)
    for july in JULYS
    for day in (july + timedelta(number) for number in range(31))
    if day.weekday() == 4
)


@dataclass(frozen=True)
class Counters:
    """Counters by name: daily float[n, d] and hourly float[n, 24 d], NaN where nothing whole was recorded."""

    names: tuple[str, ...]
    daily: Floats
    hourly: Floats


@dataclass(frozen=True)
class Found:
    """A finding in the table: first and last day (None: it lasts), what it is, at which places."""

    since: date
    until: date | None
    what: str
    places: str


def load(folder: Path = DATA / "footfall") -> Counters:
    """All counters with at least 200 whole days. Raises `FileNotFoundError` where the data is not there."""
    with (folder / "melbourne_sensors.csv").open(newline="", encoding="utf-8") as lines:
        names = {int(row["Sensor ID"]): row["Sensor Description"] for row in csv.DictReader(lines)}
    hourly = {number: np.full(DAYS * HOURS, np.nan) for number in names}
    with gzip.open(folder / "melbourne_hourly.csv.gz", "rt", newline="") as rows:
        for row in csv.DictReader(rows):
            if row["sensor_id"] and row["count"]:
                day, hour = row["datetime"].split(" ")
                place = (date.fromisoformat(day) - FIRST).days * HOURS + int(hour[:2])
                number = int(float(row["sensor_id"]))
                if place < DAYS * HOURS and number in hourly:
                    hourly[number][place] = float(row["count"])
    by_day = {number: _whole(cells) for number, cells in hourly.items()}
    kept = [number for number in sorted(names) if np.isfinite(by_day[number]).sum() >= LEAST_DAYS]
    daily = np.array([by_day[number] for number in kept])
    return Counters(tuple(names[number] for number in kept), daily, np.array([hourly[number] for number in kept]))


def _whole(cells: Floats) -> Floats:
    """Sums of days of which hardly an hour is missing."""
    hours = cells.reshape(DAYS, HOURS)
    return np.where(np.isfinite(hours).sum(axis=1) >= LEAST_HOURS, np.nansum(hours, axis=1), np.nan)


def holidays() -> dict[int, str]:
    """Public holidays of Victoria by number of the day."""
    years = range(FIRST.year, LAST.year + 1)
    return {(day - FIRST).days: name for year in years for day, name in holidays_of(REGION, year).items()}


def happened(since: date, until: date | None) -> str:
    """Public holidays and events from the day before to the day after; of what lasts, around its first day."""
    begin, end = since - timedelta(1), (until or since) + timedelta(1)
    names = [name for number, name in sorted(holidays().items()) if begin <= FIRST + timedelta(number) <= end]
    names += [name for name, first, last in EVENTS if first <= end and last >= begin]
    return "; ".join(dict.fromkeys(names))


def recognised(day: date) -> str:
    """What was looked up afterwards, in brackets."""
    return "; ".join(f"({name})" for name, first, last in RECOGNISED if first <= day <= last)


def table(found: Sequence[Found]) -> str:
    """Markdown."""
    lines = ["| since | until | what | where | what happened |", "|---|---|---|---|---|"]
    for each in found:
        until = "lasts" if each.until is None else each.until.isoformat()
        beside = happened(each.since, each.until) or recognised(each.since)
        lines.append(f"| {each.since:%a} {each.since} | {until} | {each.what} | {each.places} | {beside} |")
    return "\n".join(lines) + "\n"


def explained(found: Sequence[Found]) -> float:
    """The share of the findings beside which something stands."""
    return sum(bool(happened(each.since, each.until)) for each in found) / max(len(found), 1)


def by_chance(found: Sequence[Found]) -> float:
    """The share of all days beside which something would stand: what `explained` is to be held against."""
    days = [FIRST + timedelta(number) for number in range(DAYS)]
    return sum(bool(happened(day, day)) for day in days) / len(days) if found else 0.0


def largest(detections: Iterable[Detection], counters: Counters, top: int) -> list[Found]:
    """Detections of one day and direction in one row, those with the largest sum of scores first; beyond `SURE` one is
    as sure as another. That a counter begins (ten were put up in 2013) is left out: it is nothing that happened.
    """
    days: dict[tuple[int, int], list[Detection]] = {}
    for each in detections:
        if not np.isfinite(counters.daily[each.series, : each.since]).any():
            continue
        days.setdefault((each.since, each.direction), []).append(each)
    ranked = sorted(days.items(), key=lambda item: -sum(min(each.score, SURE) for each in item[1]))[:top]
    rows = []
    for (since, direction), members in ranked:
        names = [counters.names[each.series] for each in sorted(members, key=lambda each: -each.score)]
        places = ", ".join(names[:2]) + (f" and {len(names) - 2} more" if len(names) > 2 else "")
        day = FIRST + timedelta(since)
        rows.append(Found(day, day, "more" if direction > 0 else "less", places))
    return rows


Scan = Callable[[Floats, Floats, date, Collection[int]], list[Detection]]


def run(finder: Scan, top: int, *, told: bool = True) -> list[Found]:
    """The finder on the daily counts."""
    counters = load()
    known = set(holidays()) if told else set()
    found = finder(counters.daily, np.zeros_like(counters.daily), FIRST, known)
    return largest(found, counters, top)


def main() -> None:
    """Print the table, or write it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--top", type=int, default=30)
    parser.add_argument("--untold", action="store_true", help="the finder does not know the public holidays")
    parser.add_argument("--write", type=Path)
    asked = parser.parse_args()
    found = run(scan, asked.top, told=not asked.untold)
    if asked.write:
        asked.write.write_text(table(found))
    else:
        print(table(found))
    print(f"something stands beside {explained(found):.0%} of them, and beside {by_chance(found):.0%} of all days")


if __name__ == "__main__":
    main()
