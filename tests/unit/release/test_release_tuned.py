"""Weights and bounds of a site's own: what settings may set, and that every bound they may set is enforced."""

from collections import Counter
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from release_samples import DAY, FULL, PAGES, PLAIN, SOURCE, TOPICS, Home, labelled, view
from test_release_counting import EVENTS, LISTED, PUBLIC, THOROUGH, count_all, tables

from hubbub.core.keys import Dimension, Measure
from hubbub.core.rows import Kind, Row
from hubbub.core.settings import Settings, Site, Tuning
from hubbub.release.budget import priced
from hubbub.release.counting import Counting
from hubbub.release.plan import Bound, Keys, MeasurePlan, Plan
from hubbub.release.portal import PORTAL
from hubbub.release.site_plan import SHAPES, most_bound, plan_of, untuned
from hubbub.store.engines.duckdb import DuckDB

ASKED = untuned(FULL, Settings((FULL,), topics=TOPICS))
MINUTE = 60_000
BRIEFLY = settings(THOROUGH, max_examples=10)


def tuned(site: Site, tuning: Tuning) -> Plan:
    return plan_of(replace(site, plan=tuning), Settings((site,), topics=TOPICS))


@st.composite
def tunings(draw: st.DrawFn) -> Tuning:
    """Any bounds that hubbub.yaml may hold; small ones more often, for they bite."""
    bounds = {
        str(each.measure): draw(st.integers(1, min(12, most)) | st.integers(1, most))
        for each in ASKED.measures
        for most in [most_bound(str(each.measure))]
    }
    return Tuning(bounds=bounds)


def squared(cells: Counter[tuple[str, ...]]) -> int:
    return sum(n * n for n in cells.values())


def test_weights_and_bounds_are_those_of_the_settings() -> None:
    plan = tuned(FULL, Tuning({"page_visitors": 40, "devices": 7}, {"page_visitors": 8, "pageviews_hour": 100}))
    assert (plan[Measure.PAGE_VISITORS].weight, plan[Measure.PAGE_VISITORS].bound) == (40, 8)
    assert plan[Measure.DEVICES].weight == 7
    assert plan[Measure.PAGEVIEWS_HOUR].l2_squared == 100
    others = [each for each in plan.measures if each.measure not in ("page_visitors", "devices", "pageviews_hour")]
    assert others == [each for each in ASKED.measures if each.measure in {one.measure for one in others}]


def test_the_day_costs_the_same_whatever_is_tuned() -> None:
    found = priced(tuned(FULL, Tuning({"page_visitors": 1000}, {"new_pages": 50, "events": 100})), "standard")
    assert sum(share.rho for share in found.shares.values()) <= found.allowance.rho
    assert sum(share.delta for share in found.shares.values()) <= found.allowance.delta_thresholds * (1 + 1e-9)
    standing = priced(ASKED, "standard")
    assert found.shares[Measure.NEW_PAGES].threshold > standing.shares[Measure.NEW_PAGES].threshold


def test_a_bound_over_more_keys_than_there_are_is_as_many_as_there_are() -> None:
    assert tuned(FULL, Tuning(bounds={"goals": 99}))[Measure.GOALS].bound == len(FULL.goals)
    assert plan_of(replace(PLAIN, plan=Tuning(bounds={"goals": 9})), Settings((PLAIN,))) == untuned(
        PLAIN, Settings((PLAIN,))
    )


def test_what_is_one_of_a_list_stays_one() -> None:
    """Their statements have no bound to cut at, so no setting may say another."""
    fixed = {name for name in map(str, SHAPES) if most_bound(name) == 1}
    assert fixed == {
        "visitors", "entry_pages", "exit_pages", "channels", "referrers", "campaigns", "countries", "devices",
        "browsers", "systems", "languages", "contributions", "engagement", "scrolling", "set_aside", "returning",
    }  # fmt: skip


@pytest.mark.parametrize("measure", ASKED.measures, ids=lambda each: str(each.measure))
def test_no_setting_goes_further_than_a_trial(measure: MeasurePlan) -> None:
    most = measure.most_bound
    reach = most**0.5 if measure.kind is Bound.SQUARES else most
    assert reach <= measure.widest
    assert measure.tuned(Tuning(bounds={str(measure.measure): 10**9})).bound == most


@BRIEFLY
@given(rows=tables(), tuning=tunings())
def test_no_unit_moves_a_tuned_measure_by_more_than_it_declares(rows: list[Row], tuning: Tuning) -> None:
    """The whole table on one day and, for each unit, the table without it on a day of its own: neighbours, counted."""
    plan = tuned(FULL, tuning)
    units = sorted({row.unit for row in rows})
    days = [DAY + timedelta(place) for place in range(len(units) + 1)]
    neighbours = [rows, *([row for row in rows if row.unit != unit] for unit in units)]
    table = pa.concat_tables([labelled(its, day) for its, day in zip(neighbours, days, strict=True)])
    with Counting(DuckDB(256 << 20, 1), table, days) as counting:
        counting.prepare(plan, PUBLIC, EVENTS)
        counting.list_keys(Dimension.PAGE, dict.fromkeys(days, LISTED))
        for measure in plan.measures:
            counted = counting.count(measure)
            before = Counter(counted[DAY])
            for day in days[1:]:
                after = Counter(counted[day])
                assert sum((before[key] - after[key]) ** 2 for key in before | after) <= measure.l2_squared
                if measure.keys in (Keys.NEW, Keys.PUBLIC_OR_NEW):
                    new = [key for key in before if key not in after]
                    assert len(new) <= measure.new_keys
                    assert all(before[key] == 1 for key in new)


@pytest.mark.parametrize("bound", [1, 2, 3, 7, 24, 100])
def test_a_unit_without_end_reaches_each_bound_and_never_passes_it(bound: int) -> None:
    """One unit of 1,000 views over 150 pages and all hours: the sensitivity is tight at every bound, not only ours."""
    names = [str(each.measure) for each in PORTAL.measures]
    tuning = Tuning(bounds={name: min(bound, most_bound(name)) for name in names})
    plan = PORTAL.tuned(tuning)
    rows = [view(1, tag, tag * 86_000, f"/{tag % 150}") for tag in range(1_000)]
    rows += [view(1, 5_000 + tag, tag * 100_000, "/0", Kind.OUTLINK, f"{tag}.example") for tag in range(150)]
    pages = [f"/{page}" for page in range(120)]
    with Counting(DuckDB(256 << 20, 1), labelled(rows), [DAY]) as counting:
        counting.prepare(plan, pages, EVENTS)
        counting.list_keys(Dimension.PAGE, {DAY: pages})
        moved = {each.measure: squared(Counter(counting.count(each)[DAY])) for each in plan.measures}
    for measure in plan.measures:
        assert moved[measure.measure] <= measure.l2_squared
    for name in (Measure.PAGE_VISITORS, Measure.EVENTS, Measure.PAGEVIEWS):
        assert moved[name] == plan[name].l2_squared
    assert moved[Measure.VISITORS_HOUR] == min(24, bound)
    assert moved[Measure.NEW_PAGES] == min(30, bound)


@BRIEFLY
@given(rows=tables(), late=st.lists(st.booleans(), min_size=80, max_size=80), bounds=st.tuples(
    st.integers(1, 25), st.integers(1, 40) | st.integers(1, 10_000)
))  # fmt: skip
def test_hours_one_by_one_keep_any_bound_of_the_day(rows: list[Row], late: list[bool], bounds: tuple[int, int]) -> None:
    """As in test_release_counting, with any bounds that settings may set: hours look back, never ahead."""
    plan = PORTAL.tuned(Tuning(bounds={"visitors_hour": bounds[0], "pageviews_hour": bounds[1]}))
    seen = list(zip(rows, late, strict=False))
    units, slots = sorted({row.unit for row in rows}), range(8)
    days = {(slot, unit): DAY + timedelta(slot * 10 + place) for slot in slots for place, unit in enumerate(units)}
    tables_there = [
        labelled((row for row, is_late in seen if row.unit == unit and row.hour <= slot - is_late), day)
        for (slot, unit), day in days.items()
    ]
    with Counting(DuckDB(256 << 20, 1), pa.concat_tables(tables_there), list(days.values())) as counting:
        counting.prepare_hours()
        for measure in (plan[Measure.VISITORS_HOUR], plan[Measure.PAGEVIEWS_HOUR]):
            counted = counting.count(measure)
            for unit in units:
                added = [counted[days[slot, unit]].get((str(slot),), 0) for slot in slots]
                assert sum(n * n for n in added) <= measure.l2_squared


def test_a_tuned_close_notes_its_bound_and_its_cost(tmp_path: Path) -> None:
    home = Home(tmp_path, site=replace(PLAIN, plan=Tuning({"pageviews": 50}, {"pageviews": 3})))
    home.write([view(unit, 2 * unit, unit * 1000, "/a") for unit in range(40)])
    home.closer.close(SOURCE, [DAY])
    (debit,) = [each for each in home.ledger.entries() if each.measure == "pageviews" and each.step == "debit"]
    assert (debit.l2_squared, debit.bound) == (9, "with at most 3 views")
    standing = priced(PORTAL, "standard").shares[Measure.PAGEVIEWS]
    assert debit.rho > standing.rho
    assert home.ledger.verify().is_sound


def test_visits_of_any_bound_have_their_cells() -> None:
    plan = PORTAL.tuned(Tuning(bounds={"visits": 5}))
    rows = [view(1, tag, tag * 40 * MINUTE, PAGES[0]) for tag in range(8)]
    cells = count_all(rows, plan)[Measure.VISITS]
    assert sum(cells.values()) == 5
    assert {key[0] for key in plan[Measure.VISITS].fixed_keys} == {"1", "2", "3", "4", "5"}
