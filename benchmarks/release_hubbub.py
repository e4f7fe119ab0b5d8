"""Hubbub's half of the release benchmark: a declared table with views and devices by page, from sealed rows to cells.

The first day: nothing is public but the settings. A steady day: 60 earlier days came before it. Their keys are drawn
cheaply: a page is known when on one of these days its likely devices (`World.likely`) with the noise of the threshold's
measure pass the threshold. The last few of them (`earlier`) are simulated row by row, sealed and closed by hubbub
itself, so that whatever it learns from released cells (bounds, corrections, series) it learns as it would in a city.
With `earlier` = 60 nothing is drawn cheaply. Only sealed rows, settings and released cells go in.
"""

import math
import os
import resource
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
from release_data import DAY_ZERO, EARLIER_DAYS, EVENTS, Events, World
from release_rehearsal import Truth

from hubbub.core.days import HOUR_MS, bounds
from hubbub.core.settings import Budget, Settings
from hubbub.core.tables import Column, Table, TableMeasure
from hubbub.release.budget import priced
from hubbub.release.close import Closer
from hubbub.release.ledger import Ledger
from hubbub.release.plan import PARTS
from hubbub.release.public_keys import PublicKeys
from hubbub.release.state import open_state
from hubbub.release.table_plan import new_of, plan_of_table
from hubbub.store.columns import TABLE as MARK
from hubbub.store.engines.duckdb import engine_of
from hubbub.store.keyfile import KeyFile
from hubbub.store.raw import RawStore

SOURCE, ZONE = "portal", "UTC"
BUDGET = Budget(1.0, 1e-9)
QUERIES = ("views", "devices")
TABLE = Table(
    SOURCE,
    time="at",
    unit="device",
    columns={"page": Column(open="path")},
    measures={"views": TableMeasure("count", by=("page",)), "devices": TableMeasure("units", by=("page",))},
)
Released = dict[int, float]


@dataclass(frozen=True)
class Side:
    """What hubbub made of a day. `seconds` is the close: decrypt, bound, count, noise, ledger, destroy."""

    views: Released
    devices: Released
    seconds: float
    cpu_seconds: float
    seal_seconds: float
    peak_mb: float
    earlier: int
    known: int


class Standing:
    """A clock that is set by hand, to a quarter of an hour after a day."""

    def __init__(self) -> None:
        self.day = DAY_ZERO

    def now_ms(self) -> int:
        """Milliseconds."""
        return bounds(self.day, ZONE).end_ms + 900_000


class Home:
    """A home with one table."""

    def __init__(self, folder: Path) -> None:
        self.clock = Standing()
        self.keys = KeyFile(folder / "keys" / "keys.db", self.clock)
        self.raw = RawStore(folder / "raw", self.keys, self.clock)
        engine = open_state(folder / "state.db")
        self.ledger, self.public = Ledger(engine, self.clock), PublicKeys(engine)
        settings = Settings(tables=(TABLE,), timezone=ZONE, budget=BUDGET)
        self.closer = Closer(
            self.raw, self.keys, self.ledger, self.public, settings, lambda *_: None, engine_of(folder)
        )

    def seal(self, parts: Iterable[Events]) -> None:
        """Rows of a day, as the importer of tables writes them; devices are numbers already."""
        for events in parts:
            self.clock.day = events.day
            self.raw.write(SOURCE, events.day, rows_of(events), {}, origin="table")

    def close(self, day: date) -> None:
        """Release and destroy a day."""
        self.clock.day = day
        self.closer.close(SOURCE, [day])

    def released(self, day: date, query: str) -> Released:
        """Page → value of a day: what was drawn, in units of one, unbiased for the bounded figure."""
        found: Released = {}
        for one in self.ledger.released(SOURCE, day, day, [query]):
            pages = (int(key[0].removeprefix("/")) for key in one.keys)
            found |= {page: value / one.parts for page, value in zip(pages, one.values, strict=True)}
        return found


def rows_of(events: Events) -> pa.Table:
    """The columns of a table's sealed rows."""
    rows = len(events)
    hour = np.random.default_rng().integers(0, 24, rows)
    pages, codes = np.unique(events.page, return_inverse=True)
    columns = {
        "unit": events.unit,
        "tag": np.frombuffer(os.urandom(8 * rows), np.int64) & ~1,
        "ms": bounds(events.day, ZONE).start_ms + hour * HOUR_MS,
        "hour": hour.astype(np.int8),
        "page": pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int32)), pa.array([f"/{n}" for n in pages])),
    }
    return pa.table(columns).replace_schema_metadata(MARK)


def known_before(world: World, last: int, events: int, seed: int = 3) -> set[int]:
    """Pages that a threshold on distinct devices lets through on some day from -60 to `last`, drawn cheaply."""
    rng = np.random.default_rng(seed)
    share = priced(plan_of_table(TABLE), BUDGET).shares[new_of("page")]
    truth = Truth.of(world.day(0, events, part=1))
    reference = np.zeros(world.pages)
    ordinary = truth.page < world.pages
    reference[truth.page[ordinary]] = truth.devices[ordinary]
    known = np.zeros(world.pages, np.bool_)
    for index in range(-EARLIER_DAYS, last + 1):
        noised = world.likely(index, reference, rng) + rng.normal(0, float(share.scale) / PARTS, world.pages)
        known |= noised > math.ceil(share.threshold / PARTS)
    return set(np.flatnonzero(known).tolist())


def measure_day(events: int = EVENTS, earlier: int | None = None, folder: Path | None = None) -> Side:
    """The measured day: the first one (`earlier` None), or one after 60 of which so many are closed row by row."""
    world = World()
    with tempfile.TemporaryDirectory(dir=folder) as made:
        home = Home(Path(made))
        known = 0
        if earlier is not None:
            known = _live_before(home, world, events, earlier)
        began = time.perf_counter()
        home.seal(world.parts(0, events))
        sealed = time.perf_counter()
        used = time.process_time()
        home.close(DAY_ZERO)
        closed, cpu = time.perf_counter(), time.process_time() - used
        views, devices = (estimates(home, DAY_ZERO, query) for query in QUERIES)
        return Side(
            views,
            devices,
            seconds=closed - sealed,
            cpu_seconds=cpu,
            seal_seconds=sealed - began,
            peak_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6,
            earlier=earlier or 0,
            known=known,
        )


def _live_before(home: Home, world: World, events: int, earlier: int) -> int:
    """60 days: cheap ones, then `earlier` real ones. How many keys were drawn cheaply."""
    cheap: set[int] = set()
    if earlier < EARLIER_DAYS:
        cheap = known_before(world, -earlier - 1, events)
        first = DAY_ZERO.fromordinal(DAY_ZERO.toordinal() - EARLIER_DAYS)
        home.public.add(SOURCE, "page", [f"/{page}" for page in sorted(cheap)], "released", first)
    for index in range(-earlier, 0):
        day = world.day(index, round(events * world.volume(index)))
        home.seal([day])
        home.close(day.day)
    return len(cheap)


def estimates(home: Home, day: date, query: str) -> Released:
    """What hubbub says of each page: the drawn cells, and where it has one its estimate of the unbounded figure.

    Until corrected estimates are on main these are the drawn cells themselves.
    """
    return home.released(day, query)
