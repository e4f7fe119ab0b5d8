"""Parsed lines, screened: when they were, which are dropped at once, and which may become rows."""

from collections.abc import Callable, Iterator
from datetime import date

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from msgspec import Struct

from hubbub.collect.logs.candidates import Candidates
from hubbub.collect.logs.codebook import Texts
from hubbub.collect.logs.parse import PROBLEMS, TEXTS, VERDICTS, Parsed
from hubbub.collect.logs.reasons import CODES, GOES_ON, ReasonCodes
from hubbub.collect.logs.times import END_MS, days_closed, hour_starts, is_plausible, local_hours
from hubbub.core.reasons import DropReason

IMPOSSIBLE_TIME = "a time that cannot be"
_BLANK = VERDICTS.index("blank")
_BAD = CODES[DropReason.BAD_LINE]
_CODE_OF_VERDICT = np.array(
    [
        _BAD if verdict in PROBLEMS else CODES[DropReason(verdict)] if verdict in list(DropReason) else GOES_ON
        for verdict in VERDICTS
    ],
    dtype=np.int8,
)


class BadLine(Struct, frozen=True):
    """A line that does not parse: where it is and what kind of problem it has; never what it says."""

    file: str
    line: int
    problem: str


class Screened(Struct, frozen=True):
    """The lines of some stretch of a file.

    lines       how many there are, without blank ones
    bad         how many of them do not parse
    future      how many of them are dated in the future: their day is none of the log's
    problems    places of those in the stretch, and the kind of problem by its place in `VERDICTS`, -1 for a time
    day, reasons  of the others: local day (ordinal), and why it is dropped, `GOES_ON` if not yet
    days        the local days of these
    closed      those that take no more rows
    candidates  the lines that go on
    """

    lines: int
    bad: int
    future: int
    problems: tuple[npt.NDArray[np.int64], npt.NDArray[np.int8]]
    day: npt.NDArray[np.int64]
    reasons: ReasonCodes
    days: set[date]
    closed: set[date]
    candidates: Candidates

    def first_bad(self, count: int) -> Iterator[tuple[int, str]]:
        """Place in the stretch and kind of problem of the first `count` lines that do not parse."""
        for place, verdict in zip(*(column[:count].tolist() for column in self.problems), strict=True):
            yield place, VERDICTS[verdict] if verdict >= 0 else IMPOSSIBLE_TIME


class Calendar(Struct, frozen=True):
    """How the times of a log become days.

    zone       IANA zone of the site's local day
    is_closed  whether a day takes no more rows
    log_zone   zone of times that name no offset, where the format does not say UTC
    latest_ms  what is dated later is in the future
    """

    zone: str
    is_closed: Callable[[date], bool]
    log_zone: str = "UTC"
    latest_ms: int = END_MS


def screen(parsed: Parsed, calendar: Calendar) -> Screened:
    """Time and first verdict of each line of a stretch."""
    columns = parsed.columns
    verdicts = columns["verdict"].combine_chunks().indices.to_numpy()
    ms = _instants(columns, calendar.log_zone)
    has_no_time = (_CODE_OF_VERDICT[verdicts] != _BAD) & (verdicts != _BLANK) & ~is_plausible(ms)
    is_bad = (_CODE_OF_VERDICT[verdicts] == _BAD) | has_no_time
    problems = np.flatnonzero(is_bad)
    is_line = ~is_bad & (verdicts != _BLANK)
    lines = np.flatnonzero(is_line & (ms <= calendar.latest_ms))
    future = int(np.count_nonzero(is_line)) - len(lines)
    day, hour = local_hours(ms[lines], calendar.zone)
    distinct, is_in_closed = days_closed(day, calendar.is_closed)
    reasons = np.where(is_in_closed, np.int8(CODES[DropReason.DAY_CLOSED]), _CODE_OF_VERDICT[verdicts[lines]])
    goes_on = reasons == GOES_ON
    chosen = lines[goes_on]
    texts = {name: Texts(columns[name]) for name in TEXTS}
    candidates = Candidates(
        texts,
        {
            **{name: column.codes[chosen] for name, column in texts.items()},
            "ms": ms[chosen],
            "day": day[goes_on],
            "hour": hour[goes_on],
            "is_missing": columns["is_missing"].to_numpy()[chosen].astype(np.bool_),
            "is_part": columns["is_part"].to_numpy()[chosen].astype(np.bool_),
        },
    )
    return Screened(
        lines=len(lines) + future + len(problems),
        bad=len(problems),
        future=future,
        problems=(problems, np.where(has_no_time[problems], -1, verdicts[problems]).astype(np.int8)),
        day=day,
        reasons=reasons,
        days=set(distinct),
        closed={day for day, closed in distinct.items() if closed},
        candidates=candidates,
    )


def _instants(columns: pa.Table, log_zone: str) -> npt.NDArray[np.int64]:
    """Milliseconds since 1970 UTC; of a line without a time, something before all plausible ones."""
    hours = Texts(columns["hour"])
    places, texts = hours.distinct(hours.codes)
    seconds = columns["seconds"].combine_chunks().fill_null(0).to_numpy()
    ms: npt.NDArray[np.int64] = hour_starts(texts, log_zone)[places] + np.rint(seconds * 1000.0).astype(np.int64)
    return ms
