"""The plan is the table of PRIVACY.md, and its bounds are what its sensitivities say."""

import pytest

from hubbub.core.keys import Dimension, Measure
from hubbub.release.plan import Bound, Keys, MeasurePlan, Plan
from hubbub.release.portal import PORTAL

TABLE = {  # measure: (squared L2, weight in percent)
    Measure.VISITORS: (1, 4),
    Measure.VISITORS_HOUR: (3, 17),
    Measure.PAGEVIEWS: (100, 5),
    Measure.PAGEVIEWS_HOUR: (36, 12),
    Measure.PAGE_VISITORS: (5, 17),
    Measure.PAGE_PAGEVIEWS: (16, 10),
    Measure.NEW_PAGES: (2, 6),
    Measure.VISITS: (2, 7),
    Measure.ENTRY_PAGES: (1, 2),
    Measure.EXIT_PAGES: (1, 2),
    Measure.CHANNELS: (1, 3),
    Measure.REFERRERS: (1, 3),
    Measure.CAMPAIGNS: (1, 2),
    Measure.COUNTRIES: (1, 2),
    Measure.DEVICES: (1, 1),
    Measure.BROWSERS: (1, 1),
    Measure.SYSTEMS: (1, 1),
    Measure.LANGUAGES: (1, 1),
    Measure.EVENTS: (3, 3),
    Measure.CONTRIBUTIONS: (1, 1),
}


def test_portal_plan_is_the_table_of_the_specification() -> None:
    assert {m.measure: (m.l2_squared, m.weight) for m in PORTAL.measures} == TABLE
    assert PORTAL.weights == 100


def test_new_pages_are_drawn_before_the_measures_that_read_them() -> None:
    order = [m.measure for m in PORTAL.measures]
    for measure in PORTAL.measures:
        if measure.keys is Keys.DAY:
            assert order.index(Measure.NEW_PAGES) < order.index(measure.measure)


def test_visits_have_a_cell_a_visit_and_bin() -> None:
    assert len(PORTAL[Measure.VISITS].fixed_keys) == 2 * 9
    assert PORTAL.widened(1_000)[Measure.VISITS].bound == 24
    assert len(PORTAL.widened(1_000)[Measure.VISITS].fixed_keys) == 24 * 9


def test_widening_never_narrows_and_stops_at_what_can_be() -> None:
    for rows in (1, 5, 60, 1_000):
        for before, after in zip(PORTAL.measures, PORTAL.widened(rows).measures, strict=True):
            assert after.bound >= before.bound
            assert after.weight == after.l2_squared
    wide = PORTAL.widened(1_000)
    assert wide[Measure.VISITORS].bound == 1
    assert wide[Measure.VISITORS_HOUR].bound == 25
    assert wide[Measure.PAGE_PAGEVIEWS].bound == 1_000_000


@pytest.mark.parametrize(
    ("kind", "bound", "squared"), [(Bound.KEYS, 5, 5), (Bound.VIEWS, 10, 100), (Bound.SQUARES, 16, 16)]
)
def test_squared_sensitivity_follows_the_kind_of_bound(kind: Bound, bound: int, squared: int) -> None:
    assert kind.l2_squared(bound) == squared


def test_a_measure_checks_itself() -> None:
    with pytest.raises(ValueError, match="start at 1"):
        MeasurePlan(Measure.VISITORS, 0, Keys.SINGLE, Bound.KEYS, 1, 1, "x", "y")
    with pytest.raises(ValueError, match="fixed"):
        MeasurePlan(Measure.DEVICES, 1, Keys.FIXED, Bound.KEYS, 1, 1, "x", "y")
    with pytest.raises(ValueError, match="distinct units"):
        MeasurePlan(Measure.NEW_PAGES, 1, Keys.NEW, Bound.SQUARES, 2, 2, "x", "y", dimension=Dimension.PAGE)
    with pytest.raises(ValueError, match="one of the fixed"):
        MeasurePlan(
            Measure.DEVICES, 1, Keys.FIXED, Bound.KEYS, 1, 1, "x", "y", fixed=(("a",),), other=("b",)
        )  # fmt: skip
    with pytest.raises(ValueError, match="would add up"):
        MeasurePlan(
            Measure.DEVICES, 1, Keys.FIXED, Bound.KEYS, 2, 2, "x", "y", fixed=(("a",),), other=("a",)
        )  # fmt: skip
    for kind, widest, bound in ((Bound.KEYS, 1, 2), (Bound.VIEWS, 9, 10), (Bound.SQUARES, 3, 10)):
        with pytest.raises(ValueError, match=f"no bound over {widest}"):
            MeasurePlan(Measure.ENTRY_PAGES, 1, Keys.SINGLE, kind, bound, widest, "x", "y")
    with pytest.raises(ValueError, match="twice"):
        Plan("p", 1, (PORTAL.measures[0], PORTAL.measures[0]))
