"""Hubbub's half of the release benchmark: a declared table with views and devices by page, from sealed rows to cells.

The first day: nothing is public but the settings. A steady day: 60 earlier days came before it. Their keys and cells
are drawn cheaply (`release_history`), but for the last few of them (`earlier`), which are simulated row by row, sealed
and closed by hubbub itself. With `earlier` = 60 nothing is drawn cheaply; with 0 the measured day is the only real one,
and what tells cheap days from real ones is taken for news of the day: its error is larger. Only sealed rows, settings
and released cells go in.
"""

import os
import resource
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
from release_data import DAY_ZERO, EARLIER_DAYS, EVENTS, SECTIONS, Events, World
from release_estimates import Day, estimates
from release_history import History, known_before, on_pages
from release_watch import alone

from hubbub.core.days import HOUR_MS, bounds
from hubbub.core.settings import Budget, Settings
from hubbub.core.tables import Column, Table, TableMeasure
from hubbub.release.budget import priced
from hubbub.release.close import Closer
from hubbub.release.fits import fitted
from hubbub.release.ledger import Ledger
from hubbub.release.public_keys import PublicKeys
from hubbub.release.state import open_state
from hubbub.release.table_plan import more_of, new_of, plan_of_table
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
    measures={  # devices are the harder query: three quarters of the budget for them
        "views": TableMeasure("count", by=("page",), weight=10),
        "devices": TableMeasure("units", by=("page",), weight=30),
    },
)
Released = dict[int, float]


@dataclass(frozen=True)
class Side:
    """What hubbub made of a day.

    views, devices   estimates of the unbounded figures by page
    drawn_views, drawn_devices  the cells themselves, unbiased for the bounded figures
    new              pages that were not public before
    seconds          of the close: decrypt, bound, count, noise, ledger, destroy; sealing comes before it
    earlier, known   how many earlier days were closed row by row, and how many keys were drawn cheaply before them
    """

    views: Released
    devices: Released
    drawn_views: Released
    drawn_devices: Released
    new: frozenset[int]
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

    def seal(self, world: World, parts: Iterable[Events]) -> None:
        """Rows of a day, as the importer of tables writes them; devices are numbers already."""
        for events in parts:
            self.clock.day = events.day
            self.raw.write(SOURCE, events.day, rows_of(world, events), {}, origin="table")

    def close(self, day: date) -> None:
        """Release and destroy a day."""
        self.clock.day = day
        self.closer.close(SOURCE, [day])

    def drawn(self, day: date, query: str) -> Released:
        """Page → value of a day: what was drawn, in units of one, unbiased for the bounded figure."""
        one = next(self.ledger.released(SOURCE, day, day, [query]))
        return {number_of(key[0]): value / one.parts for key, value in zip(one.keys, one.values, strict=True)}

    def new(self, day: date) -> frozenset[int]:
        """Pages that passed a threshold on this day; all others were public before it."""
        looks = self.ledger.released(SOURCE, day, day, [new_of("page"), more_of("page")])
        return frozenset(
            number_of(key[0]) for one in looks for key, new in zip(one.keys, one.is_new, strict=True) if new
        )

    def estimated(self, days: Sequence[date], query: str, history: History | None) -> Released:
        """Page → what hubbub says of the unbounded figure on the last of the days, by the cells of all of them."""
        plan = fitted(self.closer.door, SOURCE, days[-1]).priced(SOURCE)

        def before(pages: Sequence[str]) -> list[Day]:
            if history is None:
                return []
            drawn = history.days(query, -len(days), plan)
            return on_pages(drawn, [number_of(page) for page in pages], history.world.pages)

        found = estimates(self.ledger, TABLE, query, days, before)
        return {number_of(page): value for page, value in found.items()}


def path_of(world: World, page: int) -> str:
    """A page's path: in its section. Pages of one device are anywhere."""
    section = world.section[page] if page < world.pages else page % SECTIONS
    return f"/{section}/{page}"


def number_of(path: str) -> int:
    """The page of a path."""
    return int(path.rpartition("/")[2])


def rows_of(world: World, events: Events) -> pa.Table:
    """The columns of a table's sealed rows."""
    rows = len(events)
    hour = np.random.default_rng().integers(0, 24, rows)
    pages, codes = np.unique(events.page, return_inverse=True)
    columns = {
        "unit": events.unit,
        "tag": np.frombuffer(os.urandom(8 * rows), np.int64) & ~1,
        "ms": bounds(events.day, ZONE).start_ms + hour * HOUR_MS,
        "hour": hour.astype(np.int8),
        "page": pa.DictionaryArray.from_arrays(
            pa.array(codes.astype(np.int32)), pa.array([path_of(world, n) for n in pages])
        ),
    }
    return pa.table(columns).replace_schema_metadata(MARK)


def measure_day(events: int = EVENTS, earlier: int | None = None, folder: Path | None = None) -> Side:
    """The measured day: the first one (`earlier` None), or one after 60 of which so many are closed row by row.

    Rows are made and sealed in a process of their own, and so is the close: its peak of memory is its own.
    """
    with tempfile.TemporaryDirectory(dir=folder) as made:
        home = Path(made)
        seal_seconds, known, history = alone(prepare, home, events, earlier)
        seconds, cpu_seconds, peak_mb = alone(close_measured, home)
        views, devices, drawn_views, drawn_devices, new = alone(read, home, earlier or 0, history)
        return Side(
            views=views,
            devices=devices,
            drawn_views=drawn_views,
            drawn_devices=drawn_devices,
            new=new,
            seconds=seconds,
            cpu_seconds=cpu_seconds,
            seal_seconds=seal_seconds,
            peak_mb=peak_mb,
            earlier=earlier or 0,
            known=known,
        )


def prepare(folder: Path, events: int, earlier: int | None) -> tuple[float, int, History | None]:
    """Live through the earlier days and seal the measured one: how long that took, how many keys were known."""
    world, home = World(), Home(folder)
    known, history = (0, None) if earlier is None else _live_before(home, world, events, earlier)
    seconds = 0.0
    for part in world.parts(0, events):
        began = time.perf_counter()
        home.seal(world, [part])
        seconds += time.perf_counter() - began
    return seconds, known, history


def close_measured(folder: Path) -> tuple[float, float, float]:
    """Close the measured day: seconds, processor seconds, peak of memory."""
    home = Home(folder)
    began, used = time.perf_counter(), time.process_time()
    home.close(DAY_ZERO)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    return time.perf_counter() - began, time.process_time() - used, peak


def read(
    folder: Path, earlier: int, history: History | None
) -> tuple[Released, Released, Released, Released, frozenset[int]]:
    """What hubbub says of the measured day: estimates, the cells, and which pages were new."""
    home = Home(folder)
    days = [DAY_ZERO - timedelta(days=back) for back in range(earlier, -1, -1)]
    views, devices = (home.estimated(days, query, history) for query in QUERIES)
    return views, devices, home.drawn(DAY_ZERO, "views"), home.drawn(DAY_ZERO, "devices"), home.new(DAY_ZERO)


def _live_before(home: Home, world: World, events: int, earlier: int) -> tuple[int, History | None]:
    """60 days: cheap ones, then `earlier` real ones. How many keys were drawn cheaply, and the cheap days' cells."""
    known: set[int] = set()
    history = None
    if earlier < EARLIER_DAYS:
        plan = priced(plan_of_table(TABLE), BUDGET)
        history = History(world, events)
        known = known_before(history, plan, new_of("page"), -earlier - 1)
        history.count_only(known)
        first = DAY_ZERO - timedelta(days=EARLIER_DAYS)
        home.public.add(SOURCE, "page", [path_of(world, page) for page in sorted(known)], "released", first)
    for index in range(-earlier, 0):
        day = world.day(index, round(events * world.volume(index)))
        home.seal(world, [day])
        home.close(day.day)
    return len(known), history
