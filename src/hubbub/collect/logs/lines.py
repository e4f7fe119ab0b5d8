"""A log file, plain or gzip, as blocks of whole lines, without a copy of the text and without a loop a line."""

import zlib
from collections.abc import Iterator
from contextlib import suppress
from gzip import BadGzipFile, GzipFile
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np
import pyarrow as pa
from msgspec import Struct

from hubbub.core.errors import InputError

BLOCK_BYTES = 64 << 20
GZIP_MAGIC = b"\x1f\x8b"
_NEWLINE = 10


class Block(Struct, frozen=True):
    """Some lines of one file, one after the other.

    first_line  number of the first line in its file, counted from 1
    lines       the lines with their line ends, one string each; valid until the next block is read
    read_bytes  how much of the file (as it lies on disk) has been read so far
    """

    first_line: int
    lines: pa.Array
    read_bytes: int


def check_file(path: Path) -> int:
    """The size of a log file in bytes. Raises InputError when it is missing, empty or no file."""
    try:
        if not path.is_file():
            raise InputError(str(path), "there is no such file", "Name a log file, plain or gzip.")
        size = path.stat().st_size
        with path.open("rb"):
            pass
    except OSError as error:
        problem = f"cannot be read ({error.strerror})"
        raise InputError(str(path), problem, "Give this account the right to read it.") from error
    if size == 0:
        raise InputError(str(path), "the file is empty", "Leave it out, or name one with lines.")
    return size


def read_start(path: Path, size: int = 1 << 16) -> bytes:
    """The first `size` bytes of the text of a file, for a look at its format."""
    with path.open("rb") as raw:
        text = _text_of(raw)
        try:
            return text.read(size)
        except (EOFError, BadGzipFile, zlib.error) as error:
            raise _broken(path) from error


def read_blocks(path: Path, block_bytes: int = BLOCK_BYTES) -> Iterator[Block]:
    """The lines of a file in blocks of about `block_bytes`; a last line without a line end counts.

    Bytes that are not UTF-8 become U+FFFD. Raises InputError when a gzip file is cut off or damaged, and when
    a line is longer than a block.
    """
    buffer = bytearray(block_bytes + 1)
    view = memoryview(buffer)[:block_bytes]
    bytes_seen = np.frombuffer(buffer, dtype=np.uint8)
    is_end = np.empty(block_bytes, dtype=np.bool_)
    first_line, held = 1, 0
    with path.open("rb", buffering=0) as raw:
        text = _text_of(raw)
        while True:
            filled = held + _fill(text, view[held:], path)
            is_last = filled < block_bytes
            if is_last and filled and buffer[filled - 1] != _NEWLINE:
                buffer[filled] = _NEWLINE
                ends = np.flatnonzero(bytes_seen[: filled + 1] == _NEWLINE)
            else:
                ends = np.flatnonzero(np.equal(bytes_seen[:filled], _NEWLINE, out=is_end[:filled]))
            if not len(ends):
                if is_last:
                    return
                problem = f"line {first_line} is longer than {block_bytes >> 20} MB"
                raise InputError(str(path), problem, "This is not a log file of lines.")
            used = int(ends[-1]) + 1
            yield Block(first_line, _strings(buffer, ends, used), raw.tell())
            if is_last:
                return
            first_line += len(ends)
            held = filled - used
            buffer[:held] = buffer[used:filled]


def block_of(text: bytes, first_line: int = 1) -> Block:
    """Some lines in memory, each with its line end, as a block."""
    ends = np.flatnonzero(np.frombuffer(text, dtype=np.uint8) == _NEWLINE)
    return Block(first_line, _strings(bytearray(text), ends, len(text)), len(text))


def _text_of(raw: BinaryIO) -> BinaryIO:
    is_gzip = raw.read(2) == GZIP_MAGIC
    raw.seek(0)
    return cast(BinaryIO, GzipFile(fileobj=raw, mode="rb")) if is_gzip else raw


def _fill(text: BinaryIO, view: memoryview, path: Path) -> int:
    """Read until the view is full or the file ends; how many bytes that were."""
    filled = 0
    try:
        while filled < len(view) and (count := text.readinto(view[filled:])):  # type: ignore[attr-defined]
            filled += count
    except (EOFError, BadGzipFile, zlib.error) as error:
        raise _broken(path) from error
    return filled


def _broken(path: Path) -> InputError:
    remedy = "Nothing was imported. Fetch the file again, or unpack what is left of it and import that."
    return InputError(str(path), "the gzip file is cut off or damaged", remedy)


def _strings(buffer: bytearray, ends: "np.ndarray[tuple[int], np.dtype[np.int64]]", used: int) -> pa.Array:
    """The lines as an Arrow array over the buffer itself; only text that is not ASCII may need a copy."""
    text: bytes | bytearray = buffer
    if not buffer.isascii():
        with suppress(UnicodeDecodeError):
            str(memoryview(buffer)[:used], "utf-8")
            return _array(text, ends)
        text = bytes(memoryview(buffer)[:used]).decode("utf-8", "replace").encode()
        ends = np.flatnonzero(np.frombuffer(text, dtype=np.uint8) == _NEWLINE)
    return _array(text, ends)


def _array(text: bytes | bytearray, ends: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> pa.Array:
    offsets = np.zeros(len(ends) + 1, dtype=np.int32)
    offsets[1:] = ends + 1
    return pa.Array.from_buffers(pa.string(), len(ends), [None, pa.py_buffer(offsets), pa.py_buffer(text)])
