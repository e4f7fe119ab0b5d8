"""What a scan of the series finds: a change that noise and season do not explain, with its size and how sure it is."""

from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from hashlib import sha256

import msgspec
from msgspec import Struct

from hubbub.insight.series import SeriesName


class Kind(StrEnum):
    """What kind of change it is."""

    SPIKE = "spike"  # more, for some days only
    DROP = "drop"  # less, for some days only
    RISE = "rise"  # a new level, above the old one
    FALL = "fall"  # a new level, below the old one
    SLOPE = "slope"  # it grows or shrinks from day to day as it did not before
    EMERGING = "emerging"  # there was none of it, or next to none
    VANISHED = "vanished"  # next to none of it is left
    MIX = "mix"  # its share of the whole is another


class Finding(Struct, frozen=True):
    """One change of one series.

    found        the day whose release showed it first; with the series it is the finding's identity
    since, until first and last day of it; `until` None: it lasts
    before, now  a day of the same weekdays: expected, and as it is since then (of `MIX`: shares from 0 to 1)
    change       relative change now/before − 1, with a 95 % interval; None where `before` is too near zero to say
    difference   now − before, a day, and its standard error, from noise and from what moves by itself
    p_value      how often so much is seen where nothing changes
    probability  that it is real, given how rare changes are
    members      findings of parts of this series, or of others at the same time, that it stands for
    drivers      parts that make up most of the difference, largest first, with their shares of it
    """

    series: SeriesName
    kind: Kind
    found: date
    since: date
    until: date | None
    before: float
    now: float
    difference: float
    stderr: float
    p_value: float
    probability: float
    change: float | None = None
    low: float | None = None
    high: float | None = None
    members: tuple["Finding", ...] = ()
    drivers: tuple[tuple[SeriesName, float], ...] = ()

    @property
    def name(self) -> str:
        """Short, the same in every scan: by it a finding is confirmed, dismissed, linked to and alerted."""
        return sha256(msgspec.json.encode((self.series, self.found, self.kind is Kind.MIX))).hexdigest()[:12]

    @property
    def lasts(self) -> bool:
        """Whether it goes on."""
        return self.until is None

    def touches(self, source: str) -> bool:
        """Whether the source has a part in it; with "" any has."""
        return not source or any(one.series.source == source for one in self.all())

    def all(self) -> Iterator["Finding"]:
        """Itself, its members, and theirs."""
        yield self
        for member in self.members:
            yield from member.all()

    @property
    def goes_up(self) -> bool:
        """Whether there is more of it."""
        return self.difference > 0


class Findings(Struct, frozen=True):
    """The result of a scan of all series.

    states   the published state of each source that was scanned (`Marts.version`)
    last     the last day that was looked at, by source; "" for all sites together
    series   how many series were scanned
    found    grouped findings, the most telling first
    """

    states: dict[str, str] = {}
    last: dict[str, date] = {}
    series: int = 0
    found: tuple[Finding, ...] = ()

    def all(self) -> Iterator[Finding]:
        """Every finding, those that others stand for as well."""
        for finding in self.found:
            yield from finding.all()
