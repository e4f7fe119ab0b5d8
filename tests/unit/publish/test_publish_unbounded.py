"""Figures without the bound: nearer to the truth step by step, with intervals that hold; raw where nothing is known."""

import numpy as np
import pytest
from msgspec.structs import replace
from unbounded_samples import LOWS, PAGES, Floats, Portal, bounded, steady

from hubbub.publish.correction import Corrected
from hubbub.publish.smoothing import Smoothed
from hubbub.publish.unbounded import NO_LOADS, NOISE, course, total
from hubbub.publish.unbounded_days import Past
from hubbub.publish.unbounded_smoothing import movement, smoothed

ERAS = [(4, 80)] * 22


def last_day(past: Past, kind: str = "units") -> Corrected:
    return total(course(past, kind), slice(past.days - 1, past.days))


def error(found: Floats, true: Floats) -> float:
    return float(np.mean(np.minimum(1, np.abs(found - true) / true)))


def covered(found: Corrected, true: Floats) -> float:
    return float(np.mean((found.low95 <= true) & (true <= found.high95)))


@pytest.mark.parametrize("kind", ["units", "count"])
def test_each_step_comes_nearer_and_its_intervals_hold(kind: str) -> None:
    """Of 240 pages at least 90 % are covered. Were intervals just right, fewer would be in one of 500 runs, pages being
    independent; seeds are fixed.
    """
    past, true = steady(Portal(3, kind), ERAS)
    found = course(past, kind)
    unbounded, best = total(found, slice(past.days - 1, past.days)), smoothed(past, found, kind)
    raw = error(past.tight[-1], true)
    assert error(unbounded.values, true) < 0.6 * raw
    assert error(best.values, true) < 0.9 * error(unbounded.values, true)
    assert covered(unbounded, true) >= 0.9
    assert covered(best, true) >= 0.9
    assert (best.stderrs < unbounded.stderrs).mean() > 0.9
    assert abs(best.values.sum() / true.sum() - 1) < 0.05


def test_a_bound_that_changed_is_no_jump() -> None:
    past, true = steady(Portal(5), ERAS)
    changed, same = steady(Portal(5), [(2, 40)] * 18 + [(4, 80)] * 4)
    assert np.array_equal(same, true)
    without, with_change = (smoothed(each, course(each, "units"), "units") for each in (past, changed))
    assert error(with_change.values, true) < 1.25 * error(without.values, true)
    assert abs(with_change.values.sum() / true.sum() - 1) < 0.05
    assert covered(with_change, true) >= 0.88


def test_days_of_other_bounds_have_factors_of_their_own() -> None:
    found = course(steady(Portal(6), [(2, 40)] * 5 + [(4, 80)] * 5)[0], "units")
    whole = found.values.sum(axis=1)
    assert whole[:5].mean() == pytest.approx(whole[5:].mean(), rel=0.05)


def test_the_first_day_takes_what_found_its_pages() -> None:
    past, true, looks = first_day(7)
    rough, both = last_day(past), last_day(replace(past, looks=looks))
    assert error(both.values, true) < 0.6 * error(rough.values, true)
    assert error(both.values, true) < 0.5 * error(past.tight[-1], true)
    assert covered(both, true) >= 0.85  # pages differ from the one factor that a first day has
    assert (both.stderrs < rough.stderrs).mean() > 0.9


def first_day(seed: int) -> tuple[Past, Floats, tuple[tuple[Floats, Floats], ...]]:
    """One day with very rough cells, and one look that found its pages by a threshold."""
    portal, noise = Portal(seed), np.random.default_rng(seed)
    pairs = portal.pairs()
    past, _ = steady(Portal(seed), [(3, 60)], (60.0, 600.0, 20.0))
    found = bounded(pairs, 1.0)[0] + noise.normal(0, 6.0, PAGES)
    is_found = found > 30
    looks = ((np.where(is_found, found, np.nan)[None, is_found], np.array([36.0])),)
    kept = replace(
        past,
        keys=tuple(key for key, there in zip(past.keys, is_found, strict=True) if there),
        tight=past.tight[:, is_found],
        wide=past.wide[:, is_found],
    )
    return kept, bounded(pairs, 1e18)[0][is_found], looks


@pytest.mark.parametrize(("loads", "why"), [(np.zeros((22, len(LOWS))), NOISE), (np.full((22, 12), np.nan), NO_LOADS)])
def test_nothing_is_put_back_by_noise(loads: Floats, why: str) -> None:
    past, _ = steady(Portal(8), ERAS)
    is_there = bool(np.isfinite(loads).any())
    told = replace(past, loads=loads, load_variances=past.load_variances * is_there)
    found = course(told, "units")
    assert found.why_not == why
    assert np.isnan(found.values).all()


def test_wide_cells_that_are_noise_leave_one_factor_for_all() -> None:
    past, true = steady(Portal(9), ERAS, (8.0, 1e6, 10.0))
    factors = course(past, "units").values / past.tight
    assert np.ptp(factors) == pytest.approx(0, abs=1e-9)
    assert factors[0, 0] > 1.1
    assert error(last_day(past).values, true) < error(past.tight[-1], true)


def test_smoothing_needs_a_past() -> None:
    past, _ = steady(Portal(10), ERAS[:2])
    with pytest.raises(ValueError, match="fewer than 3 days"):
        smoothed(past, course(past, "units"), "units")


def test_a_day_on_which_all_pages_are_read_less_is_told_at_once() -> None:
    past, true = steady(Portal(11), ERAS)
    tight = past.tight.copy()
    tight[-1] *= 0.6
    holiday = replace(past, tight=tight)
    best = smoothed(holiday, course(holiday, "units"), "units")
    assert abs(best.values.sum() / (0.6 * true.sum()) - 1) < 0.06


def test_movement_of_few_pages_is_none() -> None:
    past, _ = steady(Portal(12), ERAS)
    found = course(past, "units")
    few = smoothed(past, found, "units")
    told = Smoothed(few.values[:5], few.variances[:5])
    assert (movement(found.values[-1][:5], found.variances[-1][:5], told, []) == 1).all()


def test_a_sum_over_days_shares_its_factors_error() -> None:
    past, _ = steady(Portal(13), ERAS)
    found = course(past, "units")
    one, ten = total(found, slice(21, 22)), total(found, slice(12, 22))
    assert ten.values == pytest.approx(np.nansum(found.values[12:], axis=0))
    shared = np.sqrt(ten.stderrs**2 - ten.variances) / ten.values
    assert shared == pytest.approx(np.sqrt(one.stderrs**2 - one.variances) / one.values, rel=0.01)
