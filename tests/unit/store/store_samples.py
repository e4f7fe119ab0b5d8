"""Rows, a clock and a home for the tests of the store."""

import random
from datetime import date
from pathlib import Path

import pyarrow as pa

from hubbub.core.rows import Row
from hubbub.store import columns
from hubbub.store.frames import RowTuple
from hubbub.store.keyfile import KeyFile
from hubbub.store.raw import RawStore

DAY = date(2026, 3, 2)
NEXT = date(2026, 3, 3)
NOON_MS = 1_772_452_800_000  # 2026-03-02 12:00 UTC


class SetClock:
    """A clock that stands until it is set."""

    def __init__(self, ms: int = NOON_MS) -> None:
        self.ms = ms

    def now_ms(self) -> int:
        return self.ms


class Home:
    """A key file, a raw store and their clock in one folder."""

    def __init__(self, folder: Path) -> None:
        self.clock = SetClock()
        self.folder = folder
        self.raw_folder = folder / "raw"
        self.keys = KeyFile(folder / "keys" / "keys.db", self.clock)
        self.raw = RawStore(self.raw_folder, self.keys, self.clock)

    def tags(self, source: str = "a.example", day: date = DAY, before_slot: int | None = None) -> list[int]:
        """The tags of all stored rows of a day, sorted."""
        return sorted(self.raw.read(self.raw.seal(source, day, before_slot))["tag"].to_pylist())

    def close(self, source: str, day: date) -> None:
        with self.raw.exclusive():
            self.keys.mark_closed(source, day)


def row(tag: int, hour: int = 12, page: str = "/permits") -> Row:
    return Row(
        unit=random.getrandbits(63) - 2**62,
        tag=tag,
        ms=NOON_MS + tag,
        hour=hour,
        kind=1,
        page=page,
        referrer="search.example",
        detail="Grün\x1fja",
        country="AT",
        engaged_ms=2**31 - 1,
        scroll=100,
    )


def table(tags: range, hour: int = 12) -> pa.Table:
    rows = columns.RowColumns()
    rows.extend([_fields(row(tag, hour)) for tag in tags])
    return rows.table()


def _fields(each: Row) -> RowTuple:
    # fmt: off
    return (each.unit, each.tag, each.ms, each.hour, each.kind, each.page, each.name, each.detail, each.referrer,
            each.channel, each.campaign, each.country, each.device, each.browser, each.os, each.language,
            each.engaged_ms, each.scroll, each.amount, each.returning)
    # fmt: on


def bytes_under(folder: Path) -> bytes:
    """Every byte of every file under a folder, and every path."""
    parts = []
    for path in sorted(folder.rglob("*")):
        parts.append(str(path).encode())
        if path.is_file():
            parts.append(path.read_bytes())
    return b"\n".join(parts)
