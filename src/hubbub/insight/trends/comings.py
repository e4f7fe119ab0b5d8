"""Series that begin, and series that end: there is no level before, or no cell after, that a filter could tell of.

*Begun.* A key that was never released before is first seen because its first draw was high; the cells after that one
tell whether there is anything: their sum is normal with the noise's own variance. Two looks, each at half the level.

*Gone.* Where a key's cells fail to appear as often as m of its days by chance, k days without one in a row happen m^k
of the time. Days on which most series have no cell are of the source and say nothing.
"""

import numpy as np

from hubbub.publish.kalman import Flags, Floats, Ints

LOOKS = (4, 10)  # cells after which a new series is judged
MISSED = 5  # days in a row without a cell
LEAST_CELLS = 60
MOST_MISSING = 0.1
SURE = 3.0  # standard errors that the level of what is gone was above nothing


class Comings:
    """Counts cells of n series from day to day.

    late   int[n]: a day up to which a series that begins was there before, as far as is known
    floor  float[n]: a level a day up to which a new series is no news
    """

    def __init__(self, late: Ints, floor: Floats) -> None:
        series = len(late)
        self._late, self._floor = late, floor
        self.first = np.full(series, -1, np.int64)  # day of the first cell
        self.missed = np.zeros(series, np.int64)  # days in a row without a cell
        self._cells: Floats = np.zeros(series)
        self._absent: Floats = np.zeros(series)
        self._sum: Floats = np.zeros(series)  # of the cells after the first, and the variance of their noise
        self._noise: Floats = np.zeros(series)

    def take(self, day: int, cells: Floats, noise: Floats) -> None:
        """Take a day in."""
        seen = np.isfinite(noise)
        there = self.first >= 0
        if there.any() and seen[there].mean() < 0.5:
            return
        self._sum += np.where(seen & there, cells - self._floor, 0.0)
        self._noise += np.where(seen & there, noise, 0.0)
        self.first[seen & ~there] = day
        self._cells += seen
        self.missed = np.where(seen | ~there, 0, self.missed + 1)
        self._absent += (self.missed > 0) & (self.missed < MISSED)

    def begun(self) -> tuple[Flags, Floats]:
        """New series that are judged today, and how far they are above nothing: bool[n], float[n]."""
        looked = (self.first > self._late) & np.isin(self._cells, LOOKS) & (self.missed == 0)
        return looked, self._sum / np.sqrt(np.maximum(self._noise, 1e-300))

    def gone(self, level: Floats, variance: Floats) -> tuple[Flags, Floats]:
        """Series that are judged today for having no cells any more, and their p-values: bool[n], float[n]."""
        rate = (self._absent - MISSED + 2) / (self._cells + 1)
        regular = (self._cells >= LEAST_CELLS) & (rate < MOST_MISSING)
        looked = (self.missed == MISSED) & regular & (level > SURE * np.sqrt(variance))
        return looked, np.clip(rate, 1e-3, 1.0) ** MISSED
