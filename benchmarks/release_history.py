"""Released cells of earlier days of full size without their rows: what a steady day has behind it, cheaply.

Bounded figures of one other day (`World.day(0, part=1)`: other devices on the same pages) are counted once under the
plan's own bounds, then drawn anew for each earlier day by `World.likely`, and given the noise of the release. Nothing
of the measured day's rows is in it. A page has cells from the day after it came.
"""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
from release_data import EARLIER_DAYS, World
from release_estimates import Day
from release_rehearsal import Floats, Pairs

from hubbub.release.budget import Priced
from hubbub.release.plan import PARTS
from hubbub.release.table_plan import LOADS, load_of, wide_of


class History:
    """Earlier days of both measures."""

    def __init__(self, world: World, events: int, seed: int = 17) -> None:
        self.world, self._rng = world, np.random.default_rng(seed)
        pairs = Pairs(world.day(0, events, part=1))
        number = pairs.page[pairs.key]
        ordinary = number < world.pages
        self._page, self._owner, self._rows = number[ordinary], pairs.owner[ordinary], pairs.rows[ordinary]
        self.devices = np.bincount(self._page, minlength=world.pages).astype(np.float64)

    def count_only(self, known: Collection[int]) -> None:
        """Count these pages alone, as a close counts public keys; what a unit has elsewhere takes none of its bound."""
        kept = np.isin(self._page, np.fromiter(known, np.int64))
        self._page, self._rows = self._page[kept], self._rows[kept]
        self._owner = np.unique(self._owner[kept], return_inverse=True)[1]

    def days(self, measure: str, last: int, plan: Priced) -> list[Day]:
        """Days -60 … `last` under a plan, cells a page of the world."""
        value: Floats = self._rows if measure == "views" else np.ones(len(self._rows))
        load: Floats = np.bincount(self._owner, value**2).astype(np.float64)
        cut = [
            _Cut(*self._bounded(value, load, plan.plan[name].bound), plan.plan[name].bound, _variance(plan, name))
            for name in (measure, wide_of(measure))
        ]
        octave = np.minimum(np.log2(load).astype(np.int64), len(LOADS) - 1)
        units = np.bincount(octave, minlength=len(LOADS)).astype(np.float64)
        spread = _variance(plan, load_of(measure))
        return [self._day(index, cut[0], cut[1], units, spread) for index in range(-EARLIER_DAYS, last + 1)]

    def _bounded(self, value: Floats, load: Floats, bound: int) -> tuple[Floats, float]:
        """A bounded figure a page, and how its variance goes with it."""
        kept = value * np.minimum(1.0, np.sqrt(bound / load))[self._owner]
        return np.bincount(self._page, kept, self.world.pages).astype(np.float64), float((kept**2).sum() / kept.sum())

    def _day(self, index: int, tight: "_Cut", wide: "_Cut", units: Floats, spread: float) -> Day:
        there = (self.world.weights(index) > 0) & (self.world.first < index)

        def cells(cut: "_Cut") -> Floats:
            came = self.world.likely(index, cut.figure, self._rng, cut.dispersion)
            return np.where(there, came + self._rng.normal(0, math.sqrt(cut.variance), len(came)), np.nan)

        drawn = self._rng.normal(units * self.world.volume(index), math.sqrt(spread))
        loads = dict(zip(LOADS, drawn.tolist(), strict=True))
        return Day(cells(tight), cells(wide), tight.variance, wide.variance, loads, spread, tight.bound, wide.bound)


@dataclass(frozen=True)
class _Cut:
    """A bounded figure a page, how its variance goes with it, the bound, and the variance of the noise."""

    figure: Floats
    dispersion: float
    bound: int
    variance: float


def _variance(plan: Priced, measure: str) -> float:
    return float(plan.shares[measure].scale) ** 2 / plan.plan[measure].kind.grain ** 2


def known_before(history: History, plan: Priced, threshold_of: str, last: int, seed: int = 3) -> set[int]:
    """Pages that a threshold on distinct devices lets through on some day from -60 to `last`, drawn cheaply."""
    rng = np.random.default_rng(seed)
    share, world = plan.shares[threshold_of], history.world
    known = np.zeros(world.pages, np.bool_)
    for index in range(-EARLIER_DAYS, last + 1):
        noise = rng.normal(0, float(share.scale) / PARTS, world.pages)
        known |= world.likely(index, history.devices, rng) + noise > math.ceil(share.threshold / PARTS)
    return set(np.flatnonzero(known).tolist())


def on_pages(days: Sequence[Day], numbers: Sequence[int], pages: int) -> list[Day]:
    """The days' cells in the order of these pages; of a page that is no page of the world there are none."""
    place = np.array([number if number < pages else -1 for number in numbers])

    def taken(cells: Floats) -> Floats:
        return np.where(place >= 0, cells[place], np.nan)

    return [replace(day, tight=taken(day.tight), wide=taken(day.wide)) for day in days]
