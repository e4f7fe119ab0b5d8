"""Rows that wait for a commit of the journal, and who waits with them."""

from asyncio import AbstractEventLoop, Future
from collections.abc import Iterable
from contextlib import suppress

from hubbub.core.errors import Overloaded
from hubbub.core.reasons import DropReason
from hubbub.core.rows import Row

Outcome = DropReason | Overloaded | None
"""What became of rows: None when they are on disk."""


class Batch:
    """Rows of one source and day that wait for the same commit, and who waits for it.

    Each waits for a future of its own: who gives up waiting must not take the others along.
    """

    __slots__ = ("_loop", "rows", "waiters")

    def __init__(self, loop: AbstractEventLoop) -> None:
        self._loop = loop
        self.rows: list[Row] = []
        self.waiters: list[Future[DropReason | None]] = []

    def wait(self) -> "Future[DropReason | None]":
        """What one more waits for."""
        waiter: Future[DropReason | None] = self._loop.create_future()
        self.waiters.append(waiter)
        return waiter

    def settle(self, outcome: Outcome) -> None:
        """Tell those who wait, in their loop."""
        with suppress(RuntimeError):  # the loop is closed: no one waits
            self._loop.call_soon_threadsafe(_tell, self.waiters, outcome)


def _tell(waiters: Iterable["Future[DropReason | None]"], outcome: Outcome) -> None:
    for waiter in waiters:
        if waiter.done():
            continue
        if isinstance(outcome, Overloaded):
            waiter.set_exception(outcome)
            waiter.exception()  # a waiter may have gone away; that is no error to log
        else:
            waiter.set_result(outcome)
