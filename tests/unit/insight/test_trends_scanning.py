"""Scans of simulated series whose changes are known."""

from datetime import date, timedelta

import numpy as np
import pytest

from hubbub.insight.trends.changes import Change, Form
from hubbub.insight.trends.scanning import scan

FIRST = date(2025, 1, 6)  # a Monday
SIGMA = 17.0
WEEK = np.array([1.1, 1.15, 1.15, 1.1, 1.0, 0.7, 0.8])


def world(rng: np.random.Generator, level: float = 400.0, days: int = 200, series: int = 60) -> np.ndarray:
    means = level * WEEK[np.arange(days) % 7] * np.ones((series, 1))
    return rng.poisson(means) + np.rint(rng.normal(0, SIGMA, means.shape))


def of(found: list[Change], series: int) -> list[Change]:
    return [change for change in found if change.series == series]


def test_hardly_anything_is_found_where_nothing_changes() -> None:
    rng = np.random.default_rng(1)
    assert len(scan(world(rng, series=300), SIGMA**2, FIRST)) <= 3


@pytest.mark.parametrize(("factor", "days"), [(1.8, 1), (1.8, 3), (0.3, 1), (0.3, 5)])
def test_some_days_are_found_and_end(factor: float, days: int) -> None:
    rng = np.random.default_rng(2)
    values = world(rng)
    values[7, 120 : 120 + days] *= factor
    (change,) = of(scan(values, SIGMA**2, FIRST), 7)
    assert (change.form, change.found, change.since, change.until) == (Form.DAYS, 120, 120, 119 + days)
    assert change.rises is (factor > 1)
    before, now, _, scatter = change.size()
    assert now / before == pytest.approx(factor, rel=0.15)
    assert 0 < scatter < before / 4


def test_what_lasts_becomes_the_level_and_is_told_once() -> None:
    rng = np.random.default_rng(3)
    values = world(rng)
    values[7, 120:] *= 1.6
    (change,) = of(scan(values, SIGMA**2, FIRST), 7)
    assert (change.form, change.since, change.until) == (Form.LEVEL, 120, None)
    before, now, _, _ = change.size()
    assert now / before == pytest.approx(1.6, rel=0.06)


def test_small_shifts_are_found_by_several_days_together() -> None:
    rng = np.random.default_rng(4)
    values = world(rng)
    values[:30, 120:] *= 1.15  # 60 on 400, a day has 26 of noise and scatter
    found = scan(values, SIGMA**2, FIRST)
    first = {change.series: change for change in reversed(found)}
    assert len(first.keys() & set(range(30))) >= 27
    assert len(first) <= 32
    lasting = [change for change in first.values() if change.form is Form.LEVEL and change.until is None]
    assert len(lasting) >= 20
    assert np.median([change.found - 120 for change in lasting]) <= 10
    assert np.median([abs(change.since - 120) for change in lasting]) <= 2


def test_a_slope_is_found() -> None:
    rng = np.random.default_rng(5)
    values = world(rng, level=2_000)
    values[7, 120:] *= np.exp(0.012 * np.arange(80))
    changes = of(scan(values, SIGMA**2, FIRST), 7)
    assert changes
    assert all(change.rises for change in changes)
    assert changes[0].found < 150


def test_the_noise_of_each_day_is_taken_as_it_is() -> None:
    rng = np.random.default_rng(6)
    values = world(rng)
    noise = np.full(values.shape, SIGMA**2)
    noise[:, 130] = 300.0**2
    values[:, 130] += np.rint(rng.normal(0, 300, len(values)))
    assert not [change for change in scan(values, noise, FIRST) if change.since == 130]
    assert [change for change in scan(values, SIGMA**2, FIRST) if change.since == 130]


def test_a_holiday_is_a_day_of_its_own_kind() -> None:
    rng = np.random.default_rng(7)
    values = world(rng, days=300, series=200)
    days = {120, 170, 220, 270}
    for day in days:
        values[:, day] = rng.poisson(0.6 * np.maximum(values[:, day], 0))
    holidays = {FIRST + timedelta(day) for day in days}
    assert len(scan(values, SIGMA**2, FIRST, holidays=holidays)) <= 3
    assert len(scan(values, SIGMA**2, FIRST)) > 300


def test_days_without_cells_neither_find_nor_hide() -> None:
    rng = np.random.default_rng(8)
    values = world(rng)
    values[:, 100:110] = np.nan
    values[7, 125:] *= 0.5
    (change,) = of(scan(values, SIGMA**2, FIRST), 7)
    assert change.since == 125
    assert len(scan(np.delete(values, 7, axis=0), SIGMA**2, FIRST)) <= 2


def test_a_key_that_begins_and_one_that_is_gone() -> None:
    rng = np.random.default_rng(9)
    values = world(rng)
    values[7, :120], values[8, 120:] = np.nan, np.nan
    found = scan(values, SIGMA**2, FIRST)
    (begun,), (gone,) = of(found, 7), of(found, 8)
    assert (begun.form, begun.since, begun.found) == (Form.BEGUN, 120, 123)
    assert (gone.form, gone.since, gone.found) == (Form.GONE, 120, 124)


def test_what_begins_under_the_floor_or_with_its_source_is_no_news() -> None:
    rng = np.random.default_rng(10)
    values = world(rng)
    values[7, :120] = np.nan
    assert not of(scan(values, SIGMA**2, FIRST, floor=1_000.0), 7)
    assert not of(scan(values, SIGMA**2, FIRST, begins=120), 7)


def test_each_day_is_judged_by_the_days_before_it() -> None:
    rng = np.random.default_rng(11)
    values = world(rng)
    values[7, 120:] *= 1.5
    values[9, 150:153] *= 0.4
    whole = scan(values, SIGMA**2, FIRST)
    for until in (121, 140, 160):
        part = scan(values[:, :until], SIGMA**2, FIRST)
        assert [(one.series, one.found, one.since) for one in part] == [
            (one.series, one.found, one.since) for one in whole if one.found < until
        ]


def test_what_is_counted_otherwise_is_no_change() -> None:
    rng = np.random.default_rng(12)
    values = world(rng)
    values[7, 120:] *= 1.6
    values[7, 150:] *= 0.6
    anew = np.zeros(values.shape, np.bool_)
    anew[7, 120] = True
    assert [change.since for change in of(scan(values, SIGMA**2, FIRST, anew=anew), 7)] == [150]


@pytest.mark.parametrize(("values", "variances"), [(np.zeros(3), 1.0), (np.zeros((2, 3)), -1.0)])
def test_what_cannot_be_scanned_is_refused(values: np.ndarray, variances: float) -> None:
    with pytest.raises(ValueError, match=r"series by day|at least 0"):
        scan(values, variances, FIRST)


def test_no_series_and_no_cells() -> None:
    assert scan(np.zeros((0, 40)), 1.0, FIRST) == []
    assert scan(np.full((3, 40), np.nan), 1.0, FIRST) == []
