"""What a bound loses, put back: corrected estimates beside the raw cells, with the correction's own error.

A unit over its bound counts with a weight (release.weights), so that a cell of a page is too low by the mean weight of
the page's units. Each coarser total bears a looser bound, since one noise is spread over many pages; so a cell is
corrected in steps, each a ratio of two released sums:

1. page by page nothing is known but the cell itself, under a tight bound;
2. groups of pages (bands of popularity, sections of a site): the same measure under a wide bound over the tight one,
   pooled over past days. Pages that few see are seen by heavier units, so that one factor for all is not enough;
3. all pages: what the wide bound still loses, from a histogram of units by size (`plain_factor`) or from a total.

Everything here reads released numbers only and costs nothing. Raw cells stay as they are: sums, comparisons and
targets use those.
"""

from collections.abc import Sequence
from math import sqrt

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from hubbub.core.sizes import Sizes, kept
from hubbub.publish.intervals import Z95

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LEAST_SIGMAS = 3.0  # a sum under so many of its standard errors is no denominator
WELL_KNOWN = 0.2  # ratios with a standard error over this tell nothing of a group, or of how pages differ
MOST = 4.0  # no ratio of groups moves a page further than this, or its inverse
READING = 0.03  # error of what octaves of units tell, at a loss of all rows; in proportion to the root of the loss
LEAST_LEVEL = 32.0  # pages with less are one band of popularity
PASSES = 2  # groups overlap: sections and bands are taken in turns


class Factor(Struct, frozen=True):
    """What to multiply a raw cell by.

    value          from 1: a bound never adds
    variance       of the value, relative to its square
    heterogeneity  squared coefficient of variation of a row's weight; the rows of a page are a sample of all
    """

    value: float
    variance: float
    heterogeneity: float


class Sums(Struct, frozen=True):
    """A measure's cells summed over the same past days, a page an entry: values and variances of the noise."""

    values: Floats
    variances: Floats


class PageFactors(Struct, frozen=True):
    """What to multiply each page's raw cell by.

    values     a page, of raw cells from 1
    variances  of the values, relative to their squares: errors that all pages of a group share
    between    variance, relative, of the pages' own factors around these: what no released number tells of one page
    """

    values: Floats
    variances: Floats
    between: float

    def times(self, factor: Factor) -> "PageFactors":
        """These, times a factor that all pages share."""
        return PageFactors(self.values * factor.value, self.variances + factor.variance, self.between)


class Corrected(Struct, frozen=True):
    """Corrected estimates, a cell an entry.

    values         raw cells times their factors
    variances      of what is each day's own: noise, and that a page's units are a sample; smoothing may average it
    stderrs        of all: the correction's error, and that pages differ, are the same every day and stay
    low95, high95  value ± 1.96 stderrs
    """

    values: Floats
    variances: Floats
    stderrs: Floats
    low95: Floats
    high95: Floats


def plain_factor(sizes: Sizes, bound: float) -> Factor:
    """One factor for all pages, from a released histogram of units by size: 1 / the share of rows that is kept.

    Its variance is that of the histogram's noise, and of reading it by the middles of its bins (`READING`). Raises
    `ValueError` when the histogram is noise.
    """
    found = kept(sizes, bound)
    relative = found.variance / found.share**2 + READING**2 * (1 - found.share)
    return Factor(1 / found.share, relative, found.heterogeneity)


def ratio_factor(whole: float, whole_variance: float, cells: float, cells_variance: float) -> Factor:
    """One factor for all pages, from a total under a looser bound and the sum of the cells; relative variances add.

    Raises `ValueError` when either is noise.
    """
    if min(whole / sqrt(whole_variance or 1e-300), cells / sqrt(cells_variance or 1e-300)) <= LEAST_SIGMAS:
        raise ValueError("sums within their noise have no ratio")
    return Factor(max(1.0, whole / cells), whole_variance / whole**2 + cells_variance / cells**2, 0.0)


def bands(levels: Floats) -> Ints:
    """Bands of popularity: octaves of past corrected figures, numbered from 0; all under `LEAST_LEVEL` in one."""
    octaves = np.floor(np.log2(np.maximum(levels, LEAST_LEVEL)))
    return np.unique(octaves, return_inverse=True)[1].astype(np.int64)


def page_factors(tight: Sums, wide: Sums, groups: Sequence[Ints], least: float = 1.0) -> PageFactors:
    """A factor a page that takes cells under the tight bound to what they are under the wide one.

    Each of `groups` puts every page into a group, numbered from 0, by what was known before the days that are to be
    corrected (bands, sections). First the ratio of all pages; then, in turns, each group's ratio of what is left,
    shrunk to 1 by τ²/(τ² + v) for a ratio of variance v: empirical Bayes, τ² between groups by the estimator of Paule
    and Mandel (1982) with the known mean 1. So groups that noise cannot tell apart change nothing, and ratios with a
    standard error over `WELL_KNOWN` do not count. `between` is the same estimate over single pages whose own ratio is
    known as well as that; pages over fewer rows are taken to differ as those do. No factor is under `least`: 1 for raw
    cells, since a bound never adds. Raises `ValueError` when the ratio of all pages is noise: then a plain factor is
    all there is.
    """
    pages = len(tight.values)
    factors, variances = np.ones(pages), np.zeros(pages)
    ratio, variance = _ratios(tight, wide, factors, np.zeros(pages, np.int64))
    if not np.isfinite(variance[0]):
        raise ValueError("sums under the wide bound are noise")
    factors *= ratio[0]
    variances += variance[0] / ratio[0] ** 2
    for turn in range(PASSES):
        for group in groups:
            moved, rest = _shrunk(*_ratios(tight, wide, factors, group))
            factors *= moved[group]
            if turn == 0:
                variances += rest[group]
    ratio, variance = _ratios(tight, wide, factors, np.arange(pages))
    return PageFactors(np.maximum(factors, least), variances, between(ratio, variance))


def _shrunk(ratios: Floats, variances: Floats) -> tuple[Floats, Floats]:
    """Groups' ratios, shrunk to 1, and the variance that is left of each: τ²v/(τ² + v), τ² where nothing is known."""
    spread = between(ratios, variances)
    told = np.isfinite(variances)
    known = np.where(told, variances, 0.0)
    pull = np.where(told, spread / np.maximum(spread + known, 1e-300), 0.0)
    return 1 + pull * (ratios - 1), np.where(told, pull * known, spread)


def between(ratios: Floats, variances: Floats) -> float:
    """Variance τ² of true ratios around 1, given ratios with variances v: the root of Σ (r − 1)²/(τ² + v) = n.

    Paule and Mandel, *Consensus values and weighting factors* (1982), with known mean; 0 when noise explains all.
    Ratios of infinite variance do not count.
    """
    told = np.isfinite(variances)
    distances, spreads = (ratios[told] - 1) ** 2, variances[told]
    if not len(distances) or _excess(0.0, distances, spreads) <= 0:
        return 0.0
    low, high = 0.0, float(distances.max())
    for _ in range(60):
        middle = (low + high) / 2
        if _excess(middle, distances, spreads) > 0:
            low = middle
        else:
            high = middle
    return high


def corrected(values: Floats, variance: float, factors: PageFactors, heterogeneity: float) -> Corrected:
    """The corrected cells of one day, f·x, with a squared standard error of

    f²σ² (noise) + h·f·x (a page's units are a sample) + (f·x)²·(Var f / f² + τ²) (correction; pages differ).

    `variance` is the noise of the raw cells x, `heterogeneity` h that of the tight bound. For cells of public keys;
    new ones are there because they passed a threshold, so that they are too high (intervals.first_release_interval).
    """
    found = values * factors.values
    return lasting(found, variance * factors.values**2 + heterogeneity * np.maximum(found, 0.0), factors)


def lasting(values: Floats, variances: Floats, factors: PageFactors) -> Corrected:
    """Corrected estimates, smoothed or not, with the errors of their factors added to `variances`, the days' own."""
    level = np.maximum(values, 0.0)
    stderrs = np.sqrt(variances + (factors.variances + factors.between) * level**2)
    return Corrected(values, variances, stderrs, values - Z95 * stderrs, values + Z95 * stderrs)


def _ratios(tight: Sums, wide: Sums, factors: Floats, group: Ints) -> tuple[Floats, Floats]:
    """Each group's Σ wide / Σ factor·tight with its variance; that is infinite where either sum is noise."""
    count = int(group.max()) + 1 if len(group) else 1

    def sums(values: Floats) -> Floats:
        return np.bincount(group, values, minlength=count).astype(np.float64)

    top, bottom = sums(wide.values), sums(factors * tight.values)
    top_variance, bottom_variance = sums(wide.variances), sums(factors**2 * tight.variances)
    told = bottom > np.maximum(LEAST_SIGMAS * np.sqrt(bottom_variance), 1.0)
    safe = np.where(told, bottom, 1.0)
    ratio = np.where(told, np.clip(top / safe, 1 / MOST, MOST), 1.0)
    variance = np.where(told, (top_variance + ratio**2 * bottom_variance) / safe**2, np.inf)
    return ratio, np.where(variance > WELL_KNOWN**2, np.inf, variance)


def _excess(spread: float, distances: Floats, variances: Floats) -> float:
    return float(np.sum(distances / np.maximum(spread + variances, 1e-300))) - len(distances)
