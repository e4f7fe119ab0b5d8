"""The servers that benchmarks/collect.py loads, as granian targets: a bare one of each interface, and the collector."""

import os
import time
from hashlib import sha256
from pathlib import Path

from hubbub.core import settings
from hubbub.serve import memory
from hubbub.serve.collector import collector_app
from hubbub.serve.rsgi import Application, Channel, Scope
from hubbub.serve.status import StatusSocket
from hubbub.serve.tally import Tally
from hubbub.store.journal import Journal
from hubbub.store.keyfile import KeyFile

HOME = "HUBBUB_BENCHMARK_HOME"
SITE = "portal.example"
KEY = "a-key-of-the-benchmark"  # collect.lua sends it
SETTINGS = settings.Settings(
    sites=(settings.Site(SITE, umami=("94db1cb1-74f4-4a40-ad6c-962362670409",), matomo=(1,), goatcounter=("portal",)),),
    server=settings.Server(sender_keys=(sha256(KEY.encode()).hexdigest(),)),
)


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


def bare_asgi():  # type: ignore[no-untyped-def]
    """The same over ASGI."""

    async def app(scope, receive, send):  # type: ignore[no-untyped-def]
        if scope["method"] == "POST":
            while (await receive()).get("more_body"):
                pass
        await send({"type": "http.response.start", "status": 202, "headers": [(b"content-type", b"text/plain")]})
        await send({"type": "http.response.body", "body": b"ok"})

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
