"""Durable events a second, as a ratio to a bare server that reads the same POST and answers 202.

Both are one granian worker each with the same options and the same garbage collector settings; wrk (Debian) sends
20,000 different events of 2,500 user agents and 10,000 pages, bare and hubbub in turn. hubbub's 202 means that the row
is on disk; at the end the stored rows are counted and must equal the rows acknowledged.

    python benchmarks/collect.py [--seconds 6] [--pairs 3] [--loop asyncio]
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
import urllib.request
from pathlib import Path

import msgspec

from hubbub.core.settings import Settings, Site
from hubbub.serve import memory
from hubbub.serve.collector import collector_app
from hubbub.serve.rsgi import Application, Channel, Scope
from hubbub.serve.status import StatusSocket, workers
from hubbub.serve.tally import Tally, WorkerStatus
from hubbub.store.journal import Journal
from hubbub.store.keyfile import KeyFile
from hubbub.store.raw import RawStore

HERE = Path(__file__).parent
HOME = "HUBBUB_BENCHMARK_HOME"
CONNECTIONS = (64, 512)
WARM_UP_S = 3
WARM_UP_EVENTS = 25_000
SETTINGS = Settings(sites=(Site("portal.example"),))


class SystemClock:
    """The machine's time."""

    def now_ms(self) -> int:
        """Milliseconds since 1970 UTC."""
        return time.time_ns() // 1_000_000


def bare() -> Application:
    """A worker that reads a body, answers 202 and does nothing else."""

    headers = [("content-type", "text/plain")]

    async def app(scope: Scope, channel: Channel) -> None:
        if scope.method == "POST":
            await channel()
        channel.response_bytes(202, headers, b"ok")

    memory.settle()
    return app


def hubbub() -> Application:
    """A worker of the collector on the real store."""
    home = Path(os.environ[HOME])
    clock = SystemClock()
    keys = KeyFile(home / "keys" / "secrets.db", clock)
    journal = Journal(home / "raw", keys, clock, worker=str(os.getpid()))
    tally = Tally(clock, SETTINGS.timezone)
    StatusSocket(home / "run", tally, journal.flush)
    app = collector_app(SETTINGS, keys, journal, clock, tally=tally, is_healthy=lambda: journal.takes_rows)
    memory.settle()
    return app


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
        """Answers with 202 a second."""
        return (self.requests - self.refused) / self.seconds


class Server:
    """One granian worker, ended with `stop`."""

    def __init__(self, target: str, home: Path, loop: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        command = [sys.executable, "-m", "granian", "--interface", "rsgi", "--factory", "--no-ws"]
        command += ["--loop", loop, "--backlog", "2048", "--port", str(self.port), f"collect:{target}"]
        self._process = subprocess.Popen(
            command,
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

    def load(self, connections: int, seconds: int) -> Run:
        """Let wrk send for a while."""
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", str(HERE / "collect.lua")]
        said = subprocess.run(
            [*command, f"http://127.0.0.1:{self.port}"],
            check=True,
            capture_output=True,
            timeout=seconds + 60,
        )
        return msgspec.json.decode(said.stdout.splitlines()[-1], type=Run)

    def stop(self) -> None:
        """End it and its worker."""
        os.killpg(self._process.pid, signal.SIGTERM)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


def peak_rss_mb(pid: int) -> float:
    """Peak resident memory of a process."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def when_idle(home: Path) -> WorkerStatus:
    """The worker's figures once the requests that wrk left behind are settled."""
    before = None
    while True:
        (worker,) = workers(home / "run")
        if worker == before and worker.queue == 0:
            return worker
        before = worker
        time.sleep(0.5)


def measure(home: Path, seconds: int, pairs: int, loop: str) -> dict[str, object]:
    """Run all pairs, check the store against the answers, and give the result line."""
    servers = {"bare": Server("bare", home, loop), "hubbub": Server("hubbub", home, loop)}
    ratios, figures = {}, {}
    sent = 0
    try:
        servers["bare"].load(64, WARM_UP_S)
        while sent < WARM_UP_EVENTS:  # each of the 20,000 was there once, as in a server that has run for an hour
            sent += servers["hubbub"].load(64, WARM_UP_S).requests
        for connections in CONNECTIONS:
            found = []
            for _ in range(pairs):
                plain, durable = (servers[name].load(connections, seconds) for name in ("bare", "hubbub"))
                sent += durable.requests
                found.append((durable.rate / plain.rate, plain, durable))
                print(
                    f"{connections:4} connections: bare {plain.rate:7.0f}/s p99 {plain.p99_ms:6.1f} ms"
                    f"   hubbub {durable.rate:7.0f}/s p99 {durable.p99_ms:6.1f} ms   ratio {found[-1][0]:.3f}"
                    f"   refused {durable.refused} failed {durable.failed}",
                    flush=True,
                )
            ratios[f"bare_{connections}"] = round(statistics.median(ratio for ratio, _, _ in found), 3)
            figures[f"p99_ms_{connections}"] = round(statistics.median(run.p99_ms for _, _, run in found), 1)
            figures[f"events_s_{connections}"] = round(statistics.median(run.rate for _, _, run in found))
        worker = when_idle(home)
        figures["rss_mb"] = round(peak_rss_mb(worker.pid))
    finally:
        for server in servers.values():
            server.stop()
    clock = SystemClock()
    store = RawStore(home / "raw", KeyFile(home / "keys" / "secrets.db", clock), clock)
    stored = sum(found.rows for found in store.days())
    print(f"answers seen by wrk {sent}, acknowledged {worker.accepted}, stored {stored}, dropped {worker.dropped}")
    if stored != worker.accepted or sent > worker.received:
        raise SystemExit("the store does not hold what was acknowledged")
    figures["stored"] = stored
    return {"benchmark": "collect", "ratios": ratios, "figures": figures}


def main() -> None:
    """Parse, measure, print the line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=6)
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--loop", default="asyncio")
    asked = parser.parse_args()
    if shutil.which("wrk") is None:
        raise SystemExit("wrk is needed: apt-get install wrk")
    with tempfile.TemporaryDirectory(prefix="hubbub-collect-") as folder:
        print(json.dumps(measure(Path(folder), asked.seconds, asked.pairs, asked.loop)))


if __name__ == "__main__":
    main()
