"""The collector in a real server on a real store: what is acknowledged is stored once, whatever is killed, and no
file holds an address or a user agent.
"""

import asyncio
import ipaddress
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pyarrow as pa
import pytest
from collector_for_tests import SITE, SystemClock

from hubbub.core.reasons import DropReason
from hubbub.core.rows import Kind
from hubbub.serve.status import workers
from hubbub.store.keyfile import KeyFile
from hubbub.store.raw import RawStore

HERE = Path(__file__).parent
KILLS = 20
CONNECTIONS = 12
START_PATIENCE_S = 120.0
WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
BROWSERS = (
    f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/{{v}}.0.0.0 Safari/537.36 {{m}}",
    f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {WEBKIT} Version/17.{{v}} Safari/605.1.15 {{m}}",
    f"Mozilla/5.0 (Linux; Android 14; Pixel {{v}}) {WEBKIT} Chrome/120.0.0.0 Mobile Safari/537.36 {{m}}",
    "Mozilla/5.0 (X11; Linux x86_64; rv:1{v}.0) Gecko/20100101 Firefox/1{v}.0 {m}",
)


class LiveServer:
    """One granian server with one collector worker on the home."""

    def __init__(self, home: Path, log: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        command = [sys.executable, "-m", "granian", "--interface", "rsgi", "--factory", "--no-ws"]
        command += ["--port", str(self.port), "collector_for_tests:make"]
        with log.open("ab") as out:
            self._process = subprocess.Popen(
                command,
                cwd=HERE,
                env=os.environ | {"HUBBUB_TEST_HOME": str(home)},
                stdout=out,
                stderr=out,
                start_new_session=True,
            )

    def wait(self) -> None:
        """Until it can take events."""
        deadline = time.monotonic() + START_PATIENCE_S
        while time.monotonic() < deadline:
            try:
                if self.get("/healthz")[0] == 200:
                    return
            except OSError:
                time.sleep(0.02)
        raise AssertionError("the server did not start")

    def get(self, path: str, **headers: str) -> tuple[int, bytes]:
        asked = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", headers=headers)
        try:
            with urllib.request.urlopen(asked, timeout=30) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code, refused.read()

    def kill(self) -> None:
        """End server and worker as a power cut would."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


@contextmanager
def live(home: Path, log: Path) -> Iterator[LiveServer]:
    server = LiveServer(home, log)
    try:
        server.wait()
        yield server
    finally:
        server.kill()


class Sender:
    """One keep-alive connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def post(self, body: bytes, **headers: str) -> tuple[int, dict[str, str]]:
        named = {"host": "x", "content-type": "text/plain", "content-length": str(len(body))} | headers
        head = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in named.items())
        self._writer.write(b"POST /api/event HTTP/1.1\r\n" + head.encode() + b"\r\n" + body)
        lines = (await self._reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        found = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
        await self._reader.readexactly(int(found["content-length"]))
        return int(lines[0].split()[1]), found

    def close(self) -> None:
        self._writer.close()


async def sender_to(port: int) -> Sender:
    return Sender(*await asyncio.open_connection("127.0.0.1", port))


def event(path: str, **more: object) -> bytes:
    return json.dumps({"n": "pageview", "u": f"https://{SITE}{path}", "d": SITE, "r": None} | more).encode()


def store_of(home: Path) -> RawStore:
    clock = SystemClock()
    return RawStore(home / "raw", KeyFile(home / "keys" / "secrets.db", clock), clock)


def rows_of(home: Path) -> pa.Table:
    store = store_of(home)
    return store.read_many([store.seal(found.source, found.day) for found in store.days()])


def agents(count: int) -> list[str]:
    return [BROWSERS[n % 4].format(v=n % 97 + 10, m=f"Marker{n}ofOneDevice") for n in range(count)]


def addresses(count: int) -> list[str]:
    half = count // 2
    return [f"81.217.{n // 200}.{n % 200 + 20}" for n in range(half)] + [
        str(ipaddress.IPv6Address((0x2A028388_00000000 + n << 64) + 0x1F2E3D4C5B6A7988)) for n in range(half)
    ]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def test_hundreds_of_devices_and_nothing_of_them_in_any_file(home: Path, tmp_path: Path) -> None:
    log = tmp_path / "server.log"
    names, places = agents(300), addresses(300)

    async def visit(port: int) -> Counter[tuple[int, str]]:
        answers: Counter[tuple[int, str]] = Counter()
        sender = await sender_to(port)
        for n, (agent, address) in enumerate(zip(names, places, strict=True)):
            for body, more in (
                (event(f"/page/{n}?q={quote(agent)}"), {}),
                (event(f"/page/{n}", n="engagement", e=1500, sd=40), {}),
                (event(f"/page/{n}", n="Signup", p={"plan": "free", "address": address}), {}),
                (event(f"/page/{n}", d=agent.replace(",", ";")), {}),
                (event(f"/page/{n}"), {"sec_gpc": "1"}),
                (agent.encode(), {}),
            ):
                status, headers = await sender.post(body, user_agent=agent, x_forwarded_for=address, **more)
                answers[status, headers.get("x-hubbub-dropped", "")] += 1
        status, _ = await sender.post(b"x" * 100_000, user_agent=names[0], x_forwarded_for=places[0])
        answers[status, ""] += 1
        sender.close()
        return answers

    with live(home, log) as server:
        answers = asyncio.run(visit(server.port))
        assert answers == {(202, ""): 900, (202, "1"): 600, (400, ""): 300, (413, ""): 1}
        picture = server.get(f"/hubbub.gif?d={SITE}", **{"Referer": f"https://{SITE}/plain", "User-Agent": names[0]})
        assert picture[0] == 200
        assert server.get("/hubbub.js")[0] == 200
        (worker,) = workers(home / "run")  # this also has the drops written
        assert (worker.received, worker.accepted, worker.dropped) == (1802, 901, 901)

    rows = rows_of(home)
    kinds = Counter(rows["kind"].to_pylist())
    assert kinds == {Kind.PAGEVIEW: 301, Kind.ENGAGEMENT: 300, Kind.EVENT: 300}
    assert len(set(rows["unit"].to_pylist())) == 301
    assert {"Chrome", "Safari", "Firefox"} <= set(rows["browser"].to_pylist())
    assert "AT" in rows["country"].to_pylist()
    drops: Counter[DropReason] = Counter()
    for counted in store_of(home).counters().values():
        drops.update(counted.dropped)
    assert drops == {
        DropReason.UNKNOWN_SITE: 300,
        DropReason.OPT_OUT: 300,
        DropReason.BAD_JSON: 300,
        DropReason.TOO_LARGE: 1,
        DropReason.UNKNOWN_PROPERTY: 300,  # left out of rows that are kept
    }

    secrets = [text.encode() for text in (*names, *places)]
    secrets += [ipaddress.ip_address(place).packed for place in places if ":" in place] + [b"ofOneDevice"]
    files = [path for path in home.rglob("*") if path.is_file()]
    assert len(files) >= 3
    opened = "\n".join(map(str, rows.to_pylist()))
    for content in (*(path.read_bytes() for path in (*files, log)), opened.encode()):
        assert not [secret for secret in secrets if secret in content]


def test_what_was_acknowledged_survives_any_kill(home: Path, tmp_path: Path) -> None:
    log = tmp_path / "server.log"
    chance = random.Random(20)
    names = agents(64)
    acknowledged: list[str] = []

    async def load(server: LiveServer, round_: int, seconds: float) -> None:
        async def keep_sending(connection: int) -> None:
            sender = await sender_to(server.port)
            try:
                for n in range(100_000):
                    path = f"/kill/{round_}/{connection}/{n}"
                    status, headers = await sender.post(event(path), user_agent=names[n % 64])
                    if status == 202 and "x-hubbub-dropped" not in headers:
                        acknowledged.append(path)
            except (OSError, asyncio.IncompleteReadError):
                pass
            finally:
                sender.close()

        before = len(acknowledged)
        sending = [asyncio.create_task(keep_sending(connection)) for connection in range(CONNECTIONS)]
        while len(acknowledged) == before:
            await asyncio.sleep(0.01)
        await asyncio.sleep(seconds)
        assert not any(task.done() for task in sending)
        server.kill()
        await asyncio.gather(*sending)

    following = LiveServer(home, log)
    try:
        for round_ in range(KILLS):
            server, following = following, LiveServer(home, log)  # the next one starts while this one is killed
            server.wait()
            asyncio.run(asyncio.wait_for(load(server, round_, chance.uniform(0.0, 0.6)), START_PATIENCE_S))
    finally:
        following.kill()

    stored = Counter(rows_of(home)["page"].to_pylist())
    assert len(acknowledged) == len(set(acknowledged))
    lost = [path for path in acknowledged if stored[path] != 1]
    assert lost == []
    assert max(stored.values()) == 1
    assert len(acknowledged) <= len(stored) <= len(acknowledged) + KILLS * CONNECTIONS
