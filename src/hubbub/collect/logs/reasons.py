"""Drop reasons of log lines as small numbers, and their counts by day.

A dropped line has one reason, the first that holds in this order:

1. BAD_LINE        it does not parse, or its time cannot be
2. BAD_TIME        it is dated in the future
3. DAY_CLOSED      its local day takes no more rows
4. METHOD          it is no GET
5. STATUS          its status is none of 200, 203, 206, 304 and 404, or it answers a later part of a file
6. OPT_OUT         the log names Sec-GPC or DNT, and it is 1
7. PREFETCH        the log says that the page was loaded in advance
8. UNKNOWN_SITE    the log names a host, and it is none of the site's
9. ASSET, BAD_URL  it asks for no page and no download (`targets.py`); STATUS again: a page in parts
10. NO_ADDRESS     the client is no address (a host name, say)
11. BOT
12. DATACENTER      the address is a cloud provider's
13. SPAM_REFERRER

What is cheap to see comes first, so that user agents are described for possible rows only. Blank lines and the
directives of W3C files (`#…`) are no lines and are not counted.
"""

from collections import Counter
from datetime import date

import numpy as np
import numpy.typing as npt

from hubbub.core.reasons import DropReason

REASONS = tuple(DropReason)
CODES = {reason: code for code, reason in enumerate(REASONS, start=1)}
GOES_ON = 0
_ROOM = 64  # more than there are reasons

ReasonCodes = npt.NDArray[np.int8]


class DropCounts:
    """How many lines were dropped on a local day for which reason."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[date, DropReason]] = Counter()

    def add(self, days: npt.NDArray[np.int64], codes: ReasonCodes) -> None:
        """Count lines by the ordinals of their days and their codes; those that go on are passed over."""
        is_dropped = codes != GOES_ON
        if not is_dropped.any():
            return
        days, codes = days[is_dropped], codes[is_dropped]
        first = int(days.min())
        counts = np.bincount((days - first) * _ROOM + codes)
        for place in np.flatnonzero(counts).tolist():
            day = date.fromordinal(first + place // _ROOM)
            self._counts[day, REASONS[place % _ROOM - 1]] += int(counts[place])

    def add_one(self, day: date, reason: DropReason, lines: int) -> None:
        """Count some lines of one day."""
        if lines:
            self._counts[day, reason] += lines

    def close(self, day: date, rows: int) -> None:
        """The day was closed meanwhile: what was counted for it, and its rows, are dropped for that."""
        lines = rows + sum(self._counts.pop((day, reason), 0) for reason in REASONS)
        self.add_one(day, DropReason.DAY_CLOSED, lines)

    def of_day(self, day: date) -> dict[DropReason, int]:
        """The drops of a day."""
        return {reason: count for (at, reason), count in self._counts.items() if at == day}

    def by_reason(self) -> dict[DropReason, int]:
        """The drops of all days, in the order of `DropReason`."""
        totals: Counter[DropReason] = Counter()
        for (_, reason), count in self._counts.items():
            totals[reason] += count
        return {reason: totals[reason] for reason in REASONS if totals[reason]}
