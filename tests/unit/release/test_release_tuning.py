"""Proposals are the best of their grid: against all others on small ones, and against the closed form without a cap."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from release_samples import DAY

from hubbub.core.keys import Measure
from hubbub.release import tuning
from hubbub.release.budget import PICO, priced
from hubbub.release.portal import PORTAL
from hubbub.release.site_plan import most_bound
from hubbub.release.tradeoff import trade
from hubbub.release.tuning import GRAINS, Losses, deal, propose
from hubbub.release.volumes import Volume, Volumes

STANDING = priced(PORTAL, "standard")
CONTRIBUTIONS = ((1.0, 1200.0), (2.0, 700.0), (5.0, 400.0), (13.0, 150.0), (38.0, 30.0))


def zipf(first: float, count: int) -> Volume:
    values = tuple(first / rank for rank in range(1, count + 1))
    return Volume(values, sum(values))


def volumes(**measures: Volume) -> Volumes:
    return Volumes(DAY, DAY, measures, CONTRIBUTIONS)


USUAL = volumes(
    visitors=Volume((2480.0,), 2480.0),
    visitors_hour=zipf(200.0, 24),
    pageviews=Volume((7000.0,), 7000.0),
    page_visitors=zipf(800.0, 60),
    page_pageviews=zipf(1500.0, 60),
    devices=zipf(1200.0, 4),
    countries=zipf(2000.0, 12),
    new_pages=Volume((190.0, 160.0), 350.0),
)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.lists(st.floats(0, 1), min_size=12, max_size=12), min_size=2, max_size=3))
def test_dealing_is_as_good_as_trying_everything(lists: list[list[float]]) -> None:
    rows = [np.array(each) for each in lists]
    least = [1 + place % 2 for place in range(len(rows))]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(tuning, "GRAINS", 12)
        dealt = deal(rows, least)
    assert sum(dealt) == 12
    assert all(each >= its for each, its in zip(dealt, least, strict=True))
    best = min(
        sum(row[grains - 1] for row, grains in zip(rows, tried, strict=True))
        for tried in product(*(range(its, 13) for its in least))
        if sum(tried) == 12
    )
    assert sum(row[grains - 1] for row, grains in zip(rows, dealt, strict=True)) == pytest.approx(best)


def test_without_cap_and_bias_it_is_the_closed_form() -> None:
    """Minimise Σ a_m / √ρ_m: ρ_m ∝ a_m^⅔."""
    a = np.array([0.2, 1.0, 3.0, 10.0])
    grains = np.arange(1, GRAINS + 1) / GRAINS
    dealt = np.array(deal([each / np.sqrt(grains) for each in a], [1] * 4)) / GRAINS
    assert dealt == pytest.approx(a ** (2 / 3) / (a ** (2 / 3)).sum(), abs=1.5 / GRAINS)


def test_the_loss_is_the_mean_error_of_the_cells() -> None:
    measure = PORTAL[Measure.DEVICES]
    share = np.array([measure.weight / PORTAL.weights])
    found = Losses(STANDING, USUAL).of(measure, share)
    assert found is not None
    sigma = float(STANDING.shares[Measure.DEVICES].scale)
    wanted = np.mean([min(1.0, sigma / value) for value in USUAL.measures["devices"].values])
    assert float(found[0]) == pytest.approx(wanted, rel=0.001)
    assert Losses(STANDING, USUAL).of(PORTAL[Measure.BROWSERS], share) is None


def test_a_new_page_that_hardly_passes_is_mostly_lost() -> None:
    losses = Losses(STANDING, volumes(new_pages=Volume((118.0,), 118.0)))
    found = losses.of(PORTAL[Measure.NEW_PAGES], np.array([0.06, 0.5]))
    assert found is not None
    assert found[0] == pytest.approx(0.5, abs=0.2)
    assert found[1] < 0.2


@pytest.mark.parametrize("objective", ["error", "known"])
@pytest.mark.parametrize("with_bounds", [True, False])
def test_a_proposal_is_never_worse_and_can_be_set(objective: tuning.Objective, with_bounds: bool) -> None:
    made = propose(STANDING, USUAL, {}, objective, with_bounds=with_bounds)
    assert made.after <= made.before + 0.005
    told = made.tuning
    assert sum(told.weights.values()) == GRAINS
    assert set(told.weights) == {str(each.measure) for each in PORTAL.measures}
    assert all(1 <= bound <= most_bound(name) for name, bound in told.bounds.items())
    assert with_bounds or not told.bounds
    for each in made.measures:
        assert each.new_share >= each.share / 4 - 1 / GRAINS
        if each.loss is None:
            assert each.new_share == pytest.approx(each.share, abs=1 / GRAINS)
    again = PORTAL.tuned(told)
    assert sum(share.rho for share in priced(again, "standard").shares.values()) <= PICO // 20


def test_it_gains_where_there_is_something_to_gain() -> None:
    made = propose(STANDING, USUAL, {"page_visitors": 50})
    assert made.after < 0.85 * made.before
    (pages,) = [each for each in made.measures if each.measure == "page_visitors"]
    assert pages.new_share > pages.share


def test_importance_moves_the_budget() -> None:
    plain, keen = (propose(STANDING, USUAL, {"countries": weight}) for weight in (1.0, 100.0))
    shares = [next(one.new_share for one in made.measures if one.measure == "countries") for made in (plain, keen)]
    assert shares[1] > 2 * shares[0]


def test_a_bound_that_cuts_much_is_widened_and_one_that_cuts_nothing_is_not() -> None:
    big = volumes(pageviews=Volume((700_000.0,), 700_000.0))
    (views,) = [each for each in propose(STANDING, big, {}).measures if each.measure == "pageviews"]
    assert views.new_bound > 30
    small = replace(big, contributions=((1.0, 500_000.0), (2.0, 100_000.0)))
    (views,) = [each for each in propose(STANDING, small, {}).measures if each.measure == "pageviews"]
    assert views.new_bound == 2


def test_a_proposal_after_a_proposal_gains_nothing() -> None:
    first = propose(STANDING, USUAL, {})
    tuned = priced(PORTAL.tuned(first.tuning), "standard")
    bounded = {each.measure: each for each in first.measures}
    moved = {name: Volume(volume.values, volume.total) for name, volume in USUAL.measures.items() if name in bounded}
    second = propose(tuned, replace(USUAL, measures=moved), {}, with_bounds=False)
    assert second.after >= 0.97 * second.before


def test_the_trade_off_has_both_curves() -> None:
    made = propose(STANDING, USUAL, {})
    curves = trade(STANDING, USUAL, made, "error")
    for plan in ("as it stands", "proposed"):
        losses = [each.loss for each in curves.at_budgets if each.plan == plan]
        assert losses == sorted(losses, reverse=True)
    middle = [each.loss for each in curves.at_budgets if each.epsilon == pytest.approx(curves.epsilon, rel=1e-6)]
    assert middle == pytest.approx([made.before, made.after])
    assert {each.measure for each in curves.at_bounds} == set(curves.bounds)
    assert curves.bounds["pageviews"][0] == 10
