"""How large the units are, as released: what a bound keeps of all rows, and how much pages may differ in that.

A unit with squared L2 norm s counts with the weight w(s) = min(1, √(k/s)) under a bound of k. What is kept, and what
is lost, follows from how the rows lie over the sizes of the units they are from.
"""

from collections.abc import Sequence
from math import sqrt

from msgspec import Struct


class Sizes(Struct, frozen=True):
    """A released histogram of units by size, a bin an entry.

    squares    what stands for the squared L2 norm of a unit of the bin, from 1
    mass       rows (of distinct counts: keys) of all units of the bin; noised, so it may be negative
    variances  of the noise on each mass
    """

    squares: tuple[float, ...]
    mass: tuple[float, ...]
    variances: tuple[float, ...]

    def __post_init__(self) -> None:
        if not len(self.squares) == len(self.mass) == len(self.variances):
            raise ValueError("a bin has a size, a mass and a variance")
        if any(squares < 1 for squares in self.squares):
            raise ValueError("a unit with rows has squares from 1")


class Kept(Struct, frozen=True):
    """What a bound keeps.

    share          of the rows, over 0 and at most 1
    variance       of the share, from the histogram's noise
    heterogeneity  squared coefficient of variation of a row's weight, seen from a random row
    """

    share: float
    variance: float
    heterogeneity: float


def sizes_of_units(units: Sequence[float], variance: float, squares: Sequence[float], rows: Sequence[float]) -> Sizes:
    """Sizes from counts of units by bin, each with noise of this variance; a unit of a bin has `rows` rows."""
    return Sizes(
        tuple(squares),
        tuple(count * each for count, each in zip(units, rows, strict=True)),
        tuple(variance * each * each for each in rows),
    )


def kept(sizes: Sizes, bound: float) -> Kept:
    """What a bound k keeps of all rows: Σ mass·w / Σ mass.

    Variance by the delta method: with a share r, each bin's noise moves r by (w − r)/Σ mass. Raises `ValueError` when
    the histogram is noise (its sum is under three of its standard errors).
    """
    whole = sum(sizes.mass)
    if whole <= 3 * sqrt(sum(sizes.variances)):
        raise ValueError("the histogram of sizes is noise")
    weights = [min(1.0, sqrt(bound / squares)) for squares in sizes.squares]
    least = min(weights)
    share = sum(weight * mass for weight, mass in zip(weights, sizes.mass, strict=True)) / whole
    share = min(1.0, max(least, share))  # noise may not make it less than the lightest weight, nor more than all
    square = sum(weight * weight * mass for weight, mass in zip(weights, sizes.mass, strict=True)) / whole
    moved = sum((weight - share) ** 2 * each for weight, each in zip(weights, sizes.variances, strict=True))
    return Kept(share, moved / whole**2, max(0.0, square / share**2 - 1))
