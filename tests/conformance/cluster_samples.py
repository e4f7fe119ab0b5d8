"""Homes, rows and a clock for the suites over both state databases."""

import random
from collections.abc import Callable
from datetime import date
from pathlib import Path

import msgspec
import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy import Engine

from hubbub.core.rows import COLUMNS, Row
from hubbub.release.postgresql import open_shared_state
from hubbub.store.keyfile import KeyFile
from hubbub.store.keys import KeyStore
from hubbub.store.raw import RawStore
from hubbub.store.shared_keys import SharedKeys

DAY = date(2026, 3, 2)
NEXT = date(2026, 3, 3)
NOON_MS = 1_772_452_800_000  # 2026-03-02 12:00 UTC
A, B = "a.example", "b.example"
TYPES = {"int64": pa.int64(), "int32": pa.int32(), "int16": pa.int16(), "int8": pa.int8(), "string": pa.string()}


class SetClock:
    """A clock that stands until it is set."""

    def __init__(self, ms: int = NOON_MS) -> None:
        self.ms = ms

    def now_ms(self) -> int:
        return self.ms


class Home:
    """Keys, a raw store and their clock, as one process or machine has them."""

    def __init__(self, folder: Path, url: str = "") -> None:
        self.clock = SetClock()
        self.folder = folder
        self.raw_folder = folder / "raw"
        self.engine: Engine | None = open_shared_state(url) if url else None
        try:
            self.keys = self._keys()
            self.raw = RawStore(self.raw_folder, self.keys, self.clock)
        except Exception:
            self.end()
            raise

    def _keys(self) -> KeyStore:
        keys = self.folder / "keys"
        return SharedKeys(self.engine, keys, self.clock) if self.engine else KeyFile(keys / "keys.db", self.clock)

    def tags(self, source: str = A, day: date = DAY, before_slot: int | None = None) -> list[int]:
        """The tags of all stored rows of a day, sorted."""
        return sorted(self.raw.read(self.raw.seal(source, day, before_slot))["tag"].to_pylist())

    def close(self, source: str, day: date) -> None:
        with self.raw.exclusive():
            self.keys.mark_closed(source, day)

    def end(self) -> None:
        if self.engine is not None:
            self.engine.dispose()

    def execute(self, statement: str) -> list[sa.Row[tuple[object, ...]]]:
        assert self.engine is not None
        with self.engine.begin() as connection:
            found = connection.execute(sa.text(statement))
            return list(found.all()) if found.returns_rows else []


Opened = Callable[[], Home]


def row(tag: int, hour: int = 12, page: str = "/permits") -> Row:
    return Row(random.getrandbits(63) - 2**62, tag, NOON_MS + tag, hour, 1, page, detail="Grün\x1fja")


def table(tags: range) -> pa.Table:
    rows = [msgspec.structs.astuple(row(tag)) for tag in tags]
    columns = list(zip(*rows, strict=True)) or [()] * len(COLUMNS)
    arrays = {name: pa.array(list(its), TYPES[kind]) for (name, kind), its in zip(COLUMNS, columns, strict=True)}
    return pa.table(arrays)


def bytes_under(folder: Path) -> bytes:
    """Every byte of every file under a folder, and every path."""
    parts = []
    for path in sorted(folder.rglob("*")):
        parts.append(str(path).encode())
        if path.is_file():
            parts.append(path.read_bytes())
    return b"\n".join(parts)
