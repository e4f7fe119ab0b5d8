"""The budget: from what a device-day may cost, (epsilon, delta), to each measure's noise and threshold.

Costs add up in zero-concentrated differential privacy (rho), in whole billionths of a thousandth ("pico-rho"),
so that shares never sum to more than the whole. Sources: Canonne, Kamath and Steinke, *The Discrete Gaussian for
Differential Privacy* (2020): Proposition 12 (conversion), Theorem 14 (noise of scale s on counts of L2
sensitivity d costs rho = d² / 2s²).
"""

import math
from fractions import Fraction
from functools import lru_cache

from msgspec import Struct

from hubbub.core.errors import ConfigError
from hubbub.core.settings import TRIAL_EPSILON, Budget
from hubbub.core.zcdp import epsilon_of
from hubbub.release.plan import MOST_ROWS, Bound, MeasurePlan, Plan
from hubbub.release.weights import MOST_NEW_KEYS, threshold_for_weights

PICO = 10**12
STANDARD_RHO = PICO // 20
STRICT_EPSILON = 1.0
DELTA = 1e-9
MOST_RHO = 10**6 * PICO  # no budget buys more; ten million times the standard is a trial in any case
GRAIN = 1024  # scales are whole multiples of 1/1024
TRIAL_SCALE = Fraction(1, 8)  # a trial widens its bounds while noise stays within this scale
_SLACK = 1 + 1e-12  # covers rounding of sums of a few thousand floating-point terms


class Allowance(Struct, frozen=True):
    """What one unit may cost a source and day.

    rho               pico-rho of all measures together
    delta_conversion  delta of reading rho as (epsilon, delta)
    delta_thresholds  delta of all thresholds of new keys together
    epsilon, delta    the same, as (epsilon, delta)-differential privacy
    trial             too much to be private
    """

    rho: int
    delta_conversion: float
    delta_thresholds: float
    epsilon: float
    delta: float
    trial: bool


class Share(Struct, frozen=True):
    """What one measure gets.

    rho        pico-rho it pays
    scale      of its discrete Gaussian noise
    delta      of its threshold; 0 without new keys
    threshold  a new key is released when its noised count is *greater* than this; 0 without new keys
    """

    rho: int
    scale: Fraction
    delta: float
    threshold: int


class Priced(Struct, frozen=True):
    """A plan with its budget worked out: the measures as they are bounded, and each one's share."""

    plan: Plan
    allowance: Allowance
    shares: dict[str, Share]


def allowance(budget: str | Budget) -> Allowance:
    """The allowance of a preset (`standard`, `strict`) or of numbers. Raises `ConfigError`."""
    if budget == "standard":
        return _allowance(STANDARD_RHO, epsilon_of(STANDARD_RHO / PICO, DELTA / 2), DELTA)
    if budget == "strict":
        return _allowance(rho_of(STRICT_EPSILON, DELTA / 2), STRICT_EPSILON, DELTA)
    if isinstance(budget, str):
        raise ConfigError("budget", repr(budget), "standard, strict, or epsilon and delta")
    if not (math.isfinite(budget.epsilon) and budget.epsilon >= 1e-3):
        raise ConfigError("budget.epsilon", repr(budget.epsilon), "a number from 0.001")
    if not 1e-15 <= budget.delta <= 1e-4:
        raise ConfigError("budget.delta", repr(budget.delta), "a number from 1e-15 to 1e-4")
    return _allowance(rho_of(budget.epsilon, budget.delta / 2), budget.epsilon, budget.delta)


def _allowance(rho: int, epsilon: float, delta: float) -> Allowance:
    return Allowance(rho, delta / 2, delta / 2, epsilon, delta, epsilon > TRIAL_EPSILON)


def priced(plan: Plan, budget: str | Budget) -> Priced:
    """The plan under a budget; a trial's bounds are widened as far as its noise stays unseen."""
    allowed = allowance(budget)
    if allowed.trial:
        plan = _widest(plan, allowed.rho)
    return Priced(plan, allowed, {each.measure: share(plan, each, allowed) for each in plan.measures})


def share(plan: Plan, measure: MeasurePlan, allowed: Allowance) -> Share:
    """One measure's part of the budget: rho by weight (rounded down), delta split over thresholds evenly."""
    rho = allowed.rho * measure.weight // plan.weights
    scale = scale_for(measure.l2_squared, rho)
    if not measure.new_keys:
        return Share(rho, scale, 0.0, 0)
    delta = allowed.delta_thresholds / plan.thresholded
    if measure.kind is Bound.WEIGHTED:
        return Share(rho, scale, delta, threshold_for_weights(scale, MOST_NEW_KEYS, delta, measure.bound))
    return Share(rho, scale, delta, threshold_for(scale, measure.new_keys, delta))


def _widest(plan: Plan, rho: int) -> Plan:
    """The plan with the widest bounds whose noise stays within `TRIAL_SCALE`; unchanged if none does."""
    low, high = 0, MOST_ROWS
    while low < high:
        rows = (low + high + 1) // 2
        wide = plan.widened(rows)
        noise = ((m.kind.grain, scale_for(m.l2_squared, rho * m.weight // wide.weights)) for m in wide.measures)
        if all(scale <= TRIAL_SCALE * grain for grain, scale in noise):
            low = rows
        else:
            high = rows - 1
    return plan.widened(low) if low else plan


def scale_for(l2_squared: int, rho: int) -> Fraction:
    """The smallest scale s, a multiple of 1/1024, with l2_squared / 2s² ≤ rho (in pico-rho).

    A relative 1e-9 is added so that a library which rounds its cost upwards still finds it within rho.
    """
    if rho < 1:
        raise ConfigError("budget", "a budget too small to share", "a larger epsilon")
    squared = Fraction(l2_squared * PICO, 2 * rho) * (1 + Fraction(1, 10**9))
    grains = math.isqrt(math.ceil(squared * GRAIN * GRAIN) - 1) + 1
    return Fraction(grains, GRAIN)


def rho_of(epsilon: float, delta: float) -> int:
    """The most pico-rho that still implies (epsilon, delta)-DP, at most `MOST_RHO`."""
    low, high = 0, MOST_RHO
    while low < high:
        middle = (low + high + 1) // 2
        if epsilon_of(middle / PICO, delta) <= epsilon:
            low = middle
        else:
            high = middle - 1
    return low


@lru_cache(maxsize=256)
def threshold_for(scale: Fraction, new_keys: int, delta: float) -> int:
    """The smallest T ≥ 1 such that a unit that alone has `new_keys` keys shows one with probability ≤ delta.

    Its noised counts are 1 + Z; it shows when 1 + Z > T, that is Z ≥ T for a discrete Gaussian Z. Independent
    over keys: 1 − (1 − Pr[Z ≥ T])^K ≤ delta.
    """
    terms = _terms(scale)
    whole = math.fsum(terms) * 2 - terms[0]
    rest = 0.0
    for value in range(len(terms) - 1, 0, -1):
        rest += terms[value]
        tail = (rest + terms[-1]) / whole * _SLACK
        if -math.expm1(new_keys * math.log1p(-min(tail, 1 - 1e-16))) * _SLACK > delta:
            return value + 1
    return 1


@lru_cache(maxsize=256)
def variance_of(scale: Fraction) -> float:
    """Variance of the discrete Gaussian of this scale; for scales over 8 it is scale² to 15 digits."""
    if scale > 8:
        return float(scale * scale)
    terms = _terms(scale)
    weighed = math.fsum(2.0 * value * value * term for value, term in enumerate(terms))
    return weighed / (math.fsum(terms) * 2 - terms[0])


def _terms(scale: Fraction) -> list[float]:
    """exp(−k² / 2s²) for k = 0, 1, … while it is a number to speak of; what is left is under its last term.

    The last term t at k ≥ 37 s: the sum beyond is at most t·q/(1−q) with q = exp(−37/s) for s ≤ 53, and t is
    then under 1e-297, so adding t once more covers it; for larger s the sum beyond is under s·t, still < 1e-290.
    """
    twice = 2.0 * float(scale) ** 2
    last = max(2, math.ceil(37 * scale))
    return [math.exp(-value * value / twice) for value in range(last + 1)]
