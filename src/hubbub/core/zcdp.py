"""What zero-concentrated differential privacy (ρ) means as (ε, δ).

Source: Canonne, Kamath and Steinke, *The Discrete Gaussian for Differential Privacy* (2020), Proposition 12.
"""

import math

_SLACK = 1 + 1e-12  # covers rounding of a few floating-point operations
_STEPS = 100
_SPAN = 7  # the best alpha is within a factor e^7 of the first guess


def epsilon_of(rho: float, delta: float) -> float:
    """An ε such that ρ-zCDP implies (ε, δ)-DP, rounded up: for the best α > 1,
    αρ + (ln(1/δ) + (α − 1) ln(1 − 1/α) − ln α) / (α − 1).

    Every α gives a valid ε, so an inexact search costs accuracy and not soundness.
    """
    if rho <= 0:
        return 0.0
    guess = 0.5 * math.log(math.log(1 / delta) / rho)
    low, high = guess - _SPAN, guess + _SPAN
    ratio = (math.sqrt(5) - 1) / 2
    best = math.inf
    for _ in range(_STEPS):
        left, right = high - ratio * (high - low), low + ratio * (high - low)
        at_left, at_right = _epsilon_at(rho, delta, math.exp(left)), _epsilon_at(rho, delta, math.exp(right))
        best = min(best, at_left, at_right)
        if at_left < at_right:
            high = right
        else:
            low = left
    return max(0.0, best) * _SLACK


def _epsilon_at(rho: float, delta: float, excess: float) -> float:
    """ε at α = 1 + excess; ln(1 − 1/α) is written so that a small excess loses no digits."""
    bound = math.log(1 / delta) + excess * (math.log(excess) - math.log1p(excess)) - math.log1p(excess)
    return (1 + excess) * rho + bound / excess
