"""Closing a day of 1 and 10 million simulated rows, as a ratio to plain GROUP BYs of the same dimensions.

The close is the whole way: decrypt, bound, count, noise, ledger, destroy. The baseline is DuckDB on the same rows as an
Arrow table already in memory: views and distinct units of every dimension, without bounds, noise or a ledger, and
without visits, entry and exit pages and engagement, which the close counts as well. Each runs in a process of its own,
so that the peak of memory is its own. `--rows` sets other sizes: 100 million take 3 GB of disk, 6 GB while they are
made. Both are given in seconds of the clock and of the processor: the latter are the ones to compare where others work
on the machine, too.

    python benchmarks/close.py [--rows 1000000 10000000 100000000] [--without-baseline]
"""

import argparse
import json
import multiprocessing
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import date
from itertools import chain
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.ipc as ipc

from hubbub.core import vocabulary
from hubbub.core.days import HOUR_MS, bounds
from hubbub.core.rows import SENT_ONCE
from hubbub.core.settings import Settings, Site
from hubbub.release.close import Closer
from hubbub.release.ledger import Ledger
from hubbub.release.public_keys import PublicKeys
from hubbub.release.state import open_state
from hubbub.store.engines.duckdb import DuckDB, engine_of
from hubbub.store.keyfile import KeyFile
from hubbub.store.parts import Parts
from hubbub.store.raw import RawStore

SOURCE, ZONE, DAY = "portal.example", "UTC", date(2026, 5, 4)
PAGES, PUBLIC_PAGES, ROWS_A_UNIT = 20_000, 1_000, 10
SIMULATED_ROWS = 2_000_000  # at once
DIMENSIONS = (
    "hour", "page", "referrer", "channel", "campaign", "country", "device", "browser", "os", "language",
)  # fmt: skip
T = TypeVar("T")
OUTLINKS = ["", *(f"n{n}.example" for n in range(40))]
PEAK = 1 << 10 if sys.platform == "linux" else 1


class DayAfter:
    """A clock that stands a quarter of an hour after the day."""

    def now_ms(self) -> int:
        return bounds(DAY, ZONE).end_ms + 900_000


def simulate(rows: int, seed: int = 1) -> pa.Table:
    """A day of a portal: units of Pareto size, Zipf pages, visits with pauses, attributes fixed a unit."""
    random = np.random.default_rng(seed)
    units = rows // ROWS_A_UNIT
    size = np.minimum(random.pareto(1.2, units) + 1, 300)
    counts = np.maximum(1, size / size.sum() * rows).astype(np.int64)
    unit = np.repeat(np.arange(units), counts)
    total = len(unit)
    first = np.r_[True, unit[1:] != unit[:-1]]
    pause = np.where(
        random.random(total) < 0.06, random.integers(1_800_000, 4 * HOUR_MS, total), random.exponential(40_000, total)
    )
    pause[first] = np.minimum(random.normal(14, 4, units).clip(0, 23.9) * HOUR_MS, 24 * HOUR_MS - 1)
    elapsed = np.cumsum(pause)
    since = elapsed - np.repeat(elapsed[first] - pause[first], counts)
    ms = np.minimum(since, 24 * HOUR_MS - 1).astype(np.int64)
    kind = random.choice(np.array([1, 2, 3, 4, 5, 6], np.int8), total, p=[0.68, 0.02, 0.25, 0.02, 0.02, 0.01])
    kind[first] = 1
    page = np.minimum(random.zipf(1.2, total), PAGES) - 1
    engaged = np.flatnonzero(kind == 3)
    page[engaged] = page[engaged - 1]  # engagement is of the page just viewed
    shuffle = random.permutation(total)

    def texts(codes: npt.NDArray[np.int64], names: Sequence[str]) -> pa.Array:
        return pa.DictionaryArray.from_arrays(pa.array(codes[shuffle].astype(np.int32)), pa.array(names))

    def of_unit(names: Sequence[str]) -> pa.Array:
        return texts(np.repeat(np.minimum(random.zipf(1.4, units), len(names)) - 1, counts), names)

    named = np.isin(kind, (2, 4, 5, 6))
    return pa.table(
        {
            "unit": random.integers(-(2**63), 2**63 - 1, units)[unit][shuffle],
            "tag": random.integers(-(2**63), 2**63 - 1, total) & ~SENT_ONCE,
            "ms": (ms + bounds(DAY, ZONE).start_ms)[shuffle],
            "hour": (ms // HOUR_MS).astype(np.int8)[shuffle],
            "kind": kind[shuffle],
            "page": texts(page, [f"/page/{n}" for n in range(PAGES)]),
            "name": texts(
                np.where(named, random.integers(1, 41, total), 0), ["", *(f"n{n}.example" for n in range(40))]
            ),
            "detail": texts(np.zeros(total, np.int64), [""]),
            "referrer": of_unit(["", *vocabulary.REFERRERS, *(f"site{n}.example" for n in range(200))]),
            "channel": of_unit(vocabulary.CHANNELS),
            "campaign": of_unit(["", *(f"campaign-{n}" for n in range(20))]),
            "country": of_unit(vocabulary.COUNTRIES),
            "device": of_unit(vocabulary.DEVICES),
            "browser": of_unit(vocabulary.BROWSERS),
            "os": of_unit(vocabulary.SYSTEMS),
            "language": of_unit(vocabulary.LANGUAGES),
            "engaged_ms": np.where(kind == 3, random.exponential(20_000, total), 0).astype(np.int32)[shuffle],
            "scroll": np.where(kind == 3, random.integers(0, 101, total), 0).astype(np.int16)[shuffle],
            "amount": np.zeros(total, np.int64),
            "returning": texts(np.zeros(total, np.int64), [""]),
        }
    )


def store(folder: Path) -> tuple[KeyFile, RawStore]:
    """The raw store of a home."""
    keys = KeyFile(folder / "keys" / "keys.db", DayAfter())
    return keys, RawStore(folder / "raw", keys, DayAfter())


def simulated(folder: Path, rows: int) -> Iterator[pa.RecordBatch]:
    """The rows of many simulations, together in order of time but for a stretch of the day: a unit's rows lie apart, as
    they do when a day's visits come in. Stretches wait in plain files, for they are too large for memory.
    """
    stretches = max(1, rows // SIMULATED_ROWS)
    files: list[ipc.RecordBatchStreamWriter] = []
    left, seed = rows, 1
    while left > 0:
        table = simulate(min(left, SIMULATED_ROWS), seed)
        left, seed = left - SIMULATED_ROWS, seed + 1
        if not files:
            options = ipc.IpcWriteOptions(compression=pa.Codec("zstd", 1))
            files = [
                ipc.new_stream(str(folder / f"{place}.arrows"), table.schema, options=options)
                for place in range(stretches)
            ]
        place = (table["ms"].to_numpy() - bounds(DAY, ZONE).start_ms) * stretches // (24 * HOUR_MS)
        for number, file in enumerate(files):
            file.write_table(table.filter(pa.array(place == number)))
    for number, file in enumerate(files):
        file.close()
        path = folder / f"{number}.arrows"
        table = ipc.open_stream(pa.OSFile(str(path))).read_all()
        path.unlink()
        yield from table.take(pa.array(np.random.default_rng(number).permutation(table.num_rows))).to_batches()


def fill(folder: Path, rows: int) -> int:
    """Seal the simulated rows into the store; how many they are."""
    raw = store(folder)[1]
    with tempfile.TemporaryDirectory(dir=folder) as waiting:
        batches = simulated(Path(waiting), rows)
        first = next(batches)
        reader = pa.RecordBatchReader.from_batches(first.schema, chain([first], batches))
        raw.write(SOURCE, DAY, reader, {}, origin="simulated")
    return sum(each.rows for each in raw.days())


class Took(NamedTuple):
    """Seconds of the clock and of the processor, and the peak of memory of the process in MB."""

    seconds: float
    cpu: float
    mb: float


@contextmanager
def taking(took: list[Took]) -> Iterator[None]:
    """Adds what the block took."""
    began, cpu = time.perf_counter(), time.process_time()
    yield
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * PEAK / 1e6
    took.append(Took(time.perf_counter() - began, time.process_time() - cpu, peak))


def close(folder: Path) -> Took:
    """What closing the day took."""
    keys, raw = store(folder)
    settings = Settings((Site(SOURCE, pages=tuple(f"/page/{n}" for n in range(PUBLIC_PAGES))),))
    engine = open_state(folder / "state.db")
    ledger = Ledger(engine, DayAfter())
    closer = Closer(raw, keys, ledger, PublicKeys(engine), settings, lambda *_: None, engine_of(folder))
    took: list[Took] = []
    with taking(took):
        report = closer.close(SOURCE, [DAY])
    assert report.released == len(closer.door.priced(SOURCE).plan.measures)
    return took[0]


def plain(folder: Path) -> Took:
    """What the baseline took; reading the rows is not counted."""
    raw = store(folder)[1]
    names = ("unit", "kind", "name", *DIMENSIONS)
    sealed = raw.seal(SOURCE, DAY)
    (rows,) = Parts(lambda: (table.select(names) for table in raw.blocks([sealed])), rows=1, memory=1)
    took: list[Took] = []
    with DuckDB(spill=folder / "spill") as engine:
        engine.register("rows", rows)
        with taking(took):
            engine.fetch('SELECT count(*), count(DISTINCT unit) FROM "rows" WHERE kind = 1')
            engine.fetch('SELECT kind, name, count(DISTINCT unit) FROM "rows" WHERE kind IN (2, 4, 5, 6) GROUP BY ALL')
            for name in DIMENSIONS:
                engine.fetch(
                    f'SELECT {name}, count(*), count(DISTINCT unit) FROM "rows" WHERE kind = 1 GROUP BY {name}'
                )
    return took[0]


def alone(work: Callable[..., T], *args: object) -> T:
    """Run in a fresh process."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(work, *args).result()


def main() -> None:
    """Measure, print a line a size, then one JSON line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000_000, 10_000_000])
    parser.add_argument("--without-baseline", action="store_true")
    asked = parser.parse_args()
    ratios: dict[str, float] = {}
    figures: dict[str, float] = {"cores": float(len(os.sched_getaffinity(0)))}
    a_row: list[float] = []
    for size in asked.rows:
        name = f"{size // 1_000_000}m"
        with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
            rows = alone(fill, Path(folder), size)
            base = None if asked.without_baseline else alone(plain, Path(folder))
            took = alone(close, Path(folder))
        a_row.append(took.cpu / rows)
        figures |= {f"{what}_{name}": round(value, 2) for what, value in told("close", took)}
        if base:
            ratios |= {f"plain_{name}": round(took.seconds / base.seconds, 2)}
            ratios |= {f"plain_cpu_{name}": round(took.cpu / base.cpu, 2)}
            figures |= {f"{what}_{name}": round(value, 2) for what, value in told("plain", base)}
        print(f"{rows:>11,} rows: close {said(took)}" + (f"; plain {said(base)}" if base else ""), flush=True)
    figures["growth_a_row"] = round(a_row[-1] / a_row[0], 2)  # at most 1: no worse than linear
    print(json.dumps({"benchmark": "close", "ratios": ratios, "figures": figures}))


def told(name: str, took: Took) -> list[tuple[str, float]]:
    """The figures of what was measured, by name."""
    return [(f"{name}_s", took.seconds), (f"{name}_cpu_s", took.cpu), (f"{name}_rss_mb", took.mb)]


def said(took: Took) -> str:
    """What was measured, for people."""
    return f"{took.seconds:.2f} s ({took.cpu:.2f} s of the processor), {took.mb:,.0f} MB"


if __name__ == "__main__":
    main()
