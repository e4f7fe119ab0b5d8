"""The raw store: rows at rest, sealed, until their day is closed."""

import hmac
import logging
import os
import shutil
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date
from pathlib import Path

import pyarrow as pa

from hubbub.core.errors import StoreError
from hubbub.core.ports import ArrowStream, Clock
from hubbub.core.reasons import DropReason
from hubbub.store import columns
from hubbub.store.batch import At, Batch
from hubbub.store.batches import Batches
from hubbub.store.compaction import compact
from hubbub.store.disk import make_folder, sync_folder
from hubbub.store.frames import decode_rows
from hubbub.store.keys import KeyStore
from hubbub.store.layout import Layout
from hubbub.store.pieces import Pieces
from hubbub.store.reading import Holdings, Key, holdings, in_order, read_range
from hubbub.store.sealing import KEY_BYTES, Seal
from hubbub.store.segments import BLOCK_ROWS, Segments, new_name
from hubbub.store.types import Counters, Origin, RawDay, SealedInput

_log = logging.getLogger(__name__)


class RawStore:
    """All raw rows under one folder; a `BulkSink`. Holds nothing between calls, so that it may be used anywhere.

    Days exist here until their data key is destroyed; source "" holds only drops of unknown sources, by UTC day.
    """

    def __init__(self, folder: Path, keys: KeyStore, clock: Clock) -> None:
        self._layout = Layout(folder)
        self._guards = keys.guards(self._layout)
        self._keys = keys
        self._clock = clock
        self._segments = Segments(self._layout.segments, self._layout.aside)
        self._batches = Batches(self._layout, keys, self._guards)
        make_folder(folder)

    def write(
        self,
        source: str,
        day: date,
        rows: ArrowStream,
        drops: Mapping[DropReason, int],
        *,
        origin: Origin = "log",
    ) -> None:
        """Seal rows (columns of `core.rows.COLUMNS`, no nulls) as one segment: all of them or none, durable on return.

        Raises `DayClosed`, `StoreError` for other columns, OSError.
        """
        if not self._guards.commits_at_once:
            with self.together(origin=origin) as batch:
                batch.write(source, day, rows, drops)
            return
        with self._guards.committing():
            seal = Seal(self._keys.data_key(source, day))
            tables = columns.pieces(rows, BLOCK_ROWS)
            self._segments.write(new_name(), source, day, tables, seal, dict(drops), origin)

    def together(
        self, *, origin: Origin = "log", marks: Collection[Path] = (), at: At = lambda _: None
    ) -> AbstractContextManager[Batch]:
        """A `BulkSink` and the `KeyRing` that goes with it: what it takes becomes visible, durably, at the end of the
        `with` block, all of it or, when anything raises or the process dies, none. Days may be many: no file stays
        open, secrets are made in one transaction.

        `marks` are paths under the folder: empty files that appear with the rows, none of which may be there yet.
        `at` is told each step, for tests. The end raises `DayClosed` when a day was closed meanwhile, `Refused` when a
        mark is there or a day got its secrets from another process meanwhile, `StoreError`, `Overloaded`.
        """
        return self._batches.writing(origin, [mark.relative_to(self._layout.folder) for mark in marks], at)

    def marks(self, folder: Path) -> list[str]:
        """The names of the marks in a folder under this one, when every batch is there entirely or not at all."""
        with self._batches.settled():
            return sorted(path.name for path in folder.glob("*"))

    def exclusive(self) -> AbstractContextManager[None]:
        """`KeyStore.mark_closed` is called in it: once it is over every row of the day that was acknowledged is seen by
        `seal`, and every other one is dropped as late.
        """
        return self._guards.exclusive()

    def days(self) -> list[RawDay]:
        """Every (source, day) with rows or drops whose data key exists, sorted; not source ""."""
        return [
            RawDay(source, day, _rows_of(its), _origins_of(its))
            for (source, day), its in sorted(self._holdings().items())
            if source
        ]

    def readings(self, source: str, day: date) -> frozenset[str]:
        """How what is there of a declared table's day was read (`core.readings`); "" of what does not tell."""
        if self._keys.existing_data_key(source, day) is None:
            return frozenset()
        its = self._holdings((source, day)).get((source, day), Holdings([], []))
        return frozenset(part.meta.reading for part in its.segments)

    def counters(self) -> dict[tuple[str, date], Counters]:
        """Exact counts of every (source, day) whose data key exists, over all processes; source "" too."""
        return {key: Counters(_rows_of(its), dict(_drops_of(its))) for key, its in sorted(self._holdings().items())}

    def seal(self, source: str, day: date, before_slot: int | None = None) -> SealedInput:
        """Fix what is there now as the input of a release: all rows, or those of hour slots below `before_slot`.

        Raises `StoreError` when the data key is destroyed. A day without any row or key is an empty input. The hash
        is keyed, for anyone could compute that of an empty one.
        """
        its = Holdings([], [])
        data_key = self._keys.existing_data_key(source, day)
        if data_key is not None:
            found = self._holdings((source, day), with_rows=before_slot is not None)
            its = found.get((source, day), its)
        elif self._keys.is_closed(source, day):
            raise StoreError(f"{source} {day}: the data key is destroyed, its rows cannot be read any more")
        ranges = in_order(its, self._layout)
        digests = sorted(part.digest for part in ranges)
        told = f"{source}|{day}|{before_slot}|{'|'.join(digests)}"
        rows = _rows_of(its) if before_slot is None else _rows_before(its, before_slot)
        digest = hmac.digest(data_key or os.urandom(KEY_BYTES), f"sealed input|{told}".encode(), "sha256")
        return SealedInput(source, day, before_slot, tuple(ranges), digest.hex(), rows)

    def read(self, sealed: SealedInput) -> pa.Table:
        """The rows of a sealed input, decrypted in memory only: columns of `core.rows.COLUMNS`, strings as
        dictionaries (each chunk has its own). Raises `StoreError`.
        """
        return columns.joined(self._tables(sealed))

    def read_many(self, inputs: Sequence[SealedInput]) -> pa.Table:
        """The rows of many inputs, with columns `source` and `day` (date32) in front."""
        return pa.concat_tables(self.blocks(inputs))

    def blocks(self, inputs: Sequence[SealedInput]) -> Iterator[pa.Table]:
        """The same block by block, decrypted one after the other; an empty one first, so that there is one."""
        yield columns.LABELLED_SCHEMA.empty_table()
        for sealed in inputs:
            for table in self._tables(sealed):
                yield columns.labelled(table, sealed.source, sealed.day)

    def table_blocks(self, inputs: Sequence[SealedInput], schema: pa.Schema) -> Iterator[pa.Table]:
        """The rows of many inputs of a declared table in blocks, as `columns.dated`; an empty one first."""
        for sealed in inputs[:1]:
            yield columns.dated(schema.empty_table(), sealed.day, schema)
        for sealed in inputs:
            for table in self._tables(sealed):
                yield columns.dated(table, sealed.day, schema)

    def pieces(self, inputs: Sequence[SealedInput]) -> Pieces:
        """The same rows for other processes to read, piece by piece. Raises `StoreError`."""
        pieces = Pieces(self._layout.folder)
        for sealed in inputs:
            if sealed.ranges:
                pieces.add(sealed, self._key_of(sealed))
        return pieces

    def compact(self, at: Callable[[str], None] = lambda _: None) -> int:
        """Turn finished journal files into segments and remove them; how many. Waits for another compaction.

        Segments that a process died over, between destroying their key and removing them, go too.
        """
        self._settle()
        with self._guards.compacting():
            self._remove_segments([key for key in self._segments.days() if self._keys.is_destroyed(*key)])
            return compact(self._layout, self._guards, self._seal_if_any, self._keys.is_destroyed, at)

    def destroy_files(self, source: str, *days: date) -> None:
        """Remove the files of days whose keys are destroyed. Their frames in a journal file that is still written to
        go, unreadable as they are, with that file: within a second the writer ends it, the next `compact` removes it.

        Raises `StoreError` while a data key exists.
        """
        for day in days:
            if self._keys.existing_data_key(source, day) is not None:
                raise StoreError(f"{source} {day}: destroy the data key before the files")
        self._settle()
        with self._guards.compacting():
            only = frozenset((source, day) for day in days)
            self._remove_segments(only)
            compact(self._layout, self._guards, self._seal_if_any, self._keys.is_destroyed, lambda _: None, only)

    def _remove_segments(self, keys: Collection[Key]) -> None:
        folders = [folder for key in keys if (folder := self._segments.folder_of(*key)).exists()]
        for folder in folders:
            shutil.rmtree(folder)
        for parent in {folder.parent for folder in folders}:
            sync_folder(parent)

    def _holdings(self, only: Key | None = None, *, with_rows: bool = False) -> dict[Key, Holdings]:
        with self._batches.settled():
            seal_of = self._seal_of if only is not None else self._seal_if_any
            return holdings(self._layout, seal_of, only, with_rows=with_rows)

    def _settle(self) -> None:
        with self._batches.settled():
            return

    def _seal_of(self, source: str, day: date) -> Seal | None:
        key = self._keys.existing_data_key(source, day)
        return None if key is None else Seal(key)

    def _seal_if_any(self, source: str, day: date) -> Seal | None:
        """The same where many days are looked at: one whose key is lost is no business of the others."""
        try:
            return self._seal_of(source, day)
        except StoreError as lost:
            _log.error("%s", lost)
            return None

    def _tables(self, sealed: SealedInput) -> Iterator[pa.Table]:
        if not sealed.ranges:
            return
        seal = Seal(self._key_of(sealed))
        for part in sealed.ranges:
            for table in read_range(self._layout, part, sealed.source, sealed.day, seal):
                yield columns.before(table, sealed.before_slot)

    def _key_of(self, sealed: SealedInput) -> bytes:
        key = self._keys.existing_data_key(sealed.source, sealed.day)
        if key is None:
            raise StoreError(
                f"{sealed.source} {sealed.day}: the data key is destroyed, its rows cannot be read any more"
            )
        return key


def _rows_of(its: Holdings) -> int:
    return sum(part.rows for part in its.journals) + sum(part.meta.rows for part in its.segments)


def _rows_before(its: Holdings, slot: int) -> int:
    count = sum(sum(part.meta.slots[:slot]) for part in its.segments)
    for _, content in (opened for part in its.journals for opened in part.frames):
        if content.last_slot < slot:
            count += content.count
        elif content.first_slot < slot:
            count += sum(row[3] < slot for row in decode_rows(content))
    return count


def _drops_of(its: Holdings) -> Counter[DropReason]:
    total: Counter[DropReason] = Counter()
    for part in its.journals:
        for _, content in part.frames:
            total.update(content.dropped)
    for segment in its.segments:
        total.update(segment.meta.dropped)
    return total


def _origins_of(its: Holdings) -> frozenset[Origin]:
    live: set[Origin] = {"live"} if its.journals else set()
    return frozenset(live | {part.meta.origin for part in its.segments})
