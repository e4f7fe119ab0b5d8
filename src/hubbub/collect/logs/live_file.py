"""One file of a log that is still written to: whole lines from where they were read up to, and how to know it again."""

import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from gzip import GzipFile
from io import UnsupportedOperation
from pathlib import Path
from typing import BinaryIO, cast

from hubbub.collect.logs.lines import GZIP_MAGIC
from hubbub.core.errors import InputError

HEAD_BYTES, TAIL_BYTES = 1 << 10, 1 << 12
START_BYTES = 1 << 18
_PIECE = 1 << 20
_FIELDS = b"#Fields:"

IsKnown = Callable[[int, bytes], bool]
"""Whether a sample, taken at an offset, is that of the file that was read."""


class Truncated(Exception):
    """What stands in the file is not what was read from it."""


class LiveFile:
    """An open file of lines, plain or gzip. It stays readable when it is renamed or removed.

    offset       where the next line begins, in bytes of its text
    start        its first bytes, up to the offset and at most `START_BYTES`
    fields_line  the last `#Fields:` line before the offset that it was opened at, "" without
    """

    def __init__(self, path: Path, offset: int = 0) -> None:
        self.path, self.offset = path, offset
        self._raw = path.open("rb", buffering=0)
        self.is_packed = self._raw.read(2) == GZIP_MAGIC
        self._raw.seek(0)
        self._text = cast(BinaryIO, GzipFile(fileobj=self._raw, mode="rb")) if self.is_packed else self._raw
        self.start = self._at(0, min(START_BYTES, offset))
        self._tail = self._at(max(0, offset - TAIL_BYTES), min(TAIL_BYTES, offset))
        self._seen_ns = -1
        self.fields_line = self._find_fields() if offset else ""

    def close(self) -> None:
        """Let go of it."""
        self._raw.close()

    @property
    def is_closed(self) -> bool:
        """Nothing can be read from it any more."""
        return self._raw.closed

    @property
    def inode(self) -> tuple[int, int]:
        """What tells files apart that exist at one time."""
        return _inode(os.fstat(self._raw.fileno()))

    @property
    def written_ns(self) -> int:
        """When it was last written to, nanoseconds since 1970."""
        return os.fstat(self._raw.fileno()).st_mtime_ns

    def is_at(self, path: Path) -> bool:
        """Whether it still is what stands at `path`. Raises FileNotFoundError when nothing does."""
        return _inode(path.stat()) == self.inode

    def read(self, most: int, *, is_last: bool = False) -> bytes:
        """The lines that are new, at most about so many bytes; b"" for none. A line that is still being written waits,
        unless no more can come (`is_last`). Raises `Truncated`, OSError.
        """
        state = os.fstat(self._raw.fileno())
        if not is_last and state.st_mtime_ns == self._seen_ns and state.st_size == self.offset:
            return b""
        text = self._at(self.offset, most)
        if not self.is_packed and self._is_other():  # looked at last: so what was read had not been cut off before
            raise Truncated
        self._seen_ns = state.st_mtime_ns
        end = text.rfind(b"\n") + 1
        if not end and (is_last or len(text) == most):
            end = len(text)  # no line end to come, or none in sight: it is counted as a line that does not parse
        if not end:
            return b""
        lines = text[:end]
        self.offset += end
        if len(self.start) < START_BYTES:
            self.start = (self.start + lines)[:START_BYTES]
        self._tail = (self._tail + lines[-TAIL_BYTES:])[-TAIL_BYTES:]
        self._seen_ns = -1
        return lines if lines.endswith(b"\n") else lines + b"\n"

    @property
    def sample(self) -> bytes:
        """The first bytes and those before the offset, as they were read: what tells the file from every other."""
        return self.start[:HEAD_BYTES] + self._tail

    def _is_other(self) -> bool:
        head = self.start[:HEAD_BYTES]
        return self._at(0, len(head)) != head or self._at(self.offset - len(self._tail), len(self._tail)) != self._tail

    def _find_fields(self) -> str:
        """The last `#Fields:` line before the offset."""
        found, rest, at = b"", b"", 0
        if _FIELDS not in self._at(0, min(_PIECE, self.offset)):
            return ""
        while at < self.offset and (piece := self._at(at, min(_PIECE, self.offset - at))):
            lines = (rest + piece).split(b"\n")
            rest = lines.pop()
            found = next((line for line in reversed(lines) if line.startswith(_FIELDS)), found)
            at += len(piece)
        return found.decode("utf-8", "replace")

    def _at(self, offset: int, size: int) -> bytes:
        """The text from `offset` on, as much as there is of `size` bytes. Raises InputError when a gzip is damaged."""
        if not self.is_packed:
            return _filled(lambda count, at: os.pread(self._raw.fileno(), count, at), size, offset)
        try:
            self._text.seek(offset)
            return _filled(lambda count, _: self._text.read(count), size, offset)
        except (EOFError, OSError, UnsupportedOperation) as error:
            raise InputError(str(self.path), "the gzip file is cut off or damaged", "Fetch it again.") from error


def find_known(paths: Iterable[Path], offset: int, is_known: IsKnown) -> LiveFile | None:
    """The first of some files that has the sample which is known at the offset, open there; None when none has."""
    for path in paths:
        with suppress(OSError, InputError):
            file = LiveFile(path, offset)
            if len(file.sample) == min(HEAD_BYTES, offset) + min(TAIL_BYTES, offset) and is_known(offset, file.sample):
                return file
            file.close()
    return None


def _filled(read: Callable[[int, int], bytes], size: int, offset: int) -> bytes:
    pieces = []
    while size > 0 and (piece := read(size, offset)):
        pieces.append(piece)
        size, offset = size - len(piece), offset + len(piece)
    return b"".join(pieces)


def _inode(state: os.stat_result) -> tuple[int, int]:
    return state.st_dev, state.st_ino
