"""Durable files: what these functions have returned from, a power cut does not take back."""

import fcntl
import os
from contextlib import suppress
from pathlib import Path

FOLDER_MODE = 0o700
FILE_MODE = 0o600


class Disk:
    """The few file operations that can fail for want of space or hardware. Tests put a failing one in."""

    def create(self, path: Path) -> int:
        """A new file for appending, locked for as long as it is open, its name durable; the descriptor.

        Every write through the descriptor is on disk on return (O_DSYNC): one system call where write and
        fdatasync would be two, which matters because the interpreter lock is fought for after each.
        Raises OSError; FileExistsError when another process holds or has removed the file.
        """
        make_folder(path.parent)
        flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_DSYNC | os.O_CLOEXEC
        descriptor = os.open(path, flags, FILE_MODE)
        try:
            take_lock(descriptor, path)
            sync_folder(path.parent)
        except OSError:
            os.close(descriptor)
            raise
        return descriptor

    def append(self, descriptor: int, data: bytes, offset: int) -> None:
        """Write all of `data` at `offset`, durable on return. Raises OSError; some bytes may then be there."""
        view = memoryview(data)
        while view:
            written = os.pwrite(descriptor, view, offset)
            view, offset = view[written:], offset + written

    def cut(self, descriptor: int, size: int) -> None:
        """Take away what stands from `size` on."""
        os.ftruncate(descriptor, size)

    def finish(self, descriptor: int, path: Path) -> None:  # noqa: ARG002
        """Close a file for good: its lock goes, and with it every doubt whether it is finished."""
        os.close(descriptor)


class SharedDisk(Disk):
    """The same for folders that many machines share, where no lock tells who has a file open: an empty file beside it
    says that it is finished.
    """

    def create(self, path: Path) -> int:
        """A new file for appending, its name durable; the descriptor. Raises OSError."""
        make_folder(path.parent)
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_DSYNC | os.O_CLOEXEC, FILE_MODE)
        try:
            sync_folder(path.parent)
        except OSError:
            os.close(descriptor)
            raise
        return descriptor

    def finish(self, descriptor: int, path: Path) -> None:
        """Close a file for good, and say so. Where that fails, the end of its writer says it."""
        os.close(descriptor)
        with suppress(OSError):
            mark_of_end(path).touch(FILE_MODE)


def mark_of_end(path: Path) -> Path:
    """What stands beside a finished file on a `SharedDisk`."""
    return path.with_name(path.name + ".end")


def take_lock(descriptor: int, path: Path) -> None:
    """Lock a file that was just opened; FileExistsError when someone else holds it or has removed it."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise FileExistsError(f"{path} is in use") from error
    if os.fstat(descriptor).st_nlink == 0:
        raise FileExistsError(f"{path} was removed")


def make_folder(folder: Path, *, durable: bool = True) -> None:
    """Make a folder and its parents, private to the owner, their names durable at once or not."""
    missing = []
    while not folder.is_dir():
        missing.append(folder)
        folder = folder.parent
    for each in reversed(missing):
        each.mkdir(FOLDER_MODE, exist_ok=True)
        if durable:
            sync_folder(each.parent)


def sync_file(path: Path) -> None:
    """Make what was written to a file durable, even if it was closed since."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove(path: Path) -> None:
    """Remove a file, durably; nothing when it is gone."""
    path.unlink(missing_ok=True)
    if path.parent.is_dir():
        sync_folder(path.parent)
