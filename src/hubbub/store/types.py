"""What the store tells other rooms about raw rows."""

from datetime import date
from typing import Literal

from msgspec import Struct

from hubbub.core.reasons import DropReason

Origin = Literal["log", "live", "simulated", "followed", "table"]
"""Where rows came from: an imported log, visits as they happened, a simulation, a log as it was written, a file of
a declared table."""


class RawDay(Struct, frozen=True):
    """A source's day that still has a data key: how many rows it has and where they came from."""

    source: str
    day: date
    rows: int
    origins: frozenset[str]


class Counters(Struct, frozen=True):
    """Exact counts of one (source, day). The operator's alone; they die with the day."""

    accepted: int
    dropped: dict[DropReason, int]

    @property
    def received(self) -> int:
        """Everything that came in."""
        return self.accepted + sum(self.dropped.values())


class SealedRange(Struct, frozen=True):
    """One stretch of a file that holds rows of a day.

    file      path under the raw folder
    start, end  bytes; a journal's other days in the stretch are not meant
    digest    SHA-256 over the seals' tags in it, in order; stays when a whole journal file becomes a segment
    """

    file: str
    start: int
    end: int
    digest: str


class SealedInput(Struct, frozen=True):
    """What a release reads, fixed before it is paid for.

    before_slot  only rows of hour slots below it, or None for all
    ranges       where the rows are
    sha256       HMAC-SHA256 of the digests, the source, the day and the slot, under the data key
    rows         how many rows `RawStore.read` gives
    """

    source: str
    day: date
    before_slot: int | None
    ranges: tuple[SealedRange, ...]
    sha256: str
    rows: int
