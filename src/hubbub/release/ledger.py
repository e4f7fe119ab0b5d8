"""The ledger: what was spent, append-only and hash-chained, and the one door through which cells become `Released`.

One draw, ever (PRIVACY.md): a debit is durable before its noise is drawn, all its cells are kept at once, and what
was kept is what is published, however often. A debit without cells after a crash is forfeited.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime

import sqlalchemy as sa
from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import Connection, Engine

from hubbub.core.errors import LedgerError
from hubbub.core.plan_text import PlanVersion
from hubbub.core.ports import Clock
from hubbub.core.spending import DaySpent
from hubbub.release.budget import Allowance
from hubbub.release.chain import check_ends, check_floor, check_totals, floor_of, head_of, is_trial
from hubbub.release.entries import Cells, LedgerEntry, Step, from_row, pack, unpack_cells
from hubbub.release.key_lists import Key, KeyList, ListReader, keep_lists
from hubbub.release.plan_changes import check_texts, note_changes, versions_of
from hubbub.release.plan_texts import PlanRecord, keep_plan, text_of
from hubbub.release.public_keys import count_waiting, unconfirmed
from hubbub.release.releasing import released_of
from hubbub.release.shapes import ShapeReader
from hubbub.release.spending import newest_spent, spent_since
from hubbub.release.state import HEAD, TRIAL, drawn_table, ledger_meta_table, ledger_table, metadata, writing
from hubbub.release.types import Gap, Released
from hubbub.release.verify import VerifyReport, verify


class Standing(Struct, frozen=True):
    """How far one (source, day, measure, slot) has come."""

    debit: LedgerEntry | None = None
    end: LedgerEntry | None = None

    @property
    def is_over(self) -> bool:
        """Its cells are kept, or it is settled that there will be none."""
        return self.end is not None


class Ledger:
    """The ledger in the state database."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self.engine = engine
        self._clock = clock
        metadata.create_all(engine)

    def note_lists(self, lists: Iterable[KeyList]) -> None:
        """Store frozen key lists under their hashes, before the rows are read that will be counted by them."""
        with writing(self.engine) as connection:
            keep_lists(connection, lists)

    def note_plan(self, record: PlanRecord) -> None:
        """Store the text of a plan under its name, before anything is debited under it."""
        with writing(self.engine) as connection:
            keep_plan(connection, record)

    def debit(
        self, debits: Sequence[LedgerEntry], allowed: Allowance, lists: Iterable[KeyList] = ()
    ) -> list[LedgerEntry]:
        """Commit what is about to be drawn; durable on return, all or nothing.

        Raises `BudgetSpent` when a source's day would cost more than `allowed`, `LedgerError` for a second debit of
        the same (source, day, measure, slot) or under a plan whose text was not noted. What costs nothing is never
        too much: an hour's day was paid before.
        """
        with writing(self.engine) as connection:
            check_floor(connection, {each.day for each in debits})
            trial = allowed.trial or is_trial(connection)
            keep_lists(connection, lists)
            check_texts(connection, debits)
            made = self._append(connection, [replace(each, step=Step.DEBIT, trial=trial) for each in debits])
            note_changes(connection, made)
            costly = [each for each in debits if each.rho or each.delta]
            for source in {each.source for each in costly}:
                check_totals(connection, source, {each.day for each in costly}, allowed)
            return made

    def keep(
        self,
        drawn: Sequence[tuple[LedgerEntry, Cells]],
        lists: Iterable[KeyList] = (),
        also: Callable[[Connection], None] | None = None,
    ) -> list[LedgerEntry]:
        """Keep the cells drawn for these debits, for ever; durable on return, all or nothing.

        `also` writes in the same transaction. Raises `LedgerError` when cells or a gap are there already.
        """
        packed = [(debit, *pack(cells)) for debit, cells in drawn]
        with writing(self.engine) as connection:
            keep_lists(connection, lists)
            made = self._append(
                connection, [_end_of(debit, Step.DRAWN, cells=cells_hash) for debit, cells_hash, _ in packed]
            )
            rows = [{"entry": entry.hash, "cells": cells} for entry, (_, _, cells) in zip(made, packed, strict=True)]
            if rows:
                connection.execute(sa.insert(drawn_table), rows)
            if also:
                also(connection)
            return made

    def give_up(self, ends: Sequence[LedgerEntry], gap: Gap) -> list[LedgerEntry]:
        """Record that these will never have cells: entries made by `missing`, or debits that were not drawn."""
        with writing(self.engine) as connection:
            trial = is_trial(connection)
            marked = [replace(each, trial=each.trial or trial) for each in ends]
            return self._append(connection, [_end_of(each, Step.GAP, gap=gap) for each in marked])

    def standing(self, source: str, days: Iterable[date]) -> dict[tuple[date, str, int | None], Standing]:
        """How far everything that was begun of these days has come."""
        found: dict[tuple[date, str, int | None], Standing] = {}
        wanted = sorted({day.isoformat() for day in days})
        with self.engine.connect() as connection:
            query = sa.select(ledger_table).where(ledger_table.c.source == source, ledger_table.c.day.in_(wanted))
            for row in connection.execute(query.order_by(ledger_table.c.seq)).mappings():
                entry = from_row(row)
                key = (entry.day, entry.measure, entry.slot)
                before = found.get(key, Standing())
                found[key] = replace(before, debit=entry) if entry.step == Step.DEBIT else replace(before, end=entry)
        return found

    def released(
        self, source: str, first: date, last: date, measures: Iterable[str] | None = None
    ) -> Iterator[Released]:
        """The kept cells and the gaps of a source's days, both ends included, by day, measure and slot; of all measures
        or of these.
        """
        columns = ledger_table.c
        query = (
            sa.select(ledger_table, drawn_table.c.cells.label("kept"))
            .outerjoin(drawn_table, drawn_table.c.entry == columns.hash)
            .where(columns.source == source, columns.day.between(first.isoformat(), last.isoformat()))
            .where(columns.step != Step.DEBIT)
            .order_by(columns.day, columns.measure, columns.slot)
        )
        if measures is not None:
            query = query.where(columns.measure.in_([str(each) for each in measures]))
        with self.engine.connect() as connection:
            hidden = unconfirmed(connection, source)
            lists, shapes = ListReader(connection), ShapeReader(connection)
            for row in connection.execute(query).mappings().all():
                fields = dict(row)
                kept = fields.pop("kept")
                entry = from_row(fields)
                if entry.step is Step.DRAWN and kept is None:
                    raise LedgerError(f"{source} {entry.day}: kept cells are not there; run `hubbub ledger verify`")
                keys = lists[entry.key_list] if entry.key_list else ((),)
                shape = shapes.of(entry.plan, entry.measure)
                yield from released_of(entry, shape, keys, unpack_cells(kept) if kept else Cells(()), hidden)

    def new_keys(self, source: str, measure: str, days: Sequence[date]) -> dict[date, tuple[Key, ...]]:
        """The keys that passed the threshold of a measure, by day."""
        found: dict[date, tuple[Key, ...]] = dict.fromkeys(days, ())
        for each in self.released(source, min(days), max(days), [measure]):
            if each.day in found:
                found[each.day] = tuple(key for key, is_new in zip(each.keys, each.is_new, strict=True) if is_new)
        return found

    def months(self, source: str) -> list[date]:
        """First days of the months in which the source has cells or gaps."""
        month = sa.func.substr(ledger_table.c.day, 1, 7)
        query = sa.select(month).where(ledger_table.c.source == source).distinct().order_by(month)
        with self.engine.connect() as connection:
            return [date.fromisoformat(f"{found}-01") for (found,) in connection.execute(query)]

    def sources(self) -> list[str]:
        """Every source the ledger knows."""
        query = sa.select(ledger_table.c.source).distinct().order_by(ledger_table.c.source)
        with self.engine.connect() as connection:
            return [source for (source,) in connection.execute(query)]

    def entries(self, after: int = 0) -> Iterator[LedgerEntry]:
        """All entries with a `seq` greater than `after`, oldest first."""
        query = sa.select(ledger_table).where(ledger_table.c.seq > after).order_by(ledger_table.c.seq)
        with self.engine.connect() as connection:
            for row in connection.execute(query).mappings():
                yield from_row(row)

    def latest(self, limit: int) -> list[LedgerEntry]:
        """The newest entries, newest first."""
        query = sa.select(ledger_table).order_by(ledger_table.c.seq.desc()).limit(limit)
        with self.engine.connect() as connection:
            return [from_row(row) for row in connection.execute(query).mappings()]

    def spent(self, limit: int) -> list[DaySpent]:
        """What was paid a source and day, for the `limit` newest of them, newest day first."""
        with self.engine.connect() as connection:
            return newest_spent(connection, limit)

    def spent_since(self, first: date) -> list[DaySpent]:
        """What was paid a source and day from the day `first` on, in order."""
        with self.engine.connect() as connection:
            return spent_since(connection, first)

    def count(self) -> int:
        """How many entries there are."""
        with self.engine.connect() as connection:
            return head_of(connection)[0]

    def waiting(self, source: str, dimension: str | None = None) -> int:
        """How many new keys of a source are released and wait for someone to confirm them."""
        with self.engine.connect() as connection:
            return count_waiting(connection, source, dimension)

    def verify(self, expected_head: str | None = None) -> VerifyReport:
        """Check every hash, the chain, the cells and the key lists; and a head that was noted elsewhere."""
        with self.engine.connect() as connection:
            return verify(connection, expected_head)

    def plan_versions(self, source: str) -> list[PlanVersion]:
        """The plans that a source was released by, oldest first, and what each one changed."""
        with self.engine.connect() as connection:
            return versions_of(connection, source)

    def plan_text(self, name: str) -> bytes:
        """The whole of a plan with its budget, as JSON, by its name in entries; b"" when it was not kept."""
        with self.engine.connect() as connection:
            return text_of(connection, name)

    def head(self) -> str:
        """Hash of the newest entry; 64 zeros when there is none."""
        with self.engine.connect() as connection:
            return head_of(connection)[1]

    def floor(self) -> date:
        """The last day of which this ledger, restored from a backup, may not know all; `date.min` without one."""
        with self.engine.connect() as connection:
            return floor_of(connection)

    def is_trial(self) -> bool:
        """Whether this home ever spent more than can be called private."""
        with self.engine.connect() as connection:
            return is_trial(connection)

    def _append(self, connection: Connection, entries: Sequence[LedgerEntry]) -> list[LedgerEntry]:
        seq, previous = head_of(connection)
        now = datetime.fromtimestamp(self._clock.now_ms() / 1000, UTC)
        made = []
        for entry in entries:
            seq += 1
            sealed = replace(entry, seq=seq, previous=previous, hour=f"{now:%Y-%m-%dT%H:00Z}").sealed()
            previous = sealed.hash
            made.append(sealed)
        if not made:
            return []
        try:
            connection.execute(sa.insert(ledger_table), [entry.to_row() for entry in made])
        except sa.exc.IntegrityError:
            raise LedgerError(
                f"{entries[0].source} {entries[0].day}: drawn or debited before; nothing was done"
            ) from None
        check_ends(connection, made)
        first_trial = next((entry.seq for entry in made if entry.trial), None)
        if first_trial is not None and not is_trial(connection):
            connection.execute(sa.insert(ledger_meta_table), {"name": TRIAL, "value": str(first_trial)})
        connection.execute(sa.delete(ledger_meta_table).where(ledger_meta_table.c.name == HEAD))
        connection.execute(sa.insert(ledger_meta_table), {"name": HEAD, "value": f"{seq} {previous}"})
        return made


def missing(source: str, day: date, measure: str, slot: int | None = None, plan: str = "") -> LedgerEntry:
    """What `Ledger.give_up` records for a slot that was never debited."""
    return LedgerEntry(seq=0, step=Step.GAP, source=source, day=day, measure=measure, slot=slot, plan=plan)


def _end_of(
    debit: LedgerEntry, step: Step, cells: str = "", gap: Gap = Gap.NONE, trial: bool | None = None
) -> LedgerEntry:
    """The entry that ends a debit: it costs nothing more, and repeats what readers of its cells need."""
    trial = debit.trial if trial is None else trial
    return replace(debit, step=step, rho=0, delta=0.0, cells=cells, gap=gap, pays=debit.hash, trial=trial, hash="")
