"""Guards by file locks: for processes of one machine."""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from hubbub.store import locks
from hubbub.store.disk import FILE_MODE, FOLDER_MODE, Disk, make_folder, take_lock
from hubbub.store.layout import Layout
from hubbub.store.locks import WriterLock

LOCK = "lock"  # in a batch's folder


class FileGuards:
    """The `Guards` of a raw folder that one machine uses."""

    commits_at_once = True

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self.disk = Disk()

    def writer(self, worker: str, on_change: Callable[[], None]) -> WriterLock:  # noqa: ARG002
        """The right of a new journal; it is never lost, and the keys tell at once when a day was closed."""
        return WriterLock(self._layout.writers_lock, worker)

    def committing(self) -> AbstractContextManager[None]:
        """A share of the writers' lock."""
        return locks.shared(self._layout.writers_lock)

    def exclusive(self) -> AbstractContextManager[None]:
        """The writers' lock alone."""
        return locks.alone(self._layout.writers_lock)

    def reading_batches(self) -> AbstractContextManager[None]:
        """While it lasts no batch is moved."""
        return locks.shared(self._layout.batches_lock)

    def moving_batches(self) -> AbstractContextManager[None]:
        """Only one process moves batches at a time, and none reads meanwhile."""
        return locks.alone(self._layout.batches_lock)

    def compacting(self) -> AbstractContextManager[None]:
        """Only one process compacts at a time."""
        return locks.alone(self._layout.compact_lock)

    def finished(self, path: Path) -> AbstractContextManager[bool]:
        """Whether no process holds the file's lock."""
        return locks.finished(path)

    @contextmanager
    def new_batch(self, folder: Path) -> Iterator[None]:
        """Makes the folder with a lock in it that is held as long as the process lives."""
        make_folder(folder.parent)
        with self.moving_batches():  # who settles must not see it without its lock
            folder.mkdir(FOLDER_MODE)
            descriptor = os.open(folder / LOCK, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, FILE_MODE)
            take_lock(descriptor, folder / LOCK)
        try:
            yield
        finally:
            os.close(descriptor)

    def is_left(self, folder: Path) -> bool:
        """Its process is dead, or died before it had locked it."""
        if not (folder / LOCK).exists():
            return True
        with locks.finished(folder / LOCK) as is_finished:
            return is_finished
