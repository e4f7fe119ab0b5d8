"""What every peer of the trends benchmark does around its own model: days filled, series shared out, scores written.

A job is an .npz with `values` float[n, d] (NaN: no cell), `holidays` int[h] and `first` (a day); the answer is an .npz
with `scores` float[n, d]: how many of its own standard deviations a cell lies above what the peer expected of it from
earlier days, NaN where there is no cell, or no expectation yet.

Peers take no gaps and know nothing of keys that come and go. Both are done for them, and well: a key that comes is
raised on its first cell and then learned for 112 days; one without cells for more than three days is raised as gone. A
day missing among others is filled by each peer with what it expected (while it learns, with the cell of a week before).
Public holidays are missing days to a peer that cannot be told of them, and are not scored: what it would raise on them
is not held against it.
"""

import json
import os
import sys
from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from multiprocessing import Pool
from time import perf_counter

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
START = 112  # days of history before the first score
REFIT = 28
GONE = 3
SURE = 1e6  # the score of a key that comes or is gone
LEAST = 1.0  # no standard deviation of a count is taken to be smaller
Scored = Callable[[Floats, Ints, str], Floats]


def gaps_filled(cells: Floats, left_out: Ints) -> Floats:
    """Cells of a series from its first on, NaN for a missing day or one left out, but none before `START`."""
    filled = cells.copy()
    filled[left_out] = np.nan
    for day in np.flatnonzero(np.isnan(filled[:START])).tolist():
        filled[day] = filled[day - 7] if day >= 7 else np.nanmean(filled[:START])
    return filled


def series_scored(scored: Scored, cells: Floats, holidays: Ints, first: str, *, knows_holidays: bool) -> Floats:
    """A peer's scores of one series, its coming and going raised for it."""
    found = np.full(len(cells), np.nan)
    there = np.flatnonzero(np.isfinite(cells))
    begin, end = int(there[0]), int(there[-1]) + 1
    if len(cells) - end <= GONE:
        end = len(cells)
    mine = holidays[(holidays >= begin) & (holidays < end)] - begin
    left_out = mine[:0] if knows_holidays else mine
    if end - begin > START:
        begun = str(np.datetime64(first) + begin)
        found[begin:end] = scored(gaps_filled(cells[begin:end], left_out), mine, begun)
    found[np.isnan(cells)] = np.nan
    found[begin + left_out] = np.nan
    if begin >= START:
        found[begin] = SURE
    if end + GONE < len(cells):
        found[end + GONE] = -SURE
    return found


def run(package: str, scored: Scored, *, knows_holidays: bool = False, processes: int = 2) -> None:
    """Read the job named on the command line, score every series, write scores and what it took."""
    job = np.load(sys.argv[1])
    values, holidays, first = job["values"], job["holidays"], str(job["first"])
    start, cpu = perf_counter(), _cpu()
    one = partial(_one, scored, holidays, first, knows_holidays)
    with Pool(processes) as pool:
        scores = np.array(pool.map(one, list(values), chunksize=4))
    np.savez_compressed(sys.argv[2], scores=scores)
    used = {"version": version(package), "seconds": perf_counter() - start, "cpu_seconds": _cpu() - cpu}
    print(json.dumps(used))


def _one(scored: Scored, holidays: Ints, first: str, knows_holidays: bool, cells: Floats) -> Floats:
    return series_scored(scored, cells, holidays, first, knows_holidays=knows_holidays)


def _cpu() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system
