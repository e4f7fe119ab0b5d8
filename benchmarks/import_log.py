"""Log lines a second of `hubbub import log`, closes included, as a ratio to GoAccess on the same file.

The real log, five copies one after the other, is read by `goaccess FILE --log-format=COMBINED -o out.json` and by
`hubbub --home H import log FILE --site S --final` in turn, each with the start of its process. The home is new each
time, so every day of the log is released and its secrets and rows are destroyed within the time that counts. Reading
alone (no sealing, no close) is measured in a new process too, after its imports.

    python benchmarks/import_log.py [--pairs 3] [--copies 5] [--log ../shared/data/weblog/access.log.gz]
"""

import argparse
import gzip
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from hashlib import sha256
from multiprocessing import get_context
from pathlib import Path

import pyarrow as pa

from hubbub.collect.logs.importer import import_logs
from hubbub.core.ports import ArrowStream
from hubbub.core.reasons import DropReason
from hubbub.core.settings import Site

DATA = Path(os.environ.get("HUBBUB_REAL_DATA", Path(__file__).parents[2] / "shared" / "data"))
SITE = "www.mongodbdev.com"
ZONE = "America/New_York"
HUBBUB = Path(sys.executable).with_name("hubbub")


class NoSecrets:
    """A key ring for reading alone."""

    def visitor_secret(self, source: str, day: date) -> bytes:
        """Bytes that anyone can compute."""
        return sha256(f"{source} {day}".encode()).digest()


class Nowhere:
    """A sink for reading alone: it counts rows."""

    def __init__(self) -> None:
        self.rows: Counter[tuple[str, date]] = Counter()
        self.drops: Counter[DropReason] = Counter()

    def write(self, source: str, day: date, rows: ArrowStream, drops: Mapping[DropReason, int]) -> None:
        """Count the rows."""
        self.rows[source, day] += pa.table(rows).num_rows
        self.drops.update(drops)


def timed(command: list[str]) -> float:
    """Seconds that a command takes, its process included. Raises when it fails."""
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - start


def time_goaccess(log: Path, folder: Path) -> float:
    """One run of GoAccess, without its progress line."""
    report = str(folder / "out.json")
    return timed(["goaccess", str(log), "--log-format=COMBINED", "--no-progress", "-o", report])


def time_hubbub(log: Path, folder: Path) -> float:
    """One import with all its closes, into a new home."""
    home = folder / "home"
    shutil.rmtree(home, ignore_errors=True)
    timed([str(HUBBUB), "init", str(home), "--site", SITE, "--timezone", ZONE])
    return timed([str(HUBBUB), "--home", str(home), "import", "log", str(log), "--site", SITE, "--final"])


def read(log: Path) -> tuple[float, float, int]:
    """Wall and processor seconds of reading and deriving alone, and the rows."""
    sink, closed = Nowhere(), frozenset[date]()
    start, used = time.perf_counter(), time.process_time()
    import_logs([log], Site(name=SITE), ZONE, "combined", NoSecrets(), sink, closed.__contains__)
    return time.perf_counter() - start, time.process_time() - used, sink.rows.total()


def time_reading(log: Path) -> tuple[float, float, int]:
    """`read` in a process of its own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(read, log).result()


def write_copies(source: Path, copies: int, target: Path) -> int:
    """Write the unpacked log several times into one file; how many lines that makes."""
    with gzip.open(source, "rb") as packed:
        text = packed.read()
    with target.open("wb") as out:
        for _ in range(copies):
            out.write(text)
    return text.count(b"\n") * copies


def main() -> None:
    """Run the pairs and print the result; the last line is JSON."""
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    arguments.add_argument("--pairs", type=int, default=3)
    arguments.add_argument("--copies", type=int, default=5)
    arguments.add_argument("--log", type=Path, default=DATA / "weblog" / "access.log.gz")
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="hubbub-import-") as temporary:
        folder = Path(temporary)
        log = folder / "access.log"
        lines = write_copies(chosen.log, chosen.copies, log)
        ratios, goaccess, hubbub, reading = [], [], [], []
        for pair in range(chosen.pairs):
            goaccess.append(time_goaccess(log, folder))
            hubbub.append(time_hubbub(log, folder))
            reading.append(time_reading(log))
            ratios.append(goaccess[-1] / hubbub[-1])
            print(
                f"pair {pair + 1}: goaccess {goaccess[-1]:.2f} s, hubbub {hubbub[-1]:.2f} s "
                f"(reading alone {reading[-1][0]:.2f} s), {ratios[-1]:.2f} times as many lines a second"
            )
    figures = {
        "lines": lines,
        "rows": reading[0][2],
        "goaccess_s": round(statistics.median(goaccess), 2),
        "hubbub_s": round(statistics.median(hubbub), 2),
        "hubbub_lines_per_s": round(lines / statistics.median(hubbub)),
        "reading_s": round(statistics.median(wall for wall, _, _ in reading), 2),
        "reading_cpu_s": round(statistics.median(used for _, used, _ in reading), 2),
    }
    result = {
        "benchmark": "import_log",
        "ratios": {"goaccess": round(statistics.median(ratios), 2)},
        "figures": figures,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
