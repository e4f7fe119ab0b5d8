"""Sealed segments in object storage, for the time that a cluster reads them.

A URL as PyArrow takes it: `s3://bucket/prefix`, with `?endpoint_override=http://host:port&region=…` for a server that
is not Amazon's. Whoever reads and writes has credentials of its own, from the environment or the machine's role; they
are in no URL. What is put there is sealed as it is at rest: without the day's key nobody reads it, and the key is not
there.
"""

import shutil
from pathlib import Path
from typing import IO, Any, Protocol
from urllib.parse import urlsplit

from pyarrow.fs import FileSystem, FileType

from hubbub.core.errors import InputError, StoreError

SCHEMES = ("s3", "gs", "file")


class Readable(Protocol):
    """A file to be read, on a disk or in object storage."""

    @property
    def name(self) -> str:
        """Its last part, to which its seals are bound."""
        ...

    def open(self, mode: Any) -> IO[bytes]:
        """Open it for reading from any place in it."""
        ...


class Objects:
    """A prefix in object storage. It travels to executors as its URL."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in SCHEMES or (parts.scheme != "file" and not parts.hostname):
            raise InputError("--objects", "this is no place for objects", "Write s3://bucket/prefix.")
        if parts.username or parts.password:
            raise InputError("--objects", "credentials stand in the URL", "Leave them to the environment.")
        self._url = url

    def at(self, name: str) -> "Object":
        """The object of this name under the prefix."""
        files, base = self._files()
        return Object(files, f"{base.rstrip('/')}/{name}")

    def remove(self, folder: str) -> None:
        """Remove what stands under a folder. Raises `StoreError`."""
        files, base = self._files()
        path = f"{base.rstrip('/')}/{folder}"
        try:
            if files.get_file_info(path).type == FileType.Directory:
                files.delete_dir(path)
        except OSError as error:
            raise _unreachable(error) from None

    def _files(self) -> tuple[FileSystem, str]:
        try:
            files, base = FileSystem.from_uri(self._url)
        except (OSError, ValueError) as error:
            raise _unreachable(error) from None
        return files, base


class Object:
    """One object; a `Readable`."""

    def __init__(self, files: FileSystem, path: str) -> None:
        self._files, self._path = files, path

    def __str__(self) -> str:
        return f"the object {self.name}"

    @property
    def name(self) -> str:
        """Its last part."""
        return self._path.rpartition("/")[2]

    def open(self, mode: Any = "rb") -> IO[bytes]:
        """Open it for reading, only what is asked for is fetched; or for writing, it is there once it is closed."""
        try:
            if mode == "wb":
                self._files.create_dir(self._path.rpartition("/")[0], recursive=True)
                return self._files.open_output_stream(self._path)  # type: ignore[no-any-return]
            return self._files.open_input_file(self._path)  # type: ignore[no-any-return]
        except OSError as error:
            raise _unreachable(error) from None

    def put(self, file: Path) -> None:
        """Copy a file here. Raises `StoreError`."""
        try:
            with file.open("rb") as source, self.open("wb") as target:
                shutil.copyfileobj(source, target, 1 << 23)
        except OSError as error:
            raise _unreachable(error) from None


def _unreachable(error: Exception) -> StoreError:
    return StoreError(
        f"the object storage does not answer as it should ({type(error).__name__}); is it up, is access given?"
    )
