"""Both engines count the same, cell by cell, of the same sealed rows; and a close on Spark survives a dead worker."""

import asyncio
import os
import signal
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, seed, settings
from msgspec import structs
from release_samples import DAY, FULL, SOURCE, ZONE, Home, view
from test_release_counting import EVENTS, LISTED, PLAN, PUBLIC, tables

from hubbub.core.days import bounds
from hubbub.core.errors import StoreError
from hubbub.core.rows import Kind, Row
from hubbub.release import close, drawing
from hubbub.release.bench import Bench
from hubbub.release.close import Closer
from hubbub.release.counting import Counting, Counts
from hubbub.release.engines import Engine, OnDuckDB, OnSpark
from hubbub.release.plan import MeasurePlan
from hubbub.release.portal import BURST_VIEWS, PORTAL
from hubbub.release.site_fits import FITTED
from hubbub.release.verify import verify
from hubbub.store import batch, raw
from hubbub.store.engines.duckdb import DuckDB
from hubbub.store.engines.spark import PRIVATE, SparkApplication
from hubbub.store.journal import Journal
from hubbub.store.types import SealedInput
from spark_cluster import Cluster

pytestmark = [  # PySpark leaves the closing of its sockets to the garbage collector
    pytest.mark.spark,
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

TABLES = 8
LONG_DAY = date(2026, 10, 25)  # 25 hours in Vienna
LOCAL = OnDuckDB(lambda: DuckDB(256 << 20, 1))
MARKER = "/a-page-that-no-disk-may-hold"


@pytest.fixture(scope="module")
def application(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkApplication]:
    """One application on the cluster for all tests."""
    application = SparkApplication(cluster.url, tmp_path_factory.mktemp("spark") / "local")
    yield application
    application.end()


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Segments of many blocks, as large ones have."""
    for module in (raw, batch):
        monkeypatch.setattr(module, "BLOCK_ROWS", 16)


def random_tables(count: int) -> list[list[Row]]:
    """Tables as the tests of counting draw them, the same each time."""
    found: list[list[Row]] = []

    @seed(4)
    @settings(max_examples=count, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(tables())
    def gather(rows: list[Row]) -> None:
        found.append(rows)

    gather()
    return found[:count]


def moved(rows: Sequence[Row], day: date) -> list[Row]:
    """The same rows on another day."""
    by = bounds(day, ZONE).start_ms - bounds(DAY, ZONE).start_ms
    return [structs.replace(row, ms=row.ms + by) for row in rows]


def journal(home: Home, day: date, rows: Sequence[Row]) -> None:
    """Rows as the collector writes them, a frame at a time."""

    async def write() -> None:
        journal = Journal(home.raw._layout.folder, home.keys, home.clock)
        for row in rows:
            await journal.append(SOURCE, day, row)
        journal.close()

    asyncio.run(write())


def bench_of(engine: Engine[Any], home: Home, sealed: Sequence[SealedInput]) -> Bench:
    """All of the rows at once."""
    (part,) = engine.parts(home.raw, sealed, 1 << 30)
    return engine.bench(part, min(each.day for each in sealed))


def count(engine: Engine[Any], home: Home, sealed: Sequence[SealedInput]) -> dict[str, Counts]:
    """Every measure, as a close counts it, and those whose bounds follow what was released under some."""
    days = [each.day for each in sealed]
    with Counting.at(bench_of(engine, home, sealed), days) as counting:
        counting.prepare(PLAN, PUBLIC, EVENTS)
        counting.list_keys("page", {day: LISTED[place % 3 :] for place, day in enumerate(days)})
        followed = {
            f"{name} by {bound}": counting.count(structs.replace(PLAN[name], bound=bound))
            for name in FITTED
            for bound in (1, 4, 64)
        }
        return counting.count_all(PLAN.measures) | followed


def test_both_engines_count_alike(application: SparkApplication, tmp_path: Path, small_blocks: None) -> None:
    """A random table a day, in segments of several blocks and in a journal; a day of 25 hours, one without rows. Units
    whose tags are all the same, so that texts break the ties."""
    home = Home(tmp_path, site=FULL)
    drawn = random_tables(TABLES)
    days = [DAY + timedelta(place) for place in range(TABLES)]
    for place, (day, rows) in enumerate(zip(days, drawn, strict=True)):
        ours = moved(rows, day)
        home.write(ours[: len(ours) // 2], day)
        if place % 3:
            home.write(ours[len(ours) // 2 :], day)
        else:
            journal(home, day, ours[len(ours) // 2 :])
    ties = [view(9, 4, place, page) for place, page in enumerate(("/ä", "/z", "/Z", "/a", "/é"))]
    ties += [view(9, 4, 9, "/z", Kind.EVENT, name, detail="plan=basic") for name in ("Signup", "x.example", "Other")]
    home.write(moved(ties, days[-1]), days[-1])
    burst = [view(77, 2 * n, n, "/") for n in range(BURST_VIEWS)]
    home.write(moved(burst, days[0]), days[0])
    start = bounds(LONG_DAY, ZONE).start_ms
    home.write([Row(unit, unit, start + unit * 3_600_000, unit, Kind.PAGEVIEW, "/") for unit in range(25)], LONG_DAY)
    sealed = [home.raw.seal(SOURCE, day) for day in [*days, LONG_DAY]]
    empty = SealedInput(SOURCE, LONG_DAY + timedelta(1), None, (), "", 0)
    here, there = (count(engine, home, [*sealed, empty]) for engine in (LOCAL, OnSpark(application)))
    assert there.keys() > {each.measure for each in PLAN.measures}
    for measure, counts in there.items():
        assert counts == here[measure], measure
        assert any(counts.values()), f"{measure} is not tested"


def test_both_engines_count_hours_alike(application: SparkApplication, tmp_path: Path) -> None:
    home = Home(tmp_path)
    for rows in random_tables(4):
        home.write(rows)
    sealed = home.raw.seal(SOURCE, DAY, before_slot=5)

    def hours(engine: Engine[Any]) -> list[Counts]:
        with Counting.at(bench_of(engine, home, [sealed]), [DAY]) as counting:
            counting.prepare_hours()
            return [counting.count(each) for each in PORTAL.measures if each.online]

    here, there = hours(LOCAL), hours(OnSpark(application))
    assert there == here
    assert {key for (key,) in there[0][DAY]} <= {"0", "1", "2", "3", "4"}


def test_nothing_that_touches_a_disk_can_be_read(
    application: SparkApplication, cluster: Cluster, tmp_path: Path
) -> None:
    """Blocks that Spark puts on disk are encrypted, logs are empty, the driver's folder goes with the application."""
    from pyspark import StorageLevel

    home = Home(tmp_path / "home")
    home.write([view(unit, 2 * unit, unit, MARKER) for unit in range(2_000)])
    bench = bench_of(OnSpark(application), home, [home.raw.seal(SOURCE, DAY)])
    session = application.session()
    held = session.range(0, 20_000, 1, 2).selectExpr(f"concat('{MARKER}', id) AS page").persist(StorageLevel.DISK_ONLY)
    assert held.count() == 20_000
    assert bench.fetch('SELECT count(*) AS n FROM "rows"', {}) == {"n": [2_000]}
    found = cluster.texts()
    assert len(found) > 20_000  # the blocks are there
    assert MARKER.encode() not in found
    assert held.unpersist().count() == 20_000
    bench.close()
    settings = dict(session.sparkContext.getConf().getAll())
    assert {name: settings[name] for name in PRIVATE} == PRIVATE


def test_what_fails_on_the_cluster_is_told_without_a_value(application: SparkApplication, tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.write([view(1, 2, 3, MARKER)])
    sealed = home.raw.seal(SOURCE, DAY)
    bench = bench_of(OnSpark(application), home, [sealed])
    with pytest.raises(StoreError, match="could not finish") as told:
        bench.fetch('SELECT page::INTEGER AS n FROM "rows"', {})
    assert MARKER not in str(told.value)
    bench.close()
    segment = tmp_path / "raw" / sealed.ranges[0].file
    segment.write_bytes(segment.read_bytes()[:-40] + bytes(40))
    with pytest.raises(StoreError, match="is damaged or was moved"):
        bench_of(OnSpark(application), home, [sealed])


def test_a_close_on_spark_survives_a_dead_worker(
    application: SparkApplication, cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small_blocks: None
) -> None:
    """An executor dies between two jobs, a worker with its executor in the middle of one: what was lost is read again.

    The counts that are drawn are DuckDB's, and the ledger is whole."""
    drawn: dict[str, Mapping[date, Mapping[tuple[str, ...], int]]] = {}
    draw = drawing.draw

    def watched(measure: MeasurePlan, share: object, days: object, counts: Counts) -> object:
        drawn[measure.measure] = counts
        return draw(measure, share, days, counts)  # type: ignore[arg-type]

    monkeypatch.setattr(close, "draw", watched)
    homes = [Home(tmp_path / name) for name in ("here", "there")]
    for home in homes:
        for rows in random_tables(2):
            home.write(rows)
    engines: list[Engine[Any]] = [LOCAL, OnSpark(application)]
    closers = [
        Closer(each.raw, each.keys, each.ledger, each.public, each.settings, lambda *_: None, sites=engine)
        for each, engine in zip(homes, engines, strict=True)
    ]
    closers[0].close(SOURCE, [DAY])
    here = dict(drawn)
    drawn.clear()
    tracker = application.session().sparkContext.statusTracker()
    killed = []

    def kill_in_the_middle_of_a_job() -> None:
        while not tracker.getActiveStageIds():
            time.sleep(0.01)
        cluster.kill_worker()
        killed.append(1)

    def at(step: str) -> None:
        if step == "keys frozen":
            threading.Thread(target=kill_in_the_middle_of_a_job).start()
        if step == "counted, round 0":
            while not (running := cluster.executors()):
                time.sleep(0.1)
            os.kill(running[0], signal.SIGKILL)
            killed.append(2)

    report = closers[1].close(SOURCE, [DAY], at=at)
    assert killed == [1, 2]
    assert report.released == len(closers[1].door.priced(SOURCE).plan.measures)
    assert drawn == here
    with homes[1].engine.connect() as connection:
        assert not verify(connection).problems
