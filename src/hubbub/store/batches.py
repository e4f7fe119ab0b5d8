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
from hubbub.store.batch import At, Batch
from hubbub.store.disk import sync_folder
from hubbub.store.guards import Guards
from hubbub.store.keys import KeyStore
from hubbub.store.layout import Layout
from hubbub.store.types import Origin


class Batches:
    """All batches of a raw folder."""

    def __init__(self, layout: Layout, keys: KeyStore, guards: Guards) -> None:
        self._layout = layout
        self._keys = keys
        self._guards = guards

    @contextmanager
    def writing(self, origin: Origin, marks: Collection[Path], at: At) -> Iterator[Batch]:
        """A new batch, committed at the end; when the body raises nothing of it remains."""
        folder = self._layout.batches / os.urandom(16).hex()
        with self._guards.new_batch(folder):
            at("begun")
            batch = Batch(folder, self._keys, origin, at)
            try:
                yield batch
                if batch.used:
                    every = [*marks, *batch.late_marks]
                    batch.mark(every)
                    batch.sync()
                    self._commit(batch, every, at)
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
            with self._guards.reading_batches():
                if not any(self._is_committed(folder) or self._guards.is_left(folder) for folder in self._folders()):
                    yield
                    return
            with self._guards.moving_batches():
                self._settle()

    def _folders(self) -> list[Path]:
        return list(self._layout.batches.glob("*"))

    def _commit(self, batch: Batch, marks: Collection[Path], at: At) -> None:
        """Whoever closes a day waits for it, or has closed before and is found out in it."""
        with self._guards.committing(), self._guards.moving_batches():
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
            elif self._guards.is_left(folder):
                shutil.rmtree(folder)

    def _discard(self, folder: Path) -> None:
        """Remove a batch that came to nothing. One that is committed stays: it is moved by who comes next."""
        with self._guards.moving_batches():
            if not self._is_committed(folder):
                shutil.rmtree(folder)

    def _is_committed(self, folder: Path) -> bool:
        return self._keys.is_committed(folder.name)


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
