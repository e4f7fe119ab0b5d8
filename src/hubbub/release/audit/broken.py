"""Releases that are broken on purpose: what the audit must catch to be worth anything.

A `Sabotage` makes of the real `draw` one with a single fault, of a kind that happens: a wrong scale, a bound that
nobody enforced, a `>=`. None of them is ever given to anything but the audit.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from hubbub.release.audit.sampling import Draw, Neighbours
from hubbub.release.budget import PICO, Priced, Share, scale_for, threshold_for
from hubbub.release.drawing import DayKeys
from hubbub.release.entries import Cells
from hubbub.release.key_lists import Key
from hubbub.release.plan import MeasurePlan

Sabotage: TypeAlias = Callable[[Draw], Draw]
Inputs: TypeAlias = Callable[[Priced], tuple[Neighbours, ...]]

LEFT_OUT = -(1 << 20)  # stands for a cell that was not released, or a threshold that everything passes
CUT = 2  # scales
_ANY_COST = 10**9 * PICO  # so that the door's own check, which would refuse, lets it pass


class Broken(Struct, frozen=True):
    """A broken copy.

    says      the fault, in words
    sabotage  what makes it; None: the fault is in the counts
    inputs    counts that were not bounded as declared; None: the case's own
    """

    says: str
    sabotage: Sabotage | None = None
    inputs: Inputs | None = None


Days: TypeAlias = Sequence[DayKeys]
CountsOfDays: TypeAlias = Mapping[date, Mapping[Key, int]]
_ToShare: TypeAlias = Callable[[MeasurePlan, Share], Share]
_ToCells: TypeAlias = Callable[[MeasurePlan, Share, DayKeys, Mapping[Key, int], Cells], Cells]


def _with_share(changed: _ToShare) -> Sabotage:
    def sabotage(draw: Draw) -> Draw:
        def broken(measure: MeasurePlan, share: Share, days: Days, counts: CountsOfDays) -> list[Cells]:
            return draw(measure, replace(changed(measure, share), rho=_ANY_COST), days, counts)

        return broken

    return sabotage


def _with_cells(changed: _ToCells) -> Sabotage:
    def sabotage(draw: Draw) -> Draw:
        def broken(measure: MeasurePlan, share: Share, days: Days, counts: CountsOfDays) -> list[Cells]:
            drawn = draw(measure, share, days, counts)
            return [
                changed(measure, share, each, counts[each.day], cells) for each, cells in zip(days, drawn, strict=True)
            ]

        return broken

    return sabotage


def _values(changed: Callable[[int, int, Fraction], int]) -> Sabotage:
    """Changes each value by its count, its noised value and the scale."""

    def cells(_: MeasurePlan, share: Share, day: DayKeys, counts: Mapping[Key, int], drawn: Cells) -> Cells:
        known = tuple(
            changed(counts.get(key, 0), value, share.scale)
            for key, value in zip(day.keys, drawn.values, strict=len(drawn.values) > 0)
        )
        return Cells(known, tuple((key, changed(counts[key], value, share.scale)) for key, value in drawn.new))

    return _with_cells(cells)


def _one_noise(_: MeasurePlan, __: Share, day: DayKeys, counts: Mapping[Key, int], drawn: Cells) -> Cells:
    noise = drawn.values[0] - counts.get(day.keys[0], 0)
    return Cells(tuple(counts.get(key, 0) + noise for key in day.keys), drawn.new)


def _before_noise(draw: Draw) -> Draw:
    def broken(measure: MeasurePlan, share: Share, days: Days, counts: CountsOfDays) -> list[Cells]:
        listed = frozenset(days[0].keys)
        passing = {
            day: {key: count for key, count in each.items() if key in listed or count > share.threshold}
            for day, each in counts.items()
        }
        return draw(measure, replace(share, threshold=LEFT_OUT), days, passing)

    return broken


def _threshold_of_one(measure: MeasurePlan, share: Share) -> int:
    """A unit alone on one key adds `parts` to it: the key shows when parts + Z > T."""
    return measure.kind.parts - 1 + threshold_for(share.scale, 1, share.delta)


def spent_on_each(rho: int) -> Sabotage:
    """Every measure is drawn as if the whole of the budget were its own."""
    return _with_share(lambda measure, share: replace(share, scale=scale_for(measure.l2_squared, rho)))


HALF_SCALE = Broken(
    "half the noise",
    _with_share(lambda _, share: replace(share, scale=share.scale / 2)),
)
NO_SENSITIVITY = Broken(
    "noise for a device that adds 1, whatever it may add",
    _with_share(lambda measure, share: replace(share, scale=scale_for(measure.kind.parts**2, share.rho))),
)
CUT_NOISE = Broken(
    "noise that ends at twice its standard deviation",
    _values(lambda count, value, scale: count + max(-CUT * int(scale), min(CUT * int(scale), value - count))),
)
NO_NEGATIVE_NOISE = Broken(
    "negative noise made zero",
    _values(lambda count, value, _: max(count, value)),
)
EMPTY_WITHOUT_NOISE = Broken(
    "no noise on empty cells",
    _values(lambda count, value, _: value if count else 0),
)
EMPTY_LEFT_OUT = Broken(
    "empty cells are left out",
    _values(lambda count, value, _: value if count else LEFT_OUT),
)
ONE_NOISE = Broken("one draw of noise for all cells", _with_cells(_one_noise))
NO_THRESHOLD = Broken(
    "new keys with noise and without a threshold",
    _with_share(lambda _, share: replace(share, threshold=LEFT_OUT)),
)
THRESHOLD_WITHOUT_NOISE = Broken("the threshold is held against the count, before noise", _before_noise)
NEW_WITHOUT_NOISE = Broken(
    "new keys that pass show their count",
    _with_cells(
        lambda _, __, ___, counts, drawn: Cells(drawn.values, tuple((key, counts[key]) for key, _ in drawn.new))
    ),
)
AT_THRESHOLD = Broken(
    "what is at the threshold passes",
    _with_share(lambda _, share: replace(share, threshold=share.threshold - 1)),
)
ONE_KEY = Broken(
    "a threshold for one new key a device, where it may have more",
    _with_share(lambda measure, share: replace(share, threshold=_threshold_of_one(measure, share))),
)
