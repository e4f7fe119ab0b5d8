"""hubbub's own trend finder in the benchmark: the one place in which it is called.

STAND-IN: until `hubbub.insight.trends` can be called from here, this is a plain one-step detector on `publish.kalman`:
the level filtered with each cell's known noise, a week from the first 112 days, a day's cells judged together by
Benjamini & Hochberg at .1. Only the bodies of `scan` and `row_scores` are to be exchanged.
"""

from collections.abc import Collection
from datetime import date

import numpy as np
from scipy.special import ndtr
from trends_nab import Series, robust_season
from trends_scoring import PROMISED, Detection, raised
from trends_world import Floats

from hubbub.publish.kalman import Days, Spreads, State, begin_series, open_day, take_day
from hubbub.publish.weekly import weekly_shape

LEARN, STEP, SPREAD = 112, 0.01, 0.07


def scan(values: Floats, variances: Floats, first: date, holidays: Collection[int]) -> list[Detection]:
    """What is raised, each on its day from cells up to that day: float[n, d] each, holidays as numbers of days."""
    z = _surprises(values, variances, first, holidays)
    tails = 2 * ndtr(-np.abs(z))
    for day in range(values.shape[1]):
        seen = np.isfinite(z[:, day])
        ordered = np.sort(tails[seen, day])
        allowed = ordered <= PROMISED * np.arange(1, len(ordered) + 1) / max(len(ordered), 1)
        least = ordered[np.flatnonzero(allowed)[-1]] if allowed.any() else -1.0
        z[seen & (tails[:, day] > least), day] = 0.0
    return raised(z, 1e-9)


def row_scores(series: Series) -> Floats:
    """NAB: from 0 to 1 a row, from rows up to it."""
    return robust_season(series)


def _surprises(values: Floats, variances: Floats, first: date, holidays: Collection[int]) -> Floats:
    """One step ahead, in standard deviations: float[n, d]."""
    cells = values.T.copy()
    cells[sorted(holidays)] = np.nan
    noise = np.where(np.isfinite(cells), np.maximum(variances.T, 1.0), np.inf)
    plain = np.nan_to_num(cells)
    weekdays = (np.arange(len(cells)) + first.weekday()) % 7
    shape = weekly_shape(plain[:LEARN], noise[:LEARN], weekdays[:LEARN])
    count = values.shape[0]
    ones, zeros = np.ones(len(cells)), np.zeros(len(cells))
    levels = np.maximum(np.nan_to_num(cells[:28]).mean(axis=0), 1.0)
    days = Days(plain, noise, weekdays, shape.shares, shape.errors, levels, ones, zeros)
    state, spreads = State(count), Spreads(np.full(count, STEP), np.full(count, SPREAD))
    found = np.full(cells.shape, np.nan)
    for day in range(len(cells)):
        begun = state.begun
        today = open_day(state, days, spreads, day)
        take_day(state, today)
        if not begun.all():
            begin_series(state, days, today, day, begun)
        judged = begun & np.isfinite(noise[day])
        found[day, judged] = today.surprise[judged] / np.sqrt(today.total[judged])
    return found.T
