"""The real log, read by columns and, as a check, line by line in the plainest Python: the same rows and drops."""

import gzip
import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from hubbub.collect.agents import describe
from hubbub.collect.countries import country_of
from hubbub.collect.logs.importer import import_logs
from hubbub.collect.logs.targets import Targets
from hubbub.collect.traffic import classify
from hubbub.collect.visitors import network_of, visitor_key
from hubbub.core.days import day_of, slot_of
from hubbub.core.ports import ArrowStream
from hubbub.core.reasons import DropReason
from hubbub.core.rows import Kind
from hubbub.core.settings import Site

pytestmark = pytest.mark.real_data

DATA = Path(os.environ.get("HUBBUB_REAL_DATA", Path(__file__).parents[3] / "shared" / "data"))
LOG = DATA / "weblog" / "access.log.gz"
SITE = Site(name="www.mongodbdev.com")
TARGETS = Targets(SITE)
ZONE = "America/New_York"
LINES = 206_860
COMBINED = re.compile(
    r'(?P<address>\S+) \S+ .+? \[(?P<at>[^\]]{26})\] "(?P<request>(?:[^"\\]|\\.)*)" (?P<status>[1-5]\d\d) \S+'
    r' "(?P<referrer>(?:[^"\\]|\\.)*)" "(?P<agent>(?:[^"\\]|\\.)*)".*',
    re.DOTALL,
)
Outcome = tuple[date, DropReason] | tuple[date, dict[str, Any]] | DropReason


class Secrets:
    def visitor_secret(self, source: str, day: date) -> bytes:
        return sha256(f"{source} {day}".encode()).digest()


class Kept:
    def __init__(self) -> None:
        self.tables: dict[date, pa.Table] = {}
        self.drops: dict[date, dict[DropReason, int]] = {}

    def write(self, source: str, day: date, rows: ArrowStream, drops: Mapping[DropReason, int]) -> None:
        self.tables[day], self.drops[day] = pa.table(rows), dict(drops)


def _unescape(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


def _slowly(line: str, secrets: Secrets) -> Outcome:
    """What becomes of one line, step by step in the documented order."""
    found = COMBINED.fullmatch(line)
    if found is None:
        return DropReason.BAD_LINE
    ms = int(datetime.strptime(found["at"], "%d/%b/%Y:%H:%M:%S %z").timestamp()) * 1000
    day = day_of(ms, ZONE)
    method, _, rest = found["request"].partition(" ")
    if method != "GET":
        return day, DropReason.METHOD
    status = int(found["status"])
    if status not in (200, 203, 206, 304, 404):
        return day, DropReason.STATUS
    target = TARGETS.read(_unescape(rest))
    if target.reason:
        return day, target.reason
    if status == 206 and target.kind == Kind.PAGEVIEW:
        return day, DropReason.STATUS
    network = network_of(found["address"])
    if network is None:
        return day, DropReason.NO_ADDRESS
    user_agent = "" if found["agent"] == "-" else _unescape(found["agent"])
    agent = describe(user_agent)
    if agent.is_bot:
        return day, DropReason.BOT
    traffic = classify("" if found["referrer"] == "-" else _unescape(found["referrer"]), target.page)
    if traffic.is_spam:
        return day, DropReason.SPAM_REFERRER
    kind = Kind.MISSING if status == 404 else target.kind
    return day, {
        "unit": visitor_key(secrets.visitor_secret(SITE.name, day), SITE.name, network, user_agent),
        "ms": ms,
        "hour": slot_of(ms, day, ZONE),
        "kind": int(kind),
        "page": target.page.path,
        "name": target.page.path if kind == Kind.MISSING else target.name,
        "detail": "",
        "referrer": traffic.referrer,
        "channel": traffic.channel,
        "campaign": traffic.campaign,
        "country": country_of(found["address"]),
        "device": agent.device,
        "browser": agent.browser,
        "os": agent.os,
        "language": "other",
        "engaged_ms": 0,
        "scroll": 0,
        "amount": 0,
        "returning": "",
    }


def _lines() -> Iterator[str]:
    with gzip.open(LOG, "rt", encoding="utf-8", newline="\n") as lines:
        yield from lines


def test_the_real_log_gives_the_rows_and_drops_of_a_plain_parser() -> None:
    if not LOG.exists():
        pytest.skip(f"{LOG} is missing: set HUBBUB_REAL_DATA to the folder of the real data")
    sink = Kept()
    summary = import_logs([LOG], SITE, ZONE, "auto", Secrets(), sink, lambda day: False)
    assert summary.lines == LINES
    assert summary.lines == summary.accepted + sum(summary.dropped.values())
    assert summary.partial == [date(2016, 2, 20), date(2016, 3, 28)]
    assert summary.bad_lines == []

    secrets = Secrets()
    drops: Counter[tuple[date, DropReason]] = Counter()
    rows: Counter[tuple[Any, ...]] = Counter()
    for line in _lines():
        outcome = _slowly(line, secrets)
        assert isinstance(outcome, tuple)
        day, found = outcome
        if isinstance(found, DropReason):
            drops[day, found] += 1
        else:
            rows[day, *found.values()] += 1
    assert {(day, reason): count for day, of_day in sink.drops.items() for reason, count in of_day.items()} == drops
    columnar: Counter[tuple[Any, ...]] = Counter()
    for day, table in sink.tables.items():
        columns = [table[name].to_pylist() for name in table.column_names if name != "tag"]
        columnar.update((day, *values) for values in zip(*columns, strict=True))
    assert columnar == rows
    assert summary.accepted == rows.total()


def test_a_tag_is_drawn_for_every_row() -> None:
    if not LOG.exists():
        pytest.skip(f"{LOG} is missing: set HUBBUB_REAL_DATA to the folder of the real data")
    sink = Kept()
    summary = import_logs([LOG], SITE, ZONE, "combined", Secrets(), sink, lambda day: False)
    tags = [tag for table in sink.tables.values() for tag in table["tag"].to_pylist()]
    assert len(set(tags)) == summary.accepted
