"""The week's shape: which share of its level a series has on each weekday, shrunk to what all series share.

Shares are ratios of sums to centred means of seven days, so that a slow change of level does not matter. The common
shape is shrunk towards a flat week, and each series' own towards the common one, as far as noise makes them uncertain
(empirical Bayes, normal means with known variances: Efron & Morris, JASA 70, 1975).
"""

import numpy as np
from msgspec import Struct

from hubbub.publish.kalman import Floats, Ints

WEEK = 7
SHAPE_DAYS = 26 * WEEK  # the shape is that of the last half year
LEAST_WEEKS = 3
DAY_SPREAD = 0.1  # how far days of one weekday are taken to differ, relative to their mean


class Shape(Struct, frozen=True):
    """Shares float[7, n] from Monday on, 1 on the mean, and variances of their errors; `is_known`: not assumed."""

    shares: Floats
    errors: Floats
    is_known: bool = True


def flat(series: int) -> Shape:
    """Every day alike."""
    return Shape(np.ones((1, series)), np.zeros((1, series)), is_known=False)


def weekly_shape(values: Floats, variances: Floats, weekdays: Ints) -> Shape:
    """The shape of each series: float[d, n] of cells (variance infinite where there is none), weekdays int[d].

    Flat when no weekday has `LEAST_WEEKS` full weeks around it.
    """
    values, variances, weekdays = values[-SHAPE_DAYS:], variances[-SHAPE_DAYS:], weekdays[-SHAPE_DAYS:]
    sums, means, noises, weeks = _weekday_sums(values, variances, weekdays)
    if not len(weeks) or weeks.sum(axis=1).min() < LEAST_WEEKS:
        return Shape(np.ones((WEEK, values.shape[1])), np.zeros((WEEK, values.shape[1])), is_known=False)
    size = np.maximum(means.sum(axis=0) / np.maximum(weeks.sum(axis=0), 1), 0.0)
    errors = noises + weeks * (DAY_SPREAD * size) ** 2  # variance of each sum around its share
    trust = size / np.maximum(errors.sum(axis=0), 1e-300)
    if not trust.any():
        return Shape(np.ones((WEEK, values.shape[1])), np.zeros((WEEK, values.shape[1])), is_known=False)
    bottom = (trust * means).sum(axis=1)
    told = bottom > 0
    bottom = np.where(told, bottom, 1.0)
    common = np.where(told, (trust * sums).sum(axis=1) / bottom, 1.0)
    common_error = np.where(told, (trust**2 * errors).sum(axis=1) / bottom**2, np.inf)
    common, common_error = _shrunk(common, common_error, np.ones(WEEK))
    known = means > 0
    own = np.where(known, sums / np.where(known, means, 1.0), common[:, None])
    own_error = np.where(known, errors / np.where(known, means, 1.0) ** 2, np.inf)
    if values.shape[1] == 1:
        return Shape(np.maximum(common[:, None], 0.0), common_error[:, None])
    shares, share_errors = _shrunk(own, own_error, np.broadcast_to(common[:, None], own.shape))
    return Shape(np.maximum(shares, 0.0), share_errors + common_error[:, None])


def _shrunk(found: Floats, errors: Floats, towards: Floats) -> tuple[Floats, Floats]:
    """Noisy means drawn towards others, and the variances left: the true spread is taken by moments over all of them,
    each with the weight that its error leaves it.
    """
    apart = found - towards
    finite = np.isfinite(errors)
    weights = np.where(finite, 1 / (errors + 0.01), 0.0)
    excess = np.where(finite, apart**2 - np.where(finite, errors, 0.0), 0.0)
    spread = max(0.0, float(np.sum(weights * excess) / max(float(weights.sum()), 1e-300)))
    kept = np.where(finite, spread / np.maximum(spread + np.where(finite, errors, 1.0), 1e-300), 0.0)
    return towards + kept * apart, np.where(finite, kept * np.where(finite, errors, 0.0), spread)


def _weekday_sums(values: Floats, variances: Floats, weekdays: Ints) -> tuple[Floats, Floats, Floats, Floats]:
    """Of days in the middle of seven that all have cells, by weekday: sums of values, of the means of those seven days,
    of the noise, and how many; float[7, n] each, or of no rows where there are too few days.
    """
    if len(values) < WEEK:
        empty = np.zeros((0, values.shape[1]))
        return empty, empty, empty, empty
    seen = np.isfinite(variances)
    width = len(values) - WEEK + 1
    whole = _moving(seen.astype(np.float64), width) == WEEK
    mean = _moving(np.where(seen, values, 0.0), width) / WEEK
    middle = slice(WEEK // 2, WEEK // 2 + width)
    found = np.zeros((4, WEEK, values.shape[1]))
    for part, column in enumerate((values[middle], mean, np.where(seen, variances, 0.0)[middle], whole * 1.0)):
        told = np.where(whole, column, 0.0)
        for weekday in range(WEEK):
            found[part, weekday] = told[weekdays[middle] == weekday].sum(axis=0)
    return found[0], found[1], found[2], found[3]


def _moving(column: Floats, width: int) -> Floats:
    sums = column[:width].copy()
    for day in range(1, WEEK):
        sums += column[day : day + width]
    return sums
