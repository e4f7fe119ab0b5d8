"""What a bound keeps, from a histogram of units by size: against the units, and its variance against noise."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.core.sizes import Growth, Sizes, growth_of, kept, sizes_of_octaves, sizes_of_units

SIZES = [1, 2, 3, 5, 8, 13, 40, 200]


def _units(counts: list[int]) -> Sizes:
    return sizes_of_units(counts, 0.0, SIZES, SIZES)


@given(st.lists(st.integers(0, 1000), min_size=8, max_size=8).filter(any), st.integers(1, 300))
def test_the_share_is_that_of_the_rows(counts: list[int], bound: int) -> None:
    units = [size for size, count in zip(SIZES, counts, strict=True) for _ in range(min(count, 5))]
    found = kept(_units([min(count, 5) for count in counts]), bound)
    assert found.share == pytest.approx(sum(m * min(1, math.sqrt(bound / m)) for m in units) / sum(units))
    weights = [min(1, math.sqrt(bound / m)) for m in units for _ in range(m)]
    mean = sum(weights) / len(weights)
    spread = sum((weight - mean) ** 2 for weight in weights) / len(weights)
    assert found.heterogeneity == pytest.approx(spread / mean**2, abs=1e-9)
    assert found.variance == 0


@given(st.lists(st.integers(0, 1000), min_size=8, max_size=8).filter(any))
def test_a_wider_bound_keeps_more(counts: list[int]) -> None:
    shares = [kept(_units(counts), bound).share for bound in (1, 2, 5, 20, 200)]
    assert shares == sorted(shares)
    assert shares[-1] == 1


def test_the_variance_is_that_of_noised_histograms() -> None:
    """Standard deviation of 4,000 noised histograms' shares within 6 %, over five standard errors of it."""
    draw = random.Random(5)
    counts, sigma = [60_000, 30_000, 20_000, 9_000, 4_000, 2_000, 600, 100], 40.0
    promised = kept(sizes_of_units(counts, sigma**2, SIZES, SIZES), 5)
    noised = [
        kept(sizes_of_units([count + draw.gauss(0, sigma) for count in counts], sigma**2, SIZES, SIZES), 5).share
        for _ in range(4_000)
    ]
    mean = sum(noised) / len(noised)
    deviation = math.sqrt(sum((share - mean) ** 2 for share in noised) / len(noised))
    assert mean == pytest.approx(promised.share, abs=5 * deviation / 60)
    assert deviation == pytest.approx(math.sqrt(promised.variance), rel=0.06)


def test_noise_is_no_histogram() -> None:
    with pytest.raises(ValueError, match="noise"):
        kept(sizes_of_units([10, -20, 5, 0, 0, 0, 0, 0], 1600.0, SIZES, SIZES), 5)


@given(st.lists(st.floats(-1e4, 1e4), min_size=8, max_size=8))
def test_noise_moves_no_share_out_of_its_range(units: list[float]) -> None:
    sizes = sizes_of_units(units, 1.0, SIZES, SIZES)
    if sum(sizes.mass) > 3 * math.sqrt(sum(sizes.variances)):
        found = kept(sizes, 5)
        assert math.sqrt(5 / 200) <= found.share <= 1
        assert found.heterogeneity >= 0


@pytest.mark.parametrize(("squares", "mass"), [((1.0, 2.0), (1.0,)), ((0.5,), (1.0,))])
def test_bins_that_cannot_be_are_refused(squares: tuple[float, ...], mass: tuple[float, ...]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 the two reasons are in two sentences
        Sizes(squares, mass, tuple(0.0 for _ in mass))


OCTAVES = [2**power for power in range(15)]


def _visits(seed: int, pages: int) -> list[tuple[int, int]]:
    """Rows and squared norm of 20,000 units whose sizes have a heavy tail, in `pages` pages."""
    draw = random.Random(seed)
    units = []
    for _ in range(20_000):
        counts: dict[int, int] = {}
        for _ in range(min(600, int(draw.paretovariate(1.3) * 2))):
            page = int(pages * draw.random() ** 2)
            counts[page] = counts.get(page, 0) + 1
        units.append((sum(counts.values()), sum(count * count for count in counts.values())))
    return units


@pytest.mark.parametrize(("pages", "error"), [(10, 0.1), (40, 0.05), (200, 0.02), (1000, 0.02), (100_000, 0.02)])
def test_octaves_tell_what_a_bound_keeps_of_rows_that_repeat(pages: int, error: float) -> None:
    visits = _visits(2, pages)
    units = [0] * 15
    for _, squares in visits:
        units[min(14, squares.bit_length() - 1)] += 1

    def rows(bound: int) -> float:
        return sum(each * min(1.0, math.sqrt(bound / squares)) for each, squares in visits)

    growth = growth_of(units, OCTAVES, (16, rows(16)), (400, rows(400)))
    for bound in (4, 16, 64, 400):
        told = kept(sizes_of_octaves(units, 0.0, OCTAVES, growth), bound).share
        assert told == pytest.approx(rows(bound) / sum(each for each, _ in visits), rel=error)


@pytest.mark.parametrize(
    ("true", "error"), [(Growth(0.68), 1e-6), (Growth(0.95, -0.02), 1e-6), (Growth(0.7, 0.02), 1e-6), (Growth(), 0.02)]
)
def test_a_growth_is_found_from_what_it_keeps(true: Growth, error: float) -> None:
    units = [1000.0 / (place + 1) ** 2 for place in range(15)]
    sizes = sizes_of_octaves(units, 0.0, OCTAVES, true)
    tight, wide = ((bound, kept(sizes, bound).share * sum(sizes.mass)) for bound in (9, 360))
    found = sizes_of_octaves(units, 0.0, OCTAVES, growth_of(units, OCTAVES, tight, wide))
    assert kept(found, 16).share == pytest.approx(kept(sizes, 16).share, rel=error)


@given(st.floats(1, 1e6), st.floats(0, 2), st.floats(-0.1, 0.1))
def test_rows_lie_between_one_cell_and_one_in_each(squares: float, power: float, bend: float) -> None:
    assert math.sqrt(squares) * (1 - 1e-9) <= Growth(power, bend).rows(squares) <= squares * (1 + 1e-9)
