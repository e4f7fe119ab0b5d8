"""Counting the whole portal plan of a simulated day on Spark with one and two workers, as a ratio to DuckDB on the same
sealed files.

All of it is counted: reading and decrypting, putting rows together by unit, every measure. Beginning the application
is told apart: it is paid once a close. Besides seconds, which on a shared machine say little, the processor seconds of
all processes are told, executors and their Python included. Workers have a core each and run on this machine.

    python benchmarks/engines.py [--rows 1000000 10000000] [--workers 1 2]
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from close import DAY, PUBLIC_PAGES, SOURCE, fill, store

from hubbub.core.settings import Settings, Site
from hubbub.release.counting import Counting
from hubbub.release.engines import Engine, OnDuckDB, OnSpark
from hubbub.release.site_plan import plan_of
from hubbub.store.engines.duckdb import DuckDB
from hubbub.store.engines.spark import SparkApplication

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from spark_cluster import Cluster

PAGES = tuple(f"/page/{n}" for n in range(PUBLIC_PAGES))
TICKS = os.sysconf("SC_CLK_TCK")
LIMITS = {"spark.driver.memory": "1g", "spark.executor.memory": "2g", "spark.executor.extraJavaOptions": "-Xss1m"}


def count(folder: Path, engine: Engine[Any]) -> float:
    """Seconds of counting every measure of the day."""
    raw = store(folder)[1]
    site = Site(SOURCE, pages=PAGES)
    plan = plan_of(site, Settings((site,)))
    sealed = [raw.seal(SOURCE, DAY)]
    began = time.perf_counter()
    for part in engine.parts(raw, sealed, 5_000_000):
        counting = Counting.at(engine.bench(part, DAY), [DAY])
        with counting:
            counting.prepare(plan, PAGES, ())
            counting.list_keys("page", {DAY: PAGES})
            counting.count_all(plan.measures)
    return time.perf_counter() - began


def processor_seconds(marks: tuple[str, ...]) -> float:
    """What all processes whose command has one of these texts have used, their ended children too."""
    total = 0
    for process in Path("/proc").iterdir():
        try:
            command = (process / "cmdline").read_bytes().decode(errors="replace")
            if process.name == str(os.getpid()) or any(mark in command for mark in marks):
                fields = (process / "stat").read_text().rpartition(")")[2].split()
                total += sum(map(int, fields[11:15]))
        except OSError:
            continue
    return total / TICKS


def measured(work: Callable[[], float], marks: tuple[str, ...] = ()) -> tuple[float, float]:
    """Seconds, and seconds of processors."""
    before = processor_seconds(marks)
    seconds = work()
    return seconds, processor_seconds(marks) - before


def main() -> None:
    """Measure, print a line an engine and size, then one JSON line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000_000, 10_000_000])
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    asked = parser.parse_args()
    ratios: dict[str, float] = {}
    figures: dict[str, float] = {"cores": float(len(os.sched_getaffinity(0)))}
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as name:
        homes = {size: Path(name) / str(size) for size in asked.rows}
        rows = {size: fill(home, size) for size, home in homes.items()}
        plain: dict[int, tuple[float, float]] = {}
        for size, home in homes.items():
            plain[size] = measured(lambda home=home: count(home, OnDuckDB(DuckDB)))  # type: ignore[misc]
            tell(figures, "duckdb", size, rows[size], plain[size])
        for workers in asked.workers:
            cluster = Cluster(workers, memory="2600m", settings=LIMITS)
            os.environ.update(cluster.environment)
            application = SparkApplication(cluster.url, Path(name) / "driver")
            began = time.perf_counter()
            application.session()
            figures[f"spark_{workers}_start_s"] = round(time.perf_counter() - began, 1)
            marks = (str(cluster.folder), "SparkSubmit", "pyspark.daemon")
            for size, home in homes.items():
                both = measured(lambda home=home: count(home, OnSpark(application)), marks)  # type: ignore[misc] # noqa: B023
                tell(figures, f"spark_{workers}", size, rows[size], both)
                ratios[f"spark_{workers}_to_duckdb_{size // 1_000_000}m"] = round(both[0] / plain[size][0], 2)
                ratios[f"spark_{workers}_to_duckdb_cpu_{size // 1_000_000}m"] = round(both[1] / plain[size][1], 2)
            application.end()
            cluster.end()
    print(json.dumps({"benchmark": "engines", "ratios": ratios, "figures": figures}))


def tell(figures: dict[str, float], engine: str, size: int, rows: int, measured: tuple[float, float]) -> None:
    """Print a line and note its figures."""
    seconds, cpu = measured
    name = f"{engine}_{size // 1_000_000}m"
    figures |= {f"{name}_s": round(seconds, 2), f"{name}_cpu_s": round(cpu, 2)}
    figures[f"{name}_cpu_s_a_million"] = round(cpu / rows * 1e6, 2)
    print(f"{engine}: {rows:,} rows in {seconds:.1f} s, {cpu:.1f} s of processors", flush=True)


if __name__ == "__main__":
    main()
