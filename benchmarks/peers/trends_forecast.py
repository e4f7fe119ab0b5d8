"""Scores from a statsforecast model's own one-step intervals.

`fit` every 28 days on all days before, at most 365; in between `forward` applies the fitted model to the days up to the
one before, as `cross_validation(refit=28)` does.
"""

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from trends_job import LEAST, REFIT, START, Floats

WINDOW, LEVEL, TO_EDGE = 365, 95, 1.959964


def forecast_scores(cells: Floats, model: Callable[[], Any]) -> Floats:
    """Signed z by day: the cell's distance to the forecast in units of the interval's standard deviation."""
    warnings.filterwarnings("ignore")
    past = cells.copy()
    scores = np.full(len(cells), np.nan)
    fitted = model()
    for day in range(START, len(cells)):
        begin = max(0, day - WINDOW)
        if (day - START) % REFIT == 0:
            fitted = model()
            fitted.fit(past[max(0, day - WINDOW) : day])
            said = fitted.predict(h=1, level=[LEVEL])
        else:
            said = fitted.forward(y=past[begin:day], h=1, level=[LEVEL])
        expected = float(said["mean"][0])
        spread = max((float(said[f"hi-{LEVEL}"][0]) - expected) / TO_EDGE, LEAST)
        if np.isnan(cells[day]):
            past[day] = expected
        else:
            scores[day] = (cells[day] - expected) / spread
    return scores
