"""Places of a ranking that noise leaves open."""

from random import Random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hubbub.publish.rank_intervals import rank_intervals

PAIRS = st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6)), min_size=1, max_size=30)


@given(PAIRS)
def test_the_place_by_value_is_among_those_left_open(pairs: list[tuple[float, float]]) -> None:
    value, variance = (np.array(column, np.float64) for column in zip(*pairs, strict=True))
    for place, (low, high) in enumerate(rank_intervals(value, variance, np.arange(len(value)))):
        smallest = 1 + int((value > value[place]).sum())
        largest = int((value >= value[place]).sum())
        assert 1 <= low <= smallest <= largest <= high <= len(value)


def test_far_apart_is_sure_and_equal_is_open() -> None:
    value, variance = np.array([1000.0, 500.0, 0.0]), np.full(3, 4.0)
    assert rank_intervals(value, variance, np.arange(3)) == [(1, 1), (2, 2), (3, 3)]
    assert rank_intervals(np.zeros(3), variance, np.arange(3)) == [(1, 3)] * 3


def test_true_places_are_covered_as_often_as_is_said() -> None:
    """2,000 rankings of ten: a row's interval misses at most 5 %; 140 of 2,000 has a chance under 10⁻⁴."""
    random, truth, missed = Random(3), np.arange(10.0, 0.0, -1.0), 0
    for number in range(2_000):
        drawn = np.array([value + random.gauss(0, 1) for value in truth])
        row = number % 10
        ((low, high),) = rank_intervals(drawn, np.ones(10), np.array([row]))
        missed += not low <= row + 1 <= high
    assert missed <= 140
