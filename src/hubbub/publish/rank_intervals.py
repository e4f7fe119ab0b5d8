"""How sure the places of a ranking are: for each row the highest and the lowest place that noise leaves open."""

from statistics import NormalDist

import numpy as np

from hubbub.publish.shelf import Floats, Ints

ROWS_AT_ONCE = 256
CONFIDENCE = 0.95


def rank_intervals(value: Floats, variance: Floats, rows: Ints) -> list[tuple[int, int]]:
    """For each of `rows` the places (from 1, largest first) that it may have among all, at 95 % a row.

    Row i is compared with each of the n − 1 others: j is surely larger when x_j − x_i > z·√(Var x_i + Var x_j), surely
    smaller likewise, with z at (1 − .95) / 2(n − 1) of the normal's tail. By Bonferroni's inequality all comparisons of
    i with truly larger or smaller rows are right together with a probability of 95 %; then its true place lies between
    1 + (surely larger) and n − (surely smaller). The noise of rows is independent.
    """
    others = max(1, len(value) - 1)
    z = NormalDist().inv_cdf(1 - (1 - CONFIDENCE) / (2 * others))
    found: list[tuple[int, int]] = []
    for start in range(0, len(rows), ROWS_AT_ONCE):
        mine = rows[start : start + ROWS_AT_ONCE]
        apart = value[None, :] - value[mine][:, None]
        margin = z * np.sqrt(variance[None, :] + variance[mine][:, None])
        larger = (apart > margin).sum(axis=1)
        smaller = (-apart > margin).sum(axis=1)
        found += [(1 + up, len(value) - down) for up, down in zip(larger.tolist(), smaller.tolist(), strict=True)]
    return found
