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
import os
import resource
import time
from pathlib import Path

import duckdb
from release_data import EVENTS, World
from release_hubbub import QUERIES, Side, measure_day
from release_peers import ALL, BENCH, Result, best, digest, ended_runs, kept, measure, write_rows
from release_rehearsal import Truth
from release_watch import alone

PLAIN = (
    "SELECT page, count(*) FROM read_parquet('{}') GROUP BY page",
    "SELECT page, count(DISTINCT unit) FROM read_parquet('{}') GROUP BY page",
)
SIZES = (1_000_000, 10_000_000, 100_000_000)


def plain(path: Path, runs: int = 3) -> dict[str, float]:
    """DuckDB's plain, unbounded GROUP BYs on the same file: the fastest of some runs, both queries together."""
    found = []
    with duckdb.connect() as connection:
        connection.execute("SET enable_progress_bar = false")
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


def rows_on_disk(rows: int) -> tuple[Truth, str, Path]:
    """The truth of the measured day, which rows these are, and the file."""
    BENCH.mkdir(exist_ok=True)
    events, path = World().day(0, rows), BENCH / f"rows_{rows}.parquet"
    write_rows([events], path)
    return Truth.of(events), digest(events), path


def peers_on(truth: Truth, data: str, path: Path, run_missing: bool) -> dict[str, list[Result]]:
    """The runs of each peer on these rows that came to an end; of one that has none what was rehearsed of it."""
    found: dict[str, list[Result]] = {}
    for peer in ALL:
        result = measure(peer, path, truth, data) if run_missing else kept().get(peer.name, {})
        ended = ended_runs(result) if result.get("data") == data else []
        if ended:
            found[peer.name] = ended
        elif result.get("refused"):
            print(f"{peer.name} is not there: {result['refused'].splitlines()[-1]}")
        elif rehearsed := rehearsal(peer.name, data):
            print(f"{peer.name} was not run on these rows (--peers): what stands below was rehearsed")
            found[peer.name] = [rehearsed]
        else:
            print(f"{peer.name} was not run on these rows: --peers")
    return found


def rehearsal(name: str, data: str) -> Result | None:
    """The best setting of `release_grids` on these rows, in the form of a run, without time and memory."""
    path = BENCH / "grids.json"
    told = json.loads(path.read_text()) if path.exists() else {}
    if told.get("data") != data or name not in told:
        return None
    best_of = told[name]["best"][0]
    found: Result = {"settings": {"way": "keys_first, rehearsed"}, "spurious_views": 0, "spurious_devices": 0}
    for query in QUERIES:
        found |= {f"u_{query}": best_of[f"u_{query}"], f"share_{query}": best_of["released"]}
    return found


def compare(rows: int, earlier: int, run_peers: bool) -> None:
    """The table, and the line of JSON."""
    truth, data, path = rows_on_disk(rows)
    peers = peers_on(truth, data, path, run_peers)
    base = alone(plain, path)
    first = as_result(measure_day(rows, None, BENCH), truth)
    steady = as_result(measure_day(rows, earlier, BENCH), truth)
    lines = {"hubbub, first day": first, f"hubbub, steady day ({earlier} of 60 by row)": steady}
    for name, runs in peers.items():
        lines |= {f"{name}, {way}": best(each) for way, each in by_way(runs).items()}
    print(f"{'':38}  U views  U dev.  released  spurious       s   cpu s  × plain      MB")
    spent = f"{base['seconds']:>8.2f}{base['cpu_seconds']:>8.2f}{1:>9}{base['peak_mb']:>8.0f}"
    print(f"{'DuckDB, plain, no privacy':38}{'':37}{spent}")
    for name, run in lines.items():
        print(f"{name:38}{told_of(run, base)}")
    ratios: dict[str, float] = {
        "close_over_plain": first["seconds"] / base["seconds"],
        "close_over_plain_cpu": first["cpu_seconds"] / base["cpu_seconds"],
    }
    for name, runs in peers.items():
        ratios |= ratios_of(name, runs, first, steady)
    figures = {
        "data": data,
        "cores": len(os.sched_getaffinity(0)),
        "load": round(os.getloadavg()[0], 1),
        "plain": base,
        **lines,
    }
    tell(ratios, figures)


def by_way(runs: list[Result]) -> dict[str, list[Result]]:
    """Runs by their way."""
    ways: dict[str, list[Result]] = {}
    for run in runs:
        ways.setdefault(run["settings"]["way"], []).append(run)
    return ways


def told_of(run: Result, base: dict[str, float]) -> str:
    """A run's part of its line."""
    spurious = run["spurious_views"] + run["spurious_devices"]
    found = f"{run['u_views']:>9.3f}{run['u_devices']:>8.3f}{run['share_devices']:>10.3f}{spurious:>10}"
    if "seconds" not in run:
        return found
    times = run["cpu_seconds"] / base["cpu_seconds"]
    return f"{found}{run['seconds']:>8.1f}{run['cpu_seconds']:>8.1f}{times:>9.1f}{run['peak_mb']:>8.0f}"


def ratios_of(name: str, runs: list[Result], first: Result, steady: Result) -> dict[str, float]:
    """A peer to hubbub: errors at the peer's best bounds, time and memory of whichever of its runs had least."""
    found = {
        f"{name}_u_{query}_over_{day}": best(runs)[f"u_{query}"] / ours[f"u_{query}"]
        for query in QUERIES
        for day, ours in (("first", first), ("steady", steady))
    }
    for what in ("seconds", "cpu_seconds", "peak_mb"):
        measured = [run[what] for run in runs if what in run]
        if measured:
            found[f"{name}_{what}_over_close"] = min(measured) / first[what]
    return found


def grow() -> None:
    """The first day's close at 1, 10 and 100 million events, beside the plain GROUP BYs on the same rows."""
    ratios: dict[str, float] = {}
    figures: dict[str, object] = {"cores": len(os.sched_getaffinity(0))}
    a_row = []
    for rows in SIZES:
        path = BENCH / f"rows_{rows}.parquet"
        BENCH.mkdir(exist_ok=True)
        alone(write_day, path, rows)
        base, side = alone(plain, path), measure_day(rows, None, BENCH)
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
