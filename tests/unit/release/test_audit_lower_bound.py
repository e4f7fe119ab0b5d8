"""The search for an event, and what it bounds, on mechanisms whose true cost is known."""

from math import log

import numpy as np
import pytest
from scipy.stats import norm

from hubbub.release.audit.events import Event, Output, Relation, Statistic, choose
from hubbub.release.audit.lower_bound import epsilon_at_least, rate_of
from hubbub.release.audit.sampling import Sides

RUNS = 100_000
RISK = 1e-6  # a false alarm of each of these tests


def sides(without: Output, present: Output, change: tuple[float, ...] = (0.0,), shown: tuple[bool, ...] = ()) -> Sides:
    return Sides(without, present, change, shown or (False,) * without.shape[1])


def randomized_response(present: bool, truth: float) -> Output:
    random = np.random.default_rng(1 + present)
    return np.where(random.random((RUNS, 1)) < truth, int(present), 1 - int(present))


@pytest.mark.parametrize("truth", [0.5, 0.6, 0.75, 0.95])
def test_randomized_response_is_bounded_nearly_by_what_it_costs(truth: float) -> None:
    cost = log(truth / (1 - truth))
    both = sides(randomized_response(False, truth), randomized_response(True, truth))
    found = epsilon_at_least(both, 0.0, RISK).epsilon
    assert cost - 0.15 < found <= cost or found == cost == 0


def test_a_delta_is_taken_off() -> None:
    """Something that one side alone shows, one time in a hundred, costs nothing at δ = 0.02 and much at δ = 0."""
    random = np.random.default_rng(3)
    without = np.zeros((RUNS, 1), np.int64)
    present = (random.random((RUNS, 1)) < 0.01).astype(np.int64)
    assert epsilon_at_least(sides(without, present), 0.02, RISK).epsilon < 0.01
    assert epsilon_at_least(sides(without, present), 0.0, RISK).epsilon > 3


@pytest.mark.parametrize("mu", [0.5, 1.0, 2.0])
def test_a_sum_over_numbers_is_found(mu: float) -> None:
    """Gaussian noise on four numbers that all move: no single one tells as much as their sum.

    What the sum costs is known (Balle and Wang 2018, Theorem 8); the bound stays under it, and over what one tells.
    """
    random = np.random.default_rng(4)
    scale, delta = 1_000, 0.01
    without, present = (
        np.rint(random.normal(side * scale * mu / 2, scale, (RUNS, 4))).astype(np.int64) for side in (0, 1)
    )
    found = epsilon_at_least(sides(without, present, (0.0,) * 4), delta, RISK)
    assert found.event.statistic.says == "sum that separates best"

    def loses(epsilon: float, by: float) -> float:
        return float(norm.cdf(by / 2 - epsilon / by) - np.exp(epsilon) * norm.cdf(-by / 2 - epsilon / by))

    assert loses(found.epsilon, mu) > delta
    assert loses(found.epsilon, mu / 2) < delta


def test_what_is_always_just_something_is_found() -> None:
    """A cell without noise on one side alone, among cells with noise."""
    random = np.random.default_rng(5)
    without, present = (np.rint(random.normal(0, 5, (RUNS, 3))).astype(np.int64) for _ in range(2))
    without[:, 1] = 7
    found = epsilon_at_least(sides(without, present), 0.0, RISK)
    assert found.epsilon > 7
    assert found.event.statistic.says == "column 2"
    assert "7" in str(found.event)


def test_the_same_on_both_sides_costs_nothing() -> None:
    """The event is chosen for what chance did to the first half; the second half does not confirm it."""
    random = np.random.default_rng(6)
    without, present = (random.integers(0, 1_000, (RUNS, 6)) for _ in range(2))
    assert epsilon_at_least(sides(without, present), 0.0, RISK).epsilon == 0.0


def test_events_count_what_they_say() -> None:
    output = np.array([[1, 0], [2, 1], [2, 0], [3, 3]])
    first = Statistic("column 1", (1.0, 0.0))
    wanted = {Relation.AT_LEAST: 3, Relation.AT_MOST: 3, Relation.IS: 2, Relation.IS_NOT: 2}
    assert {relation: Event(first, relation, 2.0, True).count(output) for relation in Relation} == wanted
    both = Event(Statistic("difference", (1.0, -1.0)), Relation.IS, 1.0, True)
    assert both.count(output) == 2


def test_no_half_that_chooses_is_counted() -> None:
    """What stands in the first half alone must not show in the bound."""
    without, present = np.zeros((RUNS, 1), np.int64), np.zeros((RUNS, 1), np.int64)
    present[: RUNS // 2] = 1
    assert choose(without[: RUNS // 2], present[: RUNS // 2], (1.0,), (False,), 0.0).limit in (0.0, 1.0)
    assert epsilon_at_least(sides(without, present), 0.0, RISK).epsilon == 0.0


def test_a_rate_lies_between_its_limits() -> None:
    rate = rate_of(500, 50_000, RISK)
    assert rate.lowest < 0.01 < rate.highest
    assert rate.highest - rate.lowest < 0.006
