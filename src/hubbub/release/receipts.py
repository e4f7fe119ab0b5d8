"""The ledger as people read it: one line a (source, day, measure, slot), what it cost and how it ended."""

from collections.abc import Iterable, Iterator
from datetime import date
from fractions import Fraction

from msgspec import Struct

from hubbub.release.budget import PICO
from hubbub.release.entries import LedgerEntry, Step


class Receipt(Struct, frozen=True):
    """What was paid for one slot of one measure.

    rho, delta  cost, as numbers; an hour's rho is 0, since its day's vector was debited at once
    sigma       standard deviation of the noise on each cell
    bound       what one unit could add, in words; `l2_squared` is its squared L2 norm
    threshold   new keys had to exceed it; 0 where all keys are public
    keys        hash of the frozen list of public keys; `input` of the sealed rows; `cells` of what was kept
    state       debit (not ended), drawn, or why there are no cells
    previous, hash  of the entry that paid, in the chain
    entries     the entries themselves, exactly as hashed; all lines' entries in the order of `seq` are the chain
    """

    source: str
    day: date
    measure: str
    slot: int | None
    rho: float
    delta: float
    sigma: float
    l2_squared: int
    bound: str
    threshold: int
    keys: str
    input: str
    cells: str
    state: str
    trial: bool
    hour: str
    previous: str
    hash: str
    entries: tuple[LedgerEntry, ...]


def receipts(entries: Iterable[LedgerEntry]) -> Iterator[Receipt]:
    """One receipt a slot, in the order in which they were first entered."""
    slots: dict[tuple[str, date, str, int | None], list[LedgerEntry]] = {}
    for entry in entries:
        slots.setdefault((entry.source, entry.day, entry.measure, entry.slot), []).append(entry)
    for its in slots.values():
        first, last = its[0], its[-1]
        yield Receipt(
            source=first.source,
            day=first.day,
            measure=first.measure,
            slot=first.slot,
            rho=first.rho / PICO,
            delta=first.delta,
            sigma=float(Fraction(first.scale)) if first.scale else 0.0,
            l2_squared=first.l2_squared,
            bound=first.bound,
            threshold=first.threshold,
            keys=first.key_list,
            input=first.input,
            cells=last.cells,
            state=last.gap.value if last.step is Step.GAP else last.step.value,
            trial=last.trial,
            hour=first.hour,
            previous=first.previous,
            hash=first.hash,
            entries=tuple(its),
        )
