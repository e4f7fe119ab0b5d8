"""Follows a live log: what is new in it becomes rows every few seconds, each line once, whatever is killed when.

The rows of some lines, the secrets that they are keyed with and the mark of how far the log is read are one commit.
What cannot be committed (a full disk, say) is tried again until it can; the log itself is the queue meanwhile.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from functools import partial
from pathlib import Path

from msgspec import Struct

from hubbub.cli.home import Home
from hubbub.cli.positions import Mark, Positions
from hubbub.collect.datacenters import datacenters_of
from hubbub.collect.logs.detection import LOOK_AT, LOOK_AT_BYTES, choose, detect
from hubbub.collect.logs.formats import AUTO, Format
from hubbub.collect.logs.lines import block_of
from hubbub.collect.logs.live_file import LiveFile
from hubbub.collect.logs.parse import Parser
from hubbub.collect.logs.reading import LogSummary, Reading
from hubbub.collect.logs.screened import Calendar
from hubbub.collect.logs.trail import Trail
from hubbub.core.days import bounds, day_of
from hubbub.core.settings import Site
from hubbub.store.batch import Batch

MOST_BYTES = 64 << 20  # of lines in one commit
FAST_CLOCK_MS = 600_000  # how far ahead the clock of a server may be whose log is read
Tell = Callable[[str], None]


class Following(Struct, frozen=True):
    """How logs are followed.

    format    a name of `formats.FORMATS` or "auto"
    log_zone  IANA zone of times without an offset
    every_s   seconds from a line's arrival to its commit, and of rest until a rotated file counts as finished
    """

    format: str = AUTO
    log_zone: str = "UTC"
    every_s: float = 15.0


class _Cut(Struct, frozen=True):
    """How the lines of a file are cut into fields: its format, and of a W3C one where the fields stand."""

    file: LiveFile
    form: Format
    fields: dict[str, int | str]


class Follower:
    """Follows one log of one site."""

    def __init__(self, home: Home, site: Site, log: Path, how: Following, tell: Tell) -> None:
        self._home, self._site, self._log, self._how = home, site, log, how
        self._tell: Tell = lambda text: tell(f"{log.name}: {text}")
        self._zone = home.settings.zone_of(site.name)
        self.positions = Positions(home.raw_folder, site.name, log, home.raw, home.keys)
        self._trail = Trail(log, int(how.every_s * 1e9), time.time_ns, self._tell)
        self._parser = Parser()
        self._datacenters = datacenters_of(home.settings.server)
        self._read: list[tuple[LiveFile, bytes]] = []
        self._since_s = 0.0
        self._cut: _Cut | None = None
        self._next_cut: _Cut | None = None
        self._mark: Mark | None = None
        self._first_day = date.min

    def begin(self) -> None:
        """Find where to go on; without a mark that can be known again, that is with the lines of today."""
        self._mark = mark = self.positions.last()
        if mark is not None and self.positions.secret_of(mark.day) is not None:
            if self._trail.resume(mark.offset, partial(self.positions.is_known, mark)):
                self._tell("goes on where it was")
            else:
                self._tell("the file that was read last is gone; goes on with the one that is there")
            return
        self._first_day = day_of(self._home.clock.now_ms(), self._zone)
        self._trail.begin(bounds(self._first_day, self._zone).start_ms * 1_000_000)
        self._tell(f"begins with the lines of {self._first_day}")

    def look(self) -> bool:
        """Read some of what is new, and commit what has waited long enough; whether there may be more at once.

        Raises InputError for what no waiting mends, OSError and what the store raises for the rest; no line is lost.
        """
        size = sum(len(lines) for _, lines in self._read)
        found = self._trail.read() if size < MOST_BYTES else None
        if found is not None:
            if not self._read:
                self._since_s = time.monotonic()
            self._read.append(found)
        if size >= MOST_BYTES or time.monotonic() - self._since_s >= self._how.every_s:
            self.commit()
        return found is not None

    def commit(self) -> None:
        """Make rows of what was read, and the mark behind it. When it raises nothing was stored, or all of it was:
        `check` tells.
        """
        if not self._read:
            return
        reading = Reading(self._site, self._calendar(), self._datacenters)
        self._next_cut = self._take(reading)
        if reading.days - reading.closed:  # else blank lines, or all of closed days: they may as well be read again
            with self._home.raw.together(origin="followed") as batch:
                summary = reading.write(batch, batch)
                mark = self._next_mark(batch)
                batch.late_marks.append(self.positions.path_of(mark))
            if batch.used:
                self._mark = mark
                self._tell_bad(summary)
        self._cut = self._next_cut
        self._read.clear()
        if self._mark is not None:
            with suppress(OSError):  # the latest one counts
                self.positions.forget_before(self._mark)

    def check(self) -> None:
        """After a commit that raised: take it for done if its mark is there."""
        found = self.positions.last()
        if found is not None and found.number > (self._mark.number if self._mark else 0):
            self._mark, self._cut = found, self._next_cut
            self._read.clear()

    def close(self) -> None:
        """Let go of the files."""
        self._trail.close()
        self._parser.close()

    def _calendar(self) -> Calendar:
        keys, source, first_day = self._home.keys, self._site.name, self._first_day
        return Calendar(
            self._zone,
            lambda day: day < first_day or keys.is_closed(source, day),
            self._how.log_zone or self._zone,
            self._home.clock.now_ms() + FAST_CLOCK_MS,
        )

    def _take(self, reading: Reading) -> _Cut | None:
        """Have the lines read; how the last of them were cut."""
        cut = self._cut
        for file, lines in self._read:
            stretch = reading.begin(str(self._log))
            cut = self._cut_of(file, lines, cut)
            stretch.fields.parameters = dict(cut.fields)
            if not cut.fields and file.fields_line:
                stretch.fields.read(file.fields_line, 1)
            for _ in reading.take(block_of(lines), cut.form, stretch, self._parser):
                pass
            cut = _Cut(file, cut.form, stretch.fields.parameters)
        return cut

    def _cut_of(self, file: LiveFile, lines: bytes, before: _Cut | None) -> _Cut:
        """The format of these lines: the one of their file, or another one that it has changed to."""
        if before is None or before.file is not file:
            form = choose(str(self._log), file.start, self._how.format, before.form if before else None)
            return _Cut(file, form, {})
        if self._how.format != AUTO:
            return before
        found = detect(lines[:LOOK_AT_BYTES].decode("utf-8", "replace").splitlines()[:LOOK_AT])
        if found is None or (found.query, found.has_prefix) == (before.form.query, before.form.has_prefix):
            return before
        return _Cut(file, choose(str(self._log), lines[:LOOK_AT_BYTES], AUTO), {})

    def _next_mark(self, batch: Batch) -> Mark:
        """The mark behind all that was read, of the latest day that rows were ever stored for."""
        file, _ = self._read[-1]
        day = max((day for _, day in batch.used), default=self._first_day)
        secret = self.positions.secret_of(self._mark.day) if self._mark and self._mark.day > day else None
        if secret is not None and self._mark is not None:
            day = self._mark.day
        else:
            secret = batch.visitor_secret(self._site.name, day)
        return self.positions.next(self._mark, file.offset, file.sample, day, secret)

    def _tell_bad(self, summary: LogSummary) -> None:
        if summary.bad_lines:
            kinds = ", ".join(sorted({bad.problem for bad in summary.bad_lines}))
            self._tell(f"of {summary.lines:,} new lines some do not parse: {kinds}")
