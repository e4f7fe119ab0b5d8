"""Bounded counts of declared tables: what Python counts by hand, and what one unit can move."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hubbub.core.tables import Column, Table, TableMeasure
from hubbub.release.plan import PARTS, Keys, MeasurePlan
from hubbub.release.table_counting import TableCounting
from hubbub.release.table_plan import plan_of_table
from hubbub.release.weights import MOST_NEW_KEYS, scaled, weight_of_new
from hubbub.store.engines.duckdb import DuckDB

DAY = date(2026, 5, 4)
DAYS = [DAY + timedelta(offset) for offset in range(12)]  # many tables in one: what costs time is the statements
Row = dict[str, Any]
Cells = dict[tuple[str, ...], int]

TABLE = Table(
    "requests",
    time="at",
    unit="device",
    columns={
        "page": Column(open="path"),
        "area": Column(values=("north", "south")),
        "spent": Column(least=-5.0, most=20.0, decimals=1, bins=(-5.0, 0.0, 2.5, 20.0)),
    },
    measures={
        "views": TableMeasure("count", by=("page",), bound=4),
        "devices": TableMeasure("units", by=("page",), bound=2),
        "page_area": TableMeasure("units", by=("area", "page"), bound=2),
        "total": TableMeasure("units"),
        "rows": TableMeasure("count", bound=9),
        "hourly": TableMeasure("count", by=("hour", "area"), bound=5),
        "north_only": TableMeasure("count", by=("area",), where={"area": ("north",)}, bound=4),
        "money": TableMeasure("sum", of="spent", by=("area",), bound=1),
        "average": TableMeasure("mean", of="spent", by=("area",), bound=3),
        "spread": TableMeasure("quantiles", of="spent", by=("area",), bound=1),
        "in_north": TableMeasure("share", which={"area": ("north",)}, by=("page",), bound=2),
        "way": TableMeasure("funnel", steps=({"page": ("/a",)}, {"area": ("south",)}, {"page": ("/b",)})),
    },
)
PLAN = plan_of_table(TABLE, unknown=("page",))
PUBLIC = ("/a", "/b")
LISTED = ("/a", "/b", "/c")

rows = st.lists(
    st.fixed_dictionaries(
        {
            "unit": st.integers(0, 2),
            "day": st.integers(0, 11),
            "hour": st.integers(0, 23),
            "page": st.sampled_from(["/a", "/b", "/c", "/d", "/e", ""]),
            "area": st.sampled_from(["north", "south", "west"]),
            "spent": st.integers(-50, 200),
        }
    ),
    min_size=30,
    max_size=250,
)


def arrow(table: Sequence[Row]) -> pa.Table:
    """Rows as they are sealed; a row's place is its tag, so that choices are fixed."""
    return pa.table(
        {
            "day": pa.array([DAY + timedelta(row["day"]) for row in table], pa.date32()),
            "unit": pa.array([row["unit"] for row in table], pa.int64()),
            "tag": pa.array([row["tag"] for row in table], pa.int64()),
            "ms": pa.array([row["hour"] * 3_600_000 for row in table], pa.int64()),
            "hour": pa.array([row["hour"] for row in table], pa.int8()),
            "page": pa.array([row["page"] for row in table], pa.string()),
            "area": pa.array([row["area"] if row["area"] != "west" else "" for row in table], pa.string()),
            "spent": pa.array([row["spent"] for row in table], pa.int64()),
        }
    )


def tagged(table: Sequence[Row]) -> list[Row]:
    return [{**row, "tag": 2 * place} for place, row in enumerate(table)]


def count_all(table: Sequence[Row]) -> dict[str, dict[date, Cells]]:
    days = DAYS
    with TableCounting(DuckDB(threads=1), arrow(table), days, TABLE) as counting:
        counting.prepare({"page": PUBLIC})
        counting.list_keys("page", dict.fromkeys(days, LISTED))
        return counting.count_all(PLAN.measures)


def moved(before: Mapping[date, Cells], after: Mapping[date, Cells]) -> dict[date, int]:
    """Squared L2 distance, by day."""
    return {
        day: sum((before[day].get(key, 0) - after[day].get(key, 0)) ** 2 for key in {*before[day], *after[day]})
        for day in before
    }


@settings(max_examples=8, deadline=None)
@given(table=rows, units=st.lists(st.integers(0, 2), min_size=12, max_size=12))
def test_one_unit_moves_no_measure_by_more_than_its_sensitivity(table: list[Row], units: list[int]) -> None:
    whole = tagged(table)
    without = [row for row in whole if row["unit"] != units[row["day"]]]
    with_it, without_it = count_all(whole), count_all(without)
    for measure in PLAN.measures:
        by_day = moved(with_it[measure.measure], without_it[measure.measure])
        assert max(by_day.values()) <= measure.l2_squared, measure.measure


def test_a_busy_unit_moves_a_bounded_measure_nearly_as_far_as_it_may() -> None:
    many = tagged([
        {"unit": 1, "day": 0, "hour": n % 24, "page": LISTED[n % 3], "area": ("north", "south")[n % 2], "spent": 200}
        for n in range(200)
    ])  # fmt: skip
    found = count_all(many)
    for name in ("views", "devices", "page_area", "rows", "hourly", "money", "average", "spread", "in_north"):
        square = sum(n * n for n in found[name][DAY].values())
        assert 0.97 * PLAN[name].l2_squared < square <= PLAN[name].l2_squared, name


@settings(max_examples=8, deadline=None)
@given(table=rows)
def test_sql_counts_what_python_counts(table: list[Row]) -> None:
    whole = tagged(table)
    found = count_all(whole)
    for measure in PLAN.measures:
        for offset, day in enumerate(DAYS):
            mine = [row for row in whole if row["day"] == offset]
            expected = by_hand(measure, mine)
            assert {key: n for key, n in found[measure.measure][day].items() if n} == expected, measure.measure


def by_hand(measure: MeasurePlan, table: list[Row]) -> Cells:
    """The same in Python: each unit's cells, its load, its weight."""
    total: Counter[tuple[str, ...]] = Counter()
    for unit in {row["unit"] for row in table}:
        mine = [row for row in table if row["unit"] == unit]
        name = measure.of if measure.tells in ("load", "wide") else measure.measure
        cells = _new(mine, measure) if measure.keys is Keys.NEW else _cells(name, mine)
        load = sum(n * n for n in cells.values())
        if measure.tells == "load":
            if cells:
                total[str(2 ** min(14, max(0, (load // PARTS**2).bit_length() - 1))),] += 1
            continue
        for key, n in zip(cells, scaled(list(cells.values()), measure.bound), strict=True):
            total[key] += n
    return {key: n for key, n in total.items() if n}


def _new(mine: list[Row], measure: MeasurePlan) -> Cells:
    known = LISTED if measure.tells == "more" else PUBLIC
    return {(row["page"],): PARTS for row in mine if row["page"] not in (*known, "")}


def _cells(name: str, mine: list[Row]) -> Cells:
    asked = TABLE.measures[name]
    kept = [row for row in mine if all(_area(row) in values for values in asked.where.values())]
    keyed: dict[tuple[str, ...], list[Row]] = {}
    for row in kept:
        if "page" in asked.by and row["page"] not in LISTED:
            continue
        order = [each for each in ("page", *asked.by) if each in asked.by]
        keyed.setdefault(tuple(_value(row, each) for each in dict.fromkeys(order)), []).append(row)
    if asked.kind == "funnel":
        return _funnel(kept)
    cells: Cells = {}
    for key, its in keyed.items():
        first = min(its, key=lambda row: row["tag"])
        if asked.kind in ("units", "count"):
            cells[key] = PARTS * (1 if asked.kind == "units" else len(its))
        elif asked.kind == "sum":
            total = min(200, max(-200, sum(row["spent"] for row in its)))
            cells[key] = (total * PARTS + (first["tag"] // 2) % 200 + 200 * PARTS) // 200 - PARTS
        elif asked.kind == "mean":
            most = 250 * len(its)
            doubled = sum(2 * row["spent"] - 150 for row in its)
            cells[*key, "units"] = PARTS
            cells[*key, "sum"] = (doubled * PARTS + (first["tag"] // 2) % most + most * PARTS) // most - PARTS
        elif asked.kind == "quantiles":
            place = sum(first["spent"] >= edge for edge in (0, 25))
            cells[*key, ("-5..0", "0..2.5", "2.5..20")[place]] = PARTS
        else:
            cells[*key, "yes" if any(_area(row) == "north" for row in its) else "no"] = PARTS
    return cells


def _funnel(mine: list[Row]) -> Cells:
    step = 0
    for row in sorted(mine, key=lambda row: (row["hour"], row["tag"])):
        if step == 0 and row["page"] == "/a":
            step = 1
        elif step == 1 and _area(row) == "south":
            step = 2
        elif step == 2 and row["page"] == "/b":
            step = 3
    return {(str(step),): PARTS} if step else {}


def _area(row: Row) -> str:
    return "other" if row["area"] == "west" else str(row["area"])


def _value(row: Row, name: str) -> str:
    return _area(row) if name == "area" else str(row[name])


@pytest.mark.parametrize("keys", [1, 2, 3, 7, 50, MOST_NEW_KEYS])
def test_new_keys_weigh_what_the_threshold_reckons_with(keys: int) -> None:
    assert count_all(new_pages(keys))["new_page"][DAY] == {(f"/new/{n}",): weight_of_new(keys) for n in range(keys)}


def test_a_unit_of_very_many_new_keys_finds_none() -> None:
    found = count_all(new_pages(MOST_NEW_KEYS + 1))["new_page"][DAY]
    assert set(found.values()) == {0}


def new_pages(keys: int) -> list[Row]:
    shared = {"unit": 1, "day": 0, "hour": 0, "area": "north", "spent": 0}
    return tagged([{**shared, "page": f"/new/{n}"} for n in range(keys)])
