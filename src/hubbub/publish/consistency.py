"""Released numbers that must add up, made to: exact best linear unbiased estimates on forests, in two passes.

A node of a forest is a true number; each *partition* of a node is a set of children whose true numbers add up to its
own. A node may have several partitions (visitors by channel, the same visitors by device). Some nodes have a cell: the
true number plus independent noise of known variance. Among all unbiased linear estimates of all nodes that add up,
the generalised least squares one has the least variance (Gauss–Markov; Aitken 1935). For noise of one variance on
regular trees it is found in two passes (Hay, Rastogi, Miklau, Suciu, "Boosting the accuracy of differentially private
histograms through consistency", PVLDB 3, 2010, section 4); here for any variances, shapes and missing cells. The
derivation is in docs/adr/0008-after-the-door.md: with a flat prior on the leaves and normal noise, GLS is the posterior
mean and its covariance the posterior covariance, and a tree's posterior factorises along its edges.

1. Upwards, z and u are the estimate of a node from its own subtree, and its variance: 1/u = 1/v + Σ_P 1/U_P and
   z/u = y/v + Σ_P Z_P/U_P, where Z_P and U_P are the sums of z and u over the children in partition P.
2. Downwards, x and w are the final estimate and its variance: for child c of i in P with gain g = u_c/U_P,
   x_c = z_c + g (x_i − Z_P) and w_c = u_c − u_c g + g² w_i.

Everything here is post-processing of released cells.
"""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from msgspec import Struct

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
ROOT = -1
EXACT = 1e-12  # the least variance: that of a cell without noise, as in a trial


class Forest:
    """Who is whose part. n nodes in any order; raises `ValueError` for a cycle or a parent that there is not.

    parents     int[n]: place of the parent, or `ROOT`
    partitions  int[n]: which partition of its parent a node belongs to, any number; all 0 when left out
    """

    def __init__(self, parents: npt.ArrayLike, partitions: npt.ArrayLike | None = None) -> None:
        self.parents: Ints = np.asarray(parents, np.int64)
        size = len(self.parents)
        if size and not (self.parents.min() >= ROOT and self.parents.max() < size):
            raise ValueError(f"parents are places from 0 to {size - 1}, or {ROOT}")
        depths = _depths(self.parents)
        marks = np.zeros(size, np.int64) if partitions is None else np.asarray(partitions, np.int64)
        kids = np.flatnonzero(self.parents != ROOT)
        order = kids[np.lexsort((marks[kids], self.parents[kids], depths[kids]))]
        begins = np.ones(len(order), np.bool_)
        begins[1:] = (np.diff(self.parents[order]) != 0) | (np.diff(marks[order]) != 0)
        self.roots: Ints = np.flatnonzero(self.parents == ROOT)
        self._children: Ints = order
        self._group: Ints = np.cumsum(begins) - 1  # of each place in `_children`
        self._starts: Ints = np.flatnonzero(begins)
        self._levels = np.flatnonzero(np.diff(depths[order[self._starts]], prepend=-1)).tolist()

    @property
    def groups(self) -> int:
        """How many partitions there are in all."""
        return len(self._starts)

    def levels(self, *, upwards: bool) -> Iterator["Level"]:
        """The partitions depth by depth: from the deepest parents up, or from the roots down."""
        spans = list(pairwise([*self._levels, self.groups]))
        for first, last in reversed(spans) if upwards else spans:
            start = self._starts[first]
            stop = self._starts[last] if last < self.groups else len(self._children)
            children = self._children[start:stop]
            heads = self._starts[first:last] - start
            yield Level(
                slice(first, last), self.parents[children[heads]], children, self._group[start:stop] - first, heads
            )


class Level(Struct, frozen=True):
    """Partitions whose parents are equally deep.

    groups    their places among all partitions
    parents   int[g]: the node that each adds up to
    children  int[k]: the children of all of them; `member` int[k]: which of the g each belongs to
    heads     int[g]: where each partition's children begin
    """

    groups: slice
    parents: Ints
    children: Ints
    member: Ints
    heads: Ints

    def sums(self, of_children: Floats) -> Floats:
        """Sums over each partition's children: float[k] to float[g]."""
        return np.asarray(np.add.reduceat(of_children, self.heads), np.float64)


class Adjusted:
    """Estimates of all nodes that add up.

    values     float[n]; NaN where the cells say nothing of a node
    variances  float[n]; infinite there
    """

    def __init__(self, forest: Forest, upward: Floats, spread: Floats, values: Floats, variances: Floats) -> None:
        self.values, self.variances = values, variances
        self.subtree_variances = spread
        self._forest, self._upward = forest, upward

    def variance_of(self, weights: npt.ArrayLike) -> float:
        """Variance of Σ weights · values, float[n], in O(n); infinite where the cells do not say that sum.

        The errors are e_c = g_c e_i + ε_c with ε of one partition independent of everything above and of covariance
        diag(u) − u uᵀ/U. So weights move upwards, b_i = a_i + Σ g_c b_c, and the variance is Σ_roots b² w +
        Σ_P (Σ b_c² u_c − (Σ b_c u_c)²/U_P). A partition with a child of which nothing is known says nothing of its
        parent; that child is the parent minus the others, so its weight moves up and is taken from theirs.
        """
        moved: Floats = np.array(weights, np.float64)
        found = 0.0
        for level in self._forest.levels(upwards=True):
            spread, mine = self.subtree_variances[level.children], moved[level.children]
            unknown = ~np.isfinite(spread)
            unknowns = level.sums(unknown.astype(np.float64))
            rest = level.sums(np.where(unknown, mine, 0.0)) / np.maximum(unknowns, 1)  # weight of the unknown ones
            if np.any(np.where(unknown, np.abs(mine - rest[level.member]) > 1e-9, False)):
                return float("inf")
            against = np.where(unknown, 0.0, mine - rest[level.member])
            known = np.where(unknown, 0.0, spread)
            total = level.sums(known)
            through = level.sums(against * known)
            shared = np.where(unknowns == 0, through / np.maximum(total, EXACT), 0.0)
            found += float(np.sum(level.sums(against**2 * known) - shared * through))
            np.add.at(moved, level.parents, np.where(unknowns == 0, shared, rest))
        tops = self._forest.roots[np.abs(moved[self._forest.roots]) > 1e-9]
        return found + float(np.sum(moved[tops] ** 2 * self.variances[tops]))


def adjust(forest: Forest, values: npt.ArrayLike, variances: npt.ArrayLike) -> Adjusted:
    """The best linear unbiased estimates of all nodes from their cells, in O(n).

    values     float[n]: each node's cell; anything where there is none
    variances  float[n]: of the cell's noise, independent from cell to cell; infinite where there is none
    """
    cell_variances = np.maximum(np.asarray(variances, np.float64), EXACT)
    known = np.isfinite(cell_variances)
    precision = np.where(known, 1 / cell_variances, 0.0)
    weighted = np.where(known, np.nan_to_num(np.asarray(values, np.float64)) * precision, 0.0)
    upward: Floats = np.zeros(len(precision))
    spread: Floats = np.full(len(precision), np.inf)
    parts: Floats = np.zeros(forest.groups)

    def settle(nodes: Ints) -> None:
        said = precision[nodes] > 0
        spread[nodes] = np.where(said, 1 / np.where(said, precision[nodes], 1.0), np.inf)
        upward[nodes] = np.where(said, weighted[nodes] / np.where(said, precision[nodes], 1.0), 0.0)

    for level in forest.levels(upwards=True):
        settle(level.children)
        width = level.sums(spread[level.children])
        parts[level.groups] = level.sums(upward[level.children])
        np.add.at(precision, level.parents, 1 / width)
        np.add.at(weighted, level.parents, parts[level.groups] / width)
    settle(forest.roots)
    return _downwards(forest, upward, spread, parts)


def _downwards(forest: Forest, upward: Floats, spread: Floats, parts: Floats) -> Adjusted:
    values, variances = upward.copy(), spread.copy()
    for level in forest.levels(upwards=False):
        mine = spread[level.children]
        unknown = ~np.isfinite(mine)
        known = np.where(unknown, 0.0, mine)
        unknowns = level.sums(unknown.astype(np.float64))[level.member]
        width = level.sums(known)[level.member]
        left = (values[level.parents] - parts[level.groups])[level.member]  # what the children lack of the parent
        above = variances[level.parents][level.member]
        gain = np.where(unknowns == 0, known / np.maximum(width, EXACT), 0.0)
        narrowed = known - known * gain + gain**2 * np.where(gain > 0, above, 0.0)
        alone = unknown & (unknowns == 1) & np.isfinite(above)  # known as what is left over
        values[level.children] += np.where(alone, left, np.where(gain > 0, left * gain, 0.0))
        variances[level.children] = np.where(alone, above + width, np.where(unknown, np.inf, narrowed))
    values[~np.isfinite(variances)] = np.nan
    return Adjusted(forest, upward, spread, values, variances)


def nonnegative(values: npt.ArrayLike, variances: npt.ArrayLike, total: float) -> Floats:
    """The numbers of at least zero that add up to max(0, total) and lie nearest to the given ones, in O(n log n).

    float[n] each. Nearest is the least Σ (x − value)²/variance: the projection onto a simplex in the metric of the
    noise (Held, Wolfe, Crowder, "Validation of subgradient optimization", Mathematical Programming 6, 1974),
    whose solution is x = max(0, value − λ variance). With the variances of the parts before they were adjusted, it is
    the most likely non-negative split of the total, whether the values given are raw or adjusted ones. For display
    only: what is cut off below zero is taken from the others, so no number is unbiased any more.
    """
    found, spread = np.asarray(values, np.float64), np.maximum(np.asarray(variances, np.float64), EXACT)
    if not len(found) or total <= 0:
        return np.zeros(len(found))
    order = np.argsort(-found / spread)
    excess = (np.cumsum(found[order]) - total) / np.cumsum(spread[order])  # λ if the first k are above zero
    kept = np.flatnonzero(found[order] / spread[order] > excess)
    shift = excess[kept[-1]] if len(kept) else excess[0]
    return np.asarray(np.maximum(0.0, found - shift * spread), np.float64)


def _depths(parents: Ints) -> Ints:
    """Distance of every node from its root, by doubling jumps."""
    jump: Ints = parents.copy()
    depths: Ints = (parents != ROOT).astype(np.int64)
    for _ in range(max(1, len(parents)).bit_length() + 1):
        moving = np.flatnonzero(jump != ROOT)
        if not len(moving):
            return depths
        onto = jump[moving]
        depths[moving] += depths[onto]
        jump[moving] = jump[onto]
    raise ValueError("a node is its own ancestor")
