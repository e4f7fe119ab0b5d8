"""What a day is for all series, told by all of them, and by none that goes its own way."""

import numpy as np
import pytest
from series_samples import Floats

from hubbub.publish.common_days import with_common_days
from hubbub.publish.kalman import Days

COUNT, DAYS = 80, 40
SIGMA = 17.1


def days_of(true: Floats, rng: np.random.Generator) -> Days:
    """Cells of series by day, every day of the week alike."""
    series = true.shape[0]
    values = (true + rng.normal(0, SIGMA, true.shape)).T
    return Days(
        values, np.full(values.shape, SIGMA**2), np.zeros(len(values), np.int64), np.ones((1, series)),
        np.zeros((1, series)), np.maximum(true.mean(axis=1), 1.0), np.ones(len(values)), np.zeros(len(values)),
    )  # fmt: skip


def levels(rng: np.random.Generator, count: int = COUNT) -> Floats:
    return np.asarray(np.exp(rng.uniform(np.log(20), np.log(2_000), (count, 1))), np.float64)


def test_the_factor_of_a_day_is_found_with_its_error() -> None:
    rng = np.random.default_rng(1)
    sizes = np.ones(DAYS)
    sizes[[20, 30]] = 0.5, 1.6
    found = with_common_days(days_of(rng.poisson(levels(rng) * sizes).astype(np.float64), rng))
    assert found.factors[0] == 1
    assert found.factors[[20, 30]] == pytest.approx([0.5, 1.6], rel=0.05)
    assert np.abs(np.delete(found.factors, [20, 30]) - 1).max() < 0.05
    apart = (found.factors - sizes)[1:] / np.sqrt(found.factor_errors[1:])
    assert np.abs(apart).max() < 5


def test_a_few_that_go_their_own_way_move_no_other() -> None:
    rng = np.random.default_rng(2)
    true = rng.poisson(levels(rng) * np.ones(DAYS)).astype(np.float64)
    true[:8, 25] *= 50
    true[8:16, 25] = 0
    assert with_common_days(days_of(true, rng)).factors[25] == pytest.approx(1, abs=0.04)


def test_a_growing_whole_is_followed() -> None:
    rng = np.random.default_rng(3)
    means = levels(rng) * 1.03 ** np.arange(DAYS)
    days = days_of(rng.poisson(means).astype(np.float64), rng)
    found = with_common_days(days)
    assert np.isfinite(found.factors).all()
    assert (np.diff(found.factors[5:]) > -0.1).all()


@pytest.mark.parametrize("count", [1, 9])
def test_too_few_series_tell_nothing(count: int) -> None:
    rng = np.random.default_rng(4)
    days = days_of(rng.poisson(levels(rng, count) * np.ones(DAYS)).astype(np.float64), rng)
    assert with_common_days(days) is days


def test_nothing_but_noise_and_missing_cells_tell_nothing() -> None:
    rng = np.random.default_rng(5)
    days = days_of(np.zeros((COUNT, DAYS)), rng)
    days.variances[10:13] = np.inf
    days.values[10:13] = 0.0
    found = with_common_days(days)
    assert np.isfinite(found.factors).all()
    assert (found.factors >= 0).all()
    assert found.factors[10] == pytest.approx(found.factors[12])
    assert np.abs(found.factors - 1).max() < 0.5
