"""What a release needs, handed in once: where rows are read, where costs are noted, who publishes."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from hubbub.core.days import bounds
from hubbub.core.settings import Settings
from hubbub.release.budget import Priced, priced
from hubbub.release.engines import Engine
from hubbub.release.entries import LedgerEntry, Step
from hubbub.release.key_lists import Key, KeyList, key_list
from hubbub.release.ledger import Ledger
from hubbub.release.plan import MeasurePlan, Plan
from hubbub.release.plan_texts import PlanRecord, record_of
from hubbub.release.public_keys import PublicKeys
from hubbub.release.site_plan import plan_of
from hubbub.release.table_plan import plan_of_table
from hubbub.store.engines.duckdb import DuckDB
from hubbub.store.keys import KeyStore
from hubbub.store.parts import PART_ROWS
from hubbub.store.raw import RawStore

Publish = Callable[[str, Sequence[date]], None]


class Door(Struct, frozen=True):
    """The parts of the release room, put together.

    engine   makes a fresh DuckDB for each piece of work in this process
    sites    counts rows of sites: in this process, too, or on a cluster
    publish  called with a source and its days whenever cells were kept, before raw rows are destroyed
    known    plans that were asked for, by source
    part_rows  about how many rows are in memory to be counted
    noted    of these the texts, once they stand beside the ledger
    """

    settings: Settings
    raw: RawStore
    keys: KeyStore
    ledger: Ledger
    public: PublicKeys
    engine: Callable[[], DuckDB]
    sites: Engine[Any]
    publish: Publish
    known: dict[str, Priced] = {}
    part_rows: int = PART_ROWS
    noted: dict[str, tuple[Priced, PlanRecord]] = {}

    def priced(self, source: str) -> Priced:
        """The plan of a source under the budget of the settings."""
        if source not in self.known:
            self.known[source] = priced(self._plan(source), self.settings.budget)
        return self.known[source]

    def plan_name(self, source: str) -> str:
        """Name, version and hash of the source's plan with its budget, as it stands in entries. The first time that it
        is asked for, the text is kept beside the ledger, so that it is there before anything is debited under it.
        """
        mine = self.priced(source)
        priced_before, record = self.noted.get(source, (None, None))
        if record is None or priced_before is not mine:
            record = record_of(mine)
            self.ledger.note_plan(record)
            self.noted[source] = mine, record
        return record.name

    def _plan(self, source: str) -> Plan:
        table = self.settings.table(source)
        return plan_of(self.settings.site(source), self.settings) if table is None else plan_of_table(table)

    def slots(self, source: str, day: date) -> int:
        """Hour slots of the source's local day: 23, 24 or 25."""
        return bounds(day, self.settings.zone_of(source)).hours

    def entry(
        self, measure: MeasurePlan, source: str, day: date, keys: KeyList, sealed: str = "", slots: int = 0
    ) -> LedgerEntry:
        """The debit of a measure for a day."""
        share = self.priced(source).shares[measure.measure]
        return LedgerEntry(
            seq=0,
            step=Step.DEBIT,
            source=source,
            day=day,
            measure=measure.measure,
            slots=slots,
            plan=self.plan_name(source),
            rho=share.rho,
            delta=share.delta,
            scale=str(share.scale),
            l2_squared=measure.l2_squared,
            bound=measure.limit.format(measure.bound),
            threshold=share.threshold,
            key_list=keys.hash,
            input=sealed,
        )


def hour_keys(slots: int) -> KeyList:
    """The keys of an hourly measure drawn at once: its slots."""
    return key_list((str(slot),) for slot in range(slots))


def hour_entry(vector: LedgerEntry, slot: int, keys: str = "", sealed: str = "") -> LedgerEntry:
    """An hour's own entry: free, for the day's vector paid."""
    return replace(vector, slot=slot, slots=0, rho=0, delta=0.0, key_list=keys, input=sealed, pays=vector.hash, hash="")


SINGLE: tuple[Key, ...] = ((),)
