"""Bounds that fit: the objective against simulation, the choice against trying all, odd days and small gains."""

import math
import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hubbub.core.sizes import Sizes, kept, sizes_of_units
from hubbub.release.budget import PICO
from hubbub.release.fitting import Course, best_bound, noise_of, predicted_error, usual
from hubbub.release.table_plan import BOUNDS

SIZES = [1, 2, 3, 4, 5, 6, 7, 8, 11, 23, 45, 91, 181]
UNITS = [320_000, 170_000, 110_000, 80_000, 60_000, 50_000, 40_000, 30_000, 90_000, 45_000, 20_000, 7_000, 2_000]
CITY = sizes_of_units(UNITS, 1700.0, SIZES, SIZES)
RHO = PICO // 200
LEVELS = [100 * 1.08**step for step in range(80)]
PAST = Course(0.03, 1.0)


def test_noise_is_that_of_the_mechanism() -> None:
    assert noise_of(10, RHO) == pytest.approx(10 / (2 * RHO / PICO), rel=1e-3)


def test_the_objective_is_the_error_of_corrected_cells() -> None:
    """A page's mean weight lies around the site's; noise; one factor. Mean of 20,000 capped errors within 3 %."""
    draw = random.Random(3)
    bound, level, likeness = 5, 200.0, 0.05
    found = kept(CITY, bound)
    deviation = math.sqrt(noise_of(bound, RHO)) / found.share
    total = 0.0
    for _ in range(20_000):
        own = 1 + draw.gauss(0, math.sqrt(likeness * found.heterogeneity + found.heterogeneity / level))
        total += min(1.0, abs(level * own + draw.gauss(0, deviation) - level) / level)
    promised = predicted_error(bound, CITY, [level], RHO, None, likeness).error
    assert total / 20_000 == pytest.approx(promised, rel=0.03)


def test_with_a_past_it_is_the_error_of_a_filter_in_its_steady_state() -> None:
    """A level that walks, figures around it, cells of known noise, and their filter. 40,000 days, within 3 %."""
    draw = random.Random(4)
    bound, level = 5, 200.0
    found = kept(CITY, bound)
    noise = noise_of(bound, RHO) / found.share**2 + found.heterogeneity * level
    step, around = (PAST.walk * level) ** 2, PAST.spread * level
    guess, variance, total, state = level, 1.0, 0.0, level
    for _ in range(40_000):
        state += draw.gauss(0, math.sqrt(step))
        figure = state + draw.gauss(0, math.sqrt(around))
        cell = figure + draw.gauss(0, math.sqrt(noise))
        variance += step
        told = variance + around + noise
        total += abs(guess + (variance + around) / told * (cell - guess) - figure)
        guess += variance / told * (cell - guess)
        variance *= 1 - variance / told
    promised = predicted_error(bound, CITY, [level], RHO, PAST, 0.0).error
    assert total / 40_000 / level == pytest.approx(promised, rel=0.03)


@pytest.mark.parametrize("course", [None, PAST])
@pytest.mark.parametrize("likeness", [0.0, 0.06])
def test_no_other_bound_is_better(course: Course | None, likeness: float) -> None:
    best = best_bound(CITY, LEVELS, RHO, range(1, 61), course, likeness=likeness)
    errors = [predicted_error(bound, CITY, LEVELS, RHO, course, likeness).error for bound in range(1, 61)]
    assert best.error <= min(errors) * 1.005  # cells are compared by their quantiles


def test_a_past_and_a_larger_budget_allow_wider_bounds() -> None:
    assert best_bound(CITY, LEVELS, RHO, BOUNDS, PAST).bound > best_bound(CITY, LEVELS, RHO, BOUNDS).bound
    bounds = [best_bound(CITY, LEVELS, RHO * more, BOUNDS).bound for more in (1, 10, 100)]
    assert all(a < b for a, b in pairwise(bounds))


def test_limits_hold() -> None:
    assert best_bound(CITY, LEVELS, RHO, (30, 40)).bound == 30
    assert best_bound(CITY, LEVELS, RHO * 1000, (2, 9)).bound == 9


def test_a_bound_stays_for_a_small_gain() -> None:
    best = best_bound(CITY, LEVELS, RHO, BOUNDS)
    beside = BOUNDS[BOUNDS.index(best.bound) + 1]
    assert best_bound(CITY, LEVELS, RHO, (best.bound, beside), current=beside).bound == beside
    assert best_bound(CITY, LEVELS, RHO, BOUNDS, current=384).bound == best.bound
    assert best_bound(CITY, LEVELS, RHO, (1, 4, 40), current=300).bound <= 40


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.integers(0, 10**6), min_size=len(SIZES), max_size=len(SIZES)).filter(lambda units: sum(units) > 10_000),
    st.lists(st.floats(1, 1e6), min_size=1, max_size=200),
    st.integers(PICO // 10_000, PICO),
    st.none() | st.builds(Course, st.floats(0, 0.5), st.floats(0, 5)),
)
def test_errors_are_shares(units: list[int], levels: list[float], rho: int, course: Course | None) -> None:
    found = best_bound(sizes_of_units(units, 100.0, SIZES, SIZES), levels, rho, BOUNDS, course)
    assert 0 <= found.error <= 1
    assert found.bound in BOUNDS


def test_one_odd_day_moves_nothing() -> None:
    quiet = [sizes_of_units(UNITS, 1700.0, SIZES, SIZES)] * 6
    odd = sizes_of_units([0] * 12 + [500_000], 1700.0, SIZES, SIZES)
    assert usual([*quiet, odd]).mass == CITY.mass
    assert usual([Sizes((1.0,), (-5.0,), (1.0,))]).mass == (0.0,)
    assert usual([CITY] * 7).variances[0] == pytest.approx(math.pi / 2 * 1700 / 7)


def test_what_cannot_be_fitted_is_refused() -> None:
    with pytest.raises(ValueError, match="bins"):
        usual([CITY, Sizes((1.0,), (5.0,), (1.0,))])
    with pytest.raises(ValueError, match="bins"):
        usual([])
    with pytest.raises(ValueError, match="cells"):
        best_bound(CITY, [0.0, -3.0], RHO, BOUNDS)
    with pytest.raises(ValueError, match="bounds"):
        best_bound(CITY, LEVELS, RHO, ())
