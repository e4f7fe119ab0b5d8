"""What is left to draw of some days, once it is settled what a crash, a missed hour or dead keys have cost."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

from msgspec import Struct

from hubbub.core.readings import check_reading, reading_of
from hubbub.release.door import Door, hour_entry
from hubbub.release.entries import LedgerEntry
from hubbub.release.ledger import Ledger, Standing, missing
from hubbub.release.plan import MeasurePlan
from hubbub.release.types import Gap


class Settled(Struct, frozen=True):
    """`to_draw`: measure → days that nothing was debited for, whose rows can be read."""

    to_draw: dict[str, list[date]]
    forfeited: tuple[tuple[date, str], ...]
    kept_back: tuple[tuple[date, str], ...]


def settle(door: Door, source: str, days: Sequence[date]) -> Settled:
    """Record the gaps of these days and say what can still be drawn. To be called under the claim.

    Debited and not kept: forfeited. An hour of a day released by hours that was not begun: late. Not debited, and the
    day's keys are destroyed or it may have been released after the backup that the ledger comes from: kept back. Raises
    `Refused`, before anything is recorded, when rows to be drawn were read under other settings of a table than now.
    """
    standing = door.ledger.standing(source, days)
    floor = door.ledger.floor()
    readable = {day for day in days if day > floor and is_readable(door, source, day)}
    to_draw: dict[str, list[date]] = defaultdict(list)
    ends: dict[Gap, list[LedgerEntry]] = defaultdict(list)
    for day in days:
        for measure in door.priced(source).plan.measures:
            vector = standing.get((day, measure.measure, None), Standing())
            if vector.debit and vector.debit.slots:
                _settle_hours(standing, vector.debit, ends)
            elif vector.is_over or _has_hours(standing, day, measure):
                continue
            elif vector.debit:
                ends[Gap.FORFEITED].append(vector.debit)
            elif day in readable:
                to_draw[measure.measure].append(day)
            else:
                ends[Gap.KEPT_BACK] += kept_back(door, source, day, measure)
    _check_readings(door, source, sorted({day for its in to_draw.values() for day in its}))
    planned = {each.measure for each in door.priced(source).plan.measures}
    for (_, name, _), found in standing.items():  # the settings do not ask for it any more
        if found.debit and not found.is_over and name not in planned:
            ends[Gap.FORFEITED].append(found.debit)
    for gap, entries in ends.items():
        door.ledger.give_up(entries, gap)
    return Settled(
        dict(to_draw),
        _named(ends[Gap.FORFEITED]),
        _named(ends[Gap.KEPT_BACK]),
    )


def end_hours(ledger: Ledger, source: str, day: date) -> None:
    """Give up the hours of a day that are not released yet, of what was debited by hours."""
    standing = ledger.standing(source, [day])
    ends: dict[Gap, list[LedgerEntry]] = defaultdict(list)
    for found in standing.values():
        if found.debit and found.debit.slots:
            _settle_hours(standing, found.debit, ends)
    for gap, entries in ends.items():
        ledger.give_up(entries, gap)


def kept_back(door: Door, source: str, day: date, measure: MeasurePlan) -> list[LedgerEntry]:
    """What says that a measure was never drawn: one entry, or one an hour."""
    slots = range(door.slots(source, day)) if measure.online else [None]
    return [missing(source, day, measure.measure, slot, door.plan_name(source)) for slot in slots]


def is_readable(door: Door, source: str, day: date) -> bool:
    """The day's keys are not destroyed: it has rows to read, or never had any."""
    if not door.keys.is_closed(source, day):
        return True
    return any(each[:2] == (source, day) for each in door.keys.open_days())


def _check_readings(door: Door, source: str, days: Sequence[date]) -> None:
    """Raises `Refused` when a day has rows of a declared table that were read under other settings than now."""
    table = door.settings.table(source)
    if table is not None:
        now = reading_of(table, door.settings.zone_of(source))
        for day in days:
            check_reading(source, day, door.raw.readings(source, day), now)


def _has_hours(standing: Mapping[tuple[date, str, int | None], Standing], day: date, measure: MeasurePlan) -> bool:
    return measure.online and (day, measure.measure, 0) in standing


def _settle_hours(
    standing: Mapping[tuple[date, str, int | None], Standing],
    vector: LedgerEntry,
    ends: dict[Gap, list[LedgerEntry]],
) -> None:
    for slot in range(vector.slots):
        found = standing.get((vector.day, vector.measure, slot), Standing())
        if found.is_over:
            continue
        if found.debit:
            ends[Gap.FORFEITED].append(found.debit)
        else:
            ends[Gap.LATE].append(hour_entry(vector, slot))


def _named(entries: Sequence[LedgerEntry]) -> tuple[tuple[date, str], ...]:
    return tuple(sorted({(each.day, each.measure) for each in entries}))
