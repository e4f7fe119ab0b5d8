"""What the store holds of each (source, day), wherever its rows stand just now: in journals or in segments.

A journal file becomes segments, one a (source, day), named after it, and is then removed. Until it is removed its rows
stand twice: where the segment of that name exists, the journal's are not read. Journals are listed before segments, so
a file that vanishes between the two listings is found as segments.
"""

import hashlib
import logging
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
from msgspec import Raw, structs

from hubbub.core.errors import StoreError
from hubbub.store import columns, frames, segments
from hubbub.store.frames import Content, Frame
from hubbub.store.journal_file import journal_files
from hubbub.store.layout import Layout
from hubbub.store.sealing import Seal
from hubbub.store.segments import Meta, Segments
from hubbub.store.types import SealedRange

Key = tuple[str, date]
SealOf = Callable[[str, date], Seal | None]
DECODE_ROWS = 250_000
JOURNAL = "journal/"  # how ranges in journal files begin
_log = logging.getLogger(__name__)
NO_ROWS = Raw(b"\x90")


class Opened(NamedTuple):
    """A frame with what it holds."""

    frame: Frame
    content: Content


class JournalPart(NamedTuple):
    """The frames of one (source, day) in one journal file, in order."""

    file: str
    frames: list[Opened]

    @property
    def rows(self) -> int:
        """How many rows they have."""
        return sum(opened.content.count for opened in self.frames)

    @property
    def digest(self) -> str:
        """SHA-256 over the tags of their seals."""
        return hashlib.sha256(b"".join(opened.frame.tag for opened in self.frames)).hexdigest()

    @property
    def range(self) -> SealedRange:
        """Where they stand."""
        return SealedRange(JOURNAL + self.file, 0, self.frames[-1].frame.end, self.digest)

    def tables(self) -> Iterator[pa.Table]:
        """Their rows, in order, as tables of at least `DECODE_ROWS` rows but for the last."""
        rows = columns.RowColumns()
        for opened in self.frames:
            rows.extend(frames.decode_rows(opened.content))
            if len(rows) >= DECODE_ROWS:
                yield rows.table()
                rows = columns.RowColumns()
        if len(rows):
            yield rows.table()


class SegmentPart(NamedTuple):
    """One segment of a (source, day)."""

    path: Path
    meta: Meta


class Holdings(NamedTuple):
    """Everything there is of one (source, day)."""

    journals: list[JournalPart]
    segments: list[SegmentPart]


def in_order(its: Holdings, layout: Layout) -> list[SealedRange]:
    """Where the rows stand, by the names of what they came in, which tell its age: rows that the clock does not tell
    apart are read as they were received, whether their journal has become a segment by now or not.
    """
    found = [(segment_name(part.file), part.range) for part in its.journals]
    for path, meta in its.segments:
        place = str(path.relative_to(layout.folder))
        name = path.name.removesuffix(segments.SUFFIX)
        found.append((name, SealedRange(place, 0, path.stat().st_size, meta.digest)))
    return [each for _, each in sorted(found, key=lambda each: each[0])]


def segment_name(journal_file: str) -> str:
    """The name of the segments made of a journal file."""
    return "j-" + journal_file.replace("/", "-")


def open_journal(
    folder: Path, file: str, seal_of: SealOf, only: Key | None = None, *, with_rows: bool = True
) -> dict[Key, JournalPart]:
    """The frames of a journal file that open, by (source, day). Raises FileNotFoundError.

    Without rows little of the file stays in memory.
    """
    parts: dict[Key, JournalPart] = {}
    seals: dict[Key, Seal | None] = {}
    for frame in frames.scan((folder / file).read_bytes()):
        key = (frame.source, frame.day)
        if only is not None and key != only:
            continue
        if key not in seals:
            seals[key] = seal_of(*key)
        seal = seals[key]
        content = None if seal is None else frames.open_frame(frame, file, seal)
        if content is not None:
            if not with_rows:
                content = structs.replace(content, rows=NO_ROWS)
                frame = structs.replace(frame, sealed=memoryview(frame.tag))
            parts.setdefault(key, JournalPart(file, [])).frames.append(Opened(frame, content))
    return parts


def holdings(
    layout: Layout, seal_of: SealOf, only: Key | None = None, *, with_rows: bool = False
) -> dict[Key, Holdings]:
    """What there is of every (source, day) whose key exists, or of one; with the undecoded rows of journals or not.

    Of one, a segment that does not open raises `StoreError`; of all it is left out: it is no business of the others.
    """
    while True:
        try:
            return _holdings(layout, seal_of, only, with_rows)
        except FileNotFoundError:  # compacted or destroyed between listing and reading: look again
            continue


def _holdings(layout: Layout, seal_of: SealOf, only: Key | None, with_rows: bool) -> dict[Key, Holdings]:
    store = Segments(layout.segments, layout.aside)
    found: dict[Key, Holdings] = {}
    journals = [
        open_journal(layout.journal, file, seal_of, only, with_rows=with_rows) for file in journal_files(layout.journal)
    ]
    for key in [only] if only is not None else list(store.days()):
        seal = seal_of(*key)
        if seal is not None:
            found[key] = Holdings([], list(_segments_of(store, key, seal, is_alone=only is not None)))
    for parts_of_file in journals:
        for key, part in parts_of_file.items():
            its = found.setdefault(key, Holdings([], []))
            name = segment_name(part.file) + segments.SUFFIX
            if all(segment.path.name != name for segment in its.segments):
                its.journals.append(part)
    return found


def _segments_of(store: Segments, key: Key, seal: Seal, *, is_alone: bool) -> Iterator[SegmentPart]:
    for path in store.of(*key):
        try:
            yield SegmentPart(path, segments.read_meta(path, *key, seal))
        except StoreError as damaged:
            if is_alone:
                raise
            _log.error("%s", damaged)


def read_range(layout: Layout, part: SealedRange, source: str, day: date, seal: Seal) -> Iterator[pa.Table]:
    """The rows of a sealed range, even if its journal file has become a segment since. Raises `StoreError`."""
    if not part.file.startswith(JOURNAL):
        yield from segments.read(layout.folder / part.file, source, day, seal)
        return
    found = _journal_part(layout, part, source, day, seal, with_rows=True)
    if found is None:
        yield from segments.read(_made_of(layout, part, source, day), source, day, seal, part.end)
    else:
        yield from found.tables()


def rows_of_range(layout: Layout, part: SealedRange, source: str, day: date, seal: Seal) -> int:
    """How many rows `read_range` gives of a journal's range, told by what is sealed with them."""
    found = _journal_part(layout, part, source, day, seal, with_rows=False)
    if found is None:
        meta = segments.read_meta(_made_of(layout, part, source, day), source, day, seal)
        return segments.rows_until(meta, part.end)
    return found.rows


def _journal_part(
    layout: Layout, part: SealedRange, source: str, day: date, seal: Seal, *, with_rows: bool
) -> JournalPart | None:
    """The sealed frames of a journal file, None when it has become a segment. Raises `StoreError`."""
    file = part.file.removeprefix(JOURNAL)
    try:
        opened = open_journal(layout.journal, file, lambda *_: seal, (source, day), with_rows=with_rows)
    except FileNotFoundError:
        return None
    found = opened.get((source, day))
    found = JournalPart(file, [] if found is None else [each for each in found.frames if each.frame.end <= part.end])
    if found.digest != part.digest:
        raise StoreError(f"{part.file} is no longer what was sealed for {source} {day}; seal the day again")
    return found


def _made_of(layout: Layout, part: SealedRange, source: str, day: date) -> Path:
    """The segment that a journal file became."""
    store = Segments(layout.segments, layout.aside)
    return store.folder_of(source, day) / (segment_name(part.file.removeprefix(JOURNAL)) + segments.SUFFIX)
