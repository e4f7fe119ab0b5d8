"""The false discovery rate over many days, and the bound that is kept."""

import numpy as np
import pytest

from hubbub.insight.trends.discoveries import Discoveries
from hubbub.insight.trends.evidence import combined, skewed, two_sided

RATE = 0.1


def test_one_day_is_benjamini_hochberg_at_the_days_level() -> None:
    decided = Discoveries(RATE)
    p_values = np.array([1e-6, 1.0, 0.5, 4e-4, np.nan])
    found = decided.decide(p_values)
    assert found.tolist() == [True, False, False, True, False]  # level (1 − .98) · .08: .0016 · 2/4 = .0008


def test_nothing_is_found_where_nothing_is_tested() -> None:
    assert not Discoveries(RATE).decide(np.full(3, np.nan)).any()
    assert not Discoveries(RATE).decide(np.ones(3)).any()


def test_few_are_false_over_many_days() -> None:
    rng = np.random.default_rng(10)
    decided, true, false = Discoveries(RATE), 0, 0
    for _ in range(400):
        p_values = rng.random(500)
        real = rng.random(500) < 0.002
        p_values[real] = two_sided(rng.normal(6, 1, int(real.sum())))
        found = decided.decide(p_values)
        true, false = true + int((found & real).sum()), false + int((found & ~real).sum())
    assert true > 300
    assert false / (true + false) < RATE


def test_a_quiet_year_has_hardly_a_false_one() -> None:
    rng = np.random.default_rng(11)
    counts = []
    for _ in range(20):
        decided = Discoveries(RATE)
        counts.append(sum(int(decided.decide(rng.random(300)).sum()) for _ in range(365)))
    assert np.mean(counts) < 2  # fifty days may spend .1: about .7 a year


def test_a_rate_in_one_batch_is_not_spent_again() -> None:
    decided = Discoveries(RATE)
    levels = []
    for _ in range(300):
        decided.decide(np.ones(10))
        levels.append(decided.level)
    assert levels[-1] == pytest.approx(levels[0], rel=0.2)  # nothing was found, so nothing more is allowed


def test_combined_tests_hold_in_the_tail() -> None:
    rng = np.random.default_rng(12)
    common = rng.normal(0, 1, 400_000)
    scores = np.stack([0.7 * common + 0.51**0.5 * rng.normal(0, 1, 400_000) for _ in range(5)])
    found = combined([two_sided(scores[:1]), two_sided(scores[1:])], (0.5, 0.5))
    assert (found < 1e-3).mean() == pytest.approx(1e-3, rel=0.25)
    assert combined([np.array([[1e-20]]), np.array([[0.5]])], (0.5, 0.5))[0] == pytest.approx(2e-20, rel=0.01)


def test_no_test_outweighs_the_others() -> None:
    sure, nothing = np.array([[1e-6]]), np.array([[1.0], [1.0]])
    assert combined([sure, nothing], (0.5, 0.5))[0] < 1e-5


def test_skewed_tails_are_those_of_a_lognormal() -> None:
    rng = np.random.default_rng(13)
    spread = 0.2
    drawn = np.exp(rng.normal(0, spread, 2_000_000) - spread**2 / 2)
    scores = (drawn - 1) / drawn.std()
    skewness = float(((drawn - 1) ** 3).mean() / drawn.std() ** 3)
    tail = two_sided(skewed(scores, np.full(len(scores), skewness))) / 2
    up = scores > 0
    assert (tail[up] < 1e-4).sum() / len(scores) == pytest.approx(1e-4, rel=0.5)
    assert (two_sided(scores[up]) / 2 < 1e-4).sum() / len(scores) > 5e-4  # a normal's tail would not hold
