"""Smoothed estimates: as sure as they say, tighter where it is quiet, and at once where something happens.

Statistical claims: with n intervals that each hold with probability at least p, a run fails by chance with less than
`FALSE_ALARM` (binomial, exact); seeds are fixed, so a run that passes passes always.
"""

from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from series_samples import Floats, Series, simulated

from hubbub.publish import smoothing
from hubbub.publish.smoothing import GRID, Process, Smoothed, filtered, fit, smoothed

SIGMA = 17.1
NOISE = SIGMA**2
FALSE_ALARM = 1e-6
HELD = 0.93  # of intervals that say 95 %: the model is close to what moves, not the same


def holds(found: Smoothed, true: Floats) -> Floats:
    """Which 95 % intervals hold the number without noise, as 0 and 1."""
    return np.asarray(np.abs(found.estimate - true) <= 1.96 * np.sqrt(found.variance), np.float64)


def least_hits(count: int, probability: float) -> int:
    """The fewest hits that are not surprising: P(Bin(count, probability) < k) < FALSE_ALARM for the k before."""
    below = 0.0
    for hits in range(count + 1):
        below += comb(count, hits) * probability**hits * (1 - probability) ** (count - hits)
        if below >= FALSE_ALARM:
            return hits
    return count


def test_least_hits_are_those_of_the_binomial() -> None:
    assert least_hits(10, 1.0) == 10
    assert 800 < least_hits(1000, 0.9) < 860


@pytest.fixture(scope="module")
def pages() -> Series:
    return simulated(np.random.default_rng(1), 600, 60)


@pytest.mark.parametrize("weekday", [0, None])
def test_intervals_hold_what_they_say_for_pages_of_any_size(pages: Series, weekday: int | None) -> None:
    series = pages if weekday == 0 else simulated(np.random.default_rng(2), 600, 60, weekly=False)
    found = filtered(series.values, NOISE, weekday=weekday)
    hits = holds(found, series.true[:, -1])
    assert hits.sum() >= least_hits(600, HELD)
    for low, high in ((10, 300), (300, 5_000), (5_000, 1e6)):  # not on the mean only
        size = series.true.mean(axis=1)
        mine = hits[(size >= low) & (size < high)]
        assert mine.sum() >= least_hits(len(mine), HELD)


def test_the_smoothed_past_holds_as_well(pages: Series) -> None:
    found = smoothed(pages.values, NOISE, weekday=0)
    for day in (0, 13, 30, 58):
        assert holds(found, pages.true)[:, day].sum() >= least_hits(600, HELD)


def test_a_long_series_alone_holds(pages: Series) -> None:
    hits = 0.0
    rng = np.random.default_rng(3)
    for _ in range(60):
        series = simulated(rng, 1, 120, sizes=(50, 2_000))
        hits += holds(filtered(series.values, NOISE, weekday=0), series.true[:, -1]).sum()
    assert hits >= least_hits(60, 0.9)


def test_steady_series_are_told_tighter() -> None:
    """Forty visitors a day for sixty days, σ of 17: Poisson's own scatter is 6.3, the noise is not what is left."""
    true = np.random.default_rng(4).poisson(40.0, (300, 60)).astype(np.float64)
    values = true + np.random.default_rng(5).normal(0, SIGMA, true.shape)
    last, past = filtered(values, NOISE), smoothed(values, NOISE)
    error = np.sqrt(np.mean((last.estimate - true[:, -1]) ** 2))
    assert error < 0.5 * SIGMA
    assert np.median(np.sqrt(last.variance)) < 0.5 * SIGMA
    assert np.sqrt(past.variance[:, 30]).mean() < 0.5 * SIGMA
    assert holds(last, true[:, -1]).sum() >= least_hits(300, HELD)


def test_where_noise_is_nothing_it_stays_out_of_the_way() -> None:
    series = simulated(np.random.default_rng(6), 50, 60, sizes=(50_000, 100_000))
    found = filtered(series.values, NOISE, weekday=0)
    assert np.abs(found.estimate - series.values[:, -1]).max() < SIGMA / 2
    assert np.sqrt(found.variance).max() < 1.2 * SIGMA


@pytest.mark.parametrize("days_ago", [0, 1, 5])
@pytest.mark.parametrize("height", [150, 1_000, 20_000])
def test_a_jump_is_told_at_once(height: int, days_ago: int) -> None:
    """Of 300 steady pages of 40 visitors, 50 jump: theirs are about the released numbers, and said to be so unsure."""
    rng = np.random.default_rng(7)
    true = rng.poisson(40.0, (300, 60)).astype(np.float64)
    true[:50, 59 - days_ago :] += height
    found = filtered(true + rng.normal(0, SIGMA, true.shape), NOISE)
    hits = holds(found, true[:, -1])
    assert hits[:50].sum() >= least_hits(50, HELD)
    assert np.abs((found.estimate - true[:, -1])[:50].mean()) < SIGMA
    assert np.median(np.sqrt(found.variance[50:])) < 0.5 * SIGMA  # the others do not pay for it


def test_an_event_of_one_day_does_not_stay() -> None:
    rng = np.random.default_rng(8)
    true = rng.poisson(40.0, (200, 60)).astype(np.float64)
    true[:, 50] += 2_000
    values = true + rng.normal(0, SIGMA, true.shape)
    found = smoothed(values, NOISE)
    assert np.abs((found.estimate - true)[:, 50]).mean() < 2 * SIGMA
    assert np.abs((found.estimate - true)[:, (49, 51, 59)]).mean() < SIGMA
    assert holds(found, true)[:, 59].sum() >= least_hits(200, HELD)


def test_a_closed_day_of_the_week_is_no_break() -> None:
    rng = np.random.default_rng(9)
    open_ = np.where(np.arange(84) % 7 == 6, 0.0, 1.0)
    true = rng.poisson(200.0 * open_, (60, 84)).astype(np.float64)
    found = smoothed(true + rng.normal(0, SIGMA, true.shape), NOISE, weekday=0)
    sundays = np.arange(84) % 7 == 6
    assert np.sqrt(np.mean((found.estimate - true)[:, sundays] ** 2)) < 0.5 * SIGMA
    assert holds(found, true)[:, 80:].mean() > 0.9


@pytest.mark.parametrize("size", [0.4, 1.0, 2.0])
def test_what_a_day_is_for_all_is_told_of_each(size: float) -> None:
    """An outage on the last day, or a fair: no quiet page can tell it alone. One page goes around the world besides."""
    rng = np.random.default_rng(13)
    levels = np.exp(rng.uniform(np.log(10), np.log(3_000), (600, 1)))
    true = rng.poisson(levels * np.where(np.arange(60) == 59, size, 1.0)).astype(np.float64)
    true[5, 59] *= 40
    values = true + rng.normal(0, SIGMA, true.shape)
    together = filtered(values, NOISE, together=True)
    small = levels[:, 0] < 150
    hits = holds(together, true[:, -1])
    assert hits.sum() >= least_hits(600, HELD)
    assert hits[small].sum() >= least_hits(int(small.sum()), HELD)
    assert hits[5] == 1
    alone = holds(filtered(values, NOISE), true[:, -1])
    assert (size == 1.0) == (alone[small].mean() > 0.9)


def test_missing_days_widen_and_do_not_count_as_zero(pages: Series) -> None:
    values = pages.values.copy()
    values[:, 40:50] = np.nan
    values[:100, :30] = np.nan
    found = smoothed(values, NOISE, weekday=0)
    assert np.isinf(found.variance[:100, :30]).all()
    assert holds(found, pages.true)[:, 45].mean() > 0.9
    assert (found.variance[:, 45] > found.variance[:, 20])[100:].mean() > 0.9


def test_each_cell_counts_by_its_own_noise() -> None:
    rng = np.random.default_rng(10)
    true = rng.poisson(100.0, (200, 40)).astype(np.float64)
    noise = np.where(np.arange(40) % 2 == 0, 4.0, 60.0) ** 2
    values = true + rng.normal(0, np.sqrt(noise), true.shape)
    found = smoothed(values, noise)
    assert holds(found, true).mean() > 0.93
    assert found.variance[:, 20].mean() < 16 < found.variance[:, 21].mean()


def test_the_last_day_is_the_same_either_way(pages: Series) -> None:
    process = fit(pages.values, NOISE)
    last, past = filtered(pages.values, NOISE, process=process), smoothed(pages.values, NOISE, process=process)
    assert last.estimate == pytest.approx(past.estimate[:, -1])
    assert last.variance == pytest.approx(past.variance[:, -1])


def test_series_do_not_touch_but_through_what_is_pooled(pages: Series) -> None:
    process = fit(pages.values, NOISE)
    alone = filtered(pages.values[7:8], NOISE, process=process)
    together = filtered(pages.values, NOISE, process=process)
    assert alone.estimate[0] == pytest.approx(together.estimate[7])
    assert alone.variance[0] == pytest.approx(together.variance[7])


def test_how_many_are_done_at_once_changes_nothing(pages: Series, monkeypatch: pytest.MonkeyPatch) -> None:
    process = fit(pages.values, NOISE)
    whole = smoothed(pages.values[:40], NOISE, process=process)
    monkeypatch.setattr(smoothing, "SMOOTHED_CELLS", 60 * 3 * len(process.pairs))
    parts = smoothed(pages.values[:40], NOISE, process=process)
    assert parts.estimate == pytest.approx(whole.estimate)
    assert parts.variance == pytest.approx(whole.variance)


def mean_step(process: Process) -> float:
    return sum(step * weight for (step, _), weight in zip(process.pairs, process.weights, strict=True))


def test_pooling_finds_how_series_move() -> None:
    quiet = fit(simulated(np.random.default_rng(11), 300, 60, step=0.003, spread=0.02).values, NOISE, weekday=0)
    wild = fit(simulated(np.random.default_rng(12), 300, 60, step=0.15, spread=0.02).values, NOISE, weekday=0)
    assert mean_step(quiet) < 0.01
    assert 0.1 < mean_step(wild) <= 0.15
    assert set(quiet.pairs) <= set(GRID)
    assert sum(quiet.weights) == pytest.approx(1)


lines = st.lists(st.one_of(st.none(), st.integers(-10_000, 10**7)), min_size=9, max_size=9)


@settings(max_examples=60, deadline=None)
@given(st.lists(lines, min_size=1, max_size=4))
def test_any_cells_give_numbers(cells: list[list[int | None]]) -> None:
    values = np.array([[np.nan if one is None else one for one in line] for line in cells], np.float64)
    seen = np.isfinite(values)
    for weekday in (None, 3):
        found = smoothed(values, NOISE, weekday=weekday)
        assert np.isfinite(found.estimate).all()
        assert (found.variance > 0).all()
        assert (np.isfinite(found.variance) == (seen.cumsum(axis=1) > 0)).all()


def test_one_cell_alone_is_told_as_it_is() -> None:
    found = smoothed([[120.0]], NOISE)
    assert (found.estimate.tolist(), found.variance.tolist()) == ([[120.0]], [[pytest.approx(NOISE)]])


def test_cells_must_have_a_shape_and_a_noise() -> None:
    with pytest.raises(ValueError, match="series by day"):
        filtered([1.0, 2.0], 1.0)
    with pytest.raises(ValueError, match="variance"):
        filtered([[1.0, 2.0]], -1.0)
    assert filtered(np.zeros((0, 5)), 1.0, process=Process(((0.05, 0.1),), (1.0,))).estimate.shape == (0,)
