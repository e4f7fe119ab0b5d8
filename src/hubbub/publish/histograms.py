"""Means and medians of what is released as a histogram: bins with their edges and the value that stands for each."""

from collections.abc import Mapping
from itertools import pairwise
from math import sqrt

from msgspec import Struct

from hubbub.core import vocabulary
from hubbub.publish.intervals import SIGMAS_OF_A_DENOMINATOR, Z95, Estimate, Fraction, Total, ratio, total_of, wide

OPEN_VISIT_SECONDS = 2700.0  # visits over 30 minutes are taken as 45, as the metric's definition says
OPEN_ENGAGED_SECONDS = 900.0  # pages in use for over 10 minutes are taken as 15, likewise


class Bin(Struct, frozen=True):
    """A bin from `low` to `high`, and the value that all in it are taken for."""

    low: float
    high: float
    middle: float


Bins = Mapping[str, Bin]

DURATION: Bins = {label: Bin(low, high, (low + high) / 2) for label, low, high in vocabulary.DURATION_BINS[:-1]} | {
    label: Bin(low, 2 * OPEN_VISIT_SECONDS - low, OPEN_VISIT_SECONDS) for label, low, _ in vocabulary.DURATION_BINS[-1:]
}


def _bins(bins: tuple[tuple[str, int], ...], scale: float, end: float) -> Bins:
    """Bins of lower ends, divided by `scale`; the last one reaches to `end`."""
    lows = [low / scale for _, low in bins]
    highs = [*lows[1:], end]
    return {label: Bin(low, high, (low + high) / 2) for (label, _), low, high in zip(bins, lows, highs, strict=True)}


ENGAGED = _bins(
    vocabulary.ENGAGED_BINS, 1000, 2 * OPEN_ENGAGED_SECONDS - vocabulary.ENGAGED_BINS[-1][1] / 1000
)  # seconds
SCROLL = _bins(vocabulary.SCROLL_BINS, 1, 100)  # percent


def weighted(totals: Mapping[str, Total], weights: Mapping[str, float]) -> Fraction:
    """Sum of bins times their weights over the sum of all bins, with the covariance of the two."""
    whole = total_of(totals.values())
    pairs = [(weights.get(label, 0.0), total) for label, total in totals.items()]
    return Fraction(
        sum(weight * total.value for weight, total in pairs),
        sum(weight**2 * total.variance for weight, total in pairs),
        whole.value,
        whole.variance,
        sum(weight * total.variance for weight, total in pairs),
    )


def mean(totals: Mapping[str, Total], bins: Bins, counted: str) -> Estimate:
    """The mean by the bins' middles, with Fieller's interval."""
    return ratio(weighted(totals, {label: each.middle for label, each in bins.items()}), counted)


def median(totals: Mapping[str, Total], bins: Bins, counted: str) -> Estimate:
    """The median, not shown when its noise is larger than a third of it; see `quantile`."""
    return wide(quantile(totals, bins, 0.5, counted))


def quantile(totals: Mapping[str, Total], bins: Bins, part: float, counted: str) -> Estimate:
    """The value that the given part lies below, if each bin is evenly filled, with Woodruff's interval (JASA 47, 1952).

    D(x) = (1 − p)·B(x) − p·A(x), of what lies below x (B) and above it (A), grows from −pN to (1 − p)N; the quantile is
    where it is 0. The cells' noise is independent, so at the bins' edges D has the variance s² = (1 − p)²·Var B +
    p²·Var A, and the interval is where D comes within 1.96 s of 0. Between edges D and D ± 1.96 s are taken as
    straight. Not shown when N is under ten of its standard errors.
    """
    parts = [(each, totals.get(label, Total(0.0, 0.0))) for label, each in bins.items()]
    whole = total_of(total for _, total in parts)
    deviation = sqrt(whole.variance)
    if whole.value <= 0 or whole.value < SIGMAS_OF_A_DENOMINATOR * deviation:
        reason = f"too few {counted} ({whole.value:,.0f} ± {Z95 * deviation:,.0f}) to find the middle of"
        return Estimate(0.0, float("inf"), float("-inf"), float("inf"), shown=False, why_not=reason)
    edges, course, margins, below = [parts[0][0].low], [-part * whole.value], [part * Z95 * deviation], 0.0
    for each, total in parts:
        below += total.variance
        variance = (1 - part) ** 2 * below + part**2 * max(0.0, whole.variance - below)
        edges.append(each.high)
        course.append(course[-1] + total.value)
        margins.append(Z95 * sqrt(variance))
    low, value, high = (
        _crossing([(edge, at + sign * margin) for edge, at, margin in zip(edges, course, margins, strict=True)])
        for sign in (1, 0, -1)
    )
    low, high = min(low, value), max(high, value)
    return Estimate(value, (high - low) / (2 * Z95), low, high, shown=True)


def _crossing(course: list[tuple[float, float]]) -> float:
    """Where the course first comes up to 0, between its ends."""
    for (before, low), (after, high) in pairwise(course):
        if high >= 0:
            return before if low >= 0 else before + (after - before) * -low / (high - low)
    return course[-1][0]
