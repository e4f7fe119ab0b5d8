"""Sealed inputs cut into pieces that any process reads by itself, given the folder and the day's data key.

A piece is a block of a segment, or all of a day's frames in one journal file: journals need not be compacted first,
which waits for their writers. A row's number is its place in the whole input, told from counts in the sealed headers
alone; so whoever reads a piece, and reads it again after a crash, gives each row the number that `RawStore.read_many`
gives it.
"""

import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pyarrow as pa
from msgspec import Struct

from hubbub.core.errors import StoreError
from hubbub.store import segments
from hubbub.store.layout import Layout
from hubbub.store.objects import Object, Objects, Readable
from hubbub.store.reading import JOURNAL, read_range, rows_of_range
from hubbub.store.sealing import Seal
from hubbub.store.types import SealedInput, SealedRange

WHOLE = -1


class Piece(Struct, frozen=True):
    """Rows that one task reads.

    part   the sealed range that they are of
    block  which block of its segment, or `WHOLE`
    first  the number of its first row
    rows   how many there are, those of later hours than `before_slot` counted in
    """

    source: str
    day: date
    before_slot: int | None
    part: SealedRange
    block: int
    first: int
    rows: int


class Pieces:
    """All pieces of some inputs, with what opens them. It may go to another process, over a channel that is encrypted;
    it has no `repr` that would show a key.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._pieces: list[Piece] = []
        self._keys: dict[tuple[str, date], bytes] = {}
        self._objects: Objects | None = None
        self._staged = ""
        self.rows = 0

    def __len__(self) -> int:
        return len(self._pieces)

    def add(self, sealed: SealedInput, key: bytes) -> None:
        """Cut an input, whose rows follow those that are here. Raises `StoreError`.

        With `before_slot` numbers have gaps: rows of later hours are counted, for only who reads them knows them.
        """
        self._keys[sealed.source, sealed.day] = key
        for part in sealed.ranges:
            for block, rows in _blocks(Layout(self._folder), part, sealed.source, sealed.day, Seal(key)):
                self._pieces.append(Piece(sealed.source, sealed.day, sealed.before_slot, part, block, self.rows, rows))
                self.rows += rows

    def read(self, place: int) -> Iterator[tuple[Piece, int, pa.Table]]:
        """A piece's rows as tables, each with the number of its first row; those of later hours are still there.
        Raises `StoreError`.
        """
        piece = self._pieces[place]
        layout, seal = Layout(self._folder), Seal(self._keys[piece.source, piece.day])
        if piece.block == WHOLE:
            tables = read_range(layout, piece.part, piece.source, piece.day, seal)
        else:
            path = self._at(piece.part.file)
            tables = iter([segments.read_block(path, piece.block, piece.source, piece.day, seal)])
        first = piece.first
        for table in tables:
            yield piece, first, table
            first += table.num_rows
        if first - piece.first != piece.rows:
            raise StoreError(f"{piece.part.file} is no longer what was sealed for {piece.source} {piece.day}")

    def staged(self, objects: Objects) -> "Pieces":
        """The same rows, copied to object storage: for readers that do not share the raw folder. `forget` them.

        A journal's rows become a segment on the way, sealed with the same key. Raises `StoreError`.
        """
        there = Pieces(self._folder)
        there._keys, there._objects, there._staged = self._keys, objects, os.urandom(16).hex()
        parts: dict[tuple[str, date, int | None, SealedRange], int] = {}
        for each in self._pieces:
            parts.setdefault((each.source, each.day, each.before_slot, each.part), each.first)
        for place, ((source, day, before_slot, part), first) in enumerate(parts.items()):
            seal = Seal(self._keys[source, day])
            name = f"{there._staged}/{place}/{Path(part.file).stem}{segments.SUFFIX}"
            self._copy(part, source, day, seal, objects.at(name))
            meta = segments.read_meta(objects.at(name), source, day, seal)
            for number, block in enumerate(meta.blocks):
                copied = SealedRange(name, 0, block.length, meta.digest)
                there._pieces.append(Piece(source, day, before_slot, copied, number, first, block.rows))
                first += block.rows
        there.rows = self.rows
        return there

    def forget(self) -> None:
        """Remove the copies, if these are copies."""
        if self._objects is not None:
            self._objects.remove(self._staged)

    def _copy(self, part: SealedRange, source: str, day: date, seal: Seal, target: Object) -> None:
        if not part.file.startswith(JOURNAL):
            target.put(self._folder / part.file)
            return
        tables = read_range(Layout(self._folder), part, source, day, seal)
        with target.open("wb") as file:
            segments.compose(file, target.name, source, day, tables, seal, {}, "live")

    def _at(self, file: str) -> Readable:
        return self._folder / file if self._objects is None else self._objects.at(file)


def _blocks(layout: Layout, part: SealedRange, source: str, day: date, seal: Seal) -> Iterator[tuple[int, int]]:
    """(block, rows) of a range."""
    if part.file.startswith(JOURNAL):
        yield WHOLE, rows_of_range(layout, part, source, day, seal)
        return
    meta = segments.read_meta(layout.folder / part.file, source, day, seal)
    yield from ((number, block.rows) for number, block in enumerate(meta.blocks) if block.rows)
