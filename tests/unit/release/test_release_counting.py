"""The SQL counts what plain Python counts, and no unit moves the counts by more than the plan declares."""

from collections import Counter
from datetime import date, timedelta

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from release_by_hand import by_hand
from release_samples import DAY, FULL, PAGES, TOPICS, ZONE, Cells, labelled, view

from hubbub.core.days import bounds, slot_of
from hubbub.core.keys import Measure
from hubbub.core.rows import BY_ITSELF, DETAIL_SEPARATOR, SENT_ONCE, Kind, Row
from hubbub.core.settings import Settings
from hubbub.core.vocabulary import RETURNING
from hubbub.release.counting import Counting
from hubbub.release.plan import Keys, Plan
from hubbub.release.portal import PORTAL
from hubbub.release.site_plan import plan_of
from hubbub.store.engines.duckdb import DuckDB

PLAN = plan_of(FULL, Settings((FULL,), topics=TOPICS))
PUBLIC = PAGES[:4]
LISTED = PAGES[:5]
EVENTS = ("event:Signup", "event:Signup plan=basic")
DETAILS = ("", "plan=basic", f"plan=pro{DETAIL_SEPARATOR}plan=basic")
NAMES = {Kind.PAGEVIEW: ["", "", "passport", "bus"], Kind.ENGAGEMENT: [""], Kind.SEARCH: ["passport", "bus", "school"]}
MINUTE = 60_000
THOROUGH = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.data_too_large, HealthCheck.too_slow]
)


@st.composite
def tables(draw: st.DrawFn) -> list[Row]:
    """Up to 80 rows of few units over few pages, so that bounds bite. Drawn tags are all different; a few rows were
    sent again, with the tag of an earlier one. Some units view pages in a burst.
    """
    number = draw(st.integers(1, 80))
    tags = [2 * tag for tag in draw(st.permutations(range(-5, number - 5)))]
    rows = []
    for tag in tags:
        kind = draw(st.sampled_from([Kind.PAGEVIEW] * 5 + list(Kind)))
        rows.append(
            view(
                draw(st.integers(-2, 2)),
                tag,
                draw(st.integers(0, 60)) * 7 * MINUTE,
                draw(st.sampled_from(PAGES)),
                kind,
                draw(st.sampled_from(NAMES.get(kind, ["Signup", "Other", "x.example"]))),
                detail=draw(st.sampled_from(DETAILS)) if kind == Kind.EVENT else "",
                referrer=draw(st.sampled_from(["", "Google", "blog.example"])),
                channel=draw(st.sampled_from(["Direct", "Organic Search"])),
                campaign=draw(st.sampled_from(["", "spring"])),
                device=draw(st.sampled_from(["Desktop", "Mobile", "Tablet"])),
                country=draw(st.sampled_from(["AT", "FR", "ZZ"])),
                engaged_ms=draw(
                    st.integers(0, 400_000) if kind == Kind.ENGAGEMENT else st.sampled_from([0, BY_ITSELF])
                ),
                scroll=draw(st.integers(0, 100)) if kind == Kind.ENGAGEMENT else 0,
                amount=draw(st.integers(0, 20_000)) if kind == Kind.EVENT else 0,
                returning=draw(st.sampled_from(["", *RETURNING])) if kind == Kind.PAGEVIEW else "",
            )
        )
    sent = [replace(row, tag=row.tag | SENT_ONCE) for row in rows[::3]]
    at = draw(st.lists(st.sampled_from([row.ms for row in rows]), max_size=5))
    again = [replace(draw(st.sampled_from(sent)), ms=ms, hour=slot_of(ms, DAY, ZONE)) for ms in at]
    spacing = draw(st.sampled_from([100, 400]))
    burst = [view(3, 1000 + 2 * n, n * spacing, "/a") for n in range(draw(st.sampled_from([0, 29, 30])))]
    return [*rows[1::3], *rows[2::3], *sent, *again, *burst]


def count_all(rows: list[Row], plan: Plan, *, trial: bool = False) -> dict[str, Cells]:
    """What the SQL counts, measure by measure."""
    with Counting(DuckDB(256 << 20, 1), labelled(rows), [DAY]) as counting:
        counting.prepare(plan, PUBLIC, EVENTS, trial=trial)
        counting.list_keys("page", {DAY: LISTED})
        return {each.measure: Counter(counting.count(each)[DAY]) for each in plan.measures}


@pytest.mark.parametrize("trial", [False, True])
@settings(THOROUGH)
@given(rows=tables())
def test_sql_counts_what_python_counts(trial: bool, rows: list[Row]) -> None:
    plan = PLAN.widened(100) if trial else PLAN
    expected = by_hand(rows, plan, PUBLIC, LISTED, EVENTS, trial=trial)
    for measure, cells in count_all(rows, plan, trial=trial).items():
        wanted = +expected[measure]
        assert +cells == wanted, measure


@settings(THOROUGH)
@given(rows=tables())
def test_no_unit_moves_a_measure_by_more_than_it_declares(rows: list[Row]) -> None:
    """The whole table on one day and, for each unit, the table without it on a day of its own: neighbours, counted."""
    units = sorted({row.unit for row in rows})
    days = [DAY + timedelta(place) for place in range(len(units) + 1)]
    neighbours = [rows, *([row for row in rows if row.unit != unit] for unit in units)]
    table = pa.concat_tables([labelled(its, day) for its, day in zip(neighbours, days, strict=True)])
    with Counting(DuckDB(256 << 20, 1), table, days) as counting:
        counting.prepare(PLAN, PUBLIC, EVENTS)
        counting.list_keys("page", dict.fromkeys(days, LISTED))
        for measure in PLAN.measures:
            counted = counting.count(measure)
            before = Counter(counted[DAY])
            for day in days[1:]:
                after = Counter(counted[day])
                assert sum((before[key] - after[key]) ** 2 for key in before | after) <= measure.l2_squared
                new = [key for key in before if key not in after]
                if measure.keys in (Keys.NEW, Keys.PUBLIC_OR_NEW):
                    assert len(new) <= measure.new_keys
                    assert all(before[key] == 1 for key in new)


def test_no_unit_says_how_ties_of_another_are_broken() -> None:
    """Two tags of a unit are never the same, but by chance; even then only its own rows may say what is kept."""
    mine = [view(1, 4, place, page) for place, page in enumerate(("/x", "/y", "/z"))]
    others = [view(2, 8, 0, "/z"), view(2, 10, 0, "/y")]
    together, alone, without = (count_all(rows, PORTAL) for rows in (others + mine, mine, others))
    assert together == {measure: alone[measure] + without[measure] for measure in together}


def test_bounds_are_reached() -> None:
    """A unit of 200 views moves each measure by just what it declares: the sensitivities are not slack."""
    rows = [view(1, tag, tag * 6 * MINUTE, PAGES[tag % 7]) for tag in range(200)]
    rows += [view(1, 1000 + tag, 0, "/", Kind.OUTLINK, f"{tag}.example") for tag in range(9)]
    rows += [view(1, 2000, 22 * 60 * MINUTE, "/")]
    moved = {measure: sum(n * n for n in cells.values()) for measure, cells in count_all(rows, PORTAL).items()}
    declared = {each.measure: each.l2_squared for each in PORTAL.measures}
    assert moved[Measure.CAMPAIGNS] == 0
    tight = set(declared) - {Measure.CAMPAIGNS, Measure.PAGE_VISITORS, Measure.PAGE_PAGEVIEWS, Measure.PAGEVIEWS_HOUR}
    assert {m: moved[m] for m in tight} == {m: declared[m] for m in tight}
    assert moved[Measure.PAGE_VISITORS] == 4  # all the public pages there are
    assert 12 <= moved[Measure.PAGE_PAGEVIEWS] <= 16
    assert 30 <= moved[Measure.PAGEVIEWS_HOUR] <= 36


@settings(THOROUGH)
@given(rows=tables(), late=st.lists(st.booleans(), min_size=80, max_size=80))
def test_hours_released_one_by_one_keep_the_bound_of_the_day(rows: list[Row], late: list[bool]) -> None:
    """Each hour is counted when it is over; a late row lands after its hour was counted, and cannot move it.

    What one unit adds over all hours is checked against the bound; each (hour, unit) is a day of its own here.
    """
    seen = list(zip(rows, late, strict=False))
    units, slots = sorted({row.unit for row in rows}), range(8)
    days = {(slot, unit): DAY + timedelta(slot * 10 + place) for slot in slots for place, unit in enumerate(units)}
    tables_there = [
        labelled((row for row, is_late in seen if row.unit == unit and row.hour <= slot - is_late), day)
        for (slot, unit), day in days.items()
    ]
    with Counting(DuckDB(256 << 20, 1), pa.concat_tables(tables_there), list(days.values())) as counting:
        counting.prepare_hours()
        for measure in (PORTAL[Measure.VISITORS_HOUR], PORTAL[Measure.PAGEVIEWS_HOUR]):
            counted = counting.count(measure)
            for unit in units:
                added = [counted[days[slot, unit]].get((str(slot),), 0) for slot in slots]
                assert sum(n * n for n in added) <= measure.l2_squared


def test_days_are_counted_apart() -> None:
    days = [DAY, DAY + timedelta(1), DAY + timedelta(40)]
    table = pa.concat_tables([labelled([view(1, place, 0, f"/{place}")], day) for place, day in enumerate(days)])
    with Counting(DuckDB(256 << 20, 1), table, [*days, DAY + timedelta(2)]) as counting:
        counting.prepare(PORTAL, ["/0", "/2"], [])
        counting.list_keys("page", {day: [f"/{place}"] for place, day in enumerate(days)})
        assert counting.count(PORTAL[Measure.VISITORS]) == {day: {(): 1} for day in days} | {DAY + timedelta(2): {}}
        assert counting.count(PORTAL[Measure.PAGE_VISITORS])[days[2]] == {("/2",): 1}
        assert counting.count(PORTAL[Measure.NEW_PAGES]) == {
            DAY: {}, days[1]: {("/1",): 1}, days[2]: {}, DAY + timedelta(2): {}
        }  # fmt: skip
        assert counting.count(PORTAL[Measure.PAGE_PAGEVIEWS])[days[1]] == {("/1",): 1}


def test_no_rows_are_no_counts() -> None:
    with Counting(DuckDB(256 << 20, 1), labelled([]), [DAY]) as counting:
        counting.prepare(PLAN, ["/"], EVENTS)
        counting.list_keys("page", {DAY: ["/"]})
        for measure in PLAN.measures:
            assert counting.count(measure) == {DAY: {}}


@pytest.mark.parametrize(
    ("rows", "visits"),
    [
        ([view(1, 1, 0)], {("1", "bounce"): 1}),
        ([view(1, 1, 0), view(1, 2, 90_000, kind=Kind.ENGAGEMENT)], {("1", "bounce"): 1}),
        ([view(1, 1, 0), view(1, 2, 9_000, "", Kind.OUTLINK, "x.example")], {("1", "0-10 s"): 1}),
        ([view(1, 1, 0), view(1, 2, 9_000, "", Kind.EVENT, "Shown", engaged_ms=BY_ITSELF)], {("1", "bounce"): 1}),
        ([view(1, 1, 0), view(1, 2, 5_000, "/a"), view(1, 3, 20_000, kind=Kind.ENGAGEMENT)], {("1", "10-30 s"): 1}),
        ([view(1, 1, 0), view(1, 2, 30 * MINUTE)], {("1", "over 30 min"): 1}),
        ([view(1, 1, 0), view(1, 2, 30 * MINUTE + 1)], {("1", "bounce"): 1, ("2", "bounce"): 1}),
        # engagement long after a visit neither prolongs it nor opens the next one
        (
            [
                view(1, 1, 0), view(1, 2, 90 * MINUTE, kind=Kind.ENGAGEMENT),
                view(1, 3, 91 * MINUTE), view(1, 4, 91 * MINUTE),
            ],
            {("1", "bounce"): 1, ("2", "0-10 s"): 1},
        ),
        ([view(1, 1, 0, kind=Kind.ENGAGEMENT), view(2, 2, 0, "", Kind.MISSING, "/x")], {}),
    ],
)  # fmt: skip
def test_visits(rows: list[Row], visits: dict[tuple[str, str], int]) -> None:
    assert count_all(rows, PORTAL)[Measure.VISITS] == visits


def test_slots_of_a_doubled_hour_are_told_apart() -> None:
    day = date(2026, 10, 25)
    assert bounds(day, "Europe/Vienna").hours == 25
    rows = [Row(unit, unit, bounds(day, "Europe/Vienna").start_ms, unit, Kind.PAGEVIEW, "/") for unit in (2, 3, 24)]
    with Counting(DuckDB(256 << 20, 1), labelled(rows, day), [day]) as counting:
        counting.prepare(PORTAL, [], [])
        assert counting.count(PORTAL[Measure.VISITORS_HOUR])[day] == {("2",): 1, ("3",): 1, ("24",): 1}
