"""The folder of wrapping keys: what opens the secrets in the database stands here, and only here.

    <day>.<name>.<purpose>    32 random bytes that wrap one secret of one (source, day), for as long as it is to be read
    cluster                   the name of the cluster, so that a folder that is not mounted is not taken for it

Two files a (source, day), for its visitor secret dies before its data key, and each source closes at its own time. The
folder is shared by all machines of a cluster; it is in no backup, best a small tmpfs or encrypted disk exported by NFS.
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from hubbub.core.errors import Overloaded, StoreError
from hubbub.store.disk import FILE_MODE, make_folder, remove, sync_folder
from hubbub.store.sealing import KEY_BYTES

VISITOR, DATA = "visitor", "data"
CLUSTER = "cluster"
LAST_ZONE = timedelta(hours=12)  # after a day's end in UTC it ends in the last zone


class WrappingFile(NamedTuple):
    """One file, by what its name says, and when it was made in ms."""

    day: date
    name: str
    purpose: str
    made_ms: int


class WrappingFolder:
    """All wrapping keys of a cluster."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def make(self, day: date, name: str, purpose: str) -> bytes:
        """A new key, durable on return. Raises `Overloaded`."""
        key = os.urandom(KEY_BYTES)
        try:
            flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC
            descriptor = os.open(self._path(day, name, purpose), flags, FILE_MODE)
            try:
                os.write(descriptor, key)
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
            sync_folder(self.folder)
        except OSError as error:
            raise Overloaded(f"{self.folder}: a wrapping key cannot be kept ({error.strerror})") from None
        return key

    def read(self, day: date, name: str, purpose: str) -> bytes:
        """The key. Raises `StoreError` when it is not there, `Overloaded` when the folder is not."""
        try:
            return self._path(day, name, purpose).read_bytes()
        except FileNotFoundError:
            if not (self.folder / CLUSTER).exists():
                raise Overloaded(
                    f"{self.folder} is not the cluster's folder of wrapping keys; is it mounted?"
                ) from None
            raise StoreError(
                f"{self.folder}: a {purpose} wrapping key of {day} is missing; what it sealed cannot be read"
            ) from None
        except OSError as error:
            raise Overloaded(f"{self.folder}: a wrapping key cannot be read ({error.strerror})") from None

    def destroy(self, day: date, name: str, purpose: str) -> None:
        """Overwrite and remove a key; nothing when it is gone. Raises `Overloaded`: it is not destroyed then."""
        path = self._path(day, name, purpose)
        try:
            with suppress(FileNotFoundError):
                descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
                try:
                    os.pwrite(descriptor, bytes(KEY_BYTES), 0)
                    os.fsync(descriptor)
                finally:
                    os.close(descriptor)
                remove(path)
        except OSError as error:
            raise Overloaded(f"{self.folder}: a wrapping key cannot be destroyed ({error.strerror})") from None

    def files(self) -> Iterator[WrappingFile]:
        """All keys that are there."""
        for path in sorted(self.folder.glob("*.*.*")):
            day, name, purpose = path.name.split(".")
            with suppress(FileNotFoundError):
                yield WrappingFile(date.fromisoformat(day), name, purpose, path.stat().st_mtime_ns // 1_000_000)

    def destroy_older(self, limit_ms: int) -> None:
        """Destroy the keys of days that had ended everywhere, and that were made, before `limit_ms`. Asks no database:
        for when it is out of reach.
        """
        for file in list(self.files()):
            end = datetime(file.day.year, file.day.month, file.day.day, tzinfo=UTC) + timedelta(days=1) + LAST_ZONE
            if max(end.timestamp() * 1000, file.made_ms) < limit_ms:
                self.destroy(file.day, file.name, file.purpose)

    def _path(self, day: date, name: str, purpose: str) -> Path:
        return self.folder / f"{day}.{name}.{purpose}"


def name_in(folder: Path) -> str | None:
    """The name of the cluster that a shared folder carries, or None."""
    try:
        return (folder / CLUSTER).read_text("ascii")
    except FileNotFoundError:
        return None


def put_name(folder: Path, name: str) -> None:
    """Let a shared folder carry the cluster's name, durable on return."""
    make_folder(folder)
    descriptor = os.open(folder / CLUSTER, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, FILE_MODE)
    try:
        os.write(descriptor, name.encode("ascii"))
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    sync_folder(folder)
