"""A site's plan: what is always in it, what the settings ask for, what each bound costs."""

import pytest
from msgspec.structs import replace
from release_samples import FULL, PLAIN, SOURCE, TOPICS

from hubbub.core.keys import Dimension, Measure
from hubbub.core.settings import Amount, Budget, Combinations, Condition, Settings, Site
from hubbub.release.budget import priced
from hubbub.release.plan import Bound, Keys, Plan
from hubbub.release.portal import PORTAL
from hubbub.release.site_plan import SHAPES, plan_of, topics_of

ALWAYS = {Measure.ENGAGEMENT: (1, 1), Measure.SCROLLING: (1, 1), Measure.SET_ASIDE: (1, 1)}
ASKED = {  # measure: (squared L2, weight)
    Measure.TOPICS: (3, 4),
    Measure.GOALS: (3, 4),
    Measure.FUNNELS: (2, 4),
    Measure.SEARCH_TERMS: (2, 3),
    Measure.AMOUNTS: (2_000_000, 3),
    Measure.RETURNING: (1, 1),
    Measure.COMBINATIONS: (3, 5),
}


def plan(site: Site, topics: dict[str, tuple[str, ...]] | None = None) -> Plan:
    return plan_of(site, Settings((site,), topics=topics or {}))


def added(site: Site, topics: dict[str, tuple[str, ...]] | None = None) -> dict[str, tuple[int, int]]:
    """What a plan has besides the portal's measures, which come first and as they are."""
    mine = plan(site, topics)
    assert mine.measures[: len(PORTAL.measures)] == PORTAL.measures
    return {each.measure: (each.l2_squared, each.weight) for each in mine.measures[len(PORTAL.measures) :]}


def test_what_nobody_asks_for_is_not_paid_for() -> None:
    assert added(PLAIN) == ALWAYS
    assert added(replace(PLAIN, collect="log")) == {Measure.SET_ASIDE: (1, 1)}
    assert plan_of(None, Settings(())) == plan(Site("gone.example"))


def test_what_the_settings_ask_for_is_the_table_of_the_specification() -> None:
    assert added(FULL, TOPICS) == ALWAYS | ASKED
    assert set(SHAPES) == set(Measure)
    for measure in plan(FULL, TOPICS).measures:
        shape = SHAPES[measure.measure]
        assert (shape.keys, shape.dimensions, shape.dimension, shape.kind) == (
            measure.keys, measure.dimensions, measure.dimension, measure.kind
        )  # fmt: skip


@pytest.mark.parametrize(
    ("site", "measure"),
    [
        (replace(PLAIN, search_query=("q",)), Measure.SEARCH_TERMS),
        (replace(PLAIN, search_terms=("bus",)), Measure.SEARCH_TERMS),
        (replace(PLAIN, goals={"a": Condition(page="/a")}), Measure.GOALS),
        (replace(PLAIN, returning=True), Measure.RETURNING),
        (replace(PLAIN, combinations=Combinations(("device", "os"))), Measure.COMBINATIONS),
    ],
)
def test_each_is_asked_for_alone(site: Site, measure: str) -> None:
    assert set(added(site)) - set(ALWAYS) == {measure}


def test_few_names_are_bounded_by_how_many_there_are() -> None:
    two = plan(replace(FULL, goals=dict(list(FULL.goals.items())[:2]), amounts={"Signup": Amount(5)}))
    assert two[Measure.GOALS].bound == 2
    assert two[Measure.AMOUNTS].l2_squared == 1_000_000


def test_keys_are_those_of_the_settings() -> None:
    mine = plan(FULL, TOPICS)
    assert mine[Measure.GOALS].fixed == tuple((name,) for name in FULL.goals)
    assert [key for key in mine[Measure.FUNNELS].fixed if key[0] == "out"] == [("out", "1"), ("out", "2")]
    assert mine[Measure.AMOUNTS].fixed == (("Signup", "100 EUR"), ("Other", "3"), ("x.example", "1000000"))
    assert mine[Measure.AMOUNTS].dimensions == (Dimension.EVENT, Dimension.MOST)
    assert mine[Measure.SEARCH_TERMS].keys is Keys.PUBLIC_OR_NEW


def test_a_topic_of_another_site_is_none_here() -> None:
    assert topics_of(FULL, TOPICS) == {
        "Transport": ("/a", "/b*"),
        "Health": ("/b",),
        "Else": ("/c", "/d/**"),
        "Culture": ("/f",),
    }
    assert topics_of(replace(FULL, own_hosts=("other.example",)), TOPICS)["Elsewhere"] == ("/**",)
    assert topics_of(FULL, {"X": (f"www.{SOURCE}/x",)}) == {"X": ("/x",)}


def test_the_whole_costs_what_it_cost_before() -> None:
    for site in (PLAIN, FULL):
        found = priced(plan(site, TOPICS), "standard")
        assert sum(share.rho for share in found.shares.values()) <= found.allowance.rho
        assert sum(share.delta for share in found.shares.values()) <= found.allowance.delta_thresholds * (1 + 1e-9)
    assert [each.measure for each in plan(FULL).measures if each.new_keys] == [
        "new_pages", "referrers", "campaigns", "events", "search_terms"
    ]  # fmt: skip


def test_a_trial_counts_all_but_amounts_without_noise() -> None:
    found = priced(plan(FULL, TOPICS), Budget(1e6))
    for measure in found.plan.measures:
        is_amount = measure.kind is Bound.AMOUNTS
        assert float(found.shares[measure.measure].scale) <= (10 if is_amount else 0.125)
    assert found.plan[Measure.PAGEVIEWS].bound > 90
    assert found.plan[Measure.TOPICS].bound == len(topics_of(FULL, TOPICS))
