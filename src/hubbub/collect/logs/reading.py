"""One reading of log lines: what blocks of lines make of themselves, gathered until it is written by days."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import pairwise

from msgspec import Struct

from hubbub.collect.datacenters import Ranges
from hubbub.collect.logs.candidates import NO_RANGES, STEPS, Codebooks
from hubbub.collect.logs.formats import Format
from hubbub.collect.logs.lines import Block
from hubbub.collect.logs.parse import FieldsLine, Parser
from hubbub.collect.logs.reasons import GOES_ON, DropCounts
from hubbub.collect.logs.screened import BadLine, Calendar, Screened, screen
from hubbub.collect.logs.tables import Accepted, Tables
from hubbub.core.errors import DayClosed
from hubbub.core.ports import BulkSink, KeyRing
from hubbub.core.reasons import DropReason
from hubbub.core.settings import Site

BAD_LINES_SHOWN = 10
LONGEST_GAP = 31
Written = Callable[[int, int], None]
"""Told how many days are written, and how many there are."""


class LogSummary(Struct, frozen=True):
    """What became of the lines: `lines` is `accepted` and all of `dropped` together.

    lines      requests in the files; blank lines and W3C directives are none
    dropped    lines by reason, in the order of `DropReason`
    days       the local days that rows or drops were written for, and those between them in one file
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


class Stretch:
    """What is known of the lines of one file so far."""

    def __init__(self, place: str) -> None:
        self.place = place
        self.fields = FieldsLine(place)
        self.lines = self.bad = self.future = 0
        self.days: set[date] = set()


class Reading:
    """Lines on their way to rows of the site's local days. In memory only."""

    def __init__(self, site: Site, calendar: Calendar, datacenters: Ranges = NO_RANGES) -> None:
        self.days: set[date] = set()
        self.closed: set[date] = set()
        self.lines = self._candidates = 0
        self._source, self._calendar = site.name, calendar
        self._books = Codebooks(site, datacenters)
        self._accepted = Accepted()
        self._counts = DropCounts()
        self._bad_lines: list[BadLine] = []
        self._files: list[Stretch] = []

    @property
    def is_all_of_other_hosts(self) -> bool:
        """Lines could have become rows, and all of them name hosts that are not the site's."""
        of_others = self._counts.by_reason().get(DropReason.UNKNOWN_SITE, 0)
        return self._candidates > 0 and of_others == self._candidates

    def begin(self, place: str) -> Stretch:
        """A file of this name comes next."""
        self._files.append(Stretch(place))
        return self._files[-1]

    def take(self, block: Block, form: Format, file: Stretch, parser: Parser) -> Iterator[tuple[int, Screened]]:
        """Take over a block of the file; gives each stretch with the number of its first line, to look at."""
        for parsed in parser.parse(block, form, file.fields):
            screened = screen(parsed, self._calendar)
            self._take(screened)
            shown = screened.first_bad(BAD_LINES_SHOWN - len(self._bad_lines))
            self._bad_lines += [BadLine(file.place, parsed.first_line + at, problem) for at, problem in shown]
            self.lines += screened.lines
            file.lines += screened.lines
            file.bad += screened.bad
            file.future += screened.future
            file.days |= screened.days
            yield parsed.first_line, screened

    def _take(self, screened: Screened) -> None:
        self.days |= screened.days
        self.closed |= screened.closed
        self._counts.add(screened.day, screened.reasons)
        candidates = screened.candidates
        self._candidates += len(candidates)
        for step in STEPS:
            if not len(candidates):
                return
            reasons = step(candidates, self._books)
            self._counts.add(candidates.columns["day"], reasons)
            candidates.keep(reasons == GOES_ON)
        self._accepted.add(candidates.columns)

    def fill_gaps(self) -> None:
        """Let days without a line be days of the files that go on before and after them.

        Otherwise their absence from the ledger would tell that nobody came. Between files nothing is filled, for one
        may be missing; a gap of more than `LONGEST_GAP` days within a file is taken for two logs put together.
        """
        for file in self._files:
            days = sorted(file.days)
            for day, following in pairwise(days):
                between = (following - day).days - 1
                if between <= LONGEST_GAP:
                    empty = {day + timedelta(step) for step in range(1, between + 1)}
                    self.days |= empty
                    self.closed |= {each for each in empty if self._calendar.is_closed(each)}

    def write(self, keyring: KeyRing, sink: BulkSink, written: Written = lambda _done, _total: None) -> LogSummary:
        """Write the rows and drops of every day that is open; `days` may not all be closed."""
        first_open = min(self.days - self.closed)
        for file in self._files:
            first = min(file.days, default=first_open)
            day = first if first not in self.closed else first_open
            self._counts.add_one(day, DropReason.BAD_LINE, file.bad)
            self._counts.add_one(day, DropReason.BAD_TIME, file.future)
        waiting = sorted(self.days - self.closed)
        accepted = self._write_days(waiting, keyring, sink, written)
        days = sorted(self.days - self.closed)
        ends = {min(self.days), max(self.days)}
        return LogSummary(
            lines=self.lines,
            accepted=accepted,
            dropped=self._counts.by_reason(),
            days=days,
            partial=[day for day in days if day in ends],
            bad_lines=self._bad_lines,
            closed=sorted(self.closed),
        )

    def _write_days(self, waiting: list[date], keyring: KeyRing, sink: BulkSink, written: Written) -> int:
        """Write day by day; how many rows."""
        tables = Tables(self._source, self._books)
        rows = dict(self._accepted.by_day())
        accepted = 0
        for place, day in enumerate(waiting):
            columns = rows.pop(day, None)
            count = 0 if columns is None else len(columns["ms"])
            try:
                secret = keyring.visitor_secret(self._source, day)
                table = tables.empty() if columns is None else tables.table(columns, secret)
                sink.write(self._source, day, table, self._counts.of_day(day))
            except DayClosed:
                self.closed.add(day)
                self._counts.close(day, count)
            else:
                accepted += count
            written(place + 1, len(waiting))
        return accepted
