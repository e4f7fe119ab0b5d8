"""The filter bank against a plain Kalman filter of one series, its weights, and what breaks and settling do to it."""

import numpy as np
import pytest

from hubbub.insight.trends.lanes import CLIPPED, DAMPING, GRID, SLOPE_STEP, Bank

NOISE = 100.0


def run(cells: np.ndarray, noise: np.ndarray, *, dispersion: float = 1.0) -> Bank:
    bank = Bank(cells.shape[1])
    ones = np.ones(cells.shape[1])
    for day in range(len(cells)):
        today = bank.expect(cells[day], noise[day], ones, 0 * ones, dispersion * ones)
        bank.take(today, np.isfinite(noise[day]) & bank.begun)
        bank.begin(today, cells[day], noise[day])
    return bank


def test_each_lane_is_a_kalman_filter() -> None:
    rng = np.random.default_rng(5)
    cells = 400 + rng.normal(0, 10, (60, 1))
    lane = GRID.index((0.015, 0.05))
    bank = run(cells, np.full(cells.shape, NOISE))
    state, covariance = np.array([cells[0, 0], 0.0]), np.zeros((2, 2))
    size = cells[0, 0]
    covariance[0, 0] = NOISE + size + (0.05 * size) ** 2
    covariance[1, 1] = (0.001 * size) ** 2
    moves = np.array([[1.0, 1.0], [0.0, DAMPING]])
    other = Bank(1)
    ones = np.ones(1)
    for day in range(60):
        today = other.expect(cells[day], np.full(1, NOISE), ones, 0 * ones, ones)
        if day:
            level = float(today.size[0])
            covariance = moves @ covariance @ moves.T + np.diag([(0.015 * level) ** 2, (SLOPE_STEP * level) ** 2])
            state = moves @ state
            spread = covariance[0, 0] + NOISE + level + (0.05 * level) ** 2
            assert today.spread[lane, 0] == pytest.approx(spread, rel=1e-4)
            gain = covariance[:, 0] / spread
            surprise = np.clip(cells[day, 0] - state[0], -CLIPPED * spread**0.5, CLIPPED * spread**0.5)
            state = state + gain * surprise
            covariance = covariance - np.outer(gain, covariance[0])
        other.take(today, other.begun)
        other.begin(today, cells[day], np.full(1, NOISE))
    assert bank.level[lane, 0] == pytest.approx(state[0], rel=1e-4)
    assert bank.slope[lane, 0] == pytest.approx(state[1], rel=1e-3)


@pytest.mark.parametrize(("step", "spread"), [(0.0, 0.0), (0.06, 0.0), (0.0, 0.2)])
def test_weights_go_to_the_pair_that_foretells(step: float, spread: float) -> None:
    rng = np.random.default_rng(6)
    level = 20_000 * np.exp(np.cumsum(rng.normal(0, step, (300, 40)), axis=0))
    cells = rng.poisson(level * np.exp(rng.normal(0, spread, level.shape) - spread**2 / 2)).astype(np.float64)
    bank = run(cells, np.full(cells.shape, NOISE))
    steps, spreads = np.array(GRID).T
    assert (bank.weights.T @ steps).mean() == pytest.approx(step, abs=0.008)
    assert (bank.weights.T @ spreads).mean() == pytest.approx(spread, abs=0.03)


def test_expectations_are_as_wide_as_they_say() -> None:
    rng = np.random.default_rng(7)
    level = 300 * np.exp(np.cumsum(rng.normal(0, 0.01, (200, 200)), axis=0))
    cells = rng.poisson(level * np.exp(rng.normal(0, 0.05, level.shape))) + np.rint(rng.normal(0, 10, level.shape))
    bank, ones, scores = Bank(200), np.ones(200), []
    for day in range(200):
        today = bank.expect(cells[day], NOISE * ones, ones, 0 * ones, ones)
        if day > 60:
            scores.append((cells[day] - today.mean) / np.sqrt(today.total))
        bank.take(today, bank.begun)
        bank.begin(today, cells[day], NOISE * ones)
    found = np.concatenate(scores)
    assert (np.abs(found) < 1.96).mean() == pytest.approx(0.95, abs=0.01)
    assert found.mean() == pytest.approx(0, abs=0.05)


def test_a_day_without_a_cell_says_nothing_and_widens() -> None:
    cells = np.full((40, 1), 500.0)
    noise = np.full((40, 1), NOISE)
    before = run(cells, noise)
    noise[30:] = np.inf
    cells[30:] = 0.0
    after = run(cells, noise)
    assert after.level_at(0)[0] == pytest.approx(500, abs=5)
    assert after.level_at(0)[1] > before.level_at(0)[1]
    assert after.days[0] == 30


def test_what_is_settled_is_the_level() -> None:
    bank = run(np.full((40, 2), 500.0), np.full((40, 2), NOISE))
    bank.settle(1, 900.0, 25.0)
    assert bank.level_at(0)[0] == pytest.approx(500, abs=5)
    assert bank.level_at(1)[0] == pytest.approx(900.0)
    assert bank.level_at(1)[1] == pytest.approx(25.0)
    assert bank.slope_at(1) == 0
