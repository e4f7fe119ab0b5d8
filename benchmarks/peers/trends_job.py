"""What every peer of the trends benchmark does around its own model: days filled, series shared out, scores written.

A job is an .npz with `values` float[n, d] (NaN: no cell), `holidays` int[h] and `first` (a day); the answer is an .npz
with `scores` float[n, d]: how many of its own standard deviations a cell lies above what the peer expected of it from
earlier days, NaN where there is no cell, or no expectation yet.

Peers take no gaps. A key without cells so far, or since more than three days, counts 0; a day missing among others is
filled by each peer with what it expected. Public holidays are missing days to a peer that cannot be told of them, and
are not scored: what it would raise on them is not held against it.
"""

import json
import os
import sys
from collections.abc import Callable
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
LEAST = 1.0  # no standard deviation of a count is taken to be smaller
Scored = Callable[[Floats, Ints, str], Floats]


def days_filled(cells: Floats, left_out: Ints) -> Floats:
    """0 before the first cell and after more than three days without; NaN for a day missing among others, or left out.

    Before `START` there are no NaN: the cell of a week before stands for them.
    """
    filled = cells.copy()
    run = 0
    begun = False
    for day, cell in enumerate(cells):
        missing = np.isnan(cell)
        run = run + 1 if missing else 0
        begun = begun or not missing
        if missing and (not begun or run > GONE):
            filled[day] = 0.0
    filled[left_out] = np.nan
    for day in np.flatnonzero(np.isnan(filled[:START])).tolist():
        filled[day] = filled[day - 7] if day >= 7 else np.nanmean(filled[:START])
    return filled


def run(package: str, scored: Scored, *, knows_holidays: bool = False, processes: int = 2) -> None:
    """Read the job named on the command line, score every series, write scores and what it took.

    For a peer that knows of no holidays they are left out: they are missing days to it, and are not scored.
    """
    job = np.load(sys.argv[1])
    values, holidays, first = job["values"], job["holidays"], str(job["first"])
    start, cpu = perf_counter(), _cpu()
    left_out = holidays[:0] if knows_holidays else holidays
    filled = [days_filled(row, left_out) for row in values]
    with Pool(processes) as pool:
        scores = np.array(pool.starmap(scored, [(row, holidays, first) for row in filled], chunksize=4))
    scores[np.isnan(values) & (np.array(filled) != 0)] = np.nan
    scores[:, left_out] = np.nan
    np.savez_compressed(sys.argv[2], scores=scores)
    used = {"version": version(package), "seconds": perf_counter() - start, "cpu_seconds": _cpu() - cpu}
    print(json.dumps(used))


def _cpu() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system
