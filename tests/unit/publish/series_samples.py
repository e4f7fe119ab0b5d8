"""Simulated series of true counts and their released cells, as pages of a city move."""

import numpy as np
import numpy.typing as npt
from msgspec import Struct

Floats = npt.NDArray[np.float64]
WEEK = (1.1, 1.15, 1.15, 1.1, 1.0, 0.7, 0.8)


class Series(Struct, frozen=True):
    """float[n, d]: what was counted, and what was released of it."""

    true: Floats
    values: Floats


def simulated(
    rng: np.random.Generator,
    count: int,
    days: int,
    *,
    sizes: tuple[float, float] = (10.0, 100_000.0),
    step: float | None = None,
    spread: float | None = None,
    weekly: bool = True,
    sigma: float = 17.1,
) -> Series:
    """Poisson counts around levels that wander, each series with spreads and a week of its own unless they are given.

    sizes   smallest and largest level, evenly spread in their logarithm
    step    relative change of level a day; spread: of days around it; None: lognormal around .02 and .08
    """
    base = np.exp(rng.uniform(np.log(sizes[0]), np.log(sizes[1]), count))
    steps = np.exp(rng.normal(np.log(0.02), 0.7, count)) if step is None else np.full(count, step)
    spreads = np.exp(rng.normal(np.log(0.08), 0.6, count)) if spread is None else np.full(count, spread)
    walk = np.cumsum(steps[:, None] * rng.normal(0, 1, (count, days)), axis=1)
    own = spreads[:, None] * rng.normal(0, 1, (count, days)) - spreads[:, None] ** 2 / 2
    shares = np.array(WEEK) * np.exp(rng.normal(0, 0.1, (count, 7))) if weekly else np.ones((count, 7))
    means = base[:, None] * shares[:, np.arange(days) % 7] * np.exp(walk + own)
    true = rng.poisson(means).astype(np.float64)
    return Series(true, np.rint(true + rng.normal(0, sigma, true.shape)))
