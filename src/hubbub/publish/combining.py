"""Estimates of any combination of attributes from the released tables that have them.

Tables of `depth` attributes hold every combination of so many; each table's noise is its own, and two tables tell of
the same visitors where they share attributes. The best linear unbiased estimate takes all of that in (generalised
least squares), and its variance is known exactly, whatever the visitors do: there is no model in it.

Least squares needs no solver here, for the tables' design is made of Kronecker products. For a set A of attributes let
R_A be the part of the numbers by A that no smaller set tells: numbers by A, with the mean over each of its attributes
taken away. The parts of different sets are orthogonal, in the numbers and in the noise. A table over S ⊇ A with noise
σ² tells R_A, once it is summed over the attributes of S that are not in A, with noise σ² · Π n_i over those (n_i: how
many values). So the best estimate of R_A is the mean of what the tables tell, weighted by 1 / Π n_i, and numbers by Q
are sums of the parts of all A ⊆ Q, each spread evenly over the attributes of Q that are not in A. This is Gauss-Markov
in the basis of Xiao, He, Zhang and Kifer, "An Optimal and Scalable Matrix Mechanism for Noisy Marginals" (2023).
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, combinations
from math import prod
from typing import NamedTuple

import numpy as np

from hubbub.core.combinations import Tables
from hubbub.publish.shelf import Floats


class Estimated(NamedTuple):
    """Numbers by what was asked, float[rows, …], and the variance of each in one release, float[…]."""

    values: Floats
    variance: Floats


def estimated(tables: Tables, cells: Floats, variance: float, asked: Mapping[str, Floats]) -> Estimated:
    """The numbers by some attributes, at most `tables.depth` of them.

    cells     float[rows, tables.cells]: released cells in the order of `tables.keys`, or sums of as many releases a row
    variance  of the noise on a cell of one release
    asked     attribute → float[k, n]: the sums of its n values that are asked for; answers have an axis of k each
    """
    sizes = {name: len(values) for name, values in tables.lists}
    names = [name for name in sizes if name in asked]
    arrays = dict(_arrays(tables, sizes, cells))
    width = [len(asked[name]) for name in names]
    values, noise = np.zeros((len(cells), *width)), np.zeros(width)
    for among in chain.from_iterable(combinations(names, size) for size in range(len(names) + 1)):
        part, its = _part(arrays, among)
        part = part.reshape([len(cells), *(sizes[name] if name in among else 1 for name in names)])
        factor = np.full([1] * len(names), its * variance)
        for axis, name in enumerate(names):
            sums = asked[name]
            if name in among:
                sums = sums - sums.mean(axis=1, keepdims=True)
                part = np.moveaxis(np.tensordot(part, sums, (axis + 1, 1)), -1, axis + 1)
                square = (sums**2).sum(axis=1)
            else:
                mean = sums.mean(axis=1)
                part = part * _along(mean, axis, len(names))
                square = mean**2
            factor = factor * _along(square, axis, len(names))
        values += part
        noise += factor
    order = [names.index(name) for name in asked]
    return Estimated(np.transpose(values, [0, *(place + 1 for place in order)]), np.transpose(noise, order))


def _arrays(tables: Tables, sizes: Mapping[str, int], cells: Floats) -> Iterator[tuple[tuple[str, ...], Floats]]:
    """Each table's cells as float[rows, n, n, …]."""
    start = 0
    for names in tables.names:
        shape = [sizes[name] for name in names]
        yield names, cells[:, start : start + prod(shape)].reshape(len(cells), *shape)
        start += prod(shape)


def _part(arrays: Mapping[tuple[str, ...], Floats], among: Sequence[str]) -> tuple[Floats, float]:
    """The weighted mean of what the tables tell by these attributes, and its variance for a cell's of 1."""
    total: Floats | float = 0.0
    precision = 0.0
    for names, array in arrays.items():
        if set(among) <= set(names):
            summed = [place for place, name in enumerate(names, 1) if name not in among]
            weight = 1 / prod(array.shape[place] for place in summed)
            total = total + weight * array.sum(axis=tuple(summed))
            precision += weight
    return np.asarray(total / precision), 1 / precision


def _along(vector: Floats, axis: int, axes: int) -> Floats:
    """The vector along one of some axes, to be multiplied with an array that has these last."""
    return vector.reshape([len(vector) if place == axis else 1 for place in range(axes)])
