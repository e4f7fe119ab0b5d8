"""Weights: a unit that has more than its bound is scaled down as a whole, in integers, instead of being cut.

A unit with cells n, whole numbers in parts (`PARTS` of them are one row, one unit, the most of a sum), adds
n·w // `WEIGHTS` to each, with its weight w = min(`WEIGHTS`, ⌊√(PARTS²·k·WEIGHTS² // s)⌋), its load s = Σ n² and the
measure's bound k, a squared L2 norm in rows. `//` rounds towards zero, so the squares of what it adds sum to at most
w²·s / WEIGHTS² ≤ PARTS²·k = `l2_squared(k)`, all of it in integers. Neighbours differ by all rows of one unit, and the
weight of a unit follows from its own rows alone: so `l2_squared(k)` is the squared L2 sensitivity of the sums.

Scaling keeps √(k/m) of a unit with m keys where keeping k of them keeps k/m: less bias at the same noise, nothing to
put in order, and no chance in it. The idea is that of l2-weighted set union (Gopi, Gulhane, Kulkarni, Shen, Shokouhi
and Yekhanin, *Differentially Private Set Union*, 2020, section 4) and of smooth bounding (Epasto, Mahdian, Mao,
Mirrokni and Ren, *Smoothly Bounding User Contributions in Differential Privacy*, 2020).

In SQL (`table_sql.counts`) the root is a double. It is the same integer on every engine: where a unit is over its bound
the argument q is under WEIGHTS² = 10⁸. Let n = ⌊√q⌋. The correctly rounded root is at least n, as rounding is monotone
and n is a double. And √q ≤ √((n+1)² − 1) < (n+1) − 1/(2(n+1)), where n + 1 ≤ 10⁴ and doubles lie 2·10⁻¹² apart: the
rounded root stays below n + 1, and its floor is n.
"""

import math
from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache

from hubbub.release.plan import PARTS

WEIGHTS = 10_000  # a weight is so many of them at most: that of a unit within its bound
MOST_BOUND = 2**20
MOST_NEW_KEYS = 200  # a unit with more new keys is left out of the selection; 100 to 300 find as many keys

_SLACK = 1 + 1e-9  # covers the rounding of erfc, whose logarithm has a slope of under 100 here


def weight(bound: int, load: int) -> int:
    """The weight of a unit: the largest whole w ≤ `WEIGHTS` with w²·load ≤ `WEIGHTS`²·`l2_squared(bound)`.

    `load` is the sum of its squared cells, in parts, from 1.
    """
    if not 1 <= bound <= MOST_BOUND:
        raise ValueError(f"a bound is from 1 to {MOST_BOUND}: {bound}")
    if load < 1:
        raise ValueError(f"a unit with rows has a load from 1: {load}")
    return min(WEIGHTS, math.isqrt(l2_squared(bound) * WEIGHTS**2 // load))


def scaled(cells: Sequence[int], bound: int) -> list[int]:
    """What a unit with these cells adds, in parts; its squared L2 norm is at most `l2_squared(bound)`."""
    load = sum(cell * cell for cell in cells)
    if load == 0:
        return [0] * len(cells)
    share = weight(bound, load)
    return [(abs(cell) * share // WEIGHTS) * (1 if cell > 0 else -1) for cell in cells]


def weight_of_new(keys: int, bound: int = 1) -> int:
    """What a unit with so many new keys adds to each, in parts."""
    return scaled([PARTS] * keys, bound)[0]


def l2_squared(bound: int) -> int:
    """Squared L2 sensitivity, in parts, of sums of `scaled` cells."""
    return PARTS * PARTS * bound


@lru_cache(maxsize=256)
def threshold_for_weights(scale: Fraction, new_keys: int, delta: float, bound: int = 1) -> int:
    """The smallest T ≥ `PARTS`, in parts, at which a unit shows a key that it alone has with probability ≤ delta.

    For selection by weight: a unit with m ≤ `new_keys` new keys adds w_m = `weight_of_new(m, bound)` to each (the bound
    is 1 but in a trial, which widens it) and those with more add nothing; noise is a discrete Gaussian Z of `scale`, in
    parts; a key is released when its noised sum is *greater* than T. Neighbours: with and without one unit. Where a key
    is other units' too, the noise covers the difference (`l2_squared(bound)` / 2·scale², in zCDP). Of its m keys at
    most m are its alone; one of those passes when w_m + Z > T, and any of them with probability at most 1 − (1 − Pr[Z >
    T − w_m])^m. T keeps this within delta for every m from 1 to `new_keys` (few keys weigh more, many have more
    chances): the selection is delta-approximately zCDP (Gopi et al. 2020, section 4.2, there for the continuous
    Gaussian).

    The tail: for whole t ≥ 1, Pr[Z ≥ t] ≤ Pr[N ≥ t − 1] with N normal of the same scale s. The terms exp(−k²/2s²),
    k ≥ t, are below their integral from t − 1, and all terms sum to at least s√2π by Poisson's summation. So
    Pr[Z > T − w] = Pr[Z ≥ T − w + 1] ≤ Pr[N ≥ T − w] for T ≥ w; at scales of thousands of parts this loses nothing.
    """
    if new_keys < 1 or scale <= 0 or not 0 < delta < 1:
        raise ValueError("a threshold is for at least one key, a scale and a delta above 0")
    found = PARTS
    for keys in range(1, new_keys + 1):
        weighed = weight_of_new(keys, bound)
        if _shows(found - weighed, scale, keys) > delta:
            found = _least(found, weighed, scale, keys, delta)
    return found


def _least(low: int, weighed: int, scale: Fraction, keys: int, delta: float) -> int:
    """The least T > low at which `keys` keys of this weight show with probability ≤ delta; at `low` it is more."""
    step = max(1, math.ceil(scale))
    high = low + step
    while _shows(high - weighed, scale, keys) > delta:
        low, high = high, high + step
    while high - low > 1:
        middle = (low + high) // 2
        if _shows(middle - weighed, scale, keys) > delta:
            low = middle
        else:
            high = middle
    return high


def _shows(distance: int, scale: Fraction, keys: int) -> float:
    """At least the probability that any of `keys` independent Z exceeds `distance`."""
    tail = 0.5 * math.erfc(distance / (float(scale) * math.sqrt(2))) * _SLACK
    return -math.expm1(keys * math.log1p(-min(tail, 1 - 1e-16))) * _SLACK
