"""The hours of today: each released once it is over, in sequence, from the rows received by then.

An hour's rows are a sealed range of the journal. A unit counts in its first hours, in order of time, so what was
released of an hour never depends on later ones. The vector of the day is debited once; an hour that is not released
in time is forfeited.
"""

from datetime import date
from fractions import Fraction

from msgspec import Struct
from msgspec.structs import replace

from hubbub.core.days import HOUR_MS, bounds
from hubbub.release.budget import Share
from hubbub.release.close import Closer
from hubbub.release.counting import Counts
from hubbub.release.door import SINGLE, Door, hour_entry, hour_keys
from hubbub.release.drawing import DayKeys, draw
from hubbub.release.entries import LedgerEntry
from hubbub.release.fits import fitted
from hubbub.release.key_lists import key_list
from hubbub.release.ledger import Standing
from hubbub.release.plan import MeasurePlan
from hubbub.release.ready import tally_of_hours
from hubbub.release.state import claim
from hubbub.release.types import Gap

GRACE_MS = 60 * 60_000


class HoursReport(Struct, frozen=True):
    """The slots that this call released, found too late, or found forfeited by a crash."""

    released: tuple[int, ...] = ()
    late: tuple[int, ...] = ()
    forfeited: tuple[int, ...] = ()


def release_hours(closer: Closer, source: str, day: date, now_ms: int) -> HoursReport:
    """Release every hour of the source's local `day` that is over at `now_ms` and is not released yet.

    To be called after each hour, and once for yesterday's last one before its close. A day that is closed, or whose
    hours its close has drawn, is left as it is. Raises `BudgetSpent` before anything is drawn.
    """
    door = closer.door
    with claim(door.ledger.engine):
        if door.keys.is_closed(source, day) or day <= door.ledger.floor():
            return HoursReport()
        report = _Hours(door, source, day).release(now_ms)
        if report != HoursReport():
            door.publish(source, [day])
    return report


def finish_hours(closer: Closer, source: str, day: date, now_ms: int) -> HoursReport:
    """Before a close: release the last hours of a day that was released by hours, the one that runs now included.

    A day that never was released by hours is left to its close, which draws all of them at once.
    """
    door = closer.door
    standing = door.ledger.standing(source, [day])
    if not any(found.debit and found.debit.slots for found in standing.values()):
        return HoursReport()
    start_ms, end_ms = bounds(day, door.settings.zone_of(source))
    running = (now_ms - start_ms) // HOUR_MS
    return release_hours(closer, source, day, max(now_ms, min(start_ms + (running + 1) * HOUR_MS, end_ms)))


class _Hours:
    """The online measures of one source's day."""

    def __init__(self, door: Door, source: str, day: date) -> None:
        self._door, self._source, self._day = fitted(door, source, day), source, day
        self._bounds = bounds(day, door.settings.zone_of(source))
        self._measures = [each for each in self._door.priced(source).plan.measures if each.online]
        self._single = key_list(SINGLE)

    def release(self, now_ms: int) -> HoursReport:
        over = [slot for slot in range(self._bounds.hours) if self._end_of(slot) <= now_ms]
        if not over:
            return HoursReport()
        vectors = self._vectors()
        if any(vector.slots == 0 for vector in vectors.values()):
            return HoursReport()
        late, forfeited, due = set(), set(), []
        standing = self._door.ledger.standing(self._source, [self._day])
        for measure in self._measures:
            vector = vectors[measure]
            for slot in over:
                found = standing.get((self._day, measure.measure, slot), Standing())
                if found.is_over:
                    continue
                if found.debit:
                    self._door.ledger.give_up([found.debit], Gap.FORFEITED)
                    forfeited.add(slot)
                elif now_ms > self._end_of(slot) + GRACE_MS:
                    self._door.ledger.give_up([hour_entry(vector, slot)], Gap.LATE)
                    late.add(slot)
                else:
                    due.append((slot, measure))
        for slot in sorted({slot for slot, _ in due}):
            self._draw(slot, [measure for at, measure in due if at == slot], vectors)
        return HoursReport(tuple(sorted({slot for slot, _ in due})), tuple(sorted(late)), tuple(sorted(forfeited)))

    def _vectors(self) -> dict[MeasurePlan, LedgerEntry]:
        """The debits that pay for the day's hours, made now if this is the first one."""
        standing = self._door.ledger.standing(self._source, [self._day])
        found = {each: standing.get((self._day, each.measure, None), Standing()).debit for each in self._measures}
        fresh = [each for each, debit in found.items() if debit is None]
        hours = hour_keys(self._bounds.hours)
        made = self._door.ledger.debit(
            [
                self._door.entry(each, self._source, self._day, hours, slots=self._bounds.hours)
                for each in fresh
            ],
            self._door.priced(self._source).allowance,
            [hours],
        ) if fresh else []  # fmt: skip
        return {each: debit for each, debit in found.items() if debit} | dict(zip(fresh, made, strict=True))

    def _draw(self, slot: int, measures: list[MeasurePlan], vectors: dict[MeasurePlan, LedgerEntry]) -> None:
        door = self._door
        sealed = door.raw.seal(self._source, self._day, before_slot=slot + 1)
        paid = {each.measure: _as_paid(each, vectors[each]) for each in measures}
        bounded = [each for each, _ in paid.values()]
        with tally_of_hours(door, self._day, sealed, bounded) as tally:
            counted = tally.count(bounded)
        for measure in measures:
            hour = hour_entry(vectors[measure], slot, self._single.hash, sealed.sha256)
            debit = door.ledger.debit([hour], door.priced(self._source).allowance, [self._single])[0]
            bound, share = paid[measure.measure]
            mine: Counts = {self._day: {(): counted[measure.measure][self._day].get((str(slot),), 0)}}
            cells = draw(bound, share, [DayKeys(self._day, self._single)], mine)
            door.ledger.keep([(debit, cells[0])])

    def _end_of(self, slot: int) -> int:
        return min(self._bounds.start_ms + (slot + 1) * HOUR_MS, self._bounds.end_ms)


def _as_paid(measure: MeasurePlan, vector: LedgerEntry) -> tuple[MeasurePlan, Share]:
    """The measure with the bound and the noise that its day was debited for, though the settings may say other since.

    A bound of online measures is its squared L2 norm (`KEYS` and `SQUARES`).
    """
    return replace(measure, bound=vector.l2_squared), Share(vector.rho, Fraction(vector.scale), 0.0, 0)
