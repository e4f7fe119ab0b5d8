"""From what the ledger kept to `Released`: the one place where one is made."""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from hubbub.release.budget import variance_of
from hubbub.release.entries import Cells, LedgerEntry
from hubbub.release.key_lists import Key
from hubbub.release.plan import Keys
from hubbub.release.shapes import Shape
from hubbub.release.types import Released


def released_of(
    entry: LedgerEntry, shape: Shape, keys: tuple[Key, ...], cells: Cells, hidden: Mapping[str, frozenset[str]]
) -> Iterator[Released]:
    """The only place where a `Released` is made: from an entry that paid and the cells that are bound to it."""
    keys = () if shape.keys is Keys.NEW else keys
    variance = variance_of(Fraction(entry.scale)) if entry.scale else 0.0

    def release(slot: int | None, found: Sequence[tuple[Key, int, bool]]) -> Released:
        unseen = hidden.get(shape.dimension, frozenset()) if shape.dimension else frozenset()
        return Released(
            source=entry.source,
            day=entry.day,
            measure=entry.measure,
            slot=slot,
            dimensions=shape.dimensions,
            keys=tuple(key for key, _, _ in found),
            values=tuple(value for _, value, _ in found),
            variance=variance,
            is_new=tuple(is_new for _, _, is_new in found),
            threshold=entry.threshold,
            hidden=tuple(bool(key) and key[0] in unseen for key, _, _ in found),
            gap=entry.gap,
            trial=entry.trial,
            entry=entry.pays,
            parts=shape.kind.parts,
            tells=shape.tells,
            of=shape.of,
            low=shape.low,
            high=shape.high,
            bound=shape.kind.bound_of(entry.l2_squared),
        )

    if shape.keys is Keys.HOURS and entry.slot is None:  # drawn as one vector: one release an hour
        for place, (hour,) in enumerate(keys):
            yield release(int(hour), () if entry.gap else [((), cells.values[place], False)])
    elif entry.gap:
        yield release(entry.slot, ())
    else:
        known = [(key, value, False) for key, value in zip(keys, cells.values, strict=True)]
        yield release(entry.slot, sorted(known + [(key, value, True) for key, value in cells.new]))
