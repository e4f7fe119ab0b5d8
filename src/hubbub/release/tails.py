"""Tails of the discrete Gaussian, rounded up: what thresholds are made of."""

import math
from fractions import Fraction
from functools import lru_cache

import numpy as np
import numpy.typing as npt

_SLACK = 1 + 1e-8  # covers the rounding of a sum of ten million floating-point terms


def first_within(scale: Fraction, probability: float) -> int:
    """The smallest v ≥ 1 with Pr[Z ≥ v] ≤ probability, for a discrete Gaussian Z of this scale."""
    upper = _tails(scale)
    return int(np.searchsorted(-upper[1:], -probability)) + 1


def each_of(keys: int, delta: float) -> float:
    """The probability that each of so many independent events may have, for one of them to happen with `delta`:
    1 − (1 − delta)^(1 / keys), rounded down.
    """
    return -math.expm1(math.log1p(-delta) / keys) / _SLACK


def terms(scale: Fraction) -> npt.NDArray[np.float64]:
    """exp(−k² / 2s²) for k = 0, 1, … while it is a number to speak of; what is left is under its last term.

    The last term t at k ≥ 37 s: the sum beyond is at most t·q/(1−q) with q = exp(−37/s) for s ≤ 53, and t is
    then under 1e-297, so adding t once more covers it; for larger s the sum beyond is under s·t, still < 1e-290.
    """
    last = max(2, math.ceil(37 * scale))
    steps = np.arange(last + 1, dtype=np.float64)
    found: npt.NDArray[np.float64] = np.exp(-(steps * steps) / (2.0 * float(scale) ** 2))
    return found


@lru_cache(maxsize=16)
def _tails(scale: Fraction) -> npt.NDArray[np.float64]:
    """Pr[Z ≥ v] for v = 0, 1, … at most, falling."""
    found = terms(scale)
    whole = 2.0 * math.fsum(found.tolist()) - float(found[0])
    upper: npt.NDArray[np.float64] = (np.cumsum(found[::-1])[::-1] + found[-1]) / whole * _SLACK
    return np.append(upper, 0.0)
