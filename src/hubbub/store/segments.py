"""The segment: a file with the rows of one (source, day), sealed, written once.

    magic 4 | sealed block … | sealed Meta | length of the sealed Meta 4 | magic 4

A block is an Arrow file of at most about two million rows, compressed with zstd (half the time of Parquet to write,
at the same size). A segment is there entirely or not at all: it is written aside and then gets its name.
"""

import hashlib
import os
import struct
import time
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import IO
from urllib.parse import quote, unquote

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.ipc as ipc

from hubbub.core.errors import StoreError
from hubbub.core.reasons import DropReason
from hubbub.store import columns
from hubbub.store.disk import FILE_MODE, make_folder, sync_folder, take_lock
from hubbub.store.objects import Readable
from hubbub.store.sealing import TAG_BYTES, Seal
from hubbub.store.types import Origin

MAGIC = b"hbs1"
SUFFIX = ".segment"
BLOCK_ROWS = 2_000_000
_FOOTER = struct.Struct("<I4s")
_WORTH_THREADS = 1 << 20  # bytes; a small block, of which a followed log has thousands a day, is read 4 times as fast
_COMPRESSION = pa.Codec("zstd", 1)


class Block(msgspec.Struct, frozen=True, array_like=True):
    """Where a block stands and how many rows it has."""

    start: int
    length: int
    rows: int


class Meta(msgspec.Struct, frozen=True):
    """What a segment holds.

    slots    rows an hour slot
    digest   SHA-256 over the tags of the seals: of the blocks, or of the journal frames it was made of
    frames   of a journal: (end of the frame in the journal, rows up to there), so that what was sealed as a part of
             the journal can be read as that part
    reading  of a declared table: how its rows were read (`core.readings`)
    """

    rows: int
    slots: tuple[int, ...]
    dropped: dict[DropReason, int]
    origin: Origin
    digest: str
    blocks: tuple[Block, ...]
    frames: tuple[tuple[int, int], ...] = ()
    reading: str = ""


def new_name() -> str:
    """A name for a segment of rows that come at once; names tell the age."""
    return f"w-{time.time_ns():016x}{os.urandom(4).hex()}"


class Segments:
    """The folder of all segments, `<source>/<day>/<name>.segment`; `aside` is where they are written first."""

    def __init__(self, folder: Path, aside: Path) -> None:
        self.folder, self.aside = folder, aside

    def folder_of(self, source: str, day: date) -> Path:
        """Where the segments of a day stand. The prefix keeps names like `..` or "" from meaning a folder."""
        return self.folder / f"s-{quote(source, safe='')}" / day.isoformat()

    def days(self) -> Iterator[tuple[str, date]]:
        """Every (source, day) that has a folder."""
        for folder in sorted(self.folder.glob("s-*/*")):
            yield unquote(folder.parent.name[2:]), date.fromisoformat(folder.name)

    def of(self, source: str, day: date) -> list[Path]:
        """The segments of a day, by name."""
        return sorted(self.folder_of(source, day).glob("*" + SUFFIX))

    def new_path(self, name: str, source: str, day: date) -> Path:
        """Where a segment of this name stands."""
        return self.folder_of(source, day) / (name + SUFFIX)

    def write(
        self,
        name: str,
        source: str,
        day: date,
        tables: Iterable[pa.Table],
        seal: Seal,
        dropped: dict[DropReason, int],
        origin: Origin,
        digest: str = "",
        frames: tuple[tuple[int, int], ...] = (),
    ) -> Path:
        """Write a segment, durable on return; the tables have `columns.SCHEMA`."""
        target = self.new_path(name, source, day)
        make_folder(target.parent)
        make_folder(self.aside)
        aside = self.aside / os.urandom(16).hex()
        descriptor = os.open(aside, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, FILE_MODE)
        with open(descriptor, "wb") as file:
            take_lock(descriptor, aside)
            compose(file, target.name, source, day, tables, seal, dropped, origin, digest, frames)
            file.flush()
            os.fsync(descriptor)
            aside.rename(target)
        sync_folder(target.parent)
        return target


def compose(
    file: IO[bytes],
    name: str,
    source: str,
    day: date,
    tables: Iterable[pa.Table],
    seal: Seal,
    dropped: dict[DropReason, int],
    origin: Origin,
    digest: str = "",
    frames: tuple[tuple[int, int], ...] = (),
) -> None:
    """Write a segment that will have this file name. The tables have `columns.SCHEMA`."""
    file.write(MAGIC)
    blocks, tags = [], hashlib.sha256()
    slots, reading = np.zeros(columns.SLOTS, np.int64), ""
    for number, table in enumerate(tables):
        slots += columns.slot_counts(table)
        reading = reading or columns.reading_of(table.schema)
        sealed = seal.close(_pack(table), _place(name, number, source, day))
        blocks.append(Block(file.tell(), len(sealed), table.num_rows))
        tags.update(sealed[-TAG_BYTES:])
        file.write(sealed)
    meta = Meta(
        sum(block.rows for block in blocks),
        tuple(slots.tolist()),
        dropped,
        origin,
        digest or tags.hexdigest(),
        tuple(blocks),
        frames,
        reading,
    )
    sealed = seal.close(msgspec.msgpack.encode(meta), _place(name, -1, source, day))
    file.write(sealed)
    file.write(_FOOTER.pack(len(sealed), MAGIC))


def read_meta(path: Readable, source: str, day: date, seal: Seal) -> Meta:
    """What a segment holds. Raises `StoreError` when it is damaged or not from this place; FileNotFoundError."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        if size < len(MAGIC) + _FOOTER.size:
            raise _damaged(path)
        file.seek(-_FOOTER.size, os.SEEK_END)
        length, magic = _FOOTER.unpack(file.read())
        if magic != MAGIC or length > size - len(MAGIC) - _FOOTER.size:
            raise _damaged(path)
        file.seek(-_FOOTER.size - length, os.SEEK_END)
        plain = seal.open(file.read(length), _place(path.name, -1, source, day))
    if plain is None:
        raise _damaged(path)
    return msgspec.msgpack.decode(plain, type=Meta)


def rows_until(meta: Meta, until: int) -> int:
    """How many rows of a segment the journal that it was made of had up to a byte."""
    return max((rows for end, rows in meta.frames if end <= until), default=0)


def read(path: Readable, source: str, day: date, seal: Seal, until: int | None = None) -> Iterator[pa.Table]:
    """The rows of a segment, a table a block; with `until` those of the journal it was made of up to that byte."""
    meta = read_meta(path, source, day, seal)
    left = meta.rows if until is None else rows_until(meta, until)
    with path.open("rb") as file:
        for number in range(len(meta.blocks)):
            if not left:
                return
            table = _read_block(file, path, meta, number, source, day, seal).slice(0, left)
            left -= table.num_rows
            yield table


def read_block(path: Readable, number: int, source: str, day: date, seal: Seal) -> pa.Table:
    """The rows of one block of a segment. Raises `StoreError` when it is damaged or not from this place."""
    meta = read_meta(path, source, day, seal)
    with path.open("rb") as file:
        return _read_block(file, path, meta, number, source, day, seal)


def _read_block(
    file: IO[bytes], path: Readable, meta: Meta, number: int, source: str, day: date, seal: Seal
) -> pa.Table:
    block = meta.blocks[number]
    file.seek(block.start)
    plain = seal.open(file.read(block.length), _place(path.name, number, source, day))
    if plain is None:
        raise _damaged(path)
    return columns.completed(_unpack(plain))


def _place(name: str, number: int, source: str, day: date) -> bytes:
    return f"segment|{name}|{number}|{source}|{day}".encode()


def _pack(table: pa.Table) -> memoryview:
    sink = pa.BufferOutputStream()
    options = ipc.IpcWriteOptions(compression=_COMPRESSION, unify_dictionaries=True)
    with ipc.new_file(sink, table.schema, options=options) as writer:
        writer.write_table(table)
    return memoryview(sink.getvalue()).cast("B")


def _unpack(plain: bytes) -> pa.Table:
    options = ipc.IpcReadOptions(use_threads=len(plain) > _WORTH_THREADS)
    return ipc.open_file(pa.py_buffer(plain), options=options).read_all()


def _damaged(path: Readable) -> StoreError:
    return StoreError(
        f"{path} is damaged or was moved: its seal does not open; restore the file or close the day without it"
    )
