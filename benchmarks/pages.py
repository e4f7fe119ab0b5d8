"""Server time of a site's page, cold and cached, with 5 years of 20 sites, beside a bare Litestar page.

Both apps are called as ASGI callables in this process, so that no network and no other process is measured. A cold
page is one that no one has asked for since the start, of a site none of whose cells has been read; a cached one is
the same page asked for again. Aim: cold under 300 ms, cached under 5 ms.

    python benchmarks/pages.py [--years 5] [--sites 20] [--folder KEPT_MARTS]
"""

import asyncio
import json
from argparse import ArgumentParser
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from litestar import Litestar, get
from msgspec import Struct
from simulated_marts import write_marts

from hubbub.core.keys import Dimension
from hubbub.core.plan_text import PlanText, PlanVersion
from hubbub.core.settings import Settings, Site
from hubbub.core.spending import DaySpent
from hubbub.publish.marts import Marts
from hubbub.serve.dashboard import dashboard_app
from hubbub.serve.reading import ReadSide

LAST = date(2026, 4, 5)
NOW = datetime(2026, 4, 6, 10, tzinfo=UTC)
REPEATS = 200
PERIODS = {"": "cold_ms", "?period=12mo": "cold_12_months_ms"}
Sent = dict[str, Any]
App = Callable[[Any, Any, Any], Awaitable[None]]


class NoEntries(Struct, frozen=True):
    """A report on a ledger without entries."""

    problems: tuple[str, ...] = ()


class EmptyLedger:
    """The ledger plays no part in these pages but for its head."""

    def entries(self) -> tuple[Struct, ...]:
        return ()

    def latest(self, limit: int) -> tuple[Struct, ...]:
        return self.entries()[:limit]

    def spent(self, limit: int) -> tuple[DaySpent, ...]:
        return ()[:limit]

    def spent_since(self, first: date) -> tuple[DaySpent, ...]:
        return self.spent(first.day)

    def plan_versions(self, source: str) -> tuple[PlanVersion, ...]:
        return ()[: len(source)]

    def plan_text(self, name: str) -> bytes:
        return name[:0].encode()

    def count(self) -> int:
        return 0

    def waiting(self, source: str, dimension: Dimension | None = None) -> int:
        return 0 if source or dimension else 1

    def verify(self) -> NoEntries:
        return NoEntries()

    def head(self) -> str:
        return "0" * 64

    def is_trial(self) -> bool:
        return False


class StandingClock:
    """A clock that stands still the day after the last one closed."""

    def now_ms(self) -> int:
        return int(NOW.timestamp() * 1000)


@get("/", sync_to_thread=False)
def hello() -> str:
    """The bare page."""
    return "hello"


async def ask(app: App, path: str) -> float:
    """Milliseconds from a request's arrival to its last byte; anything but 200 is a failure."""
    path, _, query = path.partition("?")
    scope: dict[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": query.encode(),
        "headers": [(b"host", b"127.0.0.1"), (b"accept", b"text/html")],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
    sent: list[Sent] = []

    async def receive() -> Sent:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Sent) -> None:
        sent.append(message)

    start = perf_counter()
    await app(scope, receive, send)
    spent = (perf_counter() - start) * 1000
    if sent[0]["status"] != 200:
        raise RuntimeError(f"{path}: status {sent[0]['status']}")
    return spent


async def measure(marts: Marts) -> dict[str, Any]:
    """Times of all sites' pages, and of the bare page before and after."""
    names = marts.sources()
    settings = Settings(tuple(Site(name) for name in names))
    context = ReadSide(
        settings,
        marts,
        EmptyLedger(),
        StandingClock(),
        PlanText("portal", "One device a day.", 0.05, 1.9, 1e-9, False, ()),
    )
    bare = Litestar([hello], openapi_config=None, logging_config=None)
    app = dashboard_app(context)
    figures: dict[str, float] = {}
    async with app.lifespan(), bare.lifespan():
        hellos = [await ask(bare, "/") for _ in range(REPEATS)]
        for query, name in PERIODS.items():
            figures[name] = round(median([await ask(app, f"/sites/{site}{query}") for site in names]), 1)
        cached = [await ask(app, f"/sites/{names[0]}") for _ in range(REPEATS)]
        figures["overview_cold_ms"] = round(await ask(app, "/"), 1)
        hellos += [await ask(bare, "/") for _ in range(REPEATS)]
    figures["cached_ms"] = round(median(cached), 3)
    figures["hello_ms"] = round(median(hellos), 3)
    ratio = round(figures["cached_ms"] / figures["hello_ms"], 2)
    return {"benchmark": "pages", "ratios": {"hello_cached": ratio}, "figures": figures}


def main() -> None:
    """Write the marts unless a folder of them is given, measure, print one JSON line."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--years", type=int, default=5)
    parser.add_argument("--sites", type=int, default=20)
    parser.add_argument("--folder", type=Path, help="keep the simulated marts here, and use them if they are there")
    chosen = parser.parse_args()
    with TemporaryDirectory() as temporary:
        folder = chosen.folder or Path(temporary)
        marts = Marts(folder)
        if not marts.sources():
            marts = write_marts(folder, LAST, years=chosen.years, sites=chosen.sites)
        print(json.dumps(asyncio.run(measure(marts))))


if __name__ == "__main__":
    main()
