"""Pages as if there were no bound: the last day's cells corrected, and in the light of the days before. Estimates.

What `publish.correction` and `publish.smoothing` do to one measure that is told apart by pages: each day's cells are
multiplied by that day's plain factor, then by what the days before the last one tell of groups of pages; the corrected
days are filtered; the errors that all days share are added at the end. It reads released cells alone.
"""

from collections.abc import Sequence

import numpy as np
from msgspec import Struct

from hubbub.publish.correction import (
    Corrected,
    Factor,
    Floats,
    Ints,
    PageFactors,
    Sums,
    bands,
    corrected,
    lasting,
    page_factors,
)
from hubbub.publish.smoothing import filtered

LIKENESS = (
    0.06  # of weights within a page, where only one factor for all is known (release.fitting, where it is measured)
)
LEAST_HISTORY = 7  # days before the last one with both bounds, below which groups are not told apart


class Days(Struct, frozen=True):
    """One measure's cells under one bound, pages by days, the last one to be estimated.

    values     float[n, d]; NaN where a page was not public on that day
    variances  float[d]: of the noise of a day's cells
    factors    a day: the plain factor of its bound, which may change from day to day; from histograms of several days,
               or one day's noise moves all its pages
    """

    values: Floats
    variances: Floats
    factors: Sequence[Factor]


class Unbounded(Struct, frozen=True):
    """Estimates of the last day: from its own cells, and in the light of the days before; NaN for no cell that day."""

    of_the_day: Corrected
    smoothed: Corrected


def unbounded(
    tight: Days, wide: Days, groups: Sequence[Ints], *, weekday: int | None = None, dispersion: float = 1.0
) -> Unbounded:
    """The last day of pages as if no bound had been.

    `wide` is the same measure under its wide bound, on the same days. `groups` put pages into groups known from their
    names (sections); bands of popularity are added, from the days before the last. `weekday` of the first day, and
    `dispersion`, are those of `smoothing.filtered`: 1 for devices, about 2.5 for views, where rows repeat.
    """
    today = tight.factors[-1]
    narrow, broad = _even(tight), _even(wide)
    factors = _of_groups(narrow, broad, groups, least=1 / today.value) or PageFactors(
        np.ones(len(narrow.values)), np.zeros(len(narrow.values)), LIKENESS * today.heterogeneity
    )
    factors = PageFactors(factors.values, factors.variances + today.variance, factors.between)
    days = [
        corrected(narrow.values[:, day], float(narrow.variances[day]), factors, each.heterogeneity)
        for day, each in enumerate(tight.factors)
    ]
    estimates, variances = (
        np.stack(each, axis=1) for each in zip(*((d.values, d.variances) for d in days), strict=True)
    )
    found = filtered(estimates, np.nan_to_num(variances), weekday=weekday, dispersion=dispersion)
    known = np.isfinite(narrow.values[:, -1])
    smoothed = lasting(np.where(known, found.estimate, np.nan), np.where(known, found.variance, np.nan), factors)
    return Unbounded(days[-1], smoothed)


def _even(days: Days) -> Days:
    """The cells times their day's plain factor, so that days of different bounds may be summed."""
    factors = np.array([each.value for each in days.factors])
    return Days(days.values * factors, days.variances * factors**2, days.factors)


def _of_groups(tight: Days, wide: Days, groups: Sequence[Ints], least: float) -> PageFactors | None:
    """Factors by bands and `groups` from all days but the last; None where those say nothing."""
    both = np.isfinite(tight.values) & np.isfinite(wide.values)
    both[:, -1] = False
    if both.any(axis=0).sum() < LEAST_HISTORY:
        return None
    narrow, broad = _sums(tight, both), _sums(wide, both)
    levels = narrow.values / np.maximum(both.sum(axis=1), 1)
    try:
        return page_factors(narrow, broad, [bands(levels), *groups], least)
    except ValueError:  # the wide bound's cells are noise
        return None


def _sums(days: Days, told: np.ndarray[tuple[int, int], np.dtype[np.bool_]]) -> Sums:
    return Sums(np.where(told, days.values, 0.0).sum(axis=1), told @ days.variances)
