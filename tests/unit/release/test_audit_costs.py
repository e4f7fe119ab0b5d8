"""What a day costs, by another library: noise, composition, conversion, thresholds of whole plans, to one percent."""

import math
from collections.abc import Iterable
from fractions import Fraction

import dp_accounting
import pytest
from dp_accounting import pld, rdp
from dp_accounting.pld import privacy_loss_mechanism
from release_samples import FULL, TOPICS

from hubbub.core.settings import Budget, Settings
from hubbub.release.budget import PICO, Priced, priced
from hubbub.release.plan import Plan
from hubbub.release.portal import PORTAL
from hubbub.release.site_plan import plan_of

EVERYTHING = plan_of(FULL, Settings((FULL,), topics=TOPICS))
ORDERS = [1 + 2 ** (k / 50) for k in range(-400, 700)]
plans = pytest.mark.parametrize("plan", [PORTAL, EVERYTHING], ids=["portal", "everything"])
budgets = pytest.mark.parametrize(
    "budget", ["standard", "strict", Budget(0.3, 1e-6), Budget(8.0, 1e-5)], ids=["standard", "strict", "small", "large"]
)


def multipliers(found: Priced) -> Iterable[float]:
    """σ over the L2 sensitivity, of each measure."""
    for each in found.plan.measures:
        yield float(found.shares[each.measure].scale) / math.sqrt(each.l2_squared)


@plans
@budgets
def test_a_day_as_gaussian_mechanisms_costs_the_declared_epsilon(plan: Plan, budget: str | Budget) -> None:
    found = priced(plan, budget)
    accountant = rdp.RdpAccountant(orders=ORDERS)
    accountant.compose(
        dp_accounting.ComposedDpEvent([dp_accounting.GaussianDpEvent(each) for each in multipliers(found)])
    )
    epsilon = accountant.get_epsilon(found.allowance.delta_conversion)
    assert epsilon == pytest.approx(found.allowance.epsilon, rel=0.01)
    assert epsilon <= found.allowance.epsilon * (1 + 1e-6)


@plans
@budgets
def test_a_day_costs_no_more_than_its_exact_privacy_loss(plan: Plan, budget: str | Budget) -> None:
    """The exact cost of the same Gaussian mechanisms, by privacy loss distributions, is under the declared ε. It is
    not near: no conversion from ρ is exact.
    """
    found = priced(plan, budget)
    together = 1 / math.sqrt(math.fsum(each**-2 for each in multipliers(found)))
    accountant = pld.PLDAccountant(value_discretization_interval=1e-3)
    accountant.compose(dp_accounting.GaussianDpEvent(together))
    epsilon = accountant.get_epsilon(found.allowance.delta_conversion)
    assert 0.7 * found.allowance.epsilon < epsilon <= found.allowance.epsilon


@plans
@budgets
def test_shares_add_up_to_the_day_in_rho(plan: Plan, budget: str | Budget) -> None:
    found = priced(plan, budget)
    scales = {each.measure: found.shares[each.measure].scale for each in plan.measures}
    rho = sum(Fraction(each.l2_squared) / (2 * scales[each.measure] ** 2) for each in plan.measures)
    assert rho <= Fraction(found.allowance.rho, PICO)
    assert float(rho) == pytest.approx(found.allowance.rho / PICO, rel=0.01)


@plans
@budgets
def test_thresholds_cost_the_declared_delta(plan: Plan, budget: str | Budget) -> None:
    """Pr[Z ≥ T] by the other library's discrete Gaussian: under δ with the threshold, over it with one less."""
    found = priced(plan, budget)
    total = 0.0
    for each in plan.measures:
        share = found.shares[each.measure]
        if not each.new_keys:
            assert (share.delta, share.threshold) == (0.0, 0)
            continue
        noise = privacy_loss_mechanism.DiscreteGaussianPrivacyLoss(
            float(share.scale), sensitivity=1, truncation_bound=math.ceil(30 * share.scale)
        )

        def fails(threshold: int, times: int = each.new_keys, of: object = noise) -> float:
            return -math.expm1(times * math.log1p(-float(of.noise_cdf(-threshold))))  # type: ignore[attr-defined]

        assert fails(share.threshold) <= share.delta * (1 + 1e-6)
        assert share.threshold == 1 or fails(share.threshold - 1) > share.delta
        total += share.delta
    assert total == pytest.approx(found.allowance.delta_thresholds, rel=0.01)
    assert total + found.allowance.delta_conversion <= found.allowance.delta * (1 + 1e-12)


@budgets
def test_the_hours_of_a_day_cost_what_their_vector_does(budget: str | Budget) -> None:
    """A unit in k of the hours, each drawn by itself: k Gaussian mechanisms of sensitivity 1 cost what was debited."""
    found = priced(PORTAL, budget)
    for each in PORTAL.measures:
        if each.online:
            share = found.shares[each.measure]
            accountant = rdp.RdpAccountant(orders=ORDERS)
            once = dp_accounting.GaussianDpEvent(float(share.scale))
            accountant.compose(dp_accounting.SelfComposedDpEvent(once, each.l2_squared))
            other = rdp.RdpAccountant(orders=ORDERS)
            other.compose(dp_accounting.ZCDpEvent(share.rho / PICO))
            assert accountant.get_epsilon(1e-6) == pytest.approx(other.get_epsilon(1e-6), rel=0.01)
            assert accountant.get_epsilon(1e-6) <= other.get_epsilon(1e-6)
