"""Forecasts: intervals of sums hold what they say; holidays, gaps and short series are told as what they are."""

import sys
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "publish"))

from series_samples import simulated

from hubbub.insight.forecasts import HOLIDAY, follow, kinds_of

FIRST = date(2025, 1, 6)  # a Monday
SIGMA = 17.1
SERIES, PAST = 800, 300


@pytest.mark.parametrize("horizon", [7, 30, 90])
def test_intervals_of_sums_hold_95_of_100(horizon: int) -> None:
    """With 800 series whose intervals hold with 95 %, under 93 % or over 97.5 % come about 1 time in 100 or less."""
    series = simulated(np.random.default_rng(horizon), SERIES, PAST + horizon)
    outlook = follow(series.values[:, :PAST], SIGMA**2, FIRST).outlook(FIRST + timedelta(PAST - 1))
    kinds = kinds_of(FIRST + timedelta(PAST), horizon, ())
    true = series.true[:, PAST:].sum(axis=1)
    found = np.array([outlook.total(line, kinds) for line in range(SERIES)])
    held = np.abs(found[:, 0] - true) <= 1.96 * np.sqrt(found[:, 1])
    assert 0.93 <= held.mean() <= 0.975


def test_a_sum_is_what_its_days_say_of_it() -> None:
    series = simulated(np.random.default_rng(3), 4, 200)
    outlook = follow(series.values, SIGMA**2, FIRST).outlook(FIRST + timedelta(199))
    kinds = kinds_of(FIRST + timedelta(200), 45, {FIRST + timedelta(210), FIRST + timedelta(211)})
    parts = np.linspace(0, 2, 45)
    for line in range(4):
        mean, covariance = outlook.ahead(line, kinds)
        total, variance = outlook.total(line, kinds, parts)
        assert total == pytest.approx(float(mean @ parts), rel=1e-6)
        assert variance == pytest.approx(float(parts @ covariance @ parts), rel=0.01)
        assert np.linalg.eigvalsh(covariance).min() > 0
        assert covariance.sum() > 1.5 * np.trace(covariance)  # days to come are not independent


def test_a_holiday_is_a_day_of_its_own_kind() -> None:
    """Holidays of half a workday, where Sundays have a tenth: the share moves from Sunday's to what is seen."""
    rng = np.random.default_rng(4)
    days = [FIRST + timedelta(place) for place in range(420)]
    holidays = {day for day in days if day.day == 8 and day.weekday() < 5}
    share = np.array([0.5 if day in holidays else (1.0, 0.1)[day.weekday() == 6] for day in days])
    values = rng.poisson(1000 * share, (1, 420)) + rng.normal(0, SIGMA, (1, 420))
    last = days[-1]
    kinds = kinds_of(last + timedelta(1), 7, {last + timedelta(1)})
    assert kinds[0] == HOLIDAY
    known, _ = follow(values, SIGMA**2, FIRST, holidays=holidays).outlook(last).ahead(0, kinds)
    blind, _ = follow(values, SIGMA**2, FIRST).outlook(last).ahead(0, kinds)
    assert abs(known[0] - 500) < 60
    assert blind[0] < 200  # goes by Sunday, since it never heard of holidays


def test_days_without_a_cell_make_it_less_sure_and_not_lower() -> None:
    series = simulated(np.random.default_rng(5), 1, 200, sizes=(500, 500), step=0.01, spread=0.05)
    lost = series.values.copy()
    lost[0, -20:] = np.nan
    kinds = kinds_of(FIRST + timedelta(200), 7, ())
    whole, holed = (follow(one, SIGMA**2, FIRST).outlook(FIRST + timedelta(199)) for one in (series.values, lost))
    (mean, variance), (other, wider) = whole.total(0, kinds), holed.total(0, kinds)
    assert wider > variance
    assert abs(other - mean) < 3 * np.sqrt(wider)


def test_too_short_a_series_says_nothing() -> None:
    values = np.full((2, 40), np.nan)
    values[0, -6:], values[1, -7:] = 100.0, 100.0
    outlook = follow(values, SIGMA**2, FIRST).outlook(FIRST + timedelta(39))
    assert outlook.is_known.tolist() == [False, True]
    mean, variance = outlook.total(1, kinds_of(FIRST + timedelta(40), 30, ()))
    assert 2000 < mean < 4000
    assert np.sqrt(variance) > 150  # wide: a week says little of a month


def test_rates_of_any_size_are_foretold_alike() -> None:
    rng = np.random.default_rng(6)
    rate = 0.4 + 0.02 * rng.normal(0, 1, (1, 200))
    kinds = kinds_of(FIRST + timedelta(200), 10, ())
    found = [
        follow(factor * rate, (factor * 0.02) ** 2, FIRST, dispersion=0.0)
        .outlook(FIRST + timedelta(199))
        .total(0, kinds)
        for factor in (1.0, 1000.0)
    ]
    assert found[1][0] == pytest.approx(1000 * found[0][0])
    assert found[1][1] == pytest.approx(1e6 * found[0][1], rel=1e-6)
    assert found[0][0] == pytest.approx(4.0, rel=0.05)


def test_what_was_to_be_expected_stays_when_later_days_come() -> None:
    series = simulated(np.random.default_rng(8), 3, 250)
    day, kinds = FIRST + timedelta(180), kinds_of(FIRST + timedelta(181), 30, ())
    early = follow(series.values[:, :181], SIGMA**2, FIRST).outlook(day)
    late = follow(series.values, SIGMA**2, FIRST).outlook(day)
    for line in range(3):
        assert early.total(line, kinds) == pytest.approx(late.total(line, kinds))
