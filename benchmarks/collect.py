"""Durable events a second, by protocol, as a ratio to bare servers that read the same request and answer 202.

All are granian with the same options and the same garbage collector settings; wrk (Debian) sends different requests of
2,500 user agents and 10,000 pages, to bare and hubbub in turn. hubbub's answer means that the row is on disk; at the
end the stored rows are counted and must equal the rows acknowledged. The baseline is bare RSGI, the interface that
hubbub has, too; for Plausible's events bare ASGI, which most Python servers speak, is a second one. A batch of
`events` has 100 events: its ratio is of requests, its figure of events.

    python benchmarks/collect.py [--protocols plausible,umami,…] [--seconds 4] [--pairs 3] [--workers 1]
    python benchmarks/collect.py --minutes 5    one protocol's load for that long, and the worker's memory meanwhile
"""

import argparse
import json
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from collect_servers import HOME, SystemClock

from hubbub.serve.status import workers
from hubbub.store.keyfile import KeyFile
from hubbub.store.raw import RawStore

HERE = Path(__file__).parent
PROTOCOLS = ("plausible", "umami", "matomo", "goatcounter", "pixel", "events")
EVENTS_A_REQUEST = {"events": 100}
CONNECTIONS = (64, 512)
WARM_UP_S = 3
WARM_UP_REQUESTS = 25_000  # each of the 20,000 was there once, as in a server that has run for an hour
WARM_UPS = 10
SAMPLE_S = 30
SETTLED_S = 60  # caches fill in the first minute


class Run(msgspec.Struct, frozen=True):
    """What wrk saw."""

    requests: int
    seconds: float
    refused: int
    failed: int
    p50_ms: float
    p99_ms: float

    @property
    def rate(self) -> float:
        """Requests a second that were not refused."""
        return (self.requests - self.refused) / self.seconds


class Server:
    """granian with a target of `collect_servers`, ended with `stop`."""

    def __init__(self, target: str, home: Path, loop: str, workers: int = 1) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        interface = "asginl" if target.endswith("asgi") else "rsgi"
        command = [sys.executable, "-m", "granian", "--interface", interface, "--factory", "--no-ws"]
        command += ["--workers", str(workers), "--loop", loop, "--backlog", "2048", "--port", str(self.port)]
        self._process = subprocess.Popen(
            [*command, f"collect_servers:{target}"],
            cwd=HERE,
            env=os.environ | {HOME: str(home)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        for _ in range(600):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5):
                    return
            except OSError:
                time.sleep(0.05)
        self.stop()
        raise SystemExit(f"the {target} server did not start")

    def load(self, protocol: str, connections: int, seconds: int) -> Run:
        """Let wrk send for a while."""
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", str(HERE / "collect.lua")]
        said = subprocess.run(
            [*command, f"http://127.0.0.1:{self.port}", "--", protocol],
            check=True,
            capture_output=True,
            timeout=seconds + 60,
        )
        return msgspec.json.decode(said.stdout.splitlines()[-1], type=Run)

    def stop(self) -> None:
        """End it and its workers."""
        os.killpg(self._process.pid, signal.SIGTERM)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


class Home:
    """The folder that hubbub's workers keep their rows in."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def memory_mb(self, field: str) -> float:
        """Resident memory of the workers: `VmRSS` now, `VmHWM` at its peak."""
        told = [Path(f"/proc/{worker.pid}/status").read_text() for worker in workers(self.folder / "run")]
        return sum(int(text.split(f"{field}:")[1].split()[0]) for text in told) / 1024

    def counted(self) -> tuple[int, int, int]:
        """Received, accepted and dropped events, once the requests that wrk left behind are settled."""
        before = None
        while True:
            now = workers(self.folder / "run")
            if now == before and not any(worker.queue for worker in now):
                return (
                    sum(worker.received for worker in now),
                    sum(worker.accepted for worker in now),
                    sum(worker.dropped for worker in now),
                )
            before = now
            time.sleep(0.5)

    def stored(self) -> int:
        """Rows on disk."""
        clock = SystemClock()
        store = RawStore(self.folder / "raw", KeyFile(self.folder / "keys" / "secrets.db", clock), clock)
        return sum(found.rows for found in store.days())


@contextmanager
def serving(targets: tuple[str, ...], home: Home, loop: str, count: int) -> Iterator[dict[str, Server]]:
    """The servers, which are ended at the end."""
    servers: dict[str, Server] = {}
    try:
        for target in targets:
            servers[target] = Server(target, home.folder, loop, count)
        yield servers
    finally:
        for server in servers.values():
            server.stop()


def measure(protocol: str, home: Home, asked: argparse.Namespace) -> tuple[dict[str, float], dict[str, float]]:
    """All pairs of one protocol: ratios and figures. The store is checked against the answers."""
    ratios: dict[str, float] = {}
    figures: dict[str, float] = {}
    events = EVENTS_A_REQUEST.get(protocol, 1)
    targets = ("bare", "bare_asgi", "hubbub") if protocol == "plausible" else ("bare", "hubbub")
    sent = 0
    with serving(targets, home, asked.loop, asked.workers) as servers:
        for target in targets[:-1]:
            servers[target].load(protocol, 64, WARM_UP_S)
        for _ in range(WARM_UPS):
            sent += servers["hubbub"].load(protocol, 64, WARM_UP_S).requests
            if sent * events >= WARM_UP_REQUESTS:
                break
        for connections in CONNECTIONS:
            found: list[dict[str, Run]] = []
            for _ in range(asked.pairs):
                runs = {name: server.load(protocol, connections, asked.seconds) for name, server in servers.items()}
                sent += runs["hubbub"].requests
                found.append(runs)
                print(
                    f"{protocol:12} {connections:4} connections: "
                    + "   ".join(f"{name} {run.rate:6.0f}/s p99 {run.p99_ms:5.1f} ms" for name, run in runs.items())
                    + f"   ratio {runs['hubbub'].rate / runs['bare'].rate:.3f}"
                    + f"   refused {runs['hubbub'].refused} failed {runs['hubbub'].failed}",
                    flush=True,
                )
            for target in targets[:-1]:
                ratio = statistics.median(runs["hubbub"].rate / runs[target].rate for runs in found)
                ratios[f"{protocol}_{connections}_to_{target}"] = round(ratio, 3)
            ours = [runs["hubbub"] for runs in found]
            figures[f"{protocol}_{connections}_events_s"] = round(statistics.median(run.rate for run in ours) * events)
            figures[f"{protocol}_{connections}_p99_ms"] = round(statistics.median(run.p99_ms for run in ours), 1)
        received, accepted, dropped = home.counted()
        figures[f"{protocol}_rss_mb"] = round(home.memory_mb("VmHWM"))
    stored = home.stored()
    print(f"answers seen by wrk {sent}, acknowledged events {accepted}, stored {stored}, dropped {dropped}")
    if stored != accepted or dropped or sent * events > received:
        raise SystemExit("the store does not hold what was acknowledged")
    return ratios, figures


def watch_memory(protocol: str, home: Home, asked: argparse.Namespace) -> tuple[dict[str, float], dict[str, float]]:
    """Load for minutes at 512 connections, with a look at the worker's memory every half minute."""
    found: list[tuple[float, float]] = []
    with serving(("hubbub",), home, asked.loop, asked.workers) as servers:
        servers["hubbub"].load(protocol, 64, WARM_UP_S)
        began, sent = time.monotonic(), 0
        while time.monotonic() - began < asked.minutes * 60:
            sent += servers["hubbub"].load(protocol, max(CONNECTIONS), SAMPLE_S).requests
            found.append((time.monotonic() - began, home.memory_mb("VmRSS")))
            print(f"{found[-1][0]:5.0f} s   {found[-1][1]:6.1f} MB   {sent} requests", flush=True)
        received, accepted, _ = home.counted()
    stored = home.stored()
    if stored != accepted or sent > received:
        raise SystemExit("the store does not hold what was acknowledged")
    settled = [each for each in found if each[0] > SETTLED_S] or found
    slope = statistics.linear_regression(*zip(*settled, strict=True)).slope * 60 if len(settled) > 1 else 0.0
    figures = {"rss_mb": round(found[-1][1]), "rss_slope_mb_a_minute": round(slope, 2), "stored": stored}
    return {"rss_last_to_first": round(settled[-1][1] / settled[0][1], 3)}, figures


def main() -> None:
    """Parse, measure, print the line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--protocols", default=",".join(PROTOCOLS))
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=0)
    parser.add_argument("--loop", default="uvloop")
    asked = parser.parse_args()
    if shutil.which("wrk") is None:
        raise SystemExit("wrk is needed: apt-get install wrk")
    ratios: dict[str, float] = {}
    figures: dict[str, float] = {"workers": asked.workers}
    for protocol in asked.protocols.split(",")[: 1 if asked.minutes else None]:
        with tempfile.TemporaryDirectory(prefix="hubbub-collect-") as folder:
            part = (watch_memory if asked.minutes else measure)(protocol, Home(Path(folder)), asked)
        ratios |= part[0]
        figures |= part[1]
    print(json.dumps({"benchmark": "collect", "ratios": ratios, "figures": figures}))


if __name__ == "__main__":
    main()
