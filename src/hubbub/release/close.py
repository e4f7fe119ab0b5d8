"""Closing days of a source: release every measure once, then destroy the keys, then the files.

The steps, for a group of days at a time: settle what a crash left; end the days; seal the input; freeze the keys;
count; then for each measure debit, draw, keep; publish; destroy. Run again after a crash at any point it goes on: what
was kept is published unchanged, what was debited and not kept is forfeited. Counting takes nearly all of the time and
memory and pays for nothing: a close that dies over it has lost nothing.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from msgspec import Struct
from sqlalchemy import Connection

from hubbub.core.errors import BudgetSpent
from hubbub.core.settings import Settings
from hubbub.release.confirmation import Confirmed, answered, any_key, no_key
from hubbub.release.counting import Counts
from hubbub.release.door import Door, Publish
from hubbub.release.drawing import DayKeys, draw
from hubbub.release.engines import Engine, OnDuckDB
from hubbub.release.entries import Cells, LedgerEntry
from hubbub.release.expiry import expire_faded, watched
from hubbub.release.fits import fitted
from hubbub.release.frozen import Frozen, freeze
from hubbub.release.ledger import Ledger
from hubbub.release.plan import Keys, MeasurePlan
from hubbub.release.public_keys import PublicKeys, learn
from hubbub.release.ready import tally_of
from hubbub.release.settling import Settled, kept_back, settle
from hubbub.release.site_fits import alike
from hubbub.release.state import claim
from hubbub.release.types import Gap
from hubbub.store.engines.duckdb import DuckDB
from hubbub.store.keys import KeyStore
from hubbub.store.parts import PART_ROWS
from hubbub.store.raw import RawStore
from hubbub.store.types import SealedInput

FIRST_DAYS, DAYS_AT_ONCE = 7, 28  # what was new in one group of days is public in the next: the first one is short

At = Callable[[str], None]
Progress = Callable[[str, int, int], None]
Slots = tuple[tuple[date, str], ...]


class CloseReport(Struct, frozen=True):
    """What a close did; all of it may be told, for it counts measures and cells and no rows.

    released   measures drawn by this call, each day counted
    cells      cells kept by this call
    forfeited  (day, measure) that a crash had cost
    kept_back  (day, measure) whose rows died, or whose budget was spent, before they could be released
    """

    source: str
    days: tuple[date, ...]
    released: int = 0
    cells: int = 0
    forfeited: Slots = ()
    kept_back: Slots = ()

    def __add__(self, other: "CloseReport") -> "CloseReport":
        return CloseReport(
            self.source,
            self.days + other.days,
            self.released + other.released,
            self.cells + other.cells,
            self.forfeited + other.forfeited,
            self.kept_back + other.kept_back,
        )


class Closer:
    """Closes days through the door."""

    def __init__(
        self,
        raw: RawStore,
        keys: KeyStore,
        ledger: Ledger,
        public_keys: PublicKeys,
        settings: Settings,
        publish: Publish,
        engine: Callable[[], DuckDB] = DuckDB,
        part_rows: int = PART_ROWS,
        sites: Engine[Any] | None = None,
    ) -> None:
        sites = sites or OnDuckDB(engine)
        self.door = Door(settings, raw, keys, ledger, public_keys, engine, sites, publish, part_rows=part_rows)

    def close(
        self,
        source: str,
        days: Sequence[date],
        progress: Progress = lambda _stage, _done, _total: None,
        at: At = lambda _step: None,
    ) -> CloseReport:
        """Release and destroy these days of one source; a day closed before changes by no byte.

        `progress` hears (stage, percent done, percent in all), `at` each step's name as it is over. Raises `StoreError`
        when rows cannot be read or counted: nothing is lost then, run it again. Waits for another close to end.
        """
        report = CloseReport(source, ())
        with claim(self.door.ledger.engine):
            chunks = self._chunks(source, sorted(set(days)))
            for place, chunk in enumerate(chunks):

                def tell(percent: int, before: int = place * 100) -> None:
                    progress(f"closing {source}", before + percent, len(chunks) * 100)

                tell(0)
                if source:
                    measures = watched(self.door.priced(source).plan)
                    expire_faded(self.door.ledger, self.door.public, source, chunk[0], measures)
                report += _Chunk(self.door, source, chunk, at).run(tell)
        return report

    def give_up(self, source: str, day: date) -> CloseReport:
        """Destroy raw rows that were kept too long, released or not, keys first; what is missing stays missing."""
        with claim(self.door.ledger.engine):
            self.door.keys.destroy(source, day)
        return self.close(source, [day])

    def _chunks(self, source: str, days: Sequence[date]) -> list[list[date]]:
        """Days in order, some at once: what was new in one group is public in the next. By the calendar and the ledger:
        which list and bounds a day is counted by stands there, and may not tell how many rows there were.
        """
        first = FIRST_DAYS if self.door.settings.table(source) is None else 1
        ends = [first, *range(first + DAYS_AT_ONCE, len(days) + DAYS_AT_ONCE, DAYS_AT_ONCE)]
        groups = (days[start:end] for start, end in zip([0, *ends], ends, strict=False))
        return [run for group in groups for run in alike(self.door, source, group)]


class _Chunk:
    """A few days of one source on their way through the door."""

    def __init__(self, door: Door, source: str, days: Sequence[date], at: At) -> None:
        self._door, self._source, self._days, self._at = fitted(door, source, days[0]), source, list(days), at
        self._released = self._cells = 0
        self._kept_back: Slots = ()

    def run(self, tell: Callable[[int], None]) -> CloseReport:
        """All steps; `tell` hears the percent done. Source "" has drops alone: it is destroyed, nothing is released."""
        settled = Settled({}, (), ())
        if self._source:
            settled = settle(self._door, self._source, self._days)
            self._at("settled")
            if settled.to_draw:
                ended = sorted({day for days in settled.to_draw.values() for day in days})
                self._draw_all(settled.to_draw, self._end_days(ended), tell)
            self._door.publish(self._source, self._days)
            self._at("published")
        self._door.keys.destroy(self._source, *self._days)
        self._at("keys destroyed")
        self._door.raw.destroy_files(self._source, *self._days)
        self._at("files destroyed")
        tell(100)
        return CloseReport(
            self._source,
            tuple(self._days),
            self._released,
            self._cells,
            settled.forfeited,
            settled.kept_back + self._kept_back,
        )

    def _end_days(self, days: Sequence[date]) -> list[SealedInput]:
        """From here on the days take no more rows; what is there is sealed as the input."""
        door = self._door
        with door.raw.exclusive():
            door.keys.mark_closed(self._source, *days)
        self._at("days ended")
        sealed = [_seal(door, self._source, day) for day in days]
        self._at("sealed")
        return sealed

    def _draw_all(
        self, to_draw: Mapping[str, Sequence[date]], sealed: Sequence[SealedInput], tell: Callable[[int], None]
    ) -> None:
        door = self._door
        days = [each.day for each in sealed]
        frozen = freeze(door, self._source, days)
        door.ledger.note_lists(frozen.lists.values())
        release = _Release(door, {each.day: each.sha256 for each in sealed}, self._confirmed(days), self._at)
        self._at("keys frozen")
        plan = door.priced(self._source).plan
        wanted = [each for each in plan.measures if to_draw.get(each.measure)]

        def told(done: float) -> None:
            tell(int(60 * done))

        with tally_of(door, self._source, sealed, frozen, wanted) as tally:
            counts: dict[str, Counts] = {}
            rounds = sorted({each(measure) for each in (plan.round_of, plan.counted_in) for measure in wanted})
            for place, measure in enumerate(wanted):
                while rounds and rounds[0] <= plan.round_of(measure):
                    this = rounds.pop(0)
                    if this:
                        frozen = self._with_new_keys(frozen, days)
                    together = [each for each in wanted if plan.counted_in(each) == this]
                    counts |= tally.count(together, frozen.texts_by_day(), told if this == 0 else lambda _: None)
                    self._at(f"counted, round {this}")
                tell(60 + 35 * place // len(wanted))
                mine = [DayKeys(day, frozen.of(measure, day)) for day in to_draw[measure.measure]]
                release(self._source, measure, mine, counts.pop(measure.measure))
        self._released, self._cells, self._kept_back = release.released, release.cells, release.kept_back

    def _with_new_keys(self, frozen: Frozen, days: Sequence[date]) -> Frozen:
        """The lists with what was just released as new."""
        for measure in self._door.priced(self._source).plan.measures:
            if measure.keys is Keys.NEW and measure.dimension is not None:
                new = self._door.ledger.new_keys(self._source, measure.measure, days)
                frozen = frozen.with_new_keys(measure.dimension, new)
        return frozen

    def _confirmed(self, days: Sequence[date]) -> Mapping[date, Confirmed]:
        """Which new keys of each day need no one's word: all of a table, a trial or a simulation; of a site's own log
        those that the site answered with 200; of a day that was released by hours, as live visits are, none, unless
        the settings say that the site is counted from logs alone. Hours stand in the ledger: that a day was live tells
        nobody more than they do.
        """
        door = self._door
        is_table = door.settings.table(self._source) is not None
        if is_table or door.priced(self._source).allowance.trial or door.ledger.is_trial():
            return dict.fromkeys(days, any_key)
        origins = {each.day: each.origins for each in door.raw.days() if each.source == self._source}
        if origins and all(origins.get(day) == frozenset({"simulated"}) for day in days):
            return dict.fromkeys(days, any_key)
        site = door.settings.site(self._source)
        if site is not None and site.collect == "log":
            return dict.fromkeys(days, answered)
        standing = door.ledger.standing(self._source, days)
        live = {day for (day, _, slot), found in standing.items() if slot is None and found.debit and found.debit.slots}
        live |= {day for day in days if "live" in origins.get(day, ())}  # where no clock runs that releases hours
        return {day: no_key if day in live else answered for day in days}


class _Release:
    """Counted measures through the three steps, one after the other."""

    def __init__(self, door: Door, inputs: Mapping[date, str], confirmed: Mapping[date, Confirmed], at: At) -> None:
        self._door, self._inputs, self._confirmed, self._at = door, inputs, confirmed, at
        self.released = self.cells = 0
        self.kept_back: Slots = ()

    def __call__(self, source: str, measure: MeasurePlan, days: Sequence[DayKeys], counts: Counts) -> None:
        """Debit, draw, keep. Until the debit is durable nothing has looked at the counts."""
        name = str(measure.measure)
        debits = self._debit(source, measure, days)
        self._at(f"debited {name}")
        paid = [each for each in days if each.day in debits]
        if not paid:
            return
        cells = draw(measure, self._door.priced(source).shares[measure.measure], paid, counts)
        self._at(f"drawn {name}")
        drawn = [(debits[each.day], one) for each, one in zip(paid, cells, strict=True)]
        self._door.ledger.keep(drawn, also=lambda connection: self._learn(connection, measure, drawn))
        self._at(f"kept {name}")
        self.released += len(paid)
        self.cells += sum(len(each.values) + len(each.new) for each in cells)

    def _debit(self, source: str, measure: MeasurePlan, days: Sequence[DayKeys]) -> dict[date, LedgerEntry]:
        """The debits that are durable now. A day whose budget is spent on other things stays without the measure."""
        door = self._door
        wanted = [door.entry(measure, source, each.day, each.list, self._inputs[each.day]) for each in days]
        lists = [each.list for each in days]
        allowance = door.priced(source).allowance
        try:
            return {each.day: each for each in door.ledger.debit(wanted, allowance, lists)}
        except BudgetSpent:
            pass
        made = {}
        for each in wanted:
            try:
                made[each.day] = door.ledger.debit([each], allowance, lists)[0]
            except BudgetSpent:
                door.ledger.give_up(kept_back(door, source, each.day, measure), Gap.KEPT_BACK)
                self.kept_back += ((each.day, measure.measure),)
        return made

    def _learn(self, connection: Connection, measure: MeasurePlan, drawn: Sequence[tuple[LedgerEntry, Cells]]) -> None:
        """Take over new keys in the transaction that keeps their cells."""
        for debit, cells in drawn:
            dimension = measure.dimension
            if dimension is None:
                continue
            is_confirmed = self._confirmed[debit.day]
            for known in (True, False):
                fresh = [key for (key, *_), _ in cells.new if is_confirmed(dimension, key) is known]
                learn(connection, debit.source, dimension, fresh, debit.day, known)


def _seal(door: Door, source: str, day: date) -> SealedInput:
    """The input of an ended day; a day that never had a row has no key: it is empty, and its hash does not tell."""
    if door.keys.existing_data_key(source, day) is None:
        return SealedInput(source, day, None, (), os.urandom(32).hex(), 0)
    return door.raw.seal(source, day)
