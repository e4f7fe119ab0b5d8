"""Rows in parts of whole units: what is counted a unit at a time need not be in memory at once.

The rows come block by block and go, by a hash of their unit, into as many parts as memory asks for. Parts wait in
memory, compressed, about 30 bytes a row of a portal; nothing is written anywhere. When even that is too much, the rows
are read again for the next parts, and again.

A part is a function of the unit alone, so all rows of a unit on a day are in one part, whatever other units do; a count
that is a sum over units is the sum of the parts' counts, whatever their number. Units are keyed hashes already, under
secrets that die with the day: which part one falls into tells nothing, and parts are about equally large.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.ipc as ipc

Blocks = Callable[[], Iterator[pa.Table]]
"""Begins the rows: at least one table, with `unit` (int64), `day` and any other columns of numbers and texts, the same
in each.
"""

ORDERED = pa.dictionary(pa.int32(), pa.string(), ordered=True)
PART_ROWS = 3_000_000  # a close of 10 million rows takes 1.9 GB then; larger parts are no faster
PART_BYTES = 500  # a row in the part that is counted, all copies and the engine's tables together
HELD_BYTES = 50  # a row in a part that waits
SPLIT_ROWS = 1_000_000  # so that a part's share of what is compressed together is not too small
MOST_PARTS = 1 << 16
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)  # 2^64 over the golden ratio: Knuth, TAOCP 3, 6.4, multiplicative hashing
_HALF = np.uint64(32)
_COMPRESSION = ipc.IpcWriteOptions(compression=pa.Codec("zstd", 1))


def part_of(units: npt.NDArray[np.int64], parts: int) -> npt.NDArray[np.uint16]:
    """The part of each unit, 0 … parts - 1."""
    mixed = units.view(np.uint64) * _GOLDEN >> _HALF
    return (mixed * np.uint64(parts) >> _HALF).astype(np.uint16)


class Parts:
    """Tables that together have all rows, and all rows of a unit in one of them, in the order in which they were read.

    Columns of texts are dictionaries of type `ORDERED` in the order of the texts (UTF-8 bytes), the same in all parts.

    blocks   begins the rows, whenever they are read
    rows     how many there are, about
    memory   bytes: a half for what waits, a half for the part that is worked at
    part_rows  how many rows a part has, about
    """

    def __init__(self, blocks: Blocks, rows: int, memory: int, part_rows: int = PART_ROWS) -> None:
        self._blocks = blocks
        room = max(1, memory // 2)
        part_rows = max(1, min(part_rows, room // PART_BYTES))
        self._count = max(1, min(MOST_PARTS, -(-rows // part_rows)))
        rounds = max(1, min(self._count, -(-rows * HELD_BYTES // room)))
        self._at_once = -(-self._count // rounds)
        self._texts: dict[str, Texts] = {}
        self._held: list[list[pa.Buffer]] | None = None
        self._no_rows = pa.table({})

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[pa.Table]:
        """The parts, one after the other. They are made anew or, when all of them wait in memory, taken from there."""
        if self._count == 1:
            yield self._finished(list(map(self._coded, _ahead(self._blocks()))))
            return
        for first in range(0, self._count, self._at_once):
            held = self._held or self._split(first, min(first + self._at_once, self._count))
            if self._at_once == self._count:
                self._held = held
            for pieces in held:
                yield self._finished([ipc.open_stream(piece).read_all() for piece in pieces])

    def _split(self, first: int, end: int) -> list[list[pa.Buffer]]:
        """The parts from `first` to `end`, each in compressed pieces."""
        held: list[list[pa.Buffer]] = [[] for _ in range(first, end)]
        for rows in _gathered(map(self._coded, _ahead(self._blocks())), SPLIT_ROWS):
            parts = part_of(rows["unit"].to_numpy(), self._count)
            order = np.argsort(parts, kind="stable")
            ends = np.cumsum(np.bincount(parts, minlength=self._count))
            bounds = np.r_[0, ends][first : end + 1]
            mine = pa.array(order[bounds[0] : bounds[-1]])
            ordered = pa.table({name: rows[name].combine_chunks().take(mine) for name in rows.column_names})
            for place, pieces in enumerate(held):
                start, stop = bounds[place] - bounds[0], bounds[place + 1] - bounds[0]
                if stop > start:
                    pieces.append(_packed(ordered.slice(start, stop - start)))
            self._no_rows = ordered.slice(0, 0)
        return held

    def _coded(self, rows: pa.Table) -> pa.Table:
        """A block with the numbers of its texts, as they came."""
        for place, name in enumerate(rows.column_names):
            if _is_text(rows[name].type):
                texts = self._texts.setdefault(name, Texts())
                rows = rows.set_column(place, name, texts.coded(rows[name]))
        return rows

    def _finished(self, pieces: Sequence[pa.Table]) -> pa.Table:
        """A part whose numbers stand for texts again, now in their order."""
        part = pa.concat_tables(pieces or [self._no_rows])
        for place, name in enumerate(part.column_names):
            if name in self._texts:
                part = part.set_column(place, name, self._texts[name].ordered(part[name]))
        return part


class Texts:
    """The dictionary of one column, which grows with each block; a text keeps its first number."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._places = pa.array([], pa.int32())
        self._sorted = pa.array([], pa.string())

    def coded(self, column: pa.ChunkedArray) -> pa.ChunkedArray:
        """The numbers of a column's texts, int32."""
        if not pa.types.is_dictionary(column.type):
            column = column.dictionary_encode()
        return pa.chunked_array([self._of(chunk) for chunk in column.chunks], pa.int32())

    def ordered(self, numbers: pa.ChunkedArray) -> pa.Array:
        """The texts of numbers, as `ORDERED`."""
        if len(self._sorted) != len(self._numbers):
            texts = pa.array(self._numbers, pa.string())
            order = pc.sort_indices(texts)
            places = np.empty(len(order), np.int32)
            places[order.to_numpy()] = np.arange(len(order), dtype=np.int32)
            self._sorted, self._places = texts.take(order), pa.array(places)
        indices = self._places.take(numbers.combine_chunks())
        return pa.DictionaryArray.from_arrays(indices, self._sorted, ordered=True)

    def _of(self, chunk: pa.DictionaryArray) -> pa.Array:
        known = self._numbers
        numbers = [known.setdefault(text, len(known)) for text in chunk.dictionary.to_pylist()]
        return pa.array(numbers, pa.int32()).take(chunk.indices)


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_dictionary(kind) or pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _ahead(tables: Iterator[pa.Table]) -> Iterator[pa.Table]:
    """The same tables; while one is worked at, a thread of its own makes the next one."""
    with ThreadPoolExecutor(1) as pool:
        coming = pool.submit(next, tables, None)
        while (table := coming.result()) is not None:
            coming = pool.submit(next, tables, None)
            yield table


def _gathered(tables: Iterator[pa.Table], size: int) -> Iterator[pa.Table]:
    """The same rows in tables of at least `size` rows but for the last."""
    waiting: list[pa.Table] = []
    rows = 0
    for table in tables:
        waiting.append(table)
        rows += table.num_rows
        if rows >= size:
            yield pa.concat_tables(waiting)
            waiting, rows = [], 0
    if waiting:
        yield pa.concat_tables(waiting)


def _packed(rows: pa.Table) -> pa.Buffer:
    sink = pa.BufferOutputStream()
    with ipc.new_stream(sink, rows.schema, options=_COMPRESSION) as writer:
        writer.write_table(rows)
    return sink.getvalue()
