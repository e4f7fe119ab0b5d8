"""The key store: the secrets of every (source, day) and their end, wherever they are kept.

There are two: `keyfile`, a file of one machine, and `shared_keys`, PostgreSQL and a folder that many machines share.
One suite of tests (tests/conformance) runs over both.
"""

import os
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import NamedTuple

from hubbub.core.errors import DayClosed, Refused
from hubbub.store.guards import Guards
from hubbub.store.layout import Layout
from hubbub.store.sealing import KEY_BYTES

GONE = bytes(KEY_BYTES)
NO_HOUR = "0000-00-00T00"


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


class KeyStore(ABC):
    """Secrets of a (source, day), the same in every process that uses the place. A `KeyRing`, safe in threads.

    Secrets are 32 bytes from the operating system. What is destroyed is overwritten and in no file any more.
    """

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

    @abstractmethod
    def find(self, source: str, day: date) -> Secrets | None:
        """The record of a day as it is now, or None."""

    @abstractmethod
    def open_days(self) -> list[tuple[str, date, int]]:
        """(source, day, start of the UTC hour of its first use in ms) of all days not destroyed; source "" too."""

    @abstractmethod
    def epoch(self) -> bytes:
        """What changes whenever any process closes or destroys a day. Also drops cached secrets if it has changed:
        a process that is idle calls it now and then, so that it does not hold on to what is destroyed.
        """

    @abstractmethod
    def answers(self) -> bool:
        """Whether a collector can have what it needs from here."""

    @abstractmethod
    def commit(self, batch: str, used: Mapping[tuple[str, date], Secrets]) -> None:
        """Make the secrets that a batch's rows are sealed with durable, and the batch the one `is_committed` knows: all
        or nothing. An earlier batch is no longer known.

        Raises `DayClosed` when a day was closed meanwhile, `Refused` when it got other secrets, `Overloaded`.
        """

    @abstractmethod
    def is_committed(self, batch: str) -> bool:
        """Whether it is the last batch that was committed."""

    @abstractmethod
    def finish_ends(self) -> None:
        """Destroy what a process died over while it destroyed it, and what it made and never used."""

    @abstractmethod
    def guards(self, layout: Layout) -> Guards:
        """What keeps the processes that use these keys out of each other's way in the raw folder."""

    @abstractmethod
    def _make(self, source: str, day: date) -> Secrets:
        """Make the record of an open day if no process has yet; as it is now."""

    @abstractmethod
    def _end(self, source: str, days: Sequence[date], state: State, earlier: set[State]) -> None:
        """Move records on from an earlier state, overwrite the secrets that end with it, and tell every process.

        A day that never was gets a record without secrets.
        """


def check_usable(found: Secrets, wanted: Secrets, source: str, day: date) -> None:
    """Whether rows sealed with `wanted` may join a day that has the secrets `found`. Raises `DayClosed`, `Refused`."""
    if found.state not in (State.OPEN, State.NO_VISITOR):
        raise DayClosed(source, day)
    if found.data != wanted.data:
        raise Refused(f"{source} {day}: its first rows came from elsewhere meanwhile; none was stored, run it again")


def moved_on(found: Secrets, state: State, earlier: set[State]) -> Secrets:
    """The record once a day has come to `state`, from one of the `earlier` ones."""
    return Secrets(
        state if found.state in earlier else found.state,
        GONE if state in (State.NO_VISITOR, State.DESTROYED) else found.visitor,
        GONE if state == State.DESTROYED else found.data,
    )


def hour_of(now_ms: int) -> str:
    """The UTC hour in which a record is made, as it stands in it."""
    return f"{datetime.fromtimestamp(now_ms / 1000, UTC):%Y-%m-%dT%H}"


def hour_ms(hour: str) -> int:
    """The start of such an hour in ms; 0 when it is gone."""
    return 0 if hour == NO_HOUR else int(datetime.fromisoformat(hour).replace(tzinfo=UTC).timestamp() * 1000)
