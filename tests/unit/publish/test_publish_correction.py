"""Corrections: nearer to the truth, silent where noise cannot tell, and intervals that hold."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from hubbub.core.sizes import sizes_of_units
from hubbub.publish.correction import (
    READING,
    Factor,
    Floats,
    Ints,
    PageFactors,
    Sums,
    bands,
    between,
    corrected,
    lasting,
    page_factors,
    plain_factor,
    ratio_factor,
)

PAGES, DAYS = 3_000, 30
SIZES = [1, 2, 4, 8, 16, 32, 64]


class Site:
    """Pages of ten sections; what a tight and a wide bound keep of a page depends on its section and popularity."""

    def __init__(self, seed: int, own: float, tight_sigma: float = 15.0, wide_sigma: float = 200.0) -> None:
        self.random = np.random.default_rng(seed)
        self.true = 60 + 40_000 * np.arange(1, PAGES + 1.0) ** -0.9
        self.section = self.random.integers(0, 10, PAGES)
        loss = 0.35 * np.exp(self.random.normal(0, 0.25, 10))[self.section] * (self.true / 1000) ** -0.08
        self.tight_share = 1 / (1 + loss) * (1 + self.random.normal(0, own, PAGES))
        self.wide_share = 1 / (1 + loss / 30)
        self.sigmas = tight_sigma, wide_sigma
        self.tight = self._past(self.tight_share, tight_sigma)
        self.wide = self._past(self.wide_share, wide_sigma)
        self.level = self.tight.values / DAYS * 1.35

    def _past(self, share: Floats, sigma: float) -> Sums:
        sums = DAYS * self.true * share + self.random.normal(0, sigma * math.sqrt(DAYS), PAGES)
        return Sums(sums, np.full(PAGES, DAYS * sigma**2))

    def today(self) -> Floats:
        return self.true * self.tight_share + self.random.normal(0, self.sigmas[0], PAGES)

    @property
    def groups(self) -> list[Ints]:
        return [bands(self.level), self.section]

    def error(self, found: Floats) -> float:
        return float(np.mean(np.abs(found - self.true) / self.true))


def test_groups_come_nearer_than_one_factor() -> None:
    site = Site(1, own=0.01, tight_sigma=1.0)
    today = site.today()
    one, by_band, both = (page_factors(site.tight, site.wide, groups) for groups in ([], site.groups[:1], site.groups))
    errors = [site.error(today), *(site.error(today * each.values) for each in (one, by_band, both))]

    assert all(after < before * 0.9 for before, after in pairwise(errors))
    assert errors[-1] < 0.03


def test_a_wide_bound_that_says_little_leaves_one_factor() -> None:
    site = Site(2, own=0.0, wide_sigma=4_000.0)
    one = page_factors(site.tight, site.wide, [])
    both = page_factors(site.tight, site.wide, site.groups)
    assert np.abs(both.values / one.values - 1).max() < 0.25
    assert site.error(site.today() * both.values) < site.error(site.today() * one.values) + 0.02


def test_a_wide_bound_that_is_noise_is_refused() -> None:
    site = Site(2, own=0.0, wide_sigma=20_000.0)
    with pytest.raises(ValueError, match="noise"):
        page_factors(site.tight, site.wide, site.groups)


def test_single_pages_tell_how_they_differ() -> None:
    for own in (0.0, 0.04, 0.08):
        site = Site(3, own, wide_sigma=60.0)
        assert math.sqrt(page_factors(site.tight, site.wide, site.groups).between) == pytest.approx(own, abs=0.012)


@pytest.mark.parametrize("seed", range(4))
def test_intervals_hold(seed: int) -> None:
    """Of 3,000 pages 93 to 98 % are covered: noise alone leaves 95 ± .4 %, errors that pages share move that."""
    site = Site(10 + seed, own=0.03, wide_sigma=60.0)
    factors = page_factors(site.tight, site.wide, site.groups).times(Factor(1.0 + 0.35 / 45, 1e-6, 0.0))
    found = corrected(site.today(), site.sigmas[0] ** 2, factors, 0.0)
    covered = (found.low95 <= site.true) & (site.true <= found.high95)
    assert 0.93 <= covered.mean() <= 0.98
    raw = site.today()
    assert (np.abs(raw - site.true) <= 1.96 * site.sigmas[0]).mean() < 0.6


def test_the_heterogeneity_of_units_widens_intervals() -> None:
    factors = PageFactors(np.array([1.5]), np.array([0.0]), 0.0)
    plain, sampled = (corrected(np.array([200.0]), 100.0, factors, each).stderrs[0] for each in (0.0, 0.2))
    assert plain == pytest.approx(15.0)
    assert sampled == pytest.approx(math.sqrt(225 + 0.2 * 300))


def test_smoothing_leaves_what_all_days_share() -> None:
    factors = PageFactors(np.array([1.5]), np.array([0.0004]), 0.0021)
    day = corrected(np.array([200.0]), 100.0, factors, 0.2)
    assert day.variances[0] == pytest.approx(225 + 60)
    smoothed = lasting(np.array([290.0]), day.variances / 100, factors)
    assert smoothed.stderrs[0] == pytest.approx(math.sqrt(2.85 + 0.0025 * 290**2))
    assert smoothed.low95[0] < smoothed.values[0] < smoothed.high95[0]


def test_raw_cells_may_be_negative_and_stay_unbiased() -> None:
    found = corrected(np.array([-40.0, 0.0]), 400.0, PageFactors(np.array([1.5, 1.5]), np.zeros(2), 0.01), 0.2)
    assert found.values.tolist() == [-60.0, 0.0]
    assert found.stderrs.tolist() == [30.0, 30.0]


CELLS = arrays(np.float64, 12, elements=st.floats(-1e3, 1e6))
SPREADS = arrays(np.float64, 12, elements=st.floats(0, 1e6))
GROUP = arrays(np.int64, 12, elements=st.integers(0, 3))


@settings(max_examples=60, deadline=None)
@given(CELLS, SPREADS, CELLS, SPREADS, GROUP, GROUP)
def test_whatever_noise_says_factors_are_numbers_from_one(
    tight: Floats, tight_spread: Floats, wide: Floats, wide_spread: Floats, one: Ints, other: Ints
) -> None:
    try:
        found = page_factors(Sums(tight, tight_spread), Sums(wide, wide_spread), [one, other])
    except ValueError:
        return
    assert np.isfinite(found.values).all()
    assert (found.values >= 1).all()
    assert (found.variances >= 0).all()
    assert found.between >= 0


def test_without_pages_there_is_nothing_to_correct() -> None:
    none = Sums(np.zeros(0), np.zeros(0))
    with pytest.raises(ValueError, match="noise"):
        page_factors(none, none, [np.zeros(0, np.int64)])


@given(st.floats(1, 1e5), st.integers(1, 200))
def test_a_plain_factor_undoes_what_the_bound_took(units: float, bound: int) -> None:
    sizes = sizes_of_units([units] * 7, 0.0, SIZES, SIZES)
    bounded = sum(units * size * min(1, math.sqrt(bound / size)) for size in SIZES)
    factor = plain_factor(sizes, bound)
    assert factor.value * bounded == pytest.approx(units * sum(SIZES))
    assert factor.value >= 1
    assert factor.variance <= READING**2
    assert factor.variance == pytest.approx(0) or factor.value > 1


def test_a_ratio_of_totals_has_the_variance_of_both() -> None:
    factor = ratio_factor(1500.0, 900.0, 1000.0, 400.0)
    assert factor.value == 1.5
    assert factor.variance == pytest.approx((30 / 1500) ** 2 + (20 / 1000) ** 2)
    assert ratio_factor(900.0, 900.0, 1000.0, 400.0).value == 1
    with pytest.raises(ValueError, match="noise"):
        ratio_factor(1500.0, 900.0, 50.0, 400.0)


def test_between_finds_the_spread_of_ratios() -> None:
    random = np.random.default_rng(8)
    variances = random.uniform(0.001, 0.01, 4_000)
    for spread in (0.0, 0.05, 0.2):
        ratios = 1 + random.normal(0, np.sqrt(spread**2 + variances))
        assert math.sqrt(between(ratios, variances)) == pytest.approx(spread, abs=0.02)
    assert between(np.array([9.0]), np.array([np.inf])) == 0


def test_bands_are_octaves() -> None:
    assert bands(np.array([-5.0, 31, 33, 63, 65, 130, 4_100])).tolist() == [0, 0, 0, 0, 1, 2, 3]
