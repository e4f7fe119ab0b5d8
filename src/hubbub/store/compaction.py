"""Compaction: finished journal files become segments, then they go.

Each step can be cut short and done again: a segment is made once, for it has the name of its journal file, and the
journal file goes only after all its segments are on disk.
"""

import logging
import os
from collections import Counter
from collections.abc import Callable, Set
from datetime import date
from pathlib import Path

from hubbub.core.errors import StoreError
from hubbub.core.reasons import DropReason
from hubbub.store import frames, segments
from hubbub.store.guards import Guards
from hubbub.store.journal_file import cut_torn_tails, journal_files, remove_journal
from hubbub.store.layout import Layout
from hubbub.store.reading import JournalPart, Key, SealOf, open_journal, segment_name
from hubbub.store.segments import Segments

At = Callable[[str], None]
IsDestroyed = Callable[[str, date], bool]
_log = logging.getLogger(__name__)


def compact(
    layout: Layout, guards: Guards, seal_of: SealOf, is_destroyed: IsDestroyed, at: At, only: Set[Key] | None = None
) -> int:
    """Compact all finished journal files, or those with rows of some (source, day); how many went.

    What is in them of days whose key is destroyed goes with them; a file with frames that no key opens although none
    was destroyed stays, for the key file may have been lost and come back. The caller holds the compaction lock. `at`
    is told each step, for tests. Raises the first `StoreError` or OSError once all other files are done.
    """
    _clear_aside(layout.aside, guards)
    cut_torn_tails(layout.journal, guards.finished)
    at("cut")
    count, faults = 0, []
    for file in journal_files(layout.journal):
        try:
            count += _compact_file(layout, guards, file, seal_of, is_destroyed, at, only)
        except (StoreError, OSError) as fault:  # the other files do not wait for this one
            _log.error("%s cannot be compacted: %s", file, fault)
            faults.append(fault)
    if faults:
        raise faults[0]
    return count


def _compact_file(
    layout: Layout, guards: Guards, file: str, seal_of: SealOf, is_destroyed: IsDestroyed, at: At, only: Set[Key] | None
) -> bool:
    path = layout.journal / file
    with guards.finished(path) as is_finished:
        held = _held(path) if is_finished else Counter()
        if not is_finished or (only is not None and only.isdisjoint(held)):
            return False
        parts = open_journal(layout.journal, file, seal_of)
        for (source, day), part in parts.items():
            _write_segment(Segments(layout.segments, layout.aside), source, day, part, seal_of)
            at("segment")
        unread = [key for key in held if not is_destroyed(*key) and held[key] != _frames_of(parts, key)]
        if unread:
            _log.warning(
                "%s stays: %d of its days have frames that no key opens; is the key file whole?", path, len(unread)
            )
            return False
        remove_journal(path)
        at("removed")
    return True


def _write_segment(store: Segments, source: str, day: date, part: JournalPart, seal_of: SealOf) -> None:
    seal = seal_of(source, day)
    name = segment_name(part.file)
    if seal is None or (store.folder_of(source, day) / (name + segments.SUFFIX)).exists():
        return
    dropped: Counter[DropReason] = Counter()
    for opened in part.frames:
        dropped.update(opened.content.dropped)
    store.write(name, source, day, part.tables(), seal, dict(dropped), "live", part.digest, _frame_ends(part))


def _frames_of(parts: dict[Key, JournalPart], key: Key) -> int:
    return len(parts[key].frames) if key in parts else 0


def _held(path: Path) -> Counter[Key]:
    """How many whole frames of each (source, day) a file has. What is damaged is lost; that is told."""
    data = path.read_bytes()
    held: Counter[Key] = Counter()
    whole = 0
    for frame in frames.scan(data):
        held[frame.source, frame.day] += 1
        whole += frame.end - frame.start
    if whole < len(data):
        _log.warning("%s: %d damaged bytes, what was in them is lost; is the disk in order?", path, len(data) - whole)
    return held


def _frame_ends(part: JournalPart) -> tuple[tuple[int, int], ...]:
    ends, rows = [], 0
    for opened in part.frames:
        rows += opened.content.count
        ends.append((opened.frame.end, rows))
    return tuple(ends)


def _clear_aside(folder: Path, guards: Guards) -> None:
    """Remove segments that a process died writing."""
    for path in folder.glob("*"):
        with guards.finished(path) as is_finished:
            if is_finished:
                os.unlink(path)
