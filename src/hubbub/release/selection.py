"""Which new keys are released: weighted counts of distinct units, a strict threshold, and what it costs.

A unit with m new keys counts in each with the same weight, so that its squares sum to at most 1: fully in one, 1/√m in
each of m. What many units have is found at the noise of a single count (Gopi, Gulhane, Kulkarni, Shen, Shokouhi and
Yekhanin, *Differentially private set union*, 2020, here with the discrete Gaussian and a weight a unit).
"""

import math
from fractions import Fraction
from functools import lru_cache

from hubbub.release.plan import PARTS
from hubbub.release.tails import each_of, first_within

NEW_KEYS = 64  # at most so many new keys a unit, least tag first
WEIGHTS = 10_000


def weight_of(keys: int) -> int:
    """What a unit with so many new keys counts in each, in `PARTS`-ths, as the statements of `table_sql` do."""
    return PARTS * math.isqrt(WEIGHTS**2 // keys) // WEIGHTS if keys > 1 else PARTS


@lru_cache(maxsize=64)
def weighted_threshold(scale: Fraction, delta: float) -> int:
    """The smallest T, in `PARTS`-ths, such that a unit alone shows one of its new keys with probability ≤ delta.

    A unit that alone has m keys adds w = `weight_of(m)` to each; one shows when w + Z > T, that is Z ≥ T − w + 1 for a
    discrete Gaussian Z of this scale, independent over keys: 1 − (1 − Pr[Z ≥ T − w + 1])^m ≤ delta must hold for each
    m ≤ `NEW_KEYS`. Keys that others have too are covered by the noise: the whole is delta-approximately (1 / 2s²)-zCDP
    for s = scale / PARTS, as in `mechanisms.passes`.
    """
    return max(weight_of(keys) - 1 + first_within(scale, each_of(keys, delta)) for keys in range(1, NEW_KEYS + 1))
