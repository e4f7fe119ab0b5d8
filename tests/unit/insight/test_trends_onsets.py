"""Likelihood ratios of onsets against brute force: a change of the state on a day, run through the same filter."""

import numpy as np
import pytest

from hubbub.insight.trends.lanes import DAMPING
from hubbub.insight.trends.onsets import Onsets

DAYS, FROM = 20, 6


def filtered(cells: np.ndarray, level: float) -> list[tuple[float, float, float, float]]:
    """Surprise, variance and gains of each day, of a filter of level and slope."""
    state, covariance = np.array([level, 0.0]), np.diag([30.0, 0.5])
    moves, found = np.array([[1.0, 1.0], [0.0, DAMPING]]), []
    for cell in cells:
        state, covariance = moves @ state, moves @ covariance @ moves.T + np.diag([4.0, 0.01])
        spread = covariance[0, 0] + 100.0
        gain = covariance[:, 0] / spread
        found.append((cell - state[0], spread, gain[0], gain[1]))
        state = state + gain * (cell - state[0])
        covariance = covariance - np.outer(gain, covariance[0])
    return found


@pytest.mark.parametrize("slope", [False, True])
def test_it_is_generalised_least_squares(slope: bool) -> None:
    rng = np.random.default_rng(8)
    cells = 50 + rng.normal(0, 5, DAYS)
    plain = filtered(cells, 50.0)
    later = np.maximum(np.arange(DAYS) - FROM, 0)
    added = (1 - DAMPING**later) / (1 - DAMPING) if slope else (np.arange(DAYS) >= FROM) * 1.0
    moved = filtered(cells + added, 50.0)
    signature = np.array([after[0] - before[0] for before, after in zip(plain, moved, strict=True)])
    surprise, spread = (np.array([day[place] for day in plain]) for place in (0, 1))
    bottom = (signature**2 / spread).sum()
    expected = (signature * surprise / spread).sum() / bottom
    onsets = Onsets(1, 30, (DAYS - FROM,), slope=slope)
    yes, one = np.array([True]), np.ones(1)
    for day, (surprised, wide, level_gain, slope_gain) in enumerate(plain):
        onsets.open_day(day)
        onsets.take(one, np.array([surprised]), np.array([wide]), yes)
        if day == DAYS - 1:
            assert onsets.scores()[0, 0] == pytest.approx(expected * bottom**0.5, rel=1e-4)
        onsets.follow(one, np.array([level_gain]), np.array([slope_gain]), yes)


def test_the_best_onset_is_found_where_it_is() -> None:
    cells = np.concatenate((np.full(30, 50.0), np.full(12, 80.0)))
    onsets, yes, one = Onsets(1, 40, (2, 4, 8)), np.array([True]), np.ones(1)
    for day, (surprised, wide, level_gain, slope_gain) in enumerate(filtered(cells, 50.0)):
        onsets.open_day(day)
        onsets.take(one, np.array([surprised]), np.array([wide]), yes)
        best = onsets.best(0)
        onsets.follow(one, np.array([level_gain]), np.array([slope_gain]), yes)
    assert best.since == 30
    assert best.size == pytest.approx(30, abs=3)
    onsets.forget(0)
    assert not onsets.scores().any()


def test_scores_are_standard_normal_where_nothing_changes() -> None:
    rng = np.random.default_rng(9)
    onsets = Onsets(4_000, 30, (2, 5, 13))
    yes, one = np.ones(4_000, np.bool_), np.ones(4_000)
    for day in range(14):
        onsets.open_day(day)
        onsets.take(one, rng.normal(0, 10, 4_000), 100 * one, yes)
        onsets.follow(one, 0.2 * one, 0.01 * one, yes)
    onsets.open_day(14)
    onsets.take(one, rng.normal(0, 10, 4_000), 100 * one, yes)
    scores = onsets.scores()
    assert scores.shape == (3, 4_000)
    assert scores.std(axis=1) == pytest.approx([1, 1, 1], abs=0.05)
