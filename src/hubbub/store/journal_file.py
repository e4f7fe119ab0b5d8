"""The journal's files: the one being written, and finding and reading all of them."""

import os
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from datetime import UTC, datetime
from pathlib import Path

from hubbub.core.days import HOUR_MS
from hubbub.core.ports import Clock
from hubbub.store.disk import Disk, mark_of_end, remove
from hubbub.store.frames import whole_until

SUFFIX = ".journal"
Finished = Callable[[Path], AbstractContextManager[bool]]  # see `guards.Guards.finished`
LARGEST = 16 * 2**20


class JournalFile:
    """The file a journal writes to. It starts a new one each hour, at 16 MiB, and whenever a write went wrong.

    A file's name is never used again, for what was made of it is known by that name. A file is finished when it was
    closed or its process is dead; how others know that is the business of `Disk` and `guards`.
    """

    def __init__(self, folder: Path, worker: str, clock: Clock, disk: Disk) -> None:
        self._folder = folder / worker
        self._clock = clock
        self._disk = disk
        self._descriptor: int | None = None
        self._hour = 0
        self._size = 0
        self._last = 0
        self.name = ""

    def append(self, frames_at: Callable[[str, int], bytes]) -> None:
        """Write the frames that `frames_at(file name, position)` makes, durable on return.

        Raises OSError. Then nothing of them is left in the file, or its tail is torn; either way the next append
        begins a new file, for after a failed sync no one knows what a file holds (Rebello et al., USENIX ATC 2020).
        """
        self.close_old()
        if self._descriptor is None:
            self._open_new()
        assert self._descriptor is not None
        frames = frames_at(self.name, self._size)
        try:
            self._disk.append(self._descriptor, frames, self._size)
        except OSError:
            with suppress(OSError):  # if it cannot be cut now, recovery cuts it
                self._disk.cut(self._descriptor, self._size)
            self.close()
            raise
        self._size += len(frames)
        self._last = len(frames)

    def take_back(self) -> None:
        """Take what was appended last away again, as well as that can be done: it was not acknowledged."""
        if self._descriptor is not None:
            with suppress(OSError):
                self._disk.cut(self._descriptor, self._size - self._last)
            self.close()

    def close_old(self) -> None:
        """Finish the file when its hour is over or it is large enough."""
        if self._descriptor is not None and (self._hour != self._hour_now() or self._size >= LARGEST):
            self.close()

    def close(self) -> None:
        """Finish the file; the next append begins a new one."""
        if self._descriptor is not None:
            self._disk.finish(self._descriptor, self._folder.parent / self.name)
            self._descriptor = None

    def move_to(self, worker: str) -> None:
        """Write to this worker's folder from now on."""
        if worker != self._folder.name:
            self.close()
            self._folder = self._folder.parent / worker

    def _open_new(self) -> None:
        hour = self._hour_now()
        start = datetime.fromtimestamp(hour * HOUR_MS / 1000, UTC)
        while self._descriptor is None:
            name = f"{start:%Y%m%dT%H}-{self._clock.now_ms():012x}{os.urandom(2).hex()}"  # by age
            path = self._folder / f"{name}{SUFFIX}"
            with suppress(FileExistsError):  # someone tidying up took it, empty as it still was
                self._descriptor = self._disk.create(path)
        self._hour, self._size = hour, 0
        self.name = f"{self._folder.name}/{path.name}"

    def _hour_now(self) -> int:
        return self._clock.now_ms() // HOUR_MS


def journal_files(folder: Path) -> list[str]:
    """The names of all journal files, `<worker>/<file>`, by worker and age."""
    return sorted(f"{path.parent.name}/{path.name}" for path in folder.glob("*/*" + SUFFIX))


def remove_journal(path: Path) -> None:
    """Remove a journal file, and what told that it was finished."""
    remove(path)
    mark_of_end(path).unlink(missing_ok=True)


def cut_torn_tails(folder: Path, finished: Finished) -> None:
    """Cut what dead writers left unfinished behind the last whole frame; remove files without any."""
    for name in journal_files(folder):
        path = folder / name
        with finished(path) as is_finished, suppress(FileNotFoundError):  # someone else may do the same
            if not is_finished:
                continue
            data = path.read_bytes()
            end = whole_until(data)
            if end == 0:
                remove_journal(path)
            elif end < len(data):
                os.truncate(path, end)
