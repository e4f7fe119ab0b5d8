"""Guards: what keeps processes that share a raw folder out of each other's way.

Between processes of one machine these are file locks (`file_guards`); between machines, where file locks cannot be
relied on, leases and locks in the state database (`lease_guards`).
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from hubbub.store.disk import Disk


class Writer(Protocol):
    """One journal's right to write. Every row it acknowledges is either visible to the seal that follows a day's
    close, or refused.
    """

    @property
    def name(self) -> str:
        """The folder of its files. It changes when the right was lost and taken again: then a new file is due."""
        ...

    def hold(self) -> None:
        """Before a commit: take or keep the right. Raises `Overloaded` when it cannot be had."""
        ...

    def confirm(self) -> None:
        """After a commit, before anyone is told: whether the right was held all the time. Raises `Overloaded`."""
        ...

    def release(self) -> None:
        """No commit is under way; closers need not wait."""
        ...

    def close(self) -> None:
        """Give the right up for good."""
        ...


class Guards(Protocol):
    """The locks of one raw folder."""

    @property
    def disk(self) -> Disk:
        """How journal files are written here."""
        ...

    @property
    def commits_at_once(self) -> bool:
        """Whether rows that come in bulk may be written in place, under `committing`; otherwise only as a batch."""
        ...

    def writer(self, worker: str, on_change: Callable[[], None]) -> Writer:
        """The right of a new journal. `on_change` is called, from any thread, when a day was closed or destroyed, or
        the right was lost.
        """
        ...

    def committing(self) -> AbstractContextManager[None]:
        """While it lasts rows that came in bulk become visible."""
        ...

    def exclusive(self) -> AbstractContextManager[None]:
        """Days are marked closed in it. After it every row of them that was acknowledged is visible, and no more
        come.
        """
        ...

    def reading_batches(self) -> AbstractContextManager[None]:
        """While it lasts no batch is moved."""
        ...

    def moving_batches(self) -> AbstractContextManager[None]:
        """Only one process moves batches at a time, and none reads meanwhile."""
        ...

    def compacting(self) -> AbstractContextManager[None]:
        """Only one process compacts at a time."""
        ...

    def finished(self, path: Path) -> AbstractContextManager[bool]:
        """Whether no process writes to the file (any more), and none can while this lasts."""
        ...

    def new_batch(self, folder: Path) -> AbstractContextManager[None]:
        """Makes the folder of a batch; while it lasts it is known to be that of a living process."""
        ...

    def is_left(self, folder: Path) -> bool:
        """The process that wrote this batch is dead."""
        ...
