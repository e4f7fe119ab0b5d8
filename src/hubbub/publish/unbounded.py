"""What the figures of a declared table would be without its bound, estimated from released cells alone.

A measure's cells say what units count within their bound, exactly but for the noise. Readers also want the figure that
nobody bounded. It is estimated for each key and day by `correction`: groups of keys (bands of popularity, and what
their columns tell: sections, districts) by what the wide bound kept and the narrow one did not, all keys by how much
units would count. Each *era*, days with the same bounds, has a factor of its own for all keys; how groups lie around
it is told by the days of all eras.

A day on which keys were first looked for has two cells a key: a rough one, and what found it, a sum of weights. The
second is surer but too low, as a unit's weight is shared by all its keys, and too high, as only what is high is found.
Both are told by the rough cells: given what found a key, a rough cell's noise is independent of it, so that rough cells
over finding ones, summed over groups of keys by *what found them*, mend both. The two are then weighed by their
variances.

`unbounded_smoothing` goes on to what a key's own past says.
"""

from collections.abc import Sequence
from math import sqrt

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from hubbub.core.sizes import ONE_IN_EACH, Sizes, growth_of, kept, sizes_of_octaves
from hubbub.publish.correction import (
    Corrected,
    Factor,
    PageFactors,
    Sums,
    bands,
    corrected,
    lasting,
    page_factors,
    plain_factor,
    ratio_factor,
)
from hubbub.publish.shelf import Floats, Ints
from hubbub.publish.unbounded_days import Past

LEAST_SIGMAS = 4.0  # octaves of load above the last one that stands out of the noise are left out
LIKENESS = 0.08  # of heterogeneity: how much keys differ around one factor for all (simulated portals: .05 to .08) …
LIKENESS_OF_GROUPS = 0.015  # … and around factors of groups (.01 to .02)
NO_LOADS = "how much units would count without a bound was not released"
NOISE = "what is released of how much units would count is noise"


class Course(Struct, frozen=True):
    """Corrected estimates of d days by n keys; NaN on days without a cell or a factor.

    values     float[d, n]
    variances  float[d, n]: of what is each day's own: noise, and that a key's units are a sample
    shared     float[d, n]: relative variance of the factors, which days share
    why_not    why the last day has none; "" where it has
    """

    values: Floats
    variances: Floats
    shared: Floats
    why_not: str = ""


class _Era(Struct, frozen=True):
    """What is known of days with the same bounds: one factor for all keys, what the wide bound loses (None: there is
    no such bound), and the squared coefficient of variation of a row's weight.
    """

    days: Ints
    whole: Factor
    beyond: Factor | None
    heterogeneity: float


def course(past: Past, kind: str) -> Course:
    """The corrected course of a measure of `kind` units or count."""
    empty = np.full(past.tight.shape, np.nan)
    found = Course(empty, empty.copy(), empty.copy(), NO_LOADS)
    eras = []
    for days in _days_by_bounds(past):
        try:
            eras.append(_era(past, kind, days))
        except ValueError:
            continue
    if not eras or past.days - 1 not in eras[-1].days:
        return Course(empty, empty, empty, NOISE if past.load_variances[-1] else NO_LOADS)
    levels = _levels(past, eras)
    groups = [bands(levels), *groups_of(past)]
    around = _of_groups(past, eras, groups)
    for era in eras:
        _correct(past, era, around, levels, found)
    for day in range(past.days):
        if any(np.isfinite(cells[day]).any() for cells, _ in past.looks):
            _mend_first(past, day, groups[1:], found)
    return Course(found.values, found.variances, found.shared)


def total(found: Course, days: slice) -> Corrected:
    """The sum over some days a key: their own variances add, the error of a factor is the same on all of them."""
    values, variances = np.nansum(found.values[days], axis=0), np.nansum(found.variances[days], axis=0)
    there = np.asarray(np.isfinite(found.values[days]).any(axis=0), np.bool_)
    spread = np.nansum(np.sqrt(found.shared[days]) * np.maximum(found.values[days], 0.0), axis=0)
    level = np.maximum(values, 1e-300)
    factors = PageFactors(np.ones(len(values)), np.minimum(spread / level, 1.0) ** 2, 0.0)
    told = lasting(values, variances, factors)
    return where(there, told)


def where(there: NDArray[np.bool_], told: Corrected) -> Corrected:
    """The estimates of the keys that are there; NaN for others."""
    columns = (told.values, told.variances, told.stderrs, told.low95, told.high95)
    return Corrected(*(np.where(there, each, np.nan) for each in columns))


def _days_by_bounds(past: Past) -> list[Ints]:
    """Days with cells, by their bounds; the era of the last day comes last."""
    there = np.isfinite(past.tight).any(axis=1) & (past.bounds >= 1)
    pairs = np.stack([past.bounds, past.wide_bounds], axis=1)
    found = [np.flatnonzero(there & (pairs == pair).all(axis=1)) for pair in np.unique(pairs[there], axis=0)]
    return sorted(found, key=lambda days: int(days[-1]))


def _era(past: Past, kind: str, days: Ints) -> _Era:
    """Raises `ValueError` when the histogram of loads is noise."""
    told = days[np.isfinite(past.loads[days]).any(axis=1)] if past.lows else days[:0]
    if not len(told):
        raise ValueError(NO_LOADS)
    bound, wide_bound = float(past.bounds[told[-1]]), float(past.wide_bounds[told[-1]])
    sizes = _sizes(past, kind, told, bound, wide_bound)
    whole = plain_factor(sizes, bound)
    if wide_bound < bound:
        return _Era(days, whole, None, whole.heterogeneity)
    beyond = plain_factor(sizes, wide_bound)
    return _Era(days, _surer(whole, past, told, beyond), beyond, whole.heterogeneity)


def _surer(whole: Factor, past: Past, days: Ints, beyond: Factor) -> Factor:
    """One factor for all keys: by the loads, or by the sums of all cells under both bounds, if that one is surer."""
    both = np.isfinite(past.tight[days]) & np.isfinite(past.wide[days])
    cells = both.sum(axis=1)
    try:
        found = ratio_factor(
            float(past.wide[days][both].sum()), float((cells * past.wide_variances[days]).sum()),
            float(past.tight[days][both].sum()), float((cells * past.variances[days]).sum()),
        )  # fmt: skip
    except ValueError:
        return whole
    found = Factor(found.value * beyond.value, found.variance + beyond.variance, 0.0)
    return found if found.variance < whole.variance else whole


def _sizes(past: Past, kind: str, days: Ints, bound: float, wide_bound: float) -> Sizes:
    """Units by size over these days. How rows go with squares, of a count, is told by what both bounds kept."""
    variance = float(past.load_variances[days].sum())
    units = np.nansum(past.loads[days], axis=0)
    standing = np.flatnonzero(units > LEAST_SIGMAS * sqrt(variance))
    if not len(standing):
        raise ValueError(NOISE)
    last = int(standing[-1]) + 1
    lows, counts = past.lows[:last], units[:last].tolist()
    growth = ONE_IN_EACH
    if kind == "count" and wide_bound > bound:
        tight, wide = (float(np.nansum(cells[days])) for cells in (past.tight, past.wide))
        growth = growth_of(counts, lows, (bound, tight), (wide_bound, wide))
    return sizes_of_octaves(counts, variance, lows, growth)


def _levels(past: Past, eras: Sequence[_Era]) -> Floats:
    """Each key's mean over the days, by one factor for all: what bands are made of, and how large a sample is."""
    sums, days = np.zeros(len(past.keys)), np.zeros(len(past.keys))
    for era in eras:
        sums += np.nansum(past.tight[era.days], axis=0) * era.whole.value
        days += np.isfinite(past.tight[era.days]).sum(axis=0)
    return np.asarray(sums / np.maximum(days, 1.0), np.float64)


def groups_of(past: Past) -> list[Ints]:
    """Groups of keys by each of their columns: the first part of a path, else the value."""
    found = []
    for place in range(len(past.dimensions)):
        texts = [_section(key[place]) for key in past.keys]
        codes = np.unique(texts, return_inverse=True)[1].astype(np.int64)
        if 1 < codes.max() + 1 < len(texts):
            found.append(codes)
    return found


def _section(text: str) -> str:
    return text.split("/")[1] if text.startswith("/") else text


def _of_groups(past: Past, eras: Sequence[_Era], groups: Sequence[Ints]) -> PageFactors | None:
    """How the keys' factors lie around their era's, from the days of all eras, made even by those; None where the
    cells under wide bounds are noise.
    """
    sums = np.zeros((4, len(past.keys)))
    for era in eras:
        if era.beyond is None:
            continue
        tight, wide = past.tight[era.days] * era.whole.value, past.wide[era.days] * era.beyond.value
        both = np.isfinite(tight) & np.isfinite(wide)
        noise, wide_noise = past.variances[era.days][:, None], past.wide_variances[era.days][:, None]
        sums[0] += np.where(both, tight, 0.0).sum(axis=0)
        sums[1] += (both * noise).sum(axis=0) * era.whole.value**2
        sums[2] += np.where(both, wide, 0.0).sum(axis=0)
        sums[3] += (both * wide_noise).sum(axis=0) * era.beyond.value**2
    try:
        return page_factors(Sums(sums[0], sums[1]), Sums(sums[2], sums[3]), groups, 1 / eras[-1].whole.value)
    except ValueError:
        return None


def _correct(past: Past, era: _Era, around: PageFactors | None, levels: Floats, found: Course) -> None:
    """Fill in the days of one era."""
    heterogeneity = era.heterogeneity
    if around is None or era.beyond is None:
        each = np.ones(len(past.keys))
        factors = PageFactors(each, np.zeros(len(each)), LIKENESS * heterogeneity)
    else:
        differ = max(around.between, LIKENESS_OF_GROUPS * heterogeneity)
        factors = PageFactors(around.values, around.variances, differ)
    factors = factors.times(era.whole)
    tight, noise = past.tight[era.days], past.variances[era.days][:, None]
    sampled = heterogeneity * np.maximum(levels * factors.values / era.whole.value, 0.0)
    found.values[era.days] = tight * factors.values
    found.variances[era.days] = np.where(np.isfinite(tight), noise * factors.values**2 + sampled, np.nan)
    found.shared[era.days] = np.where(np.isfinite(tight), factors.variances + factors.between, np.nan)


def _mend_first(past: Past, day: int, groups: Sequence[Ints], found: Course) -> None:
    """Weigh a day's rough cells with what found their keys, look by look; a look that tells too little is left."""
    for cells, variances in past.looks:
        mine = np.flatnonzero(np.isfinite(cells[day]) & np.isfinite(found.values[day]))
        if not len(mine):
            continue
        finding, noise = cells[day, mine], float(variances[day])
        rough, own = found.values[day, mine], found.variances[day, mine]
        try:
            factors = page_factors(
                Sums(finding, np.full(len(mine), noise)), Sums(rough, own),
                [bands(finding), *(np.unique(group[mine], return_inverse=True)[1] for group in groups)],
            )  # fmt: skip
        except ValueError:
            continue
        heterogeneity = _heterogeneity_of_finding(past, day)
        told = corrected(finding, noise, factors, heterogeneity)
        between = max(factors.between, LIKENESS_OF_GROUPS * heterogeneity)
        spread = told.variances + (factors.variances + between) * np.maximum(told.values, 0.0) ** 2
        share = own / (own + spread)
        found.values[day, mine] = rough + share * (told.values - rough)
        found.variances[day, mine] = (1 - share) ** 2 * own + share**2 * told.variances
        found.shared[day, mine] += share**2 * (factors.variances + between)


def _heterogeneity_of_finding(past: Past, day: int) -> float:
    """Of weights under the bound 1 of the looks, which loads tell of all a unit's keys."""
    try:
        return kept(_sizes(past, "units", np.array([day]), 1.0, 1.0), 1.0).heterogeneity
    except ValueError:
        return 1.0
