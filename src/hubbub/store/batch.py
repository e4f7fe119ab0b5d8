"""The batch: rows of many days, written aside, that become visible together or not at all.

batches/<name>/lock                      held by the process that writes the batch, for as long as it lives (where
                                         machines share the folder, a lease says that)
batches/<name>/tree/segments/<source>/…  segments under the names they get in the raw folder
batches/<name>/tree/…                    marks: empty files that appear with the rows
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from hubbub.core.errors import DayClosed, StoreError
from hubbub.core.ports import ArrowStream
from hubbub.core.reasons import DropReason
from hubbub.store import columns, segments
from hubbub.store.disk import FILE_MODE, make_folder, sync_file, sync_folder
from hubbub.store.keys import KeyStore, Secrets, State, draw_secrets
from hubbub.store.sealing import Seal
from hubbub.store.segments import BLOCK_ROWS, Segments
from hubbub.store.types import Origin

At = Callable[[str], None]


class Batch:
    """A `BulkSink`, and the `KeyRing` for what it takes.

    Days that have no secrets yet get theirs in memory: they reach the key store in the transaction that makes the rows
    visible. So a batch that comes to nothing leaves no secret, hence no day without rows that would be closed.
    """

    def __init__(self, folder: Path, keys: KeyStore, origin: Origin, at: At) -> None:
        self.name = folder.name
        self.folder = folder
        self.used: dict[tuple[str, date], Secrets] = {}  # what its rows are sealed with
        self.late_marks: list[Path] = []  # under the raw folder, of those that are known only when rows are written
        self._drawn: dict[tuple[str, date], Secrets] = {}
        self._keys = keys
        self._origin: Origin = origin
        self._at = at
        self._tree = folder / "tree"
        self._segments = Segments(self._tree / "segments", folder)

    def visitor_secret(self, source: str, day: date) -> bytes:
        """32 random bytes that key the visitor hash, the key file's if it has some. Raises `DayClosed`."""
        secrets = self._secrets_of(source, day)
        if secrets.state != State.OPEN:
            raise DayClosed(source, day)
        return secrets.visitor

    def write(self, source: str, day: date, rows: ArrowStream, drops: Mapping[DropReason, int]) -> None:
        """Seal the rows of one source and day aside: neither visible nor durable before the batch ends.

        Raises `DayClosed`, `StoreError` for other columns than `core.rows.COLUMNS` and when the disk is full.
        """
        secrets = self._secrets_of(source, day)
        if secrets.state not in (State.OPEN, State.NO_VISITOR):
            raise DayClosed(source, day)
        target = self._segments.new_path(segments.new_name(), source, day)
        with self._room_needed():
            make_folder(target.parent, durable=False)
            try:
                descriptor = os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, FILE_MODE)
                with open(descriptor, "wb") as file:
                    tables = columns.pieces(rows, BLOCK_ROWS)
                    seal = Seal(secrets.data)
                    segments.compose(file, target.name, source, day, tables, seal, dict(drops), self._origin)
            except Exception:
                target.unlink(missing_ok=True)
                raise
        self.used[source, day] = secrets
        self._at("written")

    def mark(self, marks: Iterable[Path]) -> None:
        """Lay the marks, paths under the raw folder, beside the rows."""
        with self._room_needed():
            for mark in marks:
                path = self._tree / mark
                make_folder(path.parent, durable=False)
                path.touch(FILE_MODE)

    def sync(self) -> None:
        """Make everything of it durable: files first, for then the folders cost little, each once."""
        with self._room_needed():
            found = list(os.walk(self._tree, topdown=False))
            for folder, _, files in found:
                for file in files:
                    sync_file(Path(folder, file))
            for folder, _, _ in found:
                sync_folder(Path(folder))
            sync_folder(self.folder)
            sync_folder(self.folder.parent)
        self._at("synced")

    @contextmanager
    def _room_needed(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise StoreError(
                f"{self.folder.parent}: rows cannot be written ({error.strerror}); none was stored, run it again"
            ) from error

    def _secrets_of(self, source: str, day: date) -> Secrets:
        """What the rows of a day are keyed and sealed with, and whether the day is still open."""
        found = self._keys.find(source, day)
        if found is None:
            return self._drawn.setdefault((source, day), draw_secrets())
        return found
