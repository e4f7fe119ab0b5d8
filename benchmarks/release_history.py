"""Released cells of earlier days of full size without their rows: what a steady day has behind it, cheaply.

Bounded figures of one other day (`World.day(0, part=1)`: other devices on the same pages) are counted once under the
plan's own bounds, then drawn anew for each earlier day by `World.likely`, and given the noise of the release. Nothing
of the measured day's rows is in it. A page has cells from the day after it came.
"""

import math
from collections.abc import Collection, Sequence

import numpy as np
from release_data import EARLIER_DAYS, World
from release_estimates import Day
from release_rehearsal import Floats, Pairs

from hubbub.release.budget import Priced
from hubbub.release.plan import PARTS
from hubbub.release.table_plan import LOADS, load_of, wide_of


class History:
    """Earlier days of both measures under a plan."""

    def __init__(self, world: World, events: int, plan: Priced, seed: int = 17) -> None:
        self.world, self._plan, self._rng = world, plan, np.random.default_rng(seed)
        pairs = Pairs(world.day(0, events, part=1))
        number = pairs.page[pairs.key]
        ordinary = number < world.pages
        self._page, self._owner, self._rows = number[ordinary], pairs.owner[ordinary], pairs.rows[ordinary]
        self.devices = np.bincount(self._page, minlength=world.pages).astype(np.float64)
        self._made: dict[str, list[Day]] = {}

    def count_only(self, known: Collection[int]) -> None:
        """Count these pages alone, as a close counts public keys; what a unit has elsewhere takes none of its bound."""
        kept = np.isin(self._page, np.fromiter(known, np.int64))
        self._page, self._rows = self._page[kept], self._rows[kept]
        self._owner = np.unique(self._owner[kept], return_inverse=True)[1]

    def days(self, measure: str, last: int) -> list[Day]:
        """Days -60 … `last`, cells a page of the world; the same days whenever they are asked for."""
        if measure not in self._made:
            self._made[measure] = self._days(measure)
        return self._made[measure][: EARLIER_DAYS + last + 1]

    def _days(self, measure: str) -> list[Day]:
        value: Floats = self._rows if measure == "views" else np.ones(len(self._rows))
        load: Floats = np.bincount(self._owner, value**2).astype(np.float64)
        bounds = {each.measure: each.bound for each in self._plan.plan.measures}
        tight, wide = (self._bounded(value, load, bounds[name]) for name in (measure, wide_of(measure)))
        octave = np.minimum(np.log2(load).astype(np.int64), len(LOADS) - 1)
        units = np.bincount(octave, minlength=len(LOADS)).astype(np.float64)
        return [self._day(measure, index, tight, wide, units) for index in range(-EARLIER_DAYS, 0)]

    def _bounded(self, value: Floats, load: Floats, bound: int) -> tuple[Floats, float]:
        """A bounded figure a page, and how its variance goes with it."""
        kept = value * np.minimum(1.0, np.sqrt(bound / load))[self._owner]
        return np.bincount(self._page, kept, self.world.pages).astype(np.float64), float((kept**2).sum() / kept.sum())

    def _day(
        self, measure: str, index: int, tight: tuple[Floats, float], wide: tuple[Floats, float], units: Floats
    ) -> Day:
        there = (self.world.weights(index) > 0) & (self.world.first < index)
        spreads = [self._variance(name) for name in (measure, wide_of(measure), load_of(measure))]
        came = [self.world.likely(index, figure, self._rng, spread) for figure, spread in (tight, wide)]
        seen = [np.where(there, cells, np.nan) for cells in came]
        noise = self._rng.normal(0, 1, (2, self.world.pages))
        drawn = self._rng.normal(units * self.world.volume(index), math.sqrt(spreads[2]))
        return Day(
            seen[0] + noise[0] * math.sqrt(spreads[0]),
            seen[1] + noise[1] * math.sqrt(spreads[1]),
            spreads[0],
            spreads[1],
            dict(zip(LOADS, drawn.tolist(), strict=True)),
            spreads[2],
        )

    def _variance(self, measure: str) -> float:
        grain = next(each.kind.grain for each in self._plan.plan.measures if each.measure == measure)
        return float(self._plan.shares[measure].scale) ** 2 / grain**2


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

    return [
        Day(taken(day.tight), taken(day.wide), day.variance, day.wide_variance, day.loads, day.loads_variance)
        for day in days
    ]
