"""Comparisons: what is said about a change, and how often it is wrong."""

from math import sqrt
from random import Random

import pytest

from hubbub.insight.change import Direction, compare
from hubbub.publish.intervals import Z95, Estimate, Total, estimate


def made(value: float, stderr: float) -> Estimate:
    return estimate(Total(value, stderr**2))


def test_a_rise_beyond_noise_is_a_rise_with_its_margin() -> None:
    change = compare(made(1120, 10), made(1000, 10))
    assert change.direction is Direction.ROSE
    assert change.ratio == pytest.approx(0.12)
    assert change.low is not None
    assert change.high is not None
    assert 0 < change.low < 0.12 < change.high
    expected = Z95 * sqrt(10**2 + (1.12 * 10) ** 2) / 1000
    assert change.margin == pytest.approx(expected, rel=0.01)


def test_a_fall_is_a_fall() -> None:
    assert compare(made(800, 10), made(1000, 10)).direction is Direction.FELL


def test_what_noise_explains_is_no_change() -> None:
    change = compare(made(1010, 10), made(1000, 10))
    assert change.direction is Direction.STEADY
    assert change.low is not None
    assert change.high is not None
    assert change.low < 0 < change.high


def test_equal_exact_numbers_are_no_change_and_unequal_ones_are() -> None:
    assert compare(made(5, 0), made(5, 0)).direction is Direction.STEADY
    assert compare(made(6, 0), made(5, 0)).direction is Direction.ROSE


def test_without_one_of_the_numbers_nothing_is_said() -> None:
    assert compare(None, made(5, 1)).direction is Direction.UNKNOWN
    assert compare(made(5, 1), None).ratio is None


@pytest.mark.parametrize("before", [made(99, 10), made(-5, 1), made(0, 0)])
def test_no_percentage_of_a_number_near_zero(before: Estimate) -> None:
    change = compare(made(500, 10), before)
    assert change.ratio is None
    assert change.direction is Direction.ROSE


def test_the_interval_holds_the_true_ratio_95_times_out_of_100() -> None:
    """2,000 draws: the count of misses is within 4 sigma of 5 % (false alarm under 1 in 10,000)."""
    random = Random(5)
    misses = 0
    for _ in range(2000):
        change = compare(made(random.gauss(1300, 60), 60), made(random.gauss(1000, 50), 50))
        assert change.low is not None
        assert change.high is not None
        misses += not change.low <= 0.3 <= change.high
    assert abs(misses - 100) < 4 * sqrt(2000 * 0.05 * 0.95)


def test_steady_numbers_seem_to_change_5_times_out_of_100() -> None:
    """2,000 draws, the same bounds."""
    random = Random(6)
    alarms = sum(
        compare(made(random.gauss(1000, 20), 20), made(random.gauss(1000, 20), 20)).direction is not Direction.STEADY
        for _ in range(2000)
    )
    assert abs(alarms - 100) < 4 * sqrt(2000 * 0.05 * 0.95)
