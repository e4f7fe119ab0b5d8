"""Many runs of a release at once, through the very function that releases.

`drawing.draw` puts several days into one vector of noise, since a unit lies on one day. Here each run is a day: 200,000
runs are one call. That is the same mechanism as 200,000 calls: the discrete Gaussian's draws are independent from cell
to cell, its scale and its cost depend on the measure and its share alone and not on how long the vector is, and a
threshold looks at one cell. (It is faster since OpenDP is entered once.)
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import TypeAlias

import numpy as np
from msgspec import Struct

from hubbub.release.audit.events import Output, Weights
from hubbub.release.budget import Priced, Share
from hubbub.release.drawing import DayKeys
from hubbub.release.entries import Cells
from hubbub.release.key_lists import Key, key_list
from hubbub.release.plan import Keys, MeasurePlan

Draw: TypeAlias = Callable[
    [MeasurePlan, Share, Sequence[DayKeys], Mapping[date, Mapping[Key, int]]], list[Cells]
]  # as `drawing.draw`
Counts: TypeAlias = Mapping[Key, int]

RUNS_AT_ONCE = 10_000
_SINGLE = key_list(((),))


class Neighbours(Struct, frozen=True):
    """Bounded counts of one measure on two inputs that differ by one unit.

    listed   the public keys, in the order of their cells
    without  the counts without the unit
    present  the counts with it
    """

    measure: MeasurePlan
    listed: tuple[Key, ...]
    without: Counts
    present: Counts

    @property
    def new(self) -> tuple[Key, ...]:
        """The keys that need a threshold, sorted."""
        if not self.measure.new_keys:
            return ()
        return tuple(sorted({*self.without, *self.present} - set(self.listed)))

    @property
    def cells(self) -> tuple[Key, ...]:
        """The public keys that have a cell."""
        return () if self.measure.keys is Keys.NEW else self.listed

    @property
    def moved(self) -> int:
        """Squared L2 norm of what the unit changes."""
        keys = (*self.cells, *self.new)
        return sum((self.present.get(key, 0) - self.without.get(key, 0)) ** 2 for key in keys)


class Sides(Struct, frozen=True):
    """What was released in many runs without the unit and with it.

    without, present  a line a run; a column a public key, then two a new key: its number (the threshold where it is not
                      shown) and whether it is shown; measure after measure
    change            what the unit changes in each column, in units of the noise's variance
    shown             the columns that tell whether a key is shown
    """

    without: Output
    present: Output
    change: Weights
    shown: tuple[bool, ...]


def sample(inputs: Sequence[Neighbours], priced: Priced, draw: Draw, runs: int) -> Sides:
    """`runs` releases of all measures on each side, every one with noise of its own."""
    change: list[float] = []
    shown: list[bool] = []
    for each in inputs:
        variance = float(priced.shares[each.measure.measure].scale) ** 2
        cells = [(key, False) for key in each.cells] + [
            (key, is_shown) for key in each.new for is_shown in (False, True)
        ]
        for key, is_shown in cells:
            moved = 0 if is_shown else each.present.get(key, 0) - each.without.get(key, 0)
            change.append(moved / variance)
            shown.append(is_shown)
    sides = [
        np.hstack([outputs(each, counts, priced.shares[each.measure.measure], draw, runs) for each, counts in side])
        for side in ([(each, each.without) for each in inputs], [(each, each.present) for each in inputs])
    ]
    return Sides(sides[0], sides[1], tuple(change), tuple(shown))


def outputs(of: Neighbours, counts: Counts, share: Share, draw: Draw, runs: int) -> Output:
    """`runs` releases of one measure with these counts: its columns of a side."""
    release = _hour_by_hour if of.measure.online else _at_once
    parts = [RUNS_AT_ONCE] * (runs // RUNS_AT_ONCE) + [runs % RUNS_AT_ONCE]
    return np.vstack([release(of, counts, share, draw, part) for part in parts if part])


def _at_once(of: Neighbours, counts: Counts, share: Share, draw: Draw, runs: int) -> Output:
    """Each run a day of one vector, as a close draws."""
    days, listed = _days(runs), key_list(of.listed)
    drawn = draw(of.measure, share, [DayKeys(day, listed) for day in days], dict.fromkeys(days, counts))
    known = np.array([each.values for each in drawn], np.int64).reshape(runs, -1)
    places = {key: 2 * place for place, key in enumerate(of.new)}
    new = np.tile(np.array([share.threshold, 0], np.int64), (runs, len(places)))
    for run, each in enumerate(drawn):
        for key, value in each.new:
            new[run, places[key] : places[key] + 2] = value, 1
    return np.hstack([known, new])


def _hour_by_hour(of: Neighbours, counts: Counts, share: Share, draw: Draw, runs: int) -> Output:
    """One hour after the other, each a single number, as the hours of a running day are drawn."""
    days = _days(runs)
    keys = [DayKeys(day, _SINGLE) for day in days]
    columns = []
    for hour in of.listed:
        mine: Counts = {(): counts.get(hour, 0)}
        columns.append([each.values[0] for each in draw(of.measure, share, keys, dict.fromkeys(days, mine))])
    return np.array(columns, np.int64).T


def _days(runs: int) -> list[date]:
    return [date.fromordinal(place) for place in range(1, runs + 1)]
