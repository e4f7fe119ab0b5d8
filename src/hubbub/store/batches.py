"""Batches as a whole: begun, committed, and settled by whoever comes next when their process died.

A batch exists from the moment the key file names it, in the transaction that keeps its secrets. Before it, nothing of
the batch counts; after it, its files are moved to where they belong, which can be cut short and done again. It is known
to have been moved when its folder is gone, and only then does another batch commit.
"""

import os
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from hubbub.core.errors import HubbubError, Refused
from hubbub.store import locks
from hubbub.store.batch import At, Batch
from hubbub.store.disk import FILE_MODE, FOLDER_MODE, make_folder, sync_folder, take_lock
from hubbub.store.journal_file import finished
from hubbub.store.keyfile import KeyFile
from hubbub.store.layout import Layout
from hubbub.store.types import Origin

LOCK = "lock"


class Batches:
    """All batches of a raw folder."""

    def __init__(self, layout: Layout, keys: KeyFile) -> None:
        self._layout = layout
        self._keys = keys

    @contextmanager
    def writing(self, origin: Origin, marks: Collection[Path], at: At) -> Iterator[Batch]:
        """A new batch, committed at the end; when the body raises nothing of it remains."""
        with self._new_folder() as folder:
            at("begun")
            batch = Batch(folder, self._keys, origin, at)
            try:
                yield batch
                if batch.used:
                    batch.mark(marks)
                    batch.sync()
                    self._commit(batch, marks, at)
            except Exception:
                with suppress(HubbubError, OSError):  # what cannot be removed now, is when someone settles
                    self._discard(folder)
                raise
            if not batch.used:
                self._discard(folder)

    @contextmanager
    def settled(self) -> Iterator[None]:
        """While it lasts all batches are either entirely there or not at all. Not to be nested."""
        while True:
            with locks.shared(self._layout.batches_lock):
                if not any(self._is_committed(folder) or _is_left(folder) for folder in self._folders()):
                    yield
                    return
            with locks.alone(self._layout.batches_lock):
                self._settle()

    def _folders(self) -> list[Path]:
        return list(self._layout.batches.glob("*"))

    @contextmanager
    def _new_folder(self) -> Iterator[Path]:
        """A folder of its own, with a lock held in it."""
        folder = self._layout.batches / os.urandom(16).hex()
        make_folder(folder.parent)
        with locks.alone(self._layout.batches_lock):  # who settles must not see it without its lock
            folder.mkdir(FOLDER_MODE)
            descriptor = os.open(folder / LOCK, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, FILE_MODE)
            take_lock(descriptor, folder / LOCK)
        try:
            yield folder
        finally:
            os.close(descriptor)

    def _commit(self, batch: Batch, marks: Collection[Path], at: At) -> None:
        """Whoever closes a day waits for it, or has closed before and is found out in it."""
        with locks.shared(self._layout.writers_lock), locks.alone(self._layout.batches_lock):
            self._settle()
            if any((self._layout.folder / mark).exists() for mark in marks):
                raise Refused("the same was stored meanwhile by another process; nothing was stored twice")
            at("checked")
            self._keys.commit(batch.name, batch.used)
            at("committed")
            with suppress(OSError):  # it is committed: who reads next tries again, and tells
                _finish(batch.folder, self._layout.folder, at)

    def _settle(self) -> None:
        """Finish the committed batch, remove what dead processes left. The caller holds the lock alone."""
        for folder in self._folders():
            if self._is_committed(folder):
                _finish(folder, self._layout.folder, lambda _: None)
            elif _is_left(folder):
                shutil.rmtree(folder)

    def _discard(self, folder: Path) -> None:
        """Remove a batch that came to nothing. One that is committed stays: it is moved by who comes next."""
        with locks.alone(self._layout.batches_lock):
            if not self._is_committed(folder):
                shutil.rmtree(folder)

    def _is_committed(self, folder: Path) -> bool:
        return self._keys.is_committed(folder.name)


def _is_left(folder: Path) -> bool:
    """Its process is dead, or died before it had locked it."""
    if not (folder / LOCK).exists():
        return True
    with finished(folder / LOCK) as is_finished:
        return is_finished


def _finish(folder: Path, target: Path, at: At) -> None:
    """Move a committed batch to where it belongs, as whole folders where there is none yet."""
    changed: set[Path] = set()
    _move(folder / "tree", target, changed, at)
    for each in sorted(changed):
        sync_folder(each)
    at("moved")
    shutil.rmtree(folder)
    sync_folder(folder.parent)
    at("removed")


def _move(tree: Path, target: Path, changed: set[Path], at: At) -> None:
    for path in sorted(tree.glob("*")):
        goal = target / path.name
        try:
            path.rename(goal)
        except OSError:
            if not (path.is_dir() and goal.is_dir()):
                raise
            _move(path, goal, changed, at)
        else:
            changed.add(target)
            at("renamed")
