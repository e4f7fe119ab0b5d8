"""Several tests of one thing as one p-value, and tails of normal and skewed distributions."""

from functools import lru_cache
from importlib import import_module
from typing import Any

import numpy as np

from hubbub.publish.kalman import Floats

LARGEST = 0.99  # a p-value of 1 would outweigh all others
TINY = 1e-8  # under it tan((1/2 − p) π) is 1/(π p)
LEAST = 1e-300


def combined(p_values: list[Floats], weights: tuple[float, ...]) -> Floats:
    """One p-value of several tests: float[k, n] each, the tests of an entry share its weight; float[n].

    The Cauchy combination (Liu & Xie, "Cauchy combination test: a powerful test with analytic p-value calculation
    under arbitrary dependency structures", JASA 115, 2020, theorem 1): in its tail it holds however tests depend.
    """
    total = np.zeros(p_values[0].shape[1])
    for tests, weight in zip(p_values, weights, strict=True):
        if len(tests):
            total += weight / len(tests) * _cotangent(tests).sum(axis=0)
    far = total > 1 / TINY
    return np.where(far, 1 / (np.pi * np.where(far, total, 1.0)), 0.5 - np.arctan(total) / np.pi)


def two_sided(scores: Floats) -> Floats:
    """How often a standard normal is as far from zero."""
    return np.asarray(2 * special().ndtr(-np.abs(scores)))


def skewed(scores: Floats, skewness: Floats) -> Floats:
    """Scores upwards, of a distribution of this skewness γ, as far out as those of a normal that are returned.

    By a lognormal's tail: log(1 + γ z / 3) / (γ / 3). Downwards they stay as they are, which finds less.
    """
    bend = np.maximum(skewness / 3, 1e-6)
    return np.where(scores > 0, np.log1p(bend * np.maximum(scores, 0.0)) / bend, scores)


def _cotangent(p_values: Floats) -> Floats:
    tiny, usual = p_values < TINY, np.clip(p_values, TINY, LARGEST)
    return np.where(tiny, 1 / (np.pi * np.maximum(p_values, LEAST)), np.tan((0.5 - usual) * np.pi))


@lru_cache(maxsize=1)
def special() -> Any:
    """SciPy's special functions; loaded when something is scanned, for they take a while."""
    return import_module("scipy.special")
