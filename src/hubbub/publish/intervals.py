"""Estimates with their intervals: of a cell, a sum, a ratio, and of a key on its first release.

All intervals are at 95 % and normal: the discrete Gaussian's quantiles differ from the normal's by less than one
count, and the noise is the only thing they describe (the bounds are part of a measure's definition).
"""

from collections.abc import Iterable
from math import erfc, exp, hypot, inf, sqrt

from msgspec import Struct
from msgspec.structs import replace

Z95 = 1.959963984540054
SHARE_SHOWN = 1 / 3
LEAST_NOISE = 0.005  # under it, as in a trial, a zero is a zero
SIGMAS_OF_A_DENOMINATOR = 10.0


class Estimate(Struct, frozen=True):
    """A number and how sure it is.

    value         as released: noised, unbiased, never clipped, so it may be negative
    stderr        one standard error of the noise
    low95, high95 bounds of the 95 % interval
    shown         the number carries something; else it is to be greyed
    why_not       why it is not shown, in plain words; "" when it is
    nonnegative   of a consistent estimate: what to display in its place, at least zero; None otherwise
    """

    value: float
    stderr: float
    low95: float
    high95: float
    shown: bool
    why_not: str = ""
    nonnegative: float | None = None


class FirstRelease(Struct, frozen=True):
    """A cell that is only known because it exceeded the threshold of new keys that day: it is biased upwards.

    `grain` is the step between two values: 1, or less where a unit counts in parts.
    """

    value: float
    variance: float
    threshold: float
    grain: float = 1.0


class Total(Struct, frozen=True):
    """A sum of cells: their values and variances added, and those of its cells that were first releases."""

    value: float
    variance: float
    first_releases: tuple[FirstRelease, ...] = ()


class Fraction(Struct, frozen=True):
    """Two sums over the same cells, and the covariance of their noise."""

    numerator: float
    numerator_variance: float
    denominator: float
    denominator_variance: float
    covariance: float


def estimate(total: Total) -> Estimate:
    """The estimate of a sum of cells: value ± 1.96 standard errors.

    First releases among the cells have intervals of their own (`first_release_interval`), which are put
    together with the rest by the distances of their ends from the values (MOVER: Zou & Donner, Statistics in
    Medicine 27, 2008, eq. 3). The value itself stays as released, so that sums of answers still add up.
    """
    low_side = high_side = Z95 * sqrt(max(0.0, total.variance - sum(c.variance for c in total.first_releases)))
    for cell in total.first_releases:
        low, high = first_release_interval(cell)
        low_side = hypot(low_side, cell.value - low)
        high_side = hypot(high_side, max(0.0, high - cell.value))
    stderr = sqrt(total.variance)
    why_not = _too_noisy(total.value, Z95 * stderr)
    return Estimate(
        total.value, stderr, total.value - low_side, total.value + high_side, shown=not why_not, why_not=why_not
    )


def carries(value: float, variance: float) -> bool:
    """Whether a sum says something: half of its 95 % interval is at most a third of it."""
    return Z95 * sqrt(variance) <= value * SHARE_SHOWN


def _too_noisy(value: float, half_width: float) -> str:
    if half_width <= value * SHARE_SHOWN:
        return ""
    if half_width < LEAST_NOISE:
        return "nothing was counted"
    if value <= half_width:
        return f"not distinguishable from zero: noise (± {half_width:,.0f}) is as large as the value"
    return f"noise (± {half_width:,.0f}) is larger than a third of the value"


def share(fraction: Fraction, counted: str) -> Estimate:
    """A ratio that is part of a whole, in percent: its error is in points, so a small one may be shown too."""
    return _fieller(fraction, counted, 100.0)


def ratio(fraction: Fraction, counted: str) -> Estimate:
    """A ratio of two sums, like a mean; not shown either when its noise is larger than a third of it."""
    return wide(ratio_of(fraction, counted))


def ratio_of(fraction: Fraction, counted: str) -> Estimate:
    """A ratio of two sums, shown whatever its noise where the denominator allows an interval."""
    return _fieller(fraction, counted, 1.0)


def wide(found: Estimate) -> Estimate:
    """The estimate, not shown when its noise is larger than a third of it."""
    half_width = (found.high95 - found.low95) / 2
    if not found.shown or half_width <= found.value * SHARE_SHOWN:
        return found
    return replace(found, shown=False, why_not=f"noise (± {half_width:,.3g}) is larger than a third of the value")


def _fieller(fraction: Fraction, counted: str, scale: float) -> Estimate:
    """A ratio with Fieller's interval (Fieller 1954; Franz 2007, eq. 4), times `scale`.

    Not shown when the denominator, sums of what is `counted`, is under ten of its standard errors: there the
    interval may be unbounded. `stderr` is the linearised one.
    """
    a, b, covariance = fraction.numerator, fraction.denominator, fraction.covariance
    var_a, var_b = fraction.numerator_variance, fraction.denominator_variance
    if b <= 0 or b < SIGMAS_OF_A_DENOMINATOR * sqrt(var_b):
        reason = f"too few {counted} ({b:,.0f} ± {Z95 * sqrt(var_b):,.0f}) to divide by"
        return Estimate(scale * a / b if b else 0.0, inf, -inf, inf, shown=False, why_not=reason)
    r = a / b
    g = Z95**2 * var_b / b**2
    slope = covariance / var_b if var_b else 0.0
    spread = var_a - 2 * r * covariance + r**2 * var_b
    centre = (r - g * slope) / (1 - g)
    half = Z95 / (b * (1 - g)) * sqrt(max(0.0, spread - g * (var_a - slope * covariance)))
    stderr = sqrt(max(0.0, spread)) / b
    return Estimate(scale * r, scale * stderr, scale * (centre - half), scale * (centre + half), shown=True)


def first_release_interval(cell: FirstRelease) -> tuple[float, float]:
    """95 % interval of a count that is seen only because its noised value exceeded the threshold.

    The noised value x of a true count θ is seen when x > T, so its likelihood is the normal truncated at T (half
    a grain is added to both, values being multiples of it). The ends are the θ at which a seen value as large, or as
    small, as this one has probability 2.5 %: P(x ≥ v | x > T; θ) = .025 and P(x ≤ v | x > T; θ) = .025. Both
    grow with θ, so they are found by bisection. A value just over T says little; the lower end then falls to one
    grain (a key is released for at least one device). Holds at 95 % for whoever reads released keys only.
    """
    sigma = sqrt(cell.variance)
    if sigma == 0 or cell.threshold <= 0:
        return cell.value - Z95 * sigma, cell.value + Z95 * sigma
    half = cell.grain / 2
    low = _count_at(0.025, cell.value - half, cell.threshold + half, sigma, cell.grain)
    high = _count_at(0.975, cell.value + half, cell.threshold + half, sigma, cell.grain)
    return low, high


def _count_at(probability: float, value: float, threshold: float, sigma: float, least: float) -> float:
    """The θ ≥ `least` at which P(x ≥ value | x ≥ threshold; θ) = probability."""
    below, above = least, value + 6 * sigma
    if _exceeds(value, threshold, below, sigma) >= probability:
        return below
    while above - below > 0.01 * sigma:
        middle = (below + above) / 2
        if _exceeds(value, threshold, middle, sigma) < probability:
            below = middle
        else:
            above = middle
    return (below + above) / 2


def _exceeds(value: float, threshold: float, count: float, sigma: float) -> float:
    """P(x ≥ value | x ≥ threshold) for x normal around `count`; far in the tail by its leading term."""
    v, t = (value - count) / (sigma * sqrt(2)), (threshold - count) / (sigma * sqrt(2))
    if v <= t:
        return 1.0
    seen = erfc(t)
    return erfc(v) / seen if seen > 1e-290 else t / v * exp(t * t - v * v)


def total_of(estimates: Iterable[Total]) -> Total:
    """The sum of independent sums."""
    parts = tuple(estimates)
    return Total(
        sum(part.value for part in parts),
        sum(part.variance for part in parts),
        tuple(cell for part in parts for cell in part.first_releases),
    )
