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
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from hubbub.core.errors import DayClosed, Overloaded, Refused, StoreError
from hubbub.core.ports import Clock
from hubbub.store.disk import FILE_MODE, FOLDER_MODE, make_folder, sync_folder
from hubbub.store.sealing import KEY_BYTES

GONE = bytes(KEY_BYTES)
NO_HOUR = "0000-00-00T00"
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


class State(StrEnum):
    """How far a day's end has come; one letter each, for records never change their length."""

    OPEN = "o"
    NO_VISITOR = "v"  # the visitor secret is destroyed: no new rows can be made, made ones still land
    CLOSED = "c"  # takes no more rows; what is there can be read
    DESTROYED = "d"


class Secrets(NamedTuple):
    """One record."""

    state: State
    visitor: bytes
    data: bytes


def draw_secrets() -> Secrets:
    """New secrets of an open day."""
    return Secrets(State.OPEN, os.urandom(KEY_BYTES), os.urandom(KEY_BYTES))


class KeyFile:
    """Secrets of a (source, day), the same in every process that uses the file. A `KeyRing`, safe in threads.

    Secrets are 32 bytes from the operating system. They are cached until any process closes or destroys a day: an
    epoch of 8 random bytes in a file beside, mapped into memory, tells (0.1 µs a look).
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

    def visitor_secret(self, source: str, day: date) -> bytes:
        """32 random bytes that key the visitor hash; made on first use. Raises `DayClosed`, `Overloaded`."""
        secrets = self.find(source, day) or self._make(source, day)
        if secrets.state != State.OPEN:
            raise DayClosed(source, day)
        return secrets.visitor

    def data_key(self, source: str, day: date) -> bytes:
        """The key that seals rows of an open day; made on first use. Raises `DayClosed`, `Overloaded`."""
        secrets = self.find(source, day) or self._make(source, day)
        if secrets.state not in (State.OPEN, State.NO_VISITOR):
            raise DayClosed(source, day)
        return secrets.data

    def existing_data_key(self, source: str, day: date) -> bytes | None:
        """The key that opens rows of a day, closed or not; None when there is none (any more)."""
        secrets = self.find(source, day)
        return None if secrets is None or secrets.data == GONE else secrets.data

    def is_closed(self, source: str, day: date) -> bool:
        """The day takes no more rows."""
        secrets = self.find(source, day)
        return secrets is not None and secrets.state in (State.CLOSED, State.DESTROYED)

    def is_destroyed(self, source: str, day: date) -> bool:
        """The day's data key was destroyed (and not: was never made, or is missing with the whole key file)."""
        secrets = self.find(source, day)
        return secrets is not None and secrets.state == State.DESTROYED

    def mark_closed(self, source: str, *days: date) -> None:
        """From now on the days take no more rows. To be called under `RawStore.exclusive`, for rows on their way."""
        self._end(source, days, State.CLOSED, {State.OPEN, State.NO_VISITOR})

    def destroy_visitor(self, source: str, *days: date) -> None:
        """Overwrite the visitor secrets: from now on no one can tell which row is whose."""
        self._end(source, days, State.NO_VISITOR, {State.OPEN})

    def destroy(self, source: str, *days: date) -> None:
        """Overwrite both secrets of each day: from now on none of its rows can be read. It stays closed for ever."""
        self._end(source, days, State.DESTROYED, set(State))

    def commit(self, batch: str, used: Mapping[tuple[str, date], Secrets]) -> None:
        """Make the secrets that a batch's rows are sealed with durable, and the batch the one `is_committed` knows: all
        or nothing. An earlier batch is no longer known.

        Raises `DayClosed` when a day was closed meanwhile, `Refused` when it got other secrets, `Overloaded`.
        """
        hour = self._hour_now()
        with self._transaction() as database:
            for (source, day), secrets in used.items():
                found = _insert(database, source, day, hour, secrets)
                if found.state not in (State.OPEN, State.NO_VISITOR):
                    raise DayClosed(source, day)
                if found.data != secrets.data:
                    raise Refused(
                        f"{source} {day}: its first rows came from elsewhere meanwhile; none was stored, run it again"
                    )
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
        return [(source, date.fromisoformat(day), _hour_ms(hour)) for source, day, hour in found]

    def epoch(self) -> bytes:
        """What changes whenever any process closes or destroys a day. Also drops cached secrets if it has changed:
        a process that is idle calls it now and then, so that it does not hold on to what is destroyed.
        """
        epoch = self._epoch[:]
        if epoch != self._seen:
            self._seen, self._cache = epoch, {}
        return epoch

    def _make(self, source: str, day: date) -> Secrets:
        """Make the record of an open day if no process has yet; as it is now."""
        with self._transaction() as database:
            return _insert(database, source, day, self._hour_now(), draw_secrets())

    def _hour_now(self) -> str:
        return f"{datetime.fromtimestamp(self._clock.now_ms() / 1000, UTC):%Y-%m-%dT%H}"

    def _end(self, source: str, days: Sequence[date], state: State, earlier: set[State]) -> None:
        """Move records on from an earlier state, overwrite the secrets that end with it, and tell every process.

        A day that never was gets a record without secrets.
        """
        with self._transaction() as database:
            for day in days:
                found = _insert(database, source, day, NO_HOUR, Secrets(state, GONE, GONE))
                new = Secrets(
                    state if found.state in earlier else found.state,
                    GONE if state in (State.NO_VISITOR, State.DESTROYED) else found.visitor,
                    GONE if state == State.DESTROYED else found.data,
                )
                no_hour = NO_HOUR if state == State.DESTROYED else None  # when the first visitor came goes, too
                database.execute(
                    "UPDATE secrets SET state = ?, visitor = ?, data = ?, hour = coalesce(?, hour) "
                    "WHERE source = ? AND day = ?",
                    [*new, no_hour, source, day.isoformat()],
                )
        self._epoch[:] = os.urandom(EPOCH_BYTES)

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


def _hour_ms(hour: str) -> int:
    return 0 if hour == NO_HOUR else int(datetime.fromisoformat(hour).replace(tzinfo=UTC).timestamp() * 1000)


def _make_private(path: Path) -> None:
    if not path.exists():
        os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, FILE_MODE))
        sync_folder(path.parent)
    path.chmod(FILE_MODE)
