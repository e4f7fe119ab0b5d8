"""How large the units are, as released: what a bound keeps of all rows, and how much pages may differ in that.

A unit with squared L2 norm s counts with the weight w(s) = min(1, √(k/s)) under a bound of k. What is kept, and what
is lost, follows from how the rows lie over the sizes of the units they are from.
"""

from collections.abc import Sequence
from math import exp, log, sqrt

from msgspec import Struct

STEPS = 40  # of a bisection
MOST_BEND = 0.1


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


class Growth(Struct, frozen=True):
    """How many rows a unit of squared norm s has: s^(power + bend·ln s), between √s (one cell) and s (one in each)."""

    power: float = 1.0
    bend: float = 0.0

    def rows(self, squares: float) -> float:
        """The rows of a unit with this squared norm."""
        size = log(squares)
        return exp(min(size, max(size / 2, self.power * size + self.bend * size * size)))


ONE_IN_EACH = Growth()


def sizes_of_octaves(
    units: Sequence[float], variance: float, lows: Sequence[int], growth: Growth = ONE_IN_EACH
) -> Sizes:
    """Sizes from counts of units by the octave of their squared norm, bins from `low` to under 2·low.

    A bin's units are taken for one of its geometric middle. Where a unit counts once in each of its cells, rows and
    squares are the same; else `growth_of` tells the rows.
    """
    middles = _middles(lows)
    return sizes_of_units(units, variance, middles, [growth.rows(middle) for middle in middles])


def growth_of(
    units: Sequence[float], lows: Sequence[int], tight: tuple[float, float], wide: tuple[float, float]
) -> Growth:
    """The growth with which units of these octaves have as many rows as two bounds kept of them.

    `tight` and `wide` are each a bound and the released sum of the cells under it. The sum under the wide bound gives
    the power for every bend; the more rows the largest units have, the less of them the tight bound keeps, which gives
    the bend: two bisections. On simulated portals from 200 pages on the share that a bound keeps is then told within
    2 %; in a few cells, where large units have all of them, within 10 %.
    """
    middles = _middles(lows)

    def kept_under(bound: float, growth: Growth) -> float:
        each = zip(units, middles, strict=True)
        return sum(count * growth.rows(middle) * min(1.0, sqrt(bound / middle)) for count, middle in each)

    def powered(bend: float) -> Growth:
        low, high = 0.0, 2.0
        for _ in range(STEPS):
            power = (low + high) / 2
            low, high = (power, high) if kept_under(wide[0], Growth(power, bend)) < wide[1] else (low, power)
        return Growth((low + high) / 2, bend)

    low, high = -MOST_BEND, MOST_BEND
    for _ in range(STEPS):
        bend = (low + high) / 2
        low, high = (bend, high) if kept_under(tight[0], powered(bend)) > tight[1] else (low, bend)
    return powered((low + high) / 2)


def _middles(lows: Sequence[int]) -> list[float]:
    return [sqrt(low * (2 * low - 1)) for low in lows]


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
