"""The last day of each key of a table, without a bound, in the light of its own past.

`smoothing.filtered` is told the corrected course of each key. On a holiday all keys move at once, and one noisy cell
cannot tell that from noise. So first each key is predicted from the days before. How far the cells of all keys, then
those of each section, lie from what is predicted for them is a ratio of two sums, which noise leaves unbiased. Ratios
are drawn to 1 as far as their errors make them uncertain, and the last day's cells are filtered as if it had not moved.
"""

import numpy as np
from numpy.typing import NDArray

from hubbub.publish.correction import Corrected, PageFactors, between, lasting
from hubbub.publish.shelf import Floats, Ints
from hubbub.publish.smoothing import Smoothed, filtered
from hubbub.publish.unbounded import Course, groups_of, where
from hubbub.publish.unbounded_days import Past

LEAST_DAYS = 3  # a past that is worth filtering
LEAST_KEYS = 10  # that tell how all of them moved
LIKELY = 4.0  # keys that lie more standard errors from their prediction went ways of their own
DISPERSION = {"units": 1.0, "count": 2.5}  # how much more than Poisson's a day's figure scatters around its level


def smoothed(past: Past, course: Course, kind: str) -> Corrected:
    """Estimates of the last day, a key an entry. Raises `ValueError` where the past is too short."""
    cells = np.isfinite(course.values)
    if cells.any(axis=1).sum() < LEAST_DAYS:
        raise ValueError(f"fewer than {LEAST_DAYS} days are released")
    values, variances = course.values.T.copy(), np.where(cells, course.variances, np.inf).T

    def told() -> Smoothed:
        return filtered(values, variances, weekday=past.first.weekday(), dispersion=DISPERSION[kind])

    today, noise = values[:, -1].copy(), variances[:, -1].copy()
    values[:, -1] = np.nan
    moved = movement(today, noise, told(), groups_of(past)[:1])
    values[:, -1], variances[:, -1] = today / moved, noise / moved**2
    best = told()
    estimates, errors = best.estimate * moved, best.variance * moved**2
    there = cells[-1] & np.isfinite(errors)
    shared = np.where(there, course.shared[-1], 0.0)
    return where(there, lasting(estimates, errors, PageFactors(np.ones(len(estimates)), shared, 0.0)))


def movement(today: Floats, noise: Floats, predicted: Smoothed, sections: list[Ints]) -> Floats:
    """How the day moved each key's section, over 0: Σ cells / Σ predictions, first over all keys, then over each
    section of what is left. The squared error of a ratio is the larger of what the predictions say of themselves and
    of what the keys' distances show; the ratios' own spread is told by `correction.between`, around 1.
    """
    level = predicted.estimate
    spread = noise + predicted.variance
    known = np.isfinite(today) & np.isfinite(spread) & (level > 0)
    near: NDArray[np.bool_] = np.abs(today - level) < LIKELY * np.sqrt(np.where(known, spread, np.inf))
    mine = np.flatnonzero(known & near)
    moved = np.ones(len(today))
    if len(mine) < LEAST_KEYS:
        return moved
    for group in (np.zeros(len(today), np.int64), *sections):
        expected, of = level[mine] * moved[mine], group[mine]
        count = int(group.max()) + 1
        below = np.bincount(of, expected, count)
        told = below > 0
        safe = np.where(told, below, 1.0)
        ratio = np.where(told, np.bincount(of, today[mine], count) / safe, 1.0)
        apart = np.maximum(spread[mine], (today[mine] - ratio[of] * expected) ** 2)
        error = np.where(told, np.bincount(of, apart, count) / safe**2, np.inf)
        true = between(ratio, error)
        pull = np.where(told, true / np.maximum(true + np.where(told, error, 0.0), 1e-300), 0.0)
        moved *= np.maximum(1 + pull * (ratio - 1), 0.05)[group]
    return moved
