"""The lock between those who write rows and those who close a day.

A writer holds it shared from before it looks whether the day is open until its rows are on disk; who closes a day
holds it alone while it says so. So every row is either visible to the seal that follows or refused.
"""

import errno
import fcntl
import mmap
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hubbub.store.disk import FILE_MODE, make_folder

PATIENCE_S = 0.05
PAUSE_S = 0.001


class WriterLock:
    """One file lock of one holder; each thread that locks has its own. As a `guards.Writer` it has the name of its
    journal's folder.

    A busy journal keeps its share over many commits, for a system call costs it the interpreter lock each time. The
    file's first byte says that someone waits to be alone; then it lets go.
    """

    def __init__(self, path: Path, name: str = "") -> None:
        make_folder(path.parent)
        self.name = name
        self._descriptor = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, FILE_MODE)
        os.posix_fallocate(self._descriptor, 0, 1)
        self._wanted = mmap.mmap(self._descriptor, 1)
        self._is_held = False

    def hold(self) -> None:
        """Take or keep a share; waits for whoever is alone, and lets those who want to be go first."""
        if self._is_held:
            if not self._wanted[0]:
                return
            self.release()
        patience = time.monotonic() + PATIENCE_S
        while self._wanted[0] and time.monotonic() < patience:
            time.sleep(PAUSE_S)
        self._wanted[0] = 0  # who wanted it may be dead; who is alive says so again
        fcntl.flock(self._descriptor, fcntl.LOCK_SH)
        self._is_held = True

    def hold_alone(self) -> None:
        """Take it alone; waits until the commits under way are done."""
        while True:
            self._wanted[0] = 1
            try:
                fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                time.sleep(PAUSE_S)
            else:
                self._wanted[0] = 0
                self._is_held = True
                return

    def confirm(self) -> None:
        """Nothing: a share that was taken is held until it is let go."""

    def release(self) -> None:
        """Let go; nothing when it is not held."""
        if self._is_held:
            fcntl.flock(self._descriptor, fcntl.LOCK_UN)
            self._is_held = False

    def close(self) -> None:
        """Let go for good."""
        if not self._wanted.closed:
            self.release()
            self._wanted.close()
            os.close(self._descriptor)


@contextmanager
def shared(path: Path) -> Iterator[None]:
    """A share of the lock at `path` for a while."""
    lock = WriterLock(path)
    try:
        lock.hold()
        yield
    finally:
        lock.close()


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """The lock at `path` alone for a while. A share taken inside it by the same thread would wait for ever."""
    lock = WriterLock(path)
    try:
        lock.hold_alone()
        yield
    finally:
        lock.close()


@contextmanager
def finished(path: Path) -> Iterator[bool]:
    """Whether no process has the file open and locked (any more), and none can while this lasts."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        yield False
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        if error.errno not in (errno.EWOULDBLOCK, errno.EAGAIN):
            raise
        yield False
        return
    try:
        yield True
    finally:
        os.close(descriptor)
