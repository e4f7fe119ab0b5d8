"""Checking the ledger: any edit, deletion or reordering of an entry, of kept cells, a key list or a plan shows."""

from collections.abc import Iterator

import msgspec
import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy import Connection

from hubbub.release.entries import GENESIS, LedgerEntry, Step, from_row, hash_of, packed_hash
from hubbub.release.plan_changes import verify_plans
from hubbub.release.state import HEAD, TRIAL, drawn_table, key_lists_table, ledger_meta_table, ledger_table


class VerifyReport(Struct, frozen=True):
    """What a check of the ledger found; `problems` is empty when all is as it was written.

    A chain cannot tell that its *newest* entries were cut off together with the note of its head: compare `head`
    with one that was published earlier.
    """

    entries: int
    releases: int
    head: str
    problems: tuple[str, ...]

    @property
    def is_sound(self) -> bool:
        """Nothing was changed."""
        return not self.problems


def verify(connection: Connection, expected_head: str | None = None) -> VerifyReport:
    """Recompute everything. `expected_head`, noted at any earlier time, must be in the chain."""
    entries: list[LedgerEntry] = []
    problems: list[str] = []
    previous = GENESIS
    heads = {GENESIS}
    for place, row in enumerate(connection.execute(sa.select(ledger_table).order_by(ledger_table.c.seq)).mappings(), 1):
        try:
            entry = from_row(row)
        except msgspec.ValidationError:
            problems.append(f"entry {place}: is not an entry")
            continue
        if entry.seq != place:
            problems.append(f"entry {place}: is missing or moved")
        if entry.previous != previous:
            problems.append(f"entry {place}: does not follow the one before")
        if hash_of(entry) != entry.hash:
            problems.append(f"entry {place}: was changed")
        previous = entry.hash
        heads.add(previous)
        entries.append(entry)
    noted = {row.name: row.value for row in connection.execute(sa.select(ledger_meta_table))}
    if noted.get(HEAD) != (f"{len(entries)} {previous}" if entries else None):
        problems.append("the newest entry is not the one that was noted")
    first_trial = next((str(entry.seq) for entry in entries if entry.trial), None)
    if noted.get(TRIAL) != first_trial:
        problems.append("the note of a trial is not that of the entries")
    if expected_head is not None and expected_head not in heads:
        problems.append("the head noted earlier is not in this ledger")
    problems += _order(entries)
    problems += _bound(connection, entries)
    problems += verify_plans(connection, entries)
    releases = sum(1 for entry in entries if entry.step is Step.DRAWN)
    return VerifyReport(len(entries), releases, previous, tuple(problems))


def _order(entries: list[LedgerEntry]) -> Iterator[str]:
    """Cells come after the debit that pays for them, and each debit ends once."""
    open_debits: set[str] = set()
    vectors: set[str] = set()
    for entry in entries:
        if entry.step is Step.DEBIT:
            (vectors if entry.slots else open_debits).add(entry.hash)
            if entry.pays and entry.pays not in vectors:
                yield f"entry {entry.seq}: the debit of its day is not there"
        elif entry.pays in open_debits:
            open_debits.remove(entry.pays)
        elif entry.step is Step.DRAWN or (entry.pays and entry.pays not in vectors):
            yield f"entry {entry.seq}: its debit is not there, or ended before"


def _bound(connection: Connection, entries: list[LedgerEntry]) -> Iterator[str]:
    """Kept cells and key lists are those that the entries are bound to, no more and no less."""
    kept = {row.entry: row.cells for row in connection.execute(sa.select(drawn_table))}
    lists = {row.hash: row.packed for row in connection.execute(sa.select(key_lists_table))}
    for name, packed in lists.items():
        if packed_hash(packed) != name:
            yield f"key list {name[:12]}: was changed"
    for entry in entries:
        if entry.key_list and entry.key_list not in lists:
            yield f"entry {entry.seq}: its key list is missing"
        if entry.step is Step.DRAWN:
            packed = kept.pop(entry.hash, None)
            if packed is None:
                yield f"entry {entry.seq}: its cells are missing"
            elif packed_hash(packed) != entry.cells:
                yield f"entry {entry.seq}: its cells were changed"
    for name in sorted(kept):
        yield f"cells of {name[:12]}: no entry paid for them"
