"""The frame: the rows of one (source, day) in one commit, as it stands in a journal file.

    magic 4 | CRC-32 4 | day number 4 | length of what is sealed 4 | length of the source 2 | source | sealed

Source and day stand in clear, for without them no one knows the key; how many rows there are, and everything else, is
sealed. The CRC tells whole frames from torn ones without a key, for frames outlive their keys. The seal binds a frame
to its file and position.
"""

import struct
import zlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

import msgspec

from hubbub.core.reasons import DropReason
from hubbub.core.rows import Row
from hubbub.store.sealing import TAG_BYTES, Seal

MAGIC = b"hbj1"
_CHECKED_FROM = 8
_HEADER = struct.Struct("<4sIIIH")

# The fields of `Row` as a plain tuple: twice as fast to decode as to `Row`, and ready to be turned into columns.
RowTuple = tuple[int, int, int, int, int, str, str, str, str, str, str, str, str, str, str, str, int, int, int, str]
_RowBefore = tuple[int, int, int, int, int, str, str, str, str, str, str, str, str, str, str, str, int, int]
_ADDED = (0, "")  # `amount` and `returning`, which rows written by hubbub 0.1 do not have


class Frame(msgspec.Struct, frozen=True):
    """A whole frame found in a journal file: bytes `start` to `end`."""

    source: str
    day: date
    start: int
    end: int
    sealed: memoryview

    @property
    def tag(self) -> bytes:
        """The tag of the seal, which no other content has."""
        return bytes(self.sealed[-TAG_BYTES:])


class Content(msgspec.Struct, frozen=True, array_like=True):
    """What a frame holds: how many rows and drops, and the rows, not yet decoded.

    first_slot, last_slot  the range of hour slots of the rows; 0 and -1 without rows
    """

    count: int
    first_slot: int
    last_slot: int
    dropped: dict[DropReason, int]
    rows: msgspec.Raw


_encoder = msgspec.msgpack.Encoder()
_content_decoder = msgspec.msgpack.Decoder(Content)
_row_decoder = msgspec.msgpack.Decoder(list[RowTuple])
_row_before_decoder = msgspec.msgpack.Decoder(list[_RowBefore])


def place_of(file: str, start: int, source: str, day: date) -> bytes:
    """What the seal of a frame is bound to."""
    return f"journal|{file}|{start}|{source}|{day}".encode()


def encode(
    file: str, start: int, source: str, day: date, rows: Sequence[Row], dropped: Mapping[DropReason, int], seal: Seal
) -> bytes:
    """A frame that will stand at `start` of the journal `file` (its path under the journal folder)."""
    slots = {row.hour for row in rows}
    content = (len(rows), min(slots, default=0), max(slots, default=-1), dropped, rows)
    sealed = seal.close(_encoder.encode(content), place_of(file, start, source, day))
    name = source.encode()
    header = _HEADER.pack(MAGIC, 0, day.toordinal(), len(sealed), len(name))
    check = zlib.crc32(sealed, zlib.crc32(name, zlib.crc32(header[_CHECKED_FROM:])))
    return b"".join((MAGIC, check.to_bytes(4, "little"), header[_CHECKED_FROM:], name, sealed))


def scan(data: bytes) -> Iterator[Frame]:
    """The whole frames of a journal file, in order.

    What is not a whole frame is stepped over to the next one: at the end of a file it is a commit that was cut
    short and never acknowledged; anywhere else a damaged disk block, which must not hide what stands after it.
    """
    view = memoryview(data)
    at = 0
    while at >= 0:
        frame = _frame_at(view, at)
        if frame is not None:
            yield frame
            at = frame.end
        else:
            at = data.find(MAGIC, at + 1)


def whole_until(data: bytes) -> int:
    """Where the last whole frame ends: what stands after is a torn tail."""
    return max((frame.end for frame in scan(data)), default=0)


def open_frame(frame: Frame, file: str, seal: Seal) -> Content | None:
    """What a frame holds; None when it does not open here: it was moved, relabelled, or made with another key."""
    plain = seal.open(frame.sealed, place_of(file, frame.start, frame.source, frame.day))
    return None if plain is None else _content_decoder.decode(plain)


def decode_rows(content: Content) -> list[RowTuple]:
    """The rows of a frame, fields in the order of `core.rows.COLUMNS`; those of the release before are completed."""
    try:
        return _row_decoder.decode(content.rows)
    except msgspec.ValidationError:
        return [(*row, *_ADDED) for row in _row_before_decoder.decode(content.rows)]


def _frame_at(view: memoryview, start: int) -> Frame | None:
    if len(view) - start < _HEADER.size:
        return None
    magic, check, ordinal, sealed_length, name_length = _HEADER.unpack_from(view, start)
    name_start = start + _HEADER.size
    sealed_start = name_start + name_length
    end = sealed_start + sealed_length
    if magic != MAGIC or end > len(view) or sealed_length < TAG_BYTES or ordinal < 1:
        return None
    if zlib.crc32(view[name_start:end], zlib.crc32(view[start + _CHECKED_FROM : name_start])) != check:
        return None
    try:
        source = str(view[name_start:sealed_start], "utf-8")
        day = date.fromordinal(ordinal)
    except (UnicodeDecodeError, ValueError, OverflowError):
        return None
    return Frame(source, day, start, end, view[sealed_start:end])
