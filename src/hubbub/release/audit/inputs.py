"""Pairs of neighbouring inputs of the audit's cases."""

from hubbub.release.audit.broken import Inputs
from hubbub.release.audit.sampling import Neighbours
from hubbub.release.budget import Priced
from hubbub.release.key_lists import Key


def pair(without: dict[str, int], present: dict[str, int], *listed: str) -> Inputs:
    """Counts of the one measure of a case by key; `listed` are the public ones, "" is the key of a single number."""

    def key(text: str) -> tuple[str, ...]:
        return (text,) if text else ()

    def inputs(under: Priced) -> tuple[Neighbours, ...]:
        counted = [{key(text): n for text, n in side.items()} for side in (without, present)]
        return (Neighbours(under.plan.measures[0], tuple(map(key, listed)), *counted),)

    return inputs


def in_each_table(under: Priced) -> tuple[Neighbours, ...]:
    """Nobody else is there; the unit is in the first cell of each table."""
    measure = under.plan.measures[0]
    first: dict[str, Key] = {}
    for key in measure.fixed_keys:
        first.setdefault(key[0], key)
    return (Neighbours(measure, measure.fixed_keys, {}, dict.fromkeys(first.values(), 1)),)


def paid(under: Priced) -> tuple[Neighbours, ...]:
    """Nobody else paid; the unit pays the most for each event."""
    measure = under.plan.measures[0]
    most = dict.fromkeys(measure.fixed_keys, 1_000)
    return (Neighbours(measure, measure.fixed_keys, {}, most),)


def at_the_threshold(keys: int, adds: int) -> Inputs:
    """Others have the unit's keys, too: what they add is just the threshold."""

    def inputs(under: Priced) -> tuple[Neighbours, ...]:
        measure = under.plan.measures[0]
        least = under.shares[measure.measure].threshold
        mine: list[Key] = [(f"/{place}",) for place in range(keys)]
        return (Neighbours(measure, (), dict.fromkeys(mine, least), dict.fromkeys(mine, least + adds)),)

    return inputs


def of_each(under: Priced) -> tuple[Neighbours, ...]:
    """A key that is public, a new one that others have, too, and one that the unit alone has."""
    measure = under.plan.measures[0]
    least = under.shares[measure.measure].threshold
    return (
        Neighbours(
            measure,
            (("public",), ("unused",)),
            {("shared",): least},
            {("public",): 1, ("shared",): least + 1, ("alone",): 1},
        ),
    )


def alone(keys: int, adds: int) -> Inputs:
    """Nobody has these new keys but the unit, which adds so much to each."""

    def inputs(under: Priced) -> tuple[Neighbours, ...]:
        mine: dict[Key, int] = {(f"/{place}",): adds for place in range(keys)}
        return (Neighbours(under.plan.measures[0], (), {}, mine),)

    return inputs
