"""Compaction: finished journal files become segments, then they go.

Each step can be cut short and done again: a segment is made once, for it has the name of its journal file, and the
journal file goes only after all its segments are on disk.
"""

import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from hubbub.store import frames, segments
from hubbub.store.disk import remove
from hubbub.store.journal_file import cut_torn_tails, finished, journal_files
from hubbub.store.layout import Layout
from hubbub.store.reading import JournalPart, Key, SealOf, open_journal, segment_name
from hubbub.store.segments import Segments

AT = Callable[[str], None]


def compact(layout: Layout, seal_of: SealOf, at: AT, only: Key | None = None) -> int:
    """Compact all finished journal files, or those with rows of one (source, day); how many went.

    What is in them of days whose key is destroyed goes with them. The caller holds the compaction lock. `at` is told
    each step, for tests.
    """
    _clear_aside(layout.aside)
    cut_torn_tails(layout.journal)
    at("cut")
    return sum(_compact_file(layout, file, seal_of, at, only) for file in journal_files(layout.journal))


def _compact_file(layout: Layout, file: str, seal_of: SealOf, at: AT, only: Key | None) -> bool:
    path = layout.journal / file
    with finished(path) as is_finished:
        if not is_finished or (only is not None and not _mentions(path, only)):
            return False
        for (source, day), part in open_journal(layout.journal, file, seal_of).items():
            seal = seal_of(source, day)
            store = Segments(layout.segments, layout.aside)
            target = store.folder_of(source, day) / (segment_name(file) + segments.SUFFIX)
            if seal is not None and not target.exists():
                store.write(
                    segment_name(file),
                    source,
                    day,
                    part.tables(),
                    seal,
                    dict(sum((Counter(each.content.dropped) for each in part.frames), Counter())),
                    "live",
                    part.digest,
                    _frame_ends(part),
                )
            at("segment")
        remove(path)
        at("removed")
    return True


def _mentions(path: Path, key: Key) -> bool:
    from_file = path.read_bytes()
    return any((frame.source, frame.day) == key for frame in frames.scan(from_file))


def _frame_ends(part: JournalPart) -> tuple[tuple[int, int], ...]:
    ends, rows = [], 0
    for opened in part.frames:
        rows += opened.content.count
        ends.append((opened.frame.end, rows))
    return tuple(ends)


def _clear_aside(folder: Path) -> None:
    """Remove segments that a process died writing."""
    for path in folder.glob("*"):
        with finished(path) as is_finished:
            if is_finished:
                os.unlink(path)
