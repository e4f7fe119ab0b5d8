"""Two private queries by page, beside five peers: how wrong, how much is released, how long, how much memory.

Page views and distinct devices by page of a simulated day (`release_data`): 10 million events, 1 million device-days,
20,000 pages of which 3,000 are one device's. ε = 1 and δ = 1e-9 for both queries together; nobody knows the keys
beforehand. U is the mean over pages with at least 100 true devices of min(1, relative error to the true, unbounded
figure); a page that is not released counts 1. Peers' results are kept in `.bench/results.json`: `--peers` runs what is
missing there, which takes hours; they run at the bounds best for them (`release_rehearsal`, `release_peers`).

Seconds are from rows at rest to the last released value, for hubbub the whole close. Processor seconds stand beside
them, as they depend less on who else uses the machine.

    python benchmarks/release.py [--rows 10000000] [--earlier 7] [--peers] [--growth]
"""

import argparse
import json
import multiprocessing
import os
import resource
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import TypeVar

import duckdb
from release_data import EVENTS, World
from release_hubbub import QUERIES, Side, measure_day
from release_peers import ALL, BENCH, Result, best, digest, kept, measure, write_rows
from release_rehearsal import Truth

T = TypeVar("T")
PLAIN = (
    "SELECT page, count(*) FROM read_parquet('{}') GROUP BY page",
    "SELECT page, count(DISTINCT unit) FROM read_parquet('{}') GROUP BY page",
)
SIZES = (1_000_000, 10_000_000, 100_000_000)


def alone(work: Callable[..., T], *args: object) -> T:
    """Run in a fresh process, so that its peak of memory is its own."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(work, *args).result()


def plain(path: Path, runs: int = 3) -> dict[str, float]:
    """DuckDB's plain, unbounded GROUP BYs on the same file: the fastest of some runs, both queries together."""
    found = []
    with duckdb.connect() as connection:
        for _ in range(runs):
            began, used = time.perf_counter(), time.process_time()
            for query in PLAIN:
                connection.sql(query.format(path)).fetchall()
            found.append((time.perf_counter() - began, time.process_time() - used))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    return {"seconds": min(s for s, _ in found), "cpu_seconds": min(c for _, c in found), "peak_mb": peak}


def as_result(side: Side, truth: Truth) -> Result:
    """Hubbub's day in the form of a peer's run."""
    result: Result = {
        "seconds": side.seconds,
        "cpu_seconds": side.cpu_seconds,
        "seal_seconds": side.seal_seconds,
        "peak_mb": side.peak_mb,
        "known": side.known,
    }
    for query in QUERIES:
        released = getattr(side, query)
        result |= {
            f"u_{query}": truth.error(released, query),
            f"share_{query}": truth.share_released(released),
            f"u_drawn_{query}": truth.error(getattr(side, f"drawn_{query}"), query),
            f"spurious_{query}": truth.spurious({page: 0.0 for page in side.new}),
        }
    return result


def peers_on(rows: int, run_missing: bool) -> tuple[Truth, Path, dict[str, Result]]:
    """The truth, the file, and each peer's best run on these rows."""
    BENCH.mkdir(exist_ok=True)
    events = World().day(0, rows)
    truth, data, path = Truth.of(events), digest(events), BENCH / f"rows_{rows}.parquet"
    write_rows([events], path)
    del events
    found = {}
    for peer in ALL:
        result = measure(peer, path, truth, data) if run_missing else kept().get(peer.name, {})
        if result.get("refused"):
            print(f"{peer.name} is not there: {result['refused'].splitlines()[-1]}")
        elif result.get("data") == data and (run := best(result)):
            found[peer.name] = run | {"date": result["date"]}
        else:
            print(f"{peer.name} was not run on these rows: --peers")
    return truth, path, found


def compare(rows: int, earlier: int, run_peers: bool) -> None:
    """The table, and the line of JSON."""
    truth, path, found = peers_on(rows, run_peers)
    base = alone(plain, path)
    first = as_result(alone(measure_day, rows, None, BENCH), truth)
    steady = as_result(alone(measure_day, rows, earlier, BENCH), truth)
    lines = {"hubbub, first day": first, f"hubbub, steady day ({earlier} of 60 by row)": steady, **found}
    print(f"{'':38}  U views  U dev.  released  spurious       s   cpu s  × plain      MB")
    spent = f"{base['seconds']:>8.2f}{base['cpu_seconds']:>8.2f}{1:>9}{base['peak_mb']:>8.0f}"
    print(f"{'DuckDB, plain, no privacy':38}{'':37}{spent}")
    for name, run in lines.items():
        print(
            f"{name:38}{run['u_views']:>9.3f}{run['u_devices']:>8.3f}{run['share_devices']:>10.3f}"
            f"{run['spurious_views'] + run['spurious_devices']:>10}{run['seconds']:>8.1f}{run['cpu_seconds']:>8.1f}"
            f"{run['cpu_seconds'] / base['cpu_seconds']:>9.1f}{run['peak_mb']:>8.0f}"
        )
    ratios: dict[str, float] = {
        "close_over_plain": first["seconds"] / base["seconds"],
        "close_over_plain_cpu": first["cpu_seconds"] / base["cpu_seconds"],
    }
    for name, run in found.items():
        ratios |= {
            f"{name}_u_views_over_first": run["u_views"] / first["u_views"],
            f"{name}_u_devices_over_first": run["u_devices"] / first["u_devices"],
            f"{name}_u_views_over_steady": run["u_views"] / steady["u_views"],
            f"{name}_u_devices_over_steady": run["u_devices"] / steady["u_devices"],
            f"{name}_seconds_over_close": run["seconds"] / first["seconds"],
            f"{name}_cpu_over_close": run["cpu_seconds"] / first["cpu_seconds"],
            f"{name}_peak_over_close": run["peak_mb"] / first["peak_mb"],
        }
    figures = {"cores": len(os.sched_getaffinity(0)), "load": round(os.getloadavg()[0], 1), "plain": base, **lines}
    tell(ratios, figures)


def grow() -> None:
    """The first day's close at 1, 10 and 100 million events, beside the plain GROUP BYs on the same rows."""
    ratios: dict[str, float] = {}
    figures: dict[str, object] = {"cores": len(os.sched_getaffinity(0))}
    a_row = []
    for rows in SIZES:
        path = BENCH / f"rows_{rows}.parquet"
        BENCH.mkdir(exist_ok=True)
        alone(write_day, path, rows)
        base, side = alone(plain, path), alone(measure_day, rows, None, BENCH)
        name = f"{rows // 1_000_000}m"
        ratios[f"plain_{name}"] = side.seconds / base["seconds"]
        ratios[f"plain_cpu_{name}"] = side.cpu_seconds / base["cpu_seconds"]
        figures |= {
            f"close_s_{name}": side.seconds, f"close_cpu_s_{name}": side.cpu_seconds, f"close_mb_{name}": side.peak_mb,
            f"plain_s_{name}": base["seconds"], f"plain_mb_{name}": base["peak_mb"],
        }  # fmt: skip
        a_row.append(side.cpu_seconds / rows)
        print(f"{rows:>12,} rows: close {side.seconds:.1f} s, {side.peak_mb:,.0f} MB; plain {base['seconds']:.2f} s")
    figures["growth_a_row"] = a_row[-1] / a_row[0]
    tell(ratios, figures)


def write_day(path: Path, rows: int) -> None:
    """The measured day's rows as Parquet, in parts when there are many."""
    write_rows(World().parts(0, rows), path)


def tell(ratios: dict[str, float], figures: dict[str, object]) -> None:
    """The last line."""
    rounded = {name: round(value, 3) for name, value in ratios.items()}
    print(json.dumps({"benchmark": "release", "ratios": rounded, "figures": figures}, default=str))


def main() -> None:
    """Read the options."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=EVENTS)
    parser.add_argument("--earlier", type=int, default=7, help="how many of the 60 earlier days are closed row by row")
    parser.add_argument("--peers", action="store_true", help="run peers whose result is missing")
    parser.add_argument("--growth", action="store_true", help="instead: 1, 10 and 100 million events")
    chosen = parser.parse_args()
    if chosen.growth:
        grow()
    else:
        compare(chosen.rows, chosen.earlier, chosen.peers)


if __name__ == "__main__":
    main()
