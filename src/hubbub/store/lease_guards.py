"""Guards by leases and locks in the state database: for processes on many machines that share a raw folder."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import Engine

from hubbub.core.errors import Overloaded
from hubbub.store.disk import FOLDER_MODE, SharedDisk, make_folder, mark_of_end
from hubbub.store.journal_file import SUFFIX
from hubbub.store.layout import Layout
from hubbub.store.leases import (
    BATCH,
    JOURNAL,
    OBSERVED_S,
    Lease,
    Turning,
    batch_lease,
    elapsed_s,
    is_expired,
    lives,
)
from hubbub.store.shared_tables import Lock, cluster_table, locked, transaction, writers_table

LOOK_S = 0.05
PATIENCE_S = 600.0  # for a writer that lives and does not end its commit


class LeaseGuards:
    """The `Guards` of a raw folder that many machines use."""

    commits_at_once = False

    def __init__(self, layout: Layout, engine: Engine, keys: Turning) -> None:
        self._layout = layout
        self._engine = engine
        self._keys = keys
        self.disk = SharedDisk()

    def writer(self, worker: str, on_change: Callable[[], None]) -> Lease:
        """The lease of a new journal. Raises `Overloaded`."""
        return Lease(self._engine, self._keys, JOURNAL, worker, on_change)

    def committing(self) -> AbstractContextManager[None]:
        """Nothing: a batch is committed in one transaction of the database, before a close's or after it."""
        return nullcontext()

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """After it every writer has taken notice of what was done in it, or is dead; see `leases` for the proof.

        Raises `Overloaded` when one lives and does not end its commit: the close is to be done again.
        """
        yield
        with transaction(self._engine) as connection:
            epoch = connection.execute(sa.select(cluster_table.c.epoch)).scalar_one()
        patience = elapsed_s() + PATIENCE_S
        stood: dict[str, tuple[int, float]] = {}
        columns = writers_table.c
        while True:
            with transaction(self._engine) as connection:
                query = sa.select(columns.name).where(columns.kind == JOURNAL, columns.epoch < epoch)
                behind = list(connection.execute(query).scalars())
            if not behind:
                return
            self._remove_expired(stood)
            if elapsed_s() > patience:
                raise Overloaded(f"the writer {behind[0]} does not end its commit", 60)
            time.sleep(LOOK_S)

    def reading_batches(self) -> AbstractContextManager[None]:
        """While it lasts no batch is moved."""
        return locked(self._engine, Lock.BATCHES, shared=True)

    def moving_batches(self) -> AbstractContextManager[None]:
        """Only one process moves batches at a time, and none reads meanwhile."""
        return locked(self._engine, Lock.BATCHES)

    @contextmanager
    def compacting(self) -> Iterator[None]:
        """Only one process compacts at a time. Before, writers that died are removed; after, their empty folders."""
        with locked(self._engine, Lock.COMPACTION):
            stood: dict[str, tuple[int, float]] = {}
            while self._remove_expired(stood):
                time.sleep(LOOK_S)
            yield
            self._remove_empty_folders()

    @contextmanager
    def finished(self, path: Path) -> Iterator[bool]:
        """Whether the file was ended, or its writer has. What stands aside is of who compacts, hence of no one."""
        if not path.exists():
            yield False
        elif path.parent == self._layout.aside or mark_of_end(path).exists():
            yield True
        else:
            yield not self._lives(path.parent.name)

    @contextmanager
    def new_batch(self, folder: Path) -> Iterator[None]:
        """Makes the folder; a lease says that it is that of a living process."""
        lease = Lease(self._engine, self._keys, BATCH, batch_lease(folder.name))
        try:
            make_folder(folder.parent)
            folder.mkdir(FOLDER_MODE)
            yield
        finally:
            lease.close()

    def is_left(self, folder: Path) -> bool:
        """The lease of the process that wrote this batch is gone."""
        return not self._lives(batch_lease(folder.name))

    def _lives(self, name: str) -> bool:
        with transaction(self._engine) as connection:
            return lives(connection, name)

    def _remove_expired(self, stood: dict[str, tuple[int, float]]) -> bool:
        """Remove writers whose lease ran out and stands still; whether there are such that are to be watched longer.

        `stood` remembers between calls since when each one's count of renewals stands.
        """
        columns = writers_table.c
        with transaction(self._engine) as connection:
            expired = connection.execute(sa.select(columns.name, columns.beat).where(is_expired())).all()
            is_watched = False
            for name, beat in expired:
                known, since = stood.get(name, (None, 0.0))
                if known != beat:
                    stood[name] = (beat, elapsed_s())
                    is_watched = True
                elif elapsed_s() - since < OBSERVED_S:
                    is_watched = True
                else:
                    still = (columns.name == name, columns.beat == beat, is_expired())
                    connection.execute(sa.delete(writers_table).where(*still))
        return is_watched

    def _remove_empty_folders(self) -> None:
        for folder in self._layout.journal.glob("*"):
            if not self._lives(folder.name) and not any(folder.glob("*" + SUFFIX)):
                with suppress(OSError):
                    for mark in folder.iterdir():
                        mark.unlink()
                    os.rmdir(folder)
