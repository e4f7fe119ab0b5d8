"""The key file: the secrets of every (source, day), in a small SQLite file of their own, and their end.

What is destroyed is overwritten where it stands. That needs records which never move: they are appended in order of
their number, no field ever changes its length, and nothing is deleted. So a page never splits in its middle, which
would leave copies behind; what is no longer true of a record is written over it, byte for byte. The rollback journal
is deleted at each commit (in WAL mode the old bytes would survive).
"""

import mmap
import os
import resource
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path

from hubbub.core.errors import HubbubError, Overloaded, StoreError
from hubbub.core.ports import Clock
from hubbub.store.disk import FILE_MODE, FOLDER_MODE, make_folder, sync_folder
from hubbub.store.file_guards import FileGuards
from hubbub.store.keys import (
    GONE,
    NO_HOUR,
    KeyStore,
    Secrets,
    State,
    check_usable,
    draw_secrets,
    hour_ms,
    hour_of,
    moved_on,
)
from hubbub.store.layout import Layout

EPOCH_BYTES = 8
WAIT_S = 10.0

SCHEMA = """
CREATE TABLE IF NOT EXISTS secrets (
    number  INTEGER PRIMARY KEY,  -- append only
    source  TEXT NOT NULL,
    day     TEXT NOT NULL,
    state   TEXT NOT NULL,  -- one letter, see State
    hour    TEXT NOT NULL,  -- UTC hour in which the secrets were made
    visitor BLOB NOT NULL,
    data    BLOB NOT NULL,
    UNIQUE (source, day)
)
"""
BATCH_SCHEMA = "CREATE TABLE IF NOT EXISTS last_batch (name TEXT NOT NULL)"


class KeyFile(KeyStore):
    """The `KeyStore` of one machine, in a file.

    They are cached until any process closes or destroys a day: an epoch of 8 random bytes in a file beside, mapped
    into memory, tells (0.1 µs a look). While a change is on its way to the disk the epoch is odd: then nothing is
    taken from the cache, so that it does no harm when a process dies between the change and telling it.
    """

    def __init__(self, path: Path, clock: Clock) -> None:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a crash leaves neither secrets nor opened rows on a disk
        self._path = path
        self._clock = clock
        make_folder(path.parent)
        path.parent.chmod(FOLDER_MODE)
        _make_private(path)
        epoch = path.with_name(path.name + ".epoch")
        _make_private(epoch)
        with epoch.open("r+b") as file:
            os.posix_fallocate(file.fileno(), 0, EPOCH_BYTES)
            self._epoch = mmap.mmap(file.fileno(), EPOCH_BYTES)
        self._seen = b""
        self._cache: dict[tuple[str, date], Secrets] = {}
        with self._transaction() as database:
            database.execute(SCHEMA)
            database.execute(BATCH_SCHEMA)
            if self._is_changing():  # who was changing it is dead, for we are alone
                self._epoch[:] = _new_epoch(is_odd=False)

    def commit(self, batch: str, used: Mapping[tuple[str, date], Secrets]) -> None:
        """As in `KeyStore`, in one transaction."""
        hour = hour_of(self._clock.now_ms())
        with self._transaction() as database:
            for (source, day), secrets in used.items():
                found = _insert(database, source, day, hour, secrets)
                check_usable(found, secrets, source, day)
            database.execute("DELETE FROM last_batch")
            database.execute("INSERT INTO last_batch VALUES (?)", [batch])

    def is_committed(self, batch: str) -> bool:
        """Whether it is the last batch that was committed."""
        with self._reading() as database:
            return database.execute("SELECT name FROM last_batch").fetchall() == [(batch,)]

    def find(self, source: str, day: date) -> Secrets | None:
        """The record of a day as it is now, or None."""
        self.epoch()
        cache = self._cache  # a refresh meanwhile replaces it, so what is read now cannot outlive the refresh
        found = cache.get((source, day))
        if found is None:
            with self._reading() as database:
                found = _find(database, source, day)
            if found is not None:
                cache[source, day] = found
        return found

    def open_days(self) -> list[tuple[str, date, int]]:
        """(source, day, start of the UTC hour of its first use in ms) of all days not destroyed; source "" too."""
        with self._reading() as database:
            found = database.execute(
                "SELECT source, day, hour FROM secrets WHERE state != ? ORDER BY day, source", [State.DESTROYED]
            ).fetchall()
        return [(source, date.fromisoformat(day), hour_ms(hour)) for source, day, hour in found]

    def epoch(self) -> bytes:
        """What changes whenever any process closes or destroys a day, see `KeyStore`."""
        epoch = self._epoch[:]
        if epoch != self._seen or self._is_changing():
            self._seen, self._cache = epoch, {}
        return epoch

    def answers(self) -> bool:
        """Whether the file can be read."""
        try:
            self.open_days()
        except HubbubError:
            return False
        return True

    def finish_ends(self) -> None:
        """Nothing: a change is whole or not at all."""

    def guards(self, layout: Layout) -> FileGuards:
        """File locks."""
        return FileGuards(layout)

    def _is_changing(self) -> bool:
        return bool(self._epoch[0] & 1)

    def _make(self, source: str, day: date) -> Secrets:
        """Make the record of an open day if no process has yet; as it is now."""
        with self._transaction() as database:
            return _insert(database, source, day, hour_of(self._clock.now_ms()), draw_secrets())

    def _end(self, source: str, days: Sequence[date], state: State, earlier: set[State]) -> None:
        """As in `KeyStore`, byte for byte over what was there."""
        try:
            with self._transaction() as database:
                for day in days:
                    found = _insert(database, source, day, NO_HOUR, Secrets(state, GONE, GONE))
                    new = moved_on(found, state, earlier)
                    no_hour = NO_HOUR if state == State.DESTROYED else None  # when the first visitor came goes, too
                    database.execute(
                        "UPDATE secrets SET state = ?, visitor = ?, data = ?, hour = coalesce(?, hour) "
                        "WHERE source = ? AND day = ?",
                        [*new, no_hour, source, day.isoformat()],
                    )
                self._epoch[:] = _new_epoch(is_odd=True)
        finally:
            self._epoch[:] = _new_epoch(is_odd=False)

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """A connection of its own each time: safe in threads and after a fork; no page with secrets stays cached."""
        try:
            with closing(sqlite3.connect(self._path, timeout=WAIT_S, isolation_level=None)) as database:
                yield database
        except sqlite3.OperationalError as error:
            raise Overloaded(f"the key file {self._path} cannot be used ({error})") from error
        except sqlite3.DatabaseError as error:
            raise StoreError(f"{self._path} is not a key file ({error}); hubbub cannot read open days") from error

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._reading() as database:
            database.execute("PRAGMA journal_mode = DELETE")
            database.execute("PRAGMA secure_delete = ON")
            database.execute("PRAGMA synchronous = EXTRA")  # or a power cut could bring a destroyed secret back
            database.execute("PRAGMA temp_store = MEMORY")
            database.execute("BEGIN IMMEDIATE")
            yield database
            database.execute("COMMIT")  # when something raised before it, closing the connection rolls back


def _find(database: sqlite3.Connection, source: str, day: date) -> Secrets | None:
    row = database.execute(
        "SELECT state, visitor, data FROM secrets WHERE source = ? AND day = ?", [source, day.isoformat()]
    ).fetchone()
    return None if row is None else Secrets(State(row[0]), row[1], row[2])


def _insert(database: sqlite3.Connection, source: str, day: date, hour: str, fresh: Secrets) -> Secrets:
    """Put the record in if there is none; the one that is there."""
    database.execute(
        "INSERT OR IGNORE INTO secrets (source, day, hour, state, visitor, data) VALUES (?, ?, ?, ?, ?, ?)",
        [source, day.isoformat(), hour, *fresh],
    )
    found = _find(database, source, day)
    assert found is not None
    return found


def _new_epoch(*, is_odd: bool) -> bytes:
    drawn = os.urandom(EPOCH_BYTES)
    return bytes([drawn[0] & ~1 | is_odd]) + drawn[1:]


def _make_private(path: Path) -> None:
    if not path.exists():
        os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, FILE_MODE))
        sync_folder(path.parent)
    path.chmod(FILE_MODE)
