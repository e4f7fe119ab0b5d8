"""The peers' half of the release benchmark: each in its own environment, on one Parquet file, at its best bounds.

    python benchmarks/release_peers.py [--only python-dp opendp] [--rows 10000000]

Environments are made under `.bench/` with pip; what pip says when one cannot be made is the peer's result. Runs are
kept in `.bench/results.json` with version, data and date, and are read from there by `release.py`.
"""

import argparse
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from release_data import EVENTS, Events, World
from release_rehearsal import Truth
from release_watch import watch

BENCH = Path(__file__).parents[1] / ".bench"
PEERS = Path(__file__).with_name("peers")
Settings = dict[str, Any]
Result = dict[str, Any]


@dataclass(frozen=True)
class Peer:
    """A peer: how it is installed, its script, and the grid of ways and bounds to run for real.

    The grids are short: `release_grids` rehearses some thousands of bounds for each peer, and these are its best beside
    the way of the peer's own documentation (a run of the slower peers takes minutes).
    """

    name: str
    packages: tuple[str, ...]
    script: str
    grid: tuple[Settings, ...]


def _direct(**bounds: object) -> Settings:
    return {"way": "direct", **bounds}


def _keys_first(**bounds: object) -> Settings:
    return {"way": "keys_first", **bounds}


ALL = (
    Peer(
        "python-dp",
        ("python-dp", "pyarrow", "numpy"),
        "python_dp.py",
        (
            _direct(device_pages=10, view_share=0.5, view_noise="gaussian", view_pages=10, view_rows=3),
            _direct(device_pages=8, view_share=0.2, view_noise="gaussian", view_pages=15, view_rows=2),
            *(
                _keys_first(
                    key_pages=pages, key_share=key, device_pages=device_pages,
                    view_share=view, view_noise="laplace", view_rows=rows,
                )
                for pages, key, device_pages, view, rows in (
                    (1, 0.7, 10, 0.15, 20), (1, 0.8, 8, 0.1, 15),
                )
            ),
        ),
    ),
    Peer(
        "opendp",
        ("opendp[polars]", "pyarrow"),
        "opendp_polars.py",
        (
            _direct(device_pages=10, device_share=0.5, view_pages=11, view_rows=3),
            _keys_first(key_pages=4, key_share=0.7, device_pages=20, device_share=0.15, view_pages=16, view_rows=3),
        ),
    ),
    Peer(
        "pipelinedp",
        ("pipeline-dp", "pyarrow"),
        "pipelinedp.py",
        (
            _direct(pages=10, rows_a_page=3),
            _keys_first(key_pages=1, key_share=0.7, device_pages=12, view_share=0.15, view_pages=8, view_rows=3),
        ),
    ),
    Peer(
        "tumult",
        ("tmlt.analytics",),
        "tumult.py",
        (
            _keys_first(key_pages=1, key_share=0.8, device_pages=8, view_share=0.1, view_rows=15),
            _direct(pages=5, view_rows=10),
        ),
    ),
    Peer(
        "smartnoise",
        ("smartnoise-sql", "pyarrow"),
        "smartnoise.py",
        (
            _direct(max_ids=4),
            _keys_first(key_pages=1, key_share=0.8, device_rows=10, view_share=0.1, view_rows=15),
        ),
    ),
)  # fmt: skip


def write_rows(parts: Iterable[Events], path: Path) -> None:
    """One Parquet file that every engine reads."""
    schema = pa.schema(
        [
            ("unit", pa.int64()), ("page", pa.int32()), ("district", pa.int8()), ("device_class", pa.int8()),
            ("day", pa.date32()),
        ]
    )  # fmt: skip
    with pq.ParquetWriter(path, schema) as writer:
        for events in parts:
            day = pa.repeat(pa.scalar(events.day), len(events))
            columns = {name: day if name == "day" else getattr(events, name) for name in schema.names}
            writer.write_table(pa.table(columns, schema), row_group_size=1_000_000)


def digest(events: Events) -> str:
    """Which rows these are."""
    found = hashlib.sha256()
    for name in ("unit", "page", "district", "device_class"):
        found.update(np.ascontiguousarray(getattr(events, name)).tobytes())
    return found.hexdigest()[:16]


def environment(peer: Peer) -> tuple[Path, str]:
    """The peer's Python, made when it is not there yet; and what pip said when it could not be made."""
    folder = BENCH / peer.name
    python = folder / "bin" / "python"
    done = folder / "installed"
    if done.exists():
        return python, ""
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *peer.packages]
    made = subprocess.run(pip, capture_output=True, text=True, check=False)
    if made.returncode:
        return python, "\n".join(line for line in made.stderr.splitlines() if "ERROR" in line)[-1000:]
    done.touch()
    return python, ""


def measure(peer: Peer, rows: Path, truth: Truth, data: str) -> Result:
    """Run what of the peer's grid was not run on these rows before; what it released is compared and dropped."""
    python, refused = environment(peer)
    now = datetime.now(UTC).isoformat(timespec="minutes")
    if refused:
        keep(peer.name, {"data": data, "date": now, "refused": refused, "runs": []})
        return kept()[peer.name]
    before = kept().get(peer.name, {})
    runs: list[Result] = before.get("runs", []) if before.get("data") == data else []
    result: Result = {"data": data, "date": now, "runs": runs}
    for settings in peer.grid:
        if all(run["settings"] != settings for run in runs):
            runs.append(one_run(peer, python, settings, rows, truth) | {"date": now})
            keep(peer.name, result)
    return result


def one_run(peer: Peer, python: Path, settings: Settings, rows: Path, truth: Truth) -> Result:
    """One process: its error for both queries, shares, spurious keys, time and memory."""
    asked, answered = BENCH / f"{peer.name}.settings.json", BENCH / f"{peer.name}.answer.json"
    asked.write_text(json.dumps({"rows": str(rows), **settings}))
    answered.unlink(missing_ok=True)
    command = [str(python), str(PEERS / peer.script), str(asked), str(answered)]
    use = watch(command, {**os.environ, "PYTHONWARNINGS": "ignore"}, BENCH / f"{peer.name}.log")
    load = round(os.getloadavg()[0], 1)
    if use.code or not answered.exists():
        result: Result = {"settings": settings, "failed": use.said[-600:], "load": load}
        print(peer.name, json.dumps(result), flush=True)
        return result
    answer = json.loads(answered.read_text())
    result = {
        "settings": settings,
        "version": answer["version"],
        "seconds": round(answer["seconds"], 2),
        "cpu_seconds": round(use.cpu_seconds, 1),
        "peak_mb": round(use.peak_mb),
        "load": load,
    }
    for query in ("views", "devices"):
        released = {int(page): value for page, value in answer[query].items()}
        result |= {
            f"u_{query}": round(truth.error(released, query), 4),
            f"share_{query}": round(truth.share_released(released), 4),
            f"spurious_{query}": truth.spurious(released),
        }
    print(peer.name, json.dumps(result), flush=True)
    return result


def ended_runs(result: Result) -> list[Result]:
    """The runs that came to an end."""
    return [run for run in result.get("runs", []) if "failed" not in run]


def best(runs: list[Result]) -> Result:
    """The run with the smallest sum of both errors."""
    return min(runs, key=lambda run: float(run["u_views"] + run["u_devices"]))


def kept() -> dict[str, Result]:
    """Results of earlier runs, by peer."""
    path = BENCH / "results.json"
    found: dict[str, Result] = json.loads(path.read_text()) if path.exists() else {}
    return found


def keep(name: str, result: Result) -> None:
    """Write a peer's result beside the others'."""
    (BENCH / "results.json").write_text(json.dumps({**kept(), name: result}, indent=1))


def main() -> None:
    """Run the peers that are asked for, one after the other."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=[each.name for each in ALL], default=[each.name for each in ALL])
    parser.add_argument("--rows", type=int, default=EVENTS)
    parser.add_argument("--again", action="store_true", help="forget what these peers did before")
    chosen = parser.parse_args()
    BENCH.mkdir(exist_ok=True)
    events = World().day(0, chosen.rows)
    truth, data, path = Truth.of(events), digest(events), BENCH / f"rows_{chosen.rows}.parquet"
    write_rows([events], path)
    del events
    by_name = {peer.name: peer for peer in ALL}
    for name in chosen.only:
        if chosen.again:
            keep(name, {})
        measure(by_name[name], path, truth, data)


if __name__ == "__main__":
    main()
