"""Leases: which writers live, over machines, and that none acknowledges a row that a close does not see.

Each writer has a row in the table `writers`: its name (no other writer ever has it), the epoch it has taken notice of,
and when it was renewed last, by the database's clock. A thread renews it every second and reads the epoch in the same
statement. A commit begins with `hold` and ends with `confirm`, before anyone is told that its rows are stored.

What is claimed: once `LeaseGuards.exclusive` is over, in which a day was marked closed, every row of the day that was
or will be acknowledged is on the disk, and no other one will be.

Proof. Closing the day raised the epoch to E in one transaction, then waited until each writer in the table had
announced an epoch of E or later, or was removed.
1. A writer announces E only when it has read E, after that dropped its cached records, and no commit is under way that
   began before that (`hold` notes what was known when a commit begins). So a commit that ends after the announcement
   began after the drop: it read the day's record after E was committed, found it closed, and refused the row. A commit
   that began before had ended before: its rows were on the disk.
2. A writer is removed only when its last renewal lies LEASE_S + MARGIN_S back by the database's clock and its count of
   renewals stands still for OBSERVED_S of the closer's own. `confirm` tells no one unless, at that moment, less than
   LEASE_S have gone since the writer sent a renewal that was answered, by its own clock, and its name is the one it
   held. That renewal was noted in the database after it was sent. So whatever was told was on the disk MARGIN_S before
   the removal (less what the two clocks drift apart in half a minute), and a writer once removed finds its row gone:
   it takes another name, and what it had under way under the old one it tells no one.
3. A writer that enters the table later reads the epoch as it enters it. If it read one before E, it entered before E
   was committed or its transaction was seen, for both lock the epoch's row: then it is among those waited for. If it
   read E, all it knows it read after.
A database that is down for less than LEASE_S is not noticed by senders: a commit needs no answer from it. After that
writers refuse rows until it is back. Suspending a machine stops its clocks: do not suspend collectors.
"""

import os
import re
import socket
import time
from collections.abc import Callable
from threading import Event, Lock, Thread
from typing import Protocol

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from hubbub.core.errors import Overloaded
from hubbub.store.shared_tables import answering, cluster_table, transaction, writers_table

LEASE_S = 30.0
MARGIN_S = 5.0
OBSERVED_S = 3.0
BEAT_S = 1.0
JOURNAL, BATCH = "journal", "batch"


class Turning(Protocol):
    """What is told of each renewal of a journal's lease: the keys, which drop cached records when the epoch changed."""

    def turn(self, epoch: int, until: float) -> None:
        """The epoch as it is; records may be cached until then (`elapsed_s`)."""
        ...

    def forget(self) -> None:
        """Drop what is cached, and cache nothing before the next renewal."""
        ...


def elapsed_s() -> float:
    """Seconds on a clock of this machine that never jumps, and goes on while it sleeps."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def batch_lease(batch: str) -> str:
    """The name of a batch's lease."""
    return f"{BATCH}-{batch}"


class Lease:
    """The lease of one writer; a `guards.Writer`.

    name       of a journal: the worker's and the host's and a drawn part, another after each loss; of a batch its own
    on_change  called when the epoch changed, or the lease was lost
    """

    def __init__(
        self,
        engine: Engine,
        keys: Turning,
        kind: str,
        name: str,
        on_change: Callable[[], None] = lambda: None,
    ) -> None:
        self._engine, self._keys, self._kind, self._stem, self._on_change = engine, keys, kind, name, on_change
        self._lock = Lock()
        self._is_held = False
        self._seen = self._held = self._told = 0  # epochs: known, known when the commit began, announced
        self._held_name = self.name = ""
        self._fresh_until = 0.0
        self._enter()
        self._wake, self._is_closing = Event(), False
        self._thread = Thread(target=self._keep, name="hubbub-lease", daemon=True)
        self._thread.start()

    def hold(self) -> None:
        """A commit begins. Raises `Overloaded` when the lease could not be renewed."""
        with self._lock:
            self._check()
            self._held, self._held_name, self._is_held = self._seen, self.name, True
            is_news = self._told < self._held
        if is_news:
            self._wake.set()

    def confirm(self) -> None:
        """Whether the commit may be acknowledged. Raises `Overloaded` when the lease was lost meanwhile."""
        with self._lock:
            self._check()
            if self.name != self._held_name:
                raise Overloaded("the lease of this writer was lost over a commit")

    def release(self) -> None:
        """No commit is under way."""
        with self._lock:
            self._is_held = False
            is_news = self._told < self._seen
        if is_news:
            self._wake.set()
        if elapsed_s() > self._fresh_until:
            self._keys.forget()

    def close(self) -> None:
        """Give the lease back."""
        self._is_closing = True
        self._wake.set()
        self._thread.join()
        if self._kind == JOURNAL:
            self._keys.forget()
        try:
            with transaction(self._engine) as connection:
                connection.execute(sa.delete(writers_table).where(writers_table.c.name == self.name))
        except Overloaded:
            return  # it expires

    def _check(self) -> None:
        if elapsed_s() > self._fresh_until:
            raise Overloaded("the state database does not renew the lease of this writer")

    def _keep(self) -> None:
        while not self._is_closing:
            self._wake.wait(BEAT_S)
            self._wake.clear()
            try:
                if not self._is_closing:
                    self._renew()
            except Overloaded:  # the lease runs on, and out
                if elapsed_s() > self._fresh_until:
                    self._keys.forget()
                    self._on_change()
                self._wake.wait(BEAT_S)

    def _renew(self) -> None:
        columns = writers_table.c
        with self._lock:
            known = self._held if self._is_held else self._seen
        sent = elapsed_s()
        renewal = (
            sa.update(writers_table)
            .where(columns.name == self.name)
            .values(epoch=known, beat=columns.beat + 1, renewed=sa.func.clock_timestamp())
            .returning(sa.select(cluster_table.c.epoch).scalar_subquery())
        )
        with answering(), self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            epoch = connection.execute(renewal).scalar()
        if epoch is None:
            if self._kind == BATCH:
                self._is_closing = True  # its files are gone; its commit finds that out
                return
            with self._lock:
                self._fresh_until = 0.0
            self._enter()
            self._on_change()
            return
        self._take(epoch, sent, known)

    def _take(self, epoch: int, sent: float, told: int) -> None:
        if self._kind == JOURNAL:
            self._keys.turn(epoch, sent + LEASE_S)
        with self._lock:
            is_news = epoch != self._seen
            self._seen, self._told, self._fresh_until = epoch, told, sent + LEASE_S
            if is_news and not self._is_held:
                self._wake.set()
        if is_news:
            self._on_change()

    def _enter(self) -> None:
        """Enter the table, under a name of its own. What was read before is dropped afterwards."""
        name = self._stem if self._kind == BATCH else f"{self._stem}@{host()}-{os.urandom(6).hex()}"
        sent = elapsed_s()
        with transaction(self._engine) as connection:
            epoch = connection.execute(sa.select(cluster_table.c.epoch).with_for_update(read=True)).scalar_one()
            connection.execute(
                sa.insert(writers_table).values(
                    name=name, kind=self._kind, host=host(), epoch=epoch, beat=0, renewed=sa.func.clock_timestamp()
                )
            )
        if self._kind == JOURNAL:
            self._keys.forget()
        with self._lock:
            self.name = name
            self._seen = epoch
        self._take(epoch, sent, epoch)


def host() -> str:
    """This machine's name, of letters that a file's name may have."""
    return re.sub(r"[^A-Za-z0-9-]", "-", socket.gethostname())[:64] or "host"


def is_expired() -> sa.ColumnElement[bool]:
    """Whether a row of `writers` was not renewed for too long, by the database's clock."""
    age = sa.func.extract("epoch", sa.func.clock_timestamp() - writers_table.c.renewed)
    return age > LEASE_S + MARGIN_S


def lives(connection: Connection, name: str) -> bool:
    """Whether a writer of this name is in the table: it was not removed, nor has it ended."""
    query = sa.select(writers_table.c.name).where(writers_table.c.name == name)
    return connection.execute(query).first() is not None
