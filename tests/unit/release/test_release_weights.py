"""Weights: no unit adds more than its bound, in integers and in SQL alike; thresholds keep their delta."""

import math
from fractions import Fraction

import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hubbub.core.settings import Budget
from hubbub.core.tables import Column, Table, TableMeasure
from hubbub.release.budget import PICO, priced, scale_for, threshold_for
from hubbub.release.mechanisms import add_noise
from hubbub.release.plan import PARTS
from hubbub.release.table_plan import plan_of_table
from hubbub.release.weights import (
    MOST_BOUND,
    WEIGHTS,
    l2_squared,
    scaled,
    threshold_for_weights,
    weight,
    weight_of_new,
)

BOUNDS = st.integers(1, MOST_BOUND)
CELLS = st.lists(
    st.integers(-(10**6), 10**6) | st.integers(0, 3).map(lambda count: count * PARTS) | st.integers(-9, 9), max_size=60
)
SQL = "SELECT floor(sqrt($whole::BIGINT // $load::BIGINT))::BIGINT"


@given(CELLS, BOUNDS | st.integers(1, 100))
@example([PARTS] * 26, 25)
@example([2 * PARTS, PARTS, -PARTS], 5)
def test_no_vector_exceeds_the_bound(cells: list[int], bound: int) -> None:
    assert sum(part * part for part in scaled(cells, bound)) <= l2_squared(bound)


@given(CELLS, st.integers(1, 10_000))
def test_units_within_the_bound_are_whole(cells: list[int], bound: int) -> None:
    if sum(cell * cell for cell in cells) <= l2_squared(bound):
        assert scaled(cells, bound) == cells


@given(st.integers(1, 10**15), st.integers(1, 10_000))
def test_nothing_is_given_away(load: int, bound: int) -> None:
    found = weight(bound, load)
    assert found == WEIGHTS or (found + 1) ** 2 * load > l2_squared(bound) * WEIGHTS**2
    exact = WEIGHTS * min(1.0, math.sqrt(l2_squared(bound) / load))
    assert exact - 1 - 1e-9 <= found <= exact + 1e-9


@settings(deadline=None)
@given(
    st.lists(CELLS.filter(lambda cells: len(cells) >= 1).map(lambda cells: (cells * 8)[:8]), max_size=6),
    st.integers(0, 5),
    st.integers(1, 400),
)
def test_a_unit_more_or_less_moves_the_sums_within_the_sensitivity(
    units: list[list[int]], place: int, bound: int
) -> None:
    def sums(some: list[list[int]]) -> list[int]:
        rows = [scaled(cells, bound) for cells in some]
        return [sum(row[cell] for row in rows) for cell in range(8)]

    without = units[:place] + units[place + 1 :]
    moved = [a - b for a, b in zip(sums(units), sums(without), strict=True)]
    assert sum(move * move for move in moved) <= l2_squared(bound)


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 1024), st.integers(1, 10**18))
def test_sql_gives_the_same_integer_for_a_unit_over_its_bound(bound: int, beyond: int) -> None:
    load = l2_squared(bound) + beyond
    found = duckdb.execute(SQL, {"whole": l2_squared(bound) * WEIGHTS**2, "load": load}).fetchall()
    assert found == [(weight(bound, load),)]


@given(st.integers(1, WEIGHTS), st.integers(-3, 3))
def test_a_floating_root_is_exact_below_the_whole_weight(root: int, beside: int) -> None:
    value = min(WEIGHTS**2, max(0, root * root + beside))
    assert math.floor(math.sqrt(value)) == math.isqrt(value)


@pytest.mark.parametrize(("bound", "load"), [(0, 1), (MOST_BOUND + 1, 1), (1, 0)])
def test_what_has_no_weight_is_refused(bound: int, load: int) -> None:
    with pytest.raises(ValueError, match="from 1"):
        weight(bound, load)


def _passing(scale: int, more_than: int) -> float:
    """Pr[Z > more_than] of a discrete Gaussian, by its terms."""
    reach = 40 * scale
    terms = [math.exp(-k * k / (2.0 * scale * scale)) for k in range(reach)]
    return math.fsum(terms[more_than + 1 :]) / (2 * math.fsum(terms) - terms[0])


@pytest.mark.parametrize(("scale", "keys", "delta"), [(800, 1, 1e-9), (2000, 30, 5e-10), (3000, 200, 1e-6)])
def test_thresholds_hold_delta_by_the_exact_terms(scale: int, keys: int, delta: float) -> None:
    def worst(threshold: int) -> float:
        each = ((m, _passing(scale, threshold - weight_of_new(m))) for m in (1, 2, 3, 5, 10, 30, 100, 200) if m <= keys)
        return max(-math.expm1(m * math.log1p(-tail)) for m, tail in each)

    threshold = threshold_for_weights(Fraction(scale), keys, delta)
    assert worst(threshold) <= delta
    assert worst(threshold - scale // 50) > delta


@settings(max_examples=60, deadline=None)
@given(st.fractions(500, 200_000, max_denominator=1024), st.integers(1, 250), st.floats(1e-12, 1e-5))
def test_thresholds_hold_delta_for_every_number_of_keys(scale: Fraction, keys: int, delta: float) -> None:
    threshold = threshold_for_weights(scale, keys, delta)
    assert threshold >= PARTS
    for m in range(1, keys + 1):
        tail = 0.5 * math.erfc((threshold - weight_of_new(m)) / (float(scale) * math.sqrt(2)))
        assert 1 - (1 - tail) ** m <= delta * (1 + 1e-6) + 1e-15 * m


def test_one_key_has_the_threshold_of_distinct_units() -> None:
    rho = PICO // 100
    counts = threshold_for(scale_for(1, rho), 1, 5e-10)
    parts = threshold_for_weights(scale_for(l2_squared(1), rho), 1, 5e-10)
    assert counts - 1 <= parts / PARTS <= counts + 1


def test_a_unit_with_many_keys_is_why_thresholds_are_higher() -> None:
    scale = scale_for(l2_squared(1), PICO // 100)
    found = [threshold_for_weights(scale, keys, 5e-10) for keys in (1, 20, 200)]
    assert found == sorted(found)
    assert found[0] < found[2]


def test_noise_in_parts_is_within_its_budget() -> None:
    rho = PICO // 1000
    assert len(add_noise([10**12, 0], scale_for(l2_squared(9), rho), l2_squared(9), rho)) == 2


@pytest.mark.parametrize(
    ("scale", "keys", "delta"), [(Fraction(0), 1, 1e-9), (Fraction(1), 0, 1e-9), (Fraction(1), 1, 0.0)]
)
def test_a_threshold_for_nothing_is_refused(scale: Fraction, keys: int, delta: float) -> None:
    with pytest.raises(ValueError, match="threshold"):
        threshold_for_weights(scale, keys, delta)


@pytest.mark.parametrize("budget", ["standard", Budget(12.0), Budget(1e6)])
def test_thresholds_keep_their_delta_under_the_bound_in_force(budget: str | Budget) -> None:
    """A trial widens the bound of new keys, too: a unit then weighs fully in many of them."""
    table = Table("t", "at", "row", {"page": Column(open="text")}, {"a": TableMeasure("units", by=("page",))})
    found = priced(plan_of_table(table, unknown=("page",)), budget)
    for name in ("new_page", "more_page"):
        share, bound = found.shares[name], found.plan[name].bound
        for m in (1, 2, 5, 30, 200):
            tail = 0.5 * math.erfc((share.threshold - weight_of_new(m, bound)) / (float(share.scale) * math.sqrt(2)))
            assert -math.expm1(m * math.log1p(-tail)) <= share.delta * (1 + 1e-6)
