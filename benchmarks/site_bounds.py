"""What bounds that follow released numbers give a portal: days of the simulated portal through the door, one by one.

Each day of `release_data.World` is closed twice, in two homes: one keeps the plan's bounds (`fit: false`), in one they
follow. Printed a day: the bounds, and errors to the true, unbounded figures: of the day's page views, and over pages
with at least 100 true devices the mean of min(1, relative error) of visitors and of views. Noise, ledger and keys are
the real ones, at the standard budget; the pages are public (a sitemap).

    python benchmarks/site_bounds.py [--events 200000] [--days 20]
"""

import argparse
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
from release_data import DAY_ZERO, Events, World
from release_rehearsal import Truth

from hubbub.core.days import HOUR_MS, bounds
from hubbub.core.keys import Measure
from hubbub.core.rows import COLUMNS
from hubbub.core.settings import Settings, Site, Tuning
from hubbub.release.close import Closer
from hubbub.release.fits import fitted
from hubbub.release.ledger import Ledger
from hubbub.release.public_keys import PublicKeys
from hubbub.release.state import open_state
from hubbub.store.engines.duckdb import DuckDB
from hubbub.store.keyfile import KeyFile
from hubbub.store.raw import RawStore

SOURCE = "portal.example"
SHOWN = (Measure.PAGEVIEWS, Measure.PAGE_VISITORS, Measure.PAGE_PAGEVIEWS)
TYPES = {"int64": pa.int64(), "int32": pa.int32(), "int16": pa.int16(), "int8": pa.int8(), "string": pa.string()}


class Clock:
    """Stands where it is put."""

    ms = 0

    def now_ms(self) -> int:
        """The time, ms since 1970."""
        return self.ms


class Portal:
    """A home with the simulated portal."""

    def __init__(self, folder: Path, pages: tuple[str, ...], *, fit: bool) -> None:
        settings = Settings((Site(SOURCE, pages=pages, collect="log", plan=Tuning(fit=fit)),))
        self.clock = Clock()
        keys = KeyFile(folder / "keys" / "keys.db", self.clock)
        self.raw = RawStore(folder / "raw", keys, self.clock)
        self.ledger = Ledger(open_state(folder / "state.db"), self.clock)
        public = PublicKeys(self.ledger.engine)
        self.closer = Closer(self.raw, keys, self.ledger, public, settings, lambda *_: None, lambda: DuckDB(2 << 30, 2))

    def close(self, events: Events) -> dict[str, int]:
        """Release a day; the bounds by which it was."""
        self.clock.ms = bounds(events.day, "UTC").end_ms + 900_000
        self.raw.write(SOURCE, events.day, rows_of(events), {}, origin="log")
        plan = fitted(self.closer.door, SOURCE, events.day).priced(SOURCE).plan
        self.closer.close(SOURCE, [events.day])
        return {name: plan[name].bound for name in SHOWN}

    def errors(self, events: Events) -> tuple[float, float, float]:
        """Of the day's page views, relative; of visitors and of views of pages, the mean of min(1, relative error)."""
        truth = Truth.of(events)
        found = {one.measure: one for one in self.ledger.released(SOURCE, events.day, events.day, SHOWN)}
        views = found[Measure.PAGEVIEWS].values[0]
        pages = [
            {int(key[3:]): float(n) for (key,), n in zip(found[name].keys, found[name].values, strict=True)}
            for name in SHOWN[1:]
        ]
        return (
            abs(views - len(events)) / len(events),
            truth.error(pages[0], "devices"),
            truth.error(pages[1], "views"),
        )


def rows_of(events: Events) -> pa.Table:
    """Rows as the store takes them; a device's come a minute apart."""
    order = np.argsort(events.unit, kind="stable")
    unit, page = events.unit[order], events.page[order]
    place = np.arange(len(unit)) - np.searchsorted(unit, unit)
    ms = np.minimum(unit % (12 * HOUR_MS) + place * 60_000, 24 * HOUR_MS - 1)
    names, code = np.unique(page, return_inverse=True)
    texts = pa.DictionaryArray.from_arrays(code.astype(np.int32), [f"/p/{n}" for n in names])
    empty = pa.DictionaryArray.from_arrays(np.zeros(len(unit), np.int32), [""])
    given = {
        "unit": pa.array(unit),
        "tag": pa.array(2 * np.random.default_rng(int(unit[0]) % 2**32).permutation(len(unit)).astype(np.int64)),
        "ms": pa.array(ms + bounds(events.day, "UTC").start_ms),
        "hour": pa.array((ms // HOUR_MS).astype(np.int8)),
        "kind": pa.array(np.ones(len(unit), np.int8)),
        "page": texts,
    }
    columns = {}
    for name, kind in COLUMNS:
        zeros = empty if kind == "string" else pa.array(np.zeros(len(unit)), TYPES[kind], safe=False)
        columns[name] = given.get(name, zeros)
        if kind != "string":
            columns[name] = columns[name].cast(TYPES[kind])
    return pa.table(columns)


def measured(events: int, days: int) -> Iterator[tuple[object, ...]]:
    """A line a day: the day, bounds that follow, errors with fixed bounds, errors with those."""
    world = World()
    names = tuple(f"/p/{n}" for n in np.argsort(-world.weights(0))[: events // 500])
    with tempfile.TemporaryDirectory() as folder:
        fixed, follows = (Portal(Path(folder) / name, names, fit=fit) for name, fit in (("a", False), ("b", True)))
        for place in range(days):
            day = world.day(place - days + 1, events)
            fixed.close(day)
            its = follows.close(day)
            yield DAY_ZERO + timedelta(place - days + 1), its, fixed.errors(day), follows.errors(day)


def main() -> None:
    """Print the lines."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--days", type=int, default=20)
    asked = parser.parse_args()
    print(f"{'day':>10} {'bounds':>12} | views, visitors of pages, views of pages: fixed | following")
    for day, its, fixed, follows in measured(asked.events, asked.days):
        print(f"{day!s:>10} {'/'.join(map(str, its.values())):>12} |", *(f"{each:7.3f}" for each in (*fixed, *follows)))  # type: ignore[attr-defined, misc]


if __name__ == "__main__":
    main()
