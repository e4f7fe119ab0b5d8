"""Day after day through all series: what is to be expected, what is too far from it, and what becomes of it.

Every day is judged by the days before it alone, as if the scan had run on its evening, so that a scan of the past finds
what each day's scan would have found then. A day's tests of one series (this day; a change of level some days ago; a
change of slope some weeks ago) are made one p-value by `evidence.combined`; over series and days the false discovery
rate is held by `discoveries`.

What was found is followed, see `parts`.
"""

from collections.abc import Set
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from hubbub.insight.trends.changes import Change
from hubbub.insight.trends.comings import Comings
from hubbub.insight.trends.discoveries import RATE, Discoveries
from hubbub.insight.trends.parts import WARM, Part
from hubbub.insight.trends.season import Season

PART = 2_048  # series that are looked at together


def scan(
    values: npt.ArrayLike,
    variances: npt.ArrayLike,
    first: date,
    *,
    holidays: Set[date] = frozenset(),
    dispersion: npt.ArrayLike = 1.0,
    begins: npt.ArrayLike = 0,
    floor: npt.ArrayLike = 0.0,
    anew: npt.ArrayLike = False,
    rate: float = RATE,
) -> list[Change]:
    """All changes of n series over d days, in the order in which they show.

    values      float[n, d]: released cells by series and day from `first` on; NaN where there is none
    variances   float[n, d], or what broadcasts to it: of the noise of each cell
    dispersion  κ, variance over mean of a count of its own accord; float[n, d] or what broadcasts to it
    begins      int[n] or one for all: the day from which on there could be cells of the series; before `WARM` days
                have passed since, one that begins is no news
    floor       float[n] or one for all: a level up to which a series that begins is no news
    anew        bool[n, d] or what broadcasts to it: days from which on a series is counted otherwise, so that its level
                is not known any more
    rate        share of false ones among what is found that is allowed
    """
    cells = np.asarray(values, np.float64)
    if cells.ndim != 2:
        raise ValueError("values are series by day")
    noise = np.broadcast_to(np.asarray(variances, np.float64), cells.shape)
    seen = np.isfinite(cells) & np.isfinite(noise)
    if not (noise[seen] >= 0).all():
        raise ValueError("a cell's variance is at least 0")
    series, days = cells.shape
    late = np.broadcast_to(np.asarray(begins, np.int64), series) + WARM
    least = np.broadcast_to(np.asarray(floor, np.float64), series)
    own = np.broadcast_to(np.asarray(dispersion, np.float64), cells.shape)
    begin_anew = np.broadcast_to(np.asarray(anew, np.bool_), cells.shape)
    parts = []
    for start in range(0, series, PART):
        mine = slice(start, min(start + PART, series))
        plain, known = np.where(seen[mine], cells[mine], 0.0), np.where(seen[mine], noise[mine], np.inf)
        season = Season(len(plain), days, first, holidays)
        comings = Comings(late[mine], least[mine])
        columns = (_by_day(plain), _by_day(known), _by_day(own[mine]), _by_day(begin_anew[mine]))
        parts.append(Part(start, *columns, season, comings))
    discoveries, found = Discoveries(rate), list[Change]()
    for day in range(days):
        p_values = [part.look(day) for part in parts]
        told = discoveries.decide(np.concatenate(p_values)) if parts else np.zeros(0, np.bool_)
        for part, its in zip(parts, p_values, strict=True):
            found += part.finish(np.flatnonzero(told[part.start : part.start + len(its)]).tolist(), its)
    for part in parts:
        for change in part.found:
            change.series += part.start
    return found


def _by_day(columns: npt.NDArray[Any]) -> Any:
    return np.ascontiguousarray(columns.T)
