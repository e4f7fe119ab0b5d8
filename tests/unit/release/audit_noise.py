"""A stand-in for the sampler in tests: discrete Gaussian noise from NumPy, quick, and seeded."""

import math
from collections.abc import Sequence
from fractions import Fraction

import numpy as np


class SeededNoise:
    """As `mechanisms.add_noise`, but for its price, which is not asked."""

    def __init__(self, seed: int) -> None:
        self._random = np.random.default_rng(seed)

    def __call__(self, counts: Sequence[int], scale: Fraction, l2_squared: int, rho: int) -> list[int]:
        sigma = float(scale)
        reach = math.ceil(12 * sigma) + 1
        values = np.arange(-reach, reach + 1)
        below = np.cumsum(np.exp(-values * values / (2 * sigma * sigma)))
        places = np.searchsorted(below / below[-1], self._random.random(len(counts)), "right")
        noised: list[int] = (np.asarray(counts, np.int64) + values[places.clip(0, 2 * reach)]).tolist()
        return noised
