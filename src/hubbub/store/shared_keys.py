"""Shared keys: the secrets of every (source, day) in PostgreSQL, each wrapped by a key in a file outside of it.

PostgreSQL keeps what was deleted, in its log and its backups. So it never sees a secret: only secrets sealed
(AES-256-GCM, bound to source, day and purpose) with a key of their own that stands in `wrapping.WrappingFolder`.
Destroying a secret is destroying that file.

The order of it: first the record says that the secret is gone and the epoch is raised, in one transaction; then the
file is destroyed. A process that dies in between leaves a file that `finish_ends` destroys. A secret is made the other
way round: first its files, then its record; a process that dies in between leaves files that wrap nothing.

Records are cached only while a lease (`leases`) says that the epoch did not change: see `turn`.
"""

import os
import resource
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from hubbub.core.errors import Refused, StoreError
from hubbub.core.ports import Clock
from hubbub.store.disk import FOLDER_MODE, make_folder
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
from hubbub.store.lease_guards import LeaseGuards
from hubbub.store.leases import batch_lease, elapsed_s
from hubbub.store.patience import Patience
from hubbub.store.sealing import Seal
from hubbub.store.shared_tables import (
    Lock,
    Unanswered,
    cluster_table,
    metadata,
    secrets_table,
    transaction,
    writers_table,
)
from hubbub.store.wrapping import DATA, VISITOR, WrappingFolder, name_in, put_name

UNUSED_MS = 3_600_000  # a file without a record that is older wraps nothing
LONGEST_S = 2.0  # that a collector waits for the database
PAUSE_S, PAUSES = 1.0, 5  # after it did not answer it is not asked for a second and five times what that took

T = TypeVar("T")


class SharedKeys(KeyStore):
    """The `KeyStore` of a cluster.

    engine  the state database
    folder  of the wrapping keys, shared by all machines
    """

    def __init__(self, engine: Engine, folder: Path, clock: Clock) -> None:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a crash leaves neither secrets nor opened rows on a disk
        self._engine = engine
        self._clock = clock
        self._wrapping = WrappingFolder(folder)
        self._epoch = self._lapses = 0
        self._cache: dict[tuple[str, date], Secrets] = {}
        self._cached_until = 0.0
        self._silent_until = 0.0
        self._patience = Patience(LONGEST_S)
        with transaction(engine, Lock.TABLES) as connection:
            metadata.create_all(connection)
        make_folder(folder)
        self._own_folder("keys", folder)
        with suppress(OSError):  # where the share forbids it, its owner is who keeps others out
            folder.chmod(FOLDER_MODE)

    def find(self, source: str, day: date) -> Secrets | None:
        """The record of a day: as it is now, or as it was when the lease was renewed, a second ago."""
        if elapsed_s() > self._cached_until:
            self.forget()
            return self._read(source, day)
        cache = self._cache  # a change meanwhile replaces it, so what is read now cannot outlive the change
        found = cache.get((source, day))
        if found is None:
            found = self._read(source, day)
            if found is not None:
                cache[source, day] = found
        return found

    def open_days(self) -> list[tuple[str, date, int]]:
        """(source, day, start of the UTC hour of its first use in ms) of all days not destroyed; source "" too."""
        columns = secrets_table.c
        query = sa.select(columns.source, columns.day, columns.hour).where(columns.state != State.DESTROYED.value)
        with transaction(self._engine) as connection:
            found = [(day, source, hour) for source, day, hour in connection.execute(query)]
        return [(source, date.fromisoformat(day), hour_ms(hour)) for day, source, hour in sorted(found)]

    def epoch(self) -> bytes:
        """What changes, with the next renewal of a lease, when any process closes or destroys a day; and when it is not
        known any more whether one did.
        """
        return self._epoch.to_bytes(8, "big") + self._lapses.to_bytes(8, "big")

    def turn(self, epoch: int, until: float) -> None:
        """A renewed lease found this epoch; until then (`leases.elapsed_s`) records may be cached."""
        if epoch != self._epoch:
            self._cache = {}
            self._epoch = epoch
        self._cached_until = max(self._cached_until, until)
        self._silent_until = 0.0

    def forget(self) -> None:
        """Drop what is cached, and cache nothing before the next renewal."""
        if self._cached_until:
            self._lapses += 1
            self._cached_until, self._cache = 0.0, {}

    def answers(self) -> bool:
        """Whether a lease says that cached records hold: a short while without the database is none for a collector."""
        return elapsed_s() < self._cached_until

    def commit(self, batch: str, used: Mapping[tuple[str, date], Secrets]) -> None:
        """As in `KeyStore`. Also raises `Refused` when the batch's lease is lost, for others have removed it then."""
        hour = hour_of(self._clock.now_ms())
        columns = writers_table.c
        with transaction(self._engine, Lock.KEYS) as connection:
            held = sa.select(columns.name).where(columns.name == batch_lease(batch)).with_for_update()
            if connection.execute(held).first() is None:
                raise Refused("the state database was out of reach for too long; none was stored, run it again")
            for (source, day), secrets in used.items():
                check_usable(self._insert(connection, source, day, hour, secrets), secrets, source, day)
            connection.execute(sa.update(cluster_table).values(batch=batch))

    def is_committed(self, batch: str) -> bool:
        """Whether it is the last batch that was committed."""
        with transaction(self._engine) as connection:
            return bool(connection.execute(sa.select(cluster_table.c.batch)).scalar_one() == batch)

    def finish_ends(self) -> None:
        """Destroy wrapping keys of secrets that are gone, or that never were."""
        columns = secrets_table.c
        files = list(self._wrapping.files())
        names = {file.name for file in files}
        query = sa.select(columns.wrapping, columns.visitor, columns.data).where(columns.wrapping.in_(names))
        with transaction(self._engine) as connection:
            lives = {
                row.wrapping: {VISITOR: bool(row.visitor), DATA: bool(row.data)} for row in connection.execute(query)
            }
        for file in files:
            its = lives.get(file.name)
            is_unused = its is None and file.made_ms < self._clock.now_ms() - UNUSED_MS
            if is_unused or (its is not None and not its[file.purpose]):
                self._wrapping.destroy(file.day, file.name, file.purpose)

    def guards(self, layout: Layout) -> LeaseGuards:
        """Leases and locks in the database. Raises `StoreError` when the raw folder is not the cluster's."""
        make_folder(layout.folder)
        self._own_folder("raw", layout.folder)
        return LeaseGuards(layout, self._engine, self)

    def _read(self, source: str, day: date) -> Secrets | None:
        def read() -> Secrets | None:
            with transaction(self._engine) as connection:
                return self._find(connection, source, day)

        return self._ask(read)

    def _make(self, source: str, day: date) -> Secrets:
        def make() -> Secrets:
            with transaction(self._engine, Lock.KEYS) as connection:
                return self._insert(connection, source, day, hour_of(self._clock.now_ms()), draw_secrets())

        return self._ask(make)

    def _ask(self, work: Callable[[], T]) -> T:
        """Ask the database. A collector, whose event loop waits, is not kept for long, and not again soon."""
        begun = elapsed_s()
        if begun > self._cached_until:
            return work()
        if begun < self._silent_until:
            raise Unanswered("the state database does not answer")
        try:
            return self._patience.wait_for(work)
        except Unanswered:
            now = elapsed_s()
            self._silent_until = now + PAUSE_S + PAUSES * (now - begun)
            raise

    def _end(self, source: str, days: Sequence[date], state: State, earlier: set[State]) -> None:
        """As in `KeyStore`: first the records, then the files."""
        columns = secrets_table.c
        files: list[tuple[date, str, str]] = []
        with transaction(self._engine, Lock.KEYS) as connection:
            for day in days:
                its = (columns.source == source, columns.day == day.isoformat())
                row = connection.execute(sa.select(columns.state, columns.wrapping).where(*its)).first()
                if row is None:
                    _put(connection, source, day, NO_HOUR, state)
                    continue
                new = moved_on(Secrets(State(row.state), b"", b""), state, earlier)
                values: dict[str, object] = {"state": new.state.value}
                for purpose, secret in ((VISITOR, new.visitor), (DATA, new.data)):
                    if secret == GONE:
                        values[purpose] = b""
                        files.append((day, row.wrapping, purpose))
                if state == State.DESTROYED:
                    values["hour"] = NO_HOUR  # when the first visitor came goes, too
                connection.execute(sa.update(secrets_table).where(*its).values(values))
            connection.execute(sa.update(cluster_table).values(epoch=cluster_table.c.epoch + 1))
        self.forget()
        for day, name, purpose in files:
            if name:
                self._wrapping.destroy(day, name, purpose)

    def _find(self, connection: Connection, source: str, day: date) -> Secrets | None:
        columns = secrets_table.c
        query = sa.select(secrets_table).where(columns.source == source, columns.day == day.isoformat())
        row = connection.execute(query).first()
        if row is None:
            return None
        state = State(row.state)
        visitor = self._unwrap(row.visitor, source, day, row.wrapping, VISITOR) if state == State.OPEN else GONE
        return Secrets(state, visitor, self._unwrap(row.data, source, day, row.wrapping, DATA))

    def _insert(self, connection: Connection, source: str, day: date, hour: str, fresh: Secrets) -> Secrets:
        """Put the record in if there is none; the one that is there. Under `Lock.KEYS`."""
        found = self._find(connection, source, day)
        if found is None:
            self._own_folder("keys", self._wrapping.folder, connection)
            name = os.urandom(16).hex()  # never the name of files that someone else makes, even without the lock
            visitor = self._wrap(fresh.visitor, source, day, name, VISITOR)
            data = self._wrap(fresh.data, source, day, name, DATA)
            _put(connection, source, day, hour, fresh.state, name, visitor, data)
            found = fresh
        return found

    def _wrap(self, secret: bytes, source: str, day: date, name: str, purpose: str) -> bytes:
        return Seal(self._wrapping.make(day, name, purpose)).close(secret, _place(source, day, purpose))

    def _unwrap(self, wrapped: bytes, source: str, day: date, name: str, purpose: str) -> bytes:
        if not wrapped:
            return GONE
        key = self._wrapping.read(day, name, purpose)
        secret = Seal(key).open(wrapped, _place(source, day, purpose)) if len(key) == len(GONE) else None
        if secret is None:
            raise StoreError(f"{source} {day}: the {purpose} wrapping key does not open what it should")
        return secret

    def _own_folder(self, mark: str, folder: Path, connection: Connection | None = None) -> None:
        """See that a shared folder is the cluster's, or make it so when none is yet. Raises `StoreError`."""
        if connection is None:
            with transaction(self._engine, Lock.TABLES) as own:
                return self._own_folder(mark, folder, own)
        row = connection.execute(sa.select(cluster_table)).first()
        carried = name_in(folder)
        if row is None:
            name = carried or os.urandom(16).hex()
            values = {"number": 1, "name": name, "epoch": 1, "batch": "", "marked": mark}
            connection.execute(sa.insert(cluster_table), values)
        elif mark in row.marked.split():
            if carried != row.name:
                raise StoreError(f"{folder} is not the folder of this cluster that it should be; is it mounted?")
            return None
        else:
            name = row.name
            connection.execute(sa.update(cluster_table).values(marked=f"{row.marked} {mark}"))
        if carried is None:
            put_name(folder, name)
        elif carried != name:
            raise StoreError(f"{folder} belongs to another cluster; name a folder of its own")
        return None


def _place(source: str, day: date, purpose: str) -> bytes:
    return f"{purpose}|{source}|{day}".encode()


def _put(
    connection: Connection,
    source: str,
    day: date,
    hour: str,
    state: State,
    wrapping: str = "",
    visitor: bytes = b"",
    data: bytes = b"",
) -> None:
    values = {"source": source, "day": day.isoformat(), "hour": hour, "state": state.value}
    connection.execute(sa.insert(secrets_table), values | {"wrapping": wrapping, "visitor": visitor, "data": data})
