"""Intervals hold what they promise: simulations with fixed seeds, each with its false-alarm rate."""

from math import erfc, sqrt
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.publish.histograms import Bin, median, quantile
from hubbub.publish.intervals import (
    FirstRelease,
    Fraction,
    Total,
    estimate,
    first_release_interval,
    ratio,
    share,
    total_of,
)

DRAWS = 4000


def test_sums_add_values_and_variances() -> None:
    found = estimate(total_of([Total(10, 9.0), Total(-4, 16.0)]))
    assert found.value == 6
    assert found.stderr == 5
    assert found.low95 == pytest.approx(6 - 9.8, abs=0.01)
    assert found.high95 == pytest.approx(6 + 9.8, abs=0.01)


def test_a_cell_is_grey_from_a_third_of_noise_on() -> None:
    assert estimate(Total(300, 51**2)).shown
    grey = estimate(Total(300, 52**2))
    assert not grey.shown
    assert grey.why_not == "noise (± 102) is larger than a third of the value"
    assert "zero" in estimate(Total(-20, 100.0)).why_not
    assert estimate(Total(0, 1e-14)).why_not == "nothing was counted"  # a trial's zero is no noise
    assert estimate(Total(0, 0.0)).shown  # an exact zero is a number like any other


@pytest.mark.parametrize("above", [-2.0, -0.5, 0.0, 1.0, 3.0])
def test_first_releases_cover_the_truth(above: float) -> None:
    """Among released keys only. At 95 % true coverage, 4,000 draws fall under 94 % with probability 0.002."""
    sigma, threshold = 17.1, 103
    truth = max(1, round(threshold + above * sigma))
    rng = np.random.default_rng(7)
    seen: list[int] = []
    while len(seen) < DRAWS:
        draws = np.rint(rng.normal(truth, sigma, 100_000)).astype(int)
        seen += draws[draws > threshold].tolist()
    intervals = {value: first_release_interval(FirstRelease(value, sigma**2, threshold)) for value in set(seen)}
    covered = sum(intervals[value][0] <= truth <= intervals[value][1] for value in seen[:DRAWS]) / DRAWS
    assert covered >= 0.94
    naive = sum(abs(value - truth) <= 1.96 * sigma for value in seen[:DRAWS]) / DRAWS
    if above < -1:
        assert naive < 0.5  # what the plain interval would claim is far from true there


def test_far_above_the_threshold_a_first_release_is_like_any_other() -> None:
    low, high = first_release_interval(FirstRelease(1000, 17.1**2, 103))
    assert low == pytest.approx(1000 - 1.96 * 17.1, abs=0.7)
    assert high == pytest.approx(1000 + 1.96 * 17.1, abs=0.7)


def test_just_above_the_threshold_the_lower_end_is_far_down() -> None:
    low, high = first_release_interval(FirstRelease(104, 17.1**2, 103))
    assert low == 1
    assert high < 104 + 1.96 * 17.1


@given(
    value=st.integers(2, 3000),
    distance=st.integers(1, 500),
    sigma=st.floats(0.05, 200),
)
def test_first_release_intervals_are_ordered(value: int, distance: int, sigma: float) -> None:
    threshold = max(1, value - distance)
    low, high = first_release_interval(FirstRelease(max(value, threshold + 1), sigma**2, threshold))
    assert low <= high
    assert np.isfinite([low, high]).all()


def test_a_sum_with_a_first_release_reaches_further_down_than_up() -> None:
    plain = Total(400, 4 * 17.1**2)
    fresh = Total(110, 17.1**2, (FirstRelease(110, 17.1**2, 103),))
    found = estimate(total_of([plain, fresh]))
    assert found.value == 510
    assert found.stderr == pytest.approx(sqrt(5) * 17.1)
    assert found.value - found.low95 > found.high95 - found.value
    assert found.low95 < 510 - 1.96 * sqrt(5) * 17.1


def test_sums_with_a_first_release_cover_the_truth() -> None:
    """Six plain days and one first release: at 95 %, 3,000 draws fall under 93.5 % with probability 1e-4."""
    sigma, threshold, truth, plain_truth = 17.1, 103, 95, 600
    rng = np.random.default_rng(11)
    first = np.rint(rng.normal(truth, sigma, 60_000)).astype(int)
    first = first[first > threshold][:3000]
    assert len(first) == 3000
    plain = rng.normal(plain_truth, sigma * sqrt(6), 3000)
    covered = 0
    for one, rest in zip(first.tolist(), plain.tolist(), strict=True):
        total = Total(rest + one, 7 * sigma**2, (FirstRelease(one, sigma**2, threshold),))
        found = estimate(total)
        covered += found.low95 <= plain_truth + truth <= found.high95
    assert covered / 3000 >= 0.935


@pytest.mark.parametrize("part", [5.0, 60.0, 145.0])
def test_shares_cover_the_truth(part: float) -> None:
    """A part of a whole of 150 with a standard error of 10. 4,000 draws fall under 94 % with probability 0.002."""
    draws = np.random.default_rng(3).normal([part, 150 - part], [6.0, 8.0], (DRAWS, 2)).tolist()
    found = [share(Fraction(one, 36.0, one + rest, 100.0, 36.0), "visits") for one, rest in draws]
    shown = [one for one in found if one.shown]
    assert len(shown) == DRAWS
    assert sum(one.low95 <= 100 * part / 150 <= one.high95 for one in shown) / DRAWS >= 0.94


def test_ratios_of_independent_sums_cover_the_truth() -> None:
    """400 ± 30 over 150 ± 10. 4,000 draws fall under 94 % with probability 0.002."""
    draws = np.random.default_rng(5).normal([400, 150], [30.0, 10.0], (DRAWS, 2)).tolist()
    found = [ratio(Fraction(views, 900.0, visitors, 100.0, 0.0), "visitors") for views, visitors in draws]
    assert sum(one.low95 <= 400 / 150 <= one.high95 for one in found) / DRAWS >= 0.94


def test_ratios_hide_small_denominators_and_noisy_means() -> None:
    hidden = share(Fraction(10, 25.0, 99, 100.0, 25.0), "visits")
    assert not hidden.shown
    assert hidden.why_not == "too few visits (99 ± 20) to divide by"
    assert ratio(Fraction(0, 1.0, 0, 1.0, 0.0), "visits").value == 0
    noisy = ratio(Fraction(100, 50.0**2, 1000, 25.0, 0.0), "visits")
    assert not noisy.shown
    assert "third" in noisy.why_not


def test_an_exact_ratio_has_no_width() -> None:
    found = ratio(Fraction(30, 0.0, 10, 0.0, 0.0), "visitors")
    assert (found.value, found.low95, found.high95, found.shown) == (3, 3, 3, True)


def test_normal_tail_is_what_the_truncation_uses() -> None:
    """P(x ≥ v | x > T; low end) is 2.5 % by its definition, recomputed here from the normal tail."""
    sigma, threshold, value = 17.1, 103, 150
    low, high = first_release_interval(FirstRelease(value, sigma**2, threshold))

    def tail(x: float, mean: float) -> float:
        return erfc((x - mean) / (sigma * sqrt(2))) / 2

    assert tail(value - 0.5, low) / tail(threshold + 0.5, low) == pytest.approx(0.025, abs=5e-4)
    assert tail(value + 0.5, high) / tail(threshold + 0.5, high) == pytest.approx(0.975, abs=5e-4)


def test_a_quantile_covers_the_truth_as_often_as_it_says() -> None:
    """400 draws at p90: an interval of 95 % misses more than 40 of them with a chance under 10⁻⁴."""
    random = Random(11)
    bins = {f"{low}": Bin(low, low + 10, low + 5) for low in range(0, 100, 10)}
    missed = 0
    for _number in range(400):
        totals = {label: Total(random.gauss(200, 15), 225.0) for label in bins}
        found = quantile(totals, bins, 0.9, "units")
        missed += not found.low95 <= 90.0 <= found.high95
    assert missed <= 40


def test_the_median_is_the_quantile_of_a_half() -> None:
    bins = {"a": Bin(0, 1, 0.5), "b": Bin(1, 5, 3), "c": Bin(5, 9, 7)}
    totals = {"a": Total(100, 25.0), "b": Total(300, 25.0), "c": Total(200, 25.0)}
    half = quantile(totals, bins, 0.5, "units")
    assert half == median(totals, bins, "units")
    assert half.value == pytest.approx(1 + 4 * 200 / 300)
    assert quantile(totals, bins, 0.9, "units").value == pytest.approx(5 + 4 * 140 / 200)
    assert not quantile({"a": Total(3, 25.0)}, bins, 0.9, "units").shown
