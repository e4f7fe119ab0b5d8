"""Budgets: conversion, shares, noise scales, thresholds; against other people's code and by brute force."""

import math
from fractions import Fraction

import dp_accounting
import pytest
from dp_accounting import rdp
from hypothesis import given, settings
from hypothesis import strategies as st

from hubbub.core.errors import ConfigError
from hubbub.core.keys import Measure
from hubbub.core.settings import Budget
from hubbub.core.zcdp import epsilon_of
from hubbub.release.budget import (
    PICO,
    TRIAL_SCALE,
    allowance,
    priced,
    rho_of,
    scale_for,
    threshold_for,
    variance_of,
)
from hubbub.release.portal import PORTAL


@pytest.mark.parametrize("rho", [0.002, 0.015, 0.05, 1.0, 40.0])
@pytest.mark.parametrize("delta", [5e-10, 1e-6])
def test_conversion_agrees_with_dp_accounting(rho: float, delta: float) -> None:
    accountant = rdp.RdpAccountant(orders=[1 + 2 ** (k / 50) for k in range(-400, 700)])
    accountant.compose(dp_accounting.ZCDpEvent(rho))
    assert epsilon_of(rho, delta) == pytest.approx(accountant.get_epsilon(delta), rel=0.01)


@settings(max_examples=50, deadline=None)
@given(st.floats(0.01, 1e5), st.floats(1e-12, 1e-5))
def test_rho_never_buys_more_than_epsilon(epsilon: float, delta: float) -> None:
    rho = rho_of(epsilon, delta)
    assert epsilon_of(rho / PICO, delta) <= epsilon
    assert epsilon_of((rho + max(1, rho // 10**6)) / PICO, delta) > epsilon


def test_presets_are_those_of_the_specification() -> None:
    standard = allowance("standard")
    assert standard.rho == PICO // 20
    assert standard.epsilon == pytest.approx(1.92, abs=0.01)
    assert standard.delta_conversion + standard.delta_thresholds == standard.delta == 1e-9
    assert not standard.trial
    strict = allowance("strict")
    assert strict.epsilon == 1
    assert strict.rho < standard.rho / 3
    assert allowance(Budget(1e6)).trial
    assert not allowance(Budget(10.0)).trial


@pytest.mark.parametrize("budget", ["generous", Budget(0.0), Budget(math.nan), Budget(1.0, 0.1), Budget(1.0, 0.0)])
def test_a_wrong_budget_is_refused(budget: str | Budget) -> None:
    with pytest.raises(ConfigError, match="budget"):
        allowance(budget)


@pytest.mark.parametrize("budget", ["standard", "strict", Budget(0.1), Budget(9.9, 1e-6), Budget(30.0), Budget(1e6)])
def test_shares_never_exceed_the_whole(budget: str | Budget) -> None:
    found = priced(PORTAL, budget)
    assert sum(share.rho for share in found.shares.values()) <= found.allowance.rho
    assert sum(share.delta for share in found.shares.values()) <= found.allowance.delta_thresholds * (1 + 1e-12)
    for measure in found.plan.measures:
        share = found.shares[measure.measure]
        assert Fraction(measure.l2_squared * PICO) / (2 * share.scale**2) <= share.rho


def test_standard_noise_is_what_the_specification_states() -> None:
    shares = priced(PORTAL, "standard").shares
    stated = {
        Measure.VISITORS: 15.8,
        Measure.VISITORS_HOUR: 13.3,
        Measure.PAGEVIEWS: 141,
        Measure.PAGE_VISITORS: 17.1,
        Measure.CHANNELS: 18.3,
    }
    for measure, sigma in stated.items():
        assert float(shares[measure].scale) == pytest.approx(sigma, rel=0.01)


def test_a_trial_widens_until_its_noise_would_be_seen() -> None:
    found = priced(PORTAL, Budget(1e6))
    assert all(share.scale <= TRIAL_SCALE for share in found.shares.values())
    assert found.plan[Measure.PAGEVIEWS].bound >= 60
    assert found.plan[Measure.VISITS].bound >= 5
    assert found.shares[Measure.NEW_PAGES].threshold == 1
    small = priced(PORTAL, Budget(11.0))
    assert small.plan == PORTAL
    assert small.allowance.trial


@settings(deadline=None)
@given(st.integers(1, 10_000), st.integers(10**6, 10**15))
def test_scale_is_enough_and_no_more_than_a_grain_above(l2_squared: int, rho: int) -> None:
    scale = scale_for(l2_squared, rho)
    assert Fraction(l2_squared * PICO) / (2 * scale * scale) <= rho
    grain = Fraction(1, 1024)
    if scale > grain:
        assert Fraction(l2_squared * PICO) / (2 * (scale - grain) ** 2) > rho * (1 - Fraction(2, 10**9))


def tail(scale: float, threshold: int, reach: int = 60) -> float:
    """Pr[Z ≥ threshold] of the discrete Gaussian, by summing its probabilities."""
    last = int(reach * scale) + threshold
    weights = {k: math.exp(-k * k / (2 * scale * scale)) for k in range(-last, last + 1)}
    return math.fsum(w for k, w in weights.items() if k >= threshold) / math.fsum(weights.values())


@pytest.mark.parametrize("scale", [Fraction(1, 8), Fraction(1, 2), Fraction(3), Fraction(73, 4), Fraction(61)])
@pytest.mark.parametrize("new_keys", [1, 2, 3, 100])
@pytest.mark.parametrize("delta", [1.25e-10, 1e-6, 0.01])
def test_threshold_is_the_smallest_that_keeps_delta(scale: Fraction, new_keys: int, delta: float) -> None:
    threshold = threshold_for(scale, new_keys, delta)

    def shown(at: int) -> float:
        return -math.expm1(new_keys * math.log1p(-tail(float(scale), at)))

    assert shown(threshold) <= delta
    assert threshold >= 1
    if threshold > 1:
        assert shown(threshold - 1) > delta * (1 - 1e-6)


@pytest.mark.parametrize("scale", [Fraction(1, 8), Fraction(1, 2), Fraction(1), Fraction(7), Fraction(9)])
def test_variance_is_that_of_the_discrete_gaussian(scale: Fraction) -> None:
    sigma = float(scale)
    last = int(40 * sigma) + 3
    weights = [(k, math.exp(-k * k / (2 * sigma * sigma))) for k in range(-last, last + 1)]
    exact = math.fsum(k * k * w for k, w in weights) / math.fsum(w for _, w in weights)
    assert variance_of(scale) == pytest.approx(exact, rel=1e-9)


def test_a_budget_too_small_to_share_is_refused() -> None:
    with pytest.raises(ConfigError, match="larger epsilon"):
        scale_for(1, 0)
