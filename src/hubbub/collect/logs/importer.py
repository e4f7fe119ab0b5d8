"""Log files to rows: read, parse, decide, key, write. `import_logs` is the way in."""

from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from pathlib import Path

from msgspec import Struct

from hubbub.collect.logs.candidates import STEPS, Codebooks
from hubbub.collect.logs.formats import Format, format_of
from hubbub.collect.logs.lines import check_file, read_blocks
from hubbub.collect.logs.parse import FieldsLine, Parsed, Parser
from hubbub.collect.logs.reasons import GOES_ON, DropCounts
from hubbub.collect.logs.screened import BadLine, Screened, screen
from hubbub.collect.logs.tables import Accepted, Tables
from hubbub.core.errors import DayClosed, InputError, Refused
from hubbub.core.ports import BulkSink, KeyRing
from hubbub.core.reasons import DropReason
from hubbub.core.settings import Site

BAD_LINES_SHOWN = 10
Progress = Callable[[str, int, int], None]
"""Told the stage ("read": bytes of the files; "write": days), what is done of it, and how much there is."""


class LogSummary(Struct, frozen=True):
    """What became of the lines: `lines` is `accepted` and all of `dropped` together.

    lines      requests in the files; blank lines and W3C directives are none
    dropped    lines by reason, in the order of `DropReason`
    days       the local days that rows or drops were written for
    partial    those of them that the files begin or end in: they may hold only a part of the day
    bad_lines  the first ten lines that do not parse
    closed     days that take no more rows: their lines are dropped as DAY_CLOSED
    """

    lines: int
    accepted: int
    dropped: dict[DropReason, int]
    days: list[date]
    partial: list[date]
    bad_lines: list[BadLine]
    closed: list[date]


def import_logs(
    files: Sequence[Path],
    site: Site,
    zone: str,
    format: str,
    keyring: KeyRing,
    sink: BulkSink,
    is_closed: Callable[[date], bool],
    progress: Progress | None = None,
) -> LogSummary:
    """Import log files of one site: their pages, downloads and pages not found become rows of its local days.

    All files are read before the first day is written, so that a file that cannot be read imports nothing, and a
    day whose log was rotated is written once. `format` is a name of `formats.FORMATS` or "auto".

    Raises InputError when a file is missing, empty, damaged, given twice or in no known format, and Refused when
    all days of the files are closed. Then nothing was written.
    """
    reading = _Reading(site, zone, is_closed, progress or _silent)
    reading.read(files, format)
    return reading.write(site.name, keyring, sink)


class _Reading:
    """The state of one import."""

    def __init__(self, site: Site, zone: str, is_closed: Callable[[date], bool], progress: Progress) -> None:
        self._zone, self._is_closed, self._progress = zone, is_closed, progress
        self._source = site.name
        self._books = Codebooks(site.name, frozenset(site.query_keep))
        self._accepted = Accepted()
        self._counts = DropCounts()
        self._lines = 0
        self._days: set[date] = set()
        self._closed: set[date] = set()
        self._bad_lines: list[BadLine] = []
        self._bad_days: list[tuple[date, int]] = []

    def read(self, files: Sequence[Path], format: str) -> None:
        sizes = _check_all(files)
        forms = [format_of(path, format) for path in files]
        parser = Parser()
        try:
            for place, (path, form) in enumerate(zip(files, forms, strict=True)):
                self._read_file(path, form, parser, partial(self._progress_of, sum(sizes[:place]), sum(sizes)))
        finally:
            parser.close()
        if not self._lines:
            raise InputError(str(files[0]), "there is no request in it", "Name a log with lines.")
        if self._days <= self._closed:
            raise Refused(_all_closed(self._source, self._days))

    def _progress_of(self, before: int, total: int, done: int) -> None:
        self._progress("read", before + done, total)

    def _read_file(self, path: Path, form: Format, parser: Parser, done: Callable[[int], None]) -> None:
        fields = FieldsLine(str(path))
        lines = bad = 0
        first_day = date.max
        for block in read_blocks(path):
            for parsed in parser.parse(block, form, fields):
                screened = screen(parsed, self._zone, self._is_closed)
                self._take(screened)
                self._note_bad(path, parsed, screened)
                lines += screened.lines
                bad += screened.bad
                first_day = min([first_day, *screened.days])
            done(block.read_bytes)
        if lines and bad == lines:
            problem = f"none of its {lines:,} lines can be read as {form.name} ({form.meaning})"
            raise InputError(str(path), problem, "Name the right --format. Nothing was imported.")
        self._lines += lines
        self._bad_days.append((first_day, bad))

    def _take(self, screened: Screened) -> None:
        self._days |= screened.days
        self._closed |= screened.closed
        self._counts.add(screened.day, screened.reasons)
        candidates = screened.candidates
        for step in STEPS:
            if not len(candidates):
                return
            reasons = step(candidates, self._books)
            self._counts.add(candidates.columns["day"], reasons)
            candidates.keep(reasons == GOES_ON)
        self._accepted.add(candidates.columns)

    def _note_bad(self, path: Path, parsed: Parsed, screened: Screened) -> None:
        for line, problem in screened.first_bad(BAD_LINES_SHOWN - len(self._bad_lines)):
            self._bad_lines.append(BadLine(str(path), parsed.first_line + line, problem))

    def write(self, source: str, keyring: KeyRing, sink: BulkSink) -> LogSummary:
        first_open = min(self._days - self._closed)
        for day, bad in self._bad_days:
            is_open = day in self._days and day not in self._closed
            self._counts.add_one(day if is_open else first_open, DropReason.BAD_LINE, bad)
        tables = Tables(source, self._books)
        waiting = sorted(self._days - self._closed)
        rows = dict(self._accepted.by_day())
        accepted = 0
        for place, day in enumerate(waiting):
            columns = rows.pop(day, None)
            drops = self._counts.of_day(day)
            count = 0 if columns is None else len(columns["ms"])
            try:
                secret = keyring.visitor_secret(source, day)
                table = tables.empty() if columns is None else tables.table(columns, secret)
                sink.write(source, day, table, drops)
            except DayClosed:
                self._closed.add(day)
                self._counts.close(day, count)
            else:
                accepted += count
            self._progress("write", place + 1, len(waiting))
        days = sorted(self._days - self._closed)
        ends = {min(self._days), max(self._days)}
        return LogSummary(
            lines=self._lines,
            accepted=accepted,
            dropped=self._counts.by_reason(),
            days=days,
            partial=[day for day in days if day in ends],
            bad_lines=self._bad_lines,
            closed=sorted(self._closed),
        )


def _check_all(files: Sequence[Path]) -> list[int]:
    if not files:
        raise InputError("import log", "no file is named", "Name one or more log files.")
    seen: set[Path] = set()
    for path in files:
        if path.resolve() in seen:
            raise InputError(str(path), "the file is named twice", "Name each file once.")
        seen.add(path.resolve())
    return [check_file(path) for path in files]


def _all_closed(source: str, days: set[date]) -> str:
    first, last = min(days), max(days)
    span = f"{first}" if first == last else f"{len(days)} days from {first} to {last}"
    return (
        f"nothing was imported: {span} of {source} {'is' if first == last else 'are'} closed already, "
        "and a closed day takes no more rows"
    )


def _silent(_stage: str, _done: int, _total: int) -> None:
    return
