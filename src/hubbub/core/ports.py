"""The ports between rooms. A room is written against these; `cli` puts the real ones in."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Protocol

from hubbub.core.reasons import DropReason
from hubbub.core.rows import Row

if TYPE_CHECKING:  # asyncio takes 0.1 s to load, which most commands can do without
    from asyncio import Future


class Clock(Protocol):
    """The time, so that tests can set it."""

    def now_ms(self) -> int:
        """Milliseconds since 1970 UTC."""
        ...


class KeyRing(Protocol):
    """Secrets of a (source, day): made at first use, the same in every process, gone for ever once destroyed."""

    def visitor_secret(self, source: str, day: date) -> bytes:
        """32 random bytes that key the visitor hash. Raises `DayClosed` when the day takes no more rows."""
        ...


class EventSink(Protocol):
    """Where live rows go."""

    def append(self, source: str, day: date, row: Row) -> "Future[DropReason | None]":
        """Queue a row; the future resolves to None once it is on disk, or to the reason it was dropped.

        Raises `Overloaded` at once when the queue is full or the disk does not take rows.
        """
        ...

    def append_all(self, rows: Sequence[tuple[str, date, Row]]) -> "list[Future[DropReason | None]]":
        """Queue rows of (source, day) that become durable together or not at all; a future each, as of `append`.

        Raises `Overloaded` at once, and then none is queued.
        """
        ...

    def drop(self, source: str, day: date, reason: DropReason) -> None:
        """Count a drop; `source` is "" when it is unknown. Durable within a second, not at once."""
        ...


class ArrowStream(Protocol):
    """Any table that speaks the Arrow PyCapsule interface, with the columns of `core.rows.COLUMNS`."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...


class BulkSink(Protocol):
    """Where imported rows go, a table at a time."""

    def write(self, source: str, day: date, rows: ArrowStream, drops: Mapping[DropReason, int]) -> None:
        """Seal the rows of one source and day, durable on return. Raises `DayClosed`."""
        ...
