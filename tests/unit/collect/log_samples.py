"""What the tests of the log import share: lines to write, a sink that keeps rows, a key ring that needs no disk."""

from collections.abc import Callable, Mapping
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyarrow as pa

from hubbub.collect.logs.importer import import_logs
from hubbub.collect.logs.reading import LogSummary
from hubbub.collect.logs.times import END_MS
from hubbub.core.ports import ArrowStream
from hubbub.core.reasons import DropReason
from hubbub.core.settings import Site

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.5 Mobile/15E148 Safari/604.1"
)
GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
SITE = Site(name="portal.example")


def line(
    target: str = "/",
    *,
    address: str = "203.0.113.9",
    at: str = "10/Jun/2024:12:00:00 +0000",
    method: str = "GET",
    status: int = 200,
    referrer: str = "-",
    agent: str = FIREFOX,
) -> str:
    """A line of a combined log."""
    return f'{address} - - [{at}] "{method} {target} HTTP/1.1" {status} 512 "{referrer}" "{agent}"\n'


class Secrets:
    """A key ring whose secrets follow from source and day, so that a test can compute keys itself."""

    def visitor_secret(self, source: str, day: date) -> bytes:
        return sha256(f"{source} {day}".encode()).digest()


class Kept:
    """A sink that keeps what it is given, by day."""

    def __init__(self) -> None:
        self.tables: dict[date, pa.Table] = {}
        self.drops: dict[date, dict[DropReason, int]] = {}

    def write(self, source: str, day: date, rows: ArrowStream, drops: Mapping[DropReason, int]) -> None:
        assert source == SITE.name
        assert day not in self.tables, "a day is written once"
        self.tables[day] = pa.table(rows)
        self.drops[day] = dict(drops)

    def rows(self) -> list[dict[str, Any]]:
        """All rows, by time."""
        rows = [row for table in self.tables.values() for row in table.to_pylist()]
        return sorted(rows, key=lambda row: (row["ms"], row["page"]))


def run(
    *files: Path,
    sink: Kept | None = None,
    zone: str = "UTC",
    format: str = "auto",
    site: Site = SITE,
    is_closed: Callable[[date], bool] = lambda day: False,
    progress: Callable[[str, int, int], None] | None = None,
    log_zone: str = "",
    latest_ms: int = END_MS,
) -> LogSummary:
    """Import files; the summary must add up, and so must what the sink was given."""
    sink = Kept() if sink is None else sink
    summary = import_logs(
        files, site, zone, format, Secrets(), sink, is_closed, progress, log_zone=log_zone, latest_ms=latest_ms
    )
    assert summary.lines == summary.accepted + sum(summary.dropped.values())
    assert summary.accepted == sum(table.num_rows for table in sink.tables.values())
    assert summary.days == sorted(sink.tables)
    written = sum(sum(drops.values()) for drops in sink.drops.values())
    assert written == sum(summary.dropped.values()) - summary.dropped.get(DropReason.DAY_CLOSED, 0)
    return summary
