"""However many parts rows are counted in, and whatever is asked, the counts are the same, cell by cell."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from release_samples import DAY, FULL, SOURCE, Home, labelled, view
from test_release_counting import EVENTS, LISTED, PLAN, PUBLIC, THOROUGH, tables

from hubbub.core.combinations import tables_in
from hubbub.core.days import HOUR_MS, bounds
from hubbub.core.errors import StoreError
from hubbub.core.keys import Dimension, Measure
from hubbub.core.rows import Row
from hubbub.core.settings import Budget
from hubbub.core.tables import Column, Table, TableMeasure
from hubbub.release import combining, counting
from hubbub.release.counting import Counting, Counts
from hubbub.release.hours import release_hours
from hubbub.release.plan import Keys, MeasurePlan
from hubbub.release.table_counting import TableCounting
from hubbub.release.table_plan import plan_of_table
from hubbub.release.tally import KeysByDay, Ready, Tally, add
from hubbub.store.engines.duckdb import DuckDB
from hubbub.store.parts import Parts

NEXT = DAY + timedelta(1)
Begin = Callable[[pa.Table, Sequence[MeasurePlan]], Ready]
DAYS = [DAY + timedelta(offset) for offset in range(8)]
TABLE = Table(
    "requests",
    time="at",
    unit="device",
    columns={
        "page": Column(open="path"),
        "area": Column(values=("north", "south")),
        "spent": Column(most=20.0, decimals=1),
    },
    measures={
        "views": TableMeasure("count", by=("page",), bound=4),
        "devices": TableMeasure("units", by=("area", "page"), bound=2),
        "money": TableMeasure("sum", of="spent", by=("area",), bound=1),
        "spread": TableMeasure("quantiles", of="spent"),
        "way": TableMeasure("funnel", steps=({"page": ("/a",)}, {"area": ("south",)})),
    },
)
TABLE_PLAN = plan_of_table(TABLE)


def in_parts(count: int, rows: pa.Table) -> Parts:
    """Rows that come in blocks of twenty, as so many parts."""

    def blocks() -> Iterator[pa.Table]:
        yield rows.slice(0, 0)
        for start in range(0, rows.num_rows, 20):
            yield rows.slice(start, 20)

    return Parts(blocks, count, 1 << 30, part_rows=1)


def of_site(part: pa.Table, measures: Sequence[MeasurePlan]) -> Ready:
    ready = Counting(DuckDB(256 << 20, 1), part, DAYS)
    ready.prepare(replace(PLAN, measures=tuple(measures)), PUBLIC, EVENTS)
    return ready


def of_table(part: pa.Table, _: Sequence[MeasurePlan]) -> Ready:
    ready = TableCounting(DuckDB(256 << 20, 1), part, DAYS, TABLE)
    ready.prepare({"page": ("/a", "/b")})
    return ready


def cells_of(home: Home) -> list[tuple[object, ...]]:
    return [(each.measure, each.slot, each.keys, each.values) for each in home.ledger.released(SOURCE, DAY, DAY)]


def counted(
    parts: Parts, begin: Begin, measures: Sequence[MeasurePlan], keys: Mapping[str, KeysByDay]
) -> dict[str, Counts]:
    """What a close counts in its rounds: at once what needs no list of the day, then the rest."""
    at_once = [each for each in measures if each.keys is not Keys.DAY and each.tells != "load"]
    with Tally(parts, begin, measures) as tally:
        return tally.count(at_once) | tally.count([each for each in measures if each not in at_once], keys)


@settings(THOROUGH, max_examples=3)
@given(drawn=st.lists(tables(), min_size=len(DAYS), max_size=len(DAYS)))
def test_a_site_counts_the_same_in_any_number_of_parts(drawn: list[list[Row]]) -> None:
    """A table on each of eight days: what costs time is the statements."""
    rows = pa.concat_tables([labelled(mine, day) for mine, day in zip(drawn, DAYS, strict=True)])
    keys: dict[str, KeysByDay] = {Dimension.PAGE: dict.fromkeys(DAYS, LISTED)}
    whole, *others = [counted(in_parts(count, rows), of_site, PLAN.measures, keys) for count in (1, 2, 7)]
    assert set(whole) == {each.measure for each in PLAN.measures}
    assert all(set(counts) == set(DAYS) for counts in whole.values())
    assert others == [whole, whole]


@settings(deadline=None, max_examples=3)
@given(
    rows=st.lists(
        st.tuples(
            st.integers(0, 9), st.integers(0, 7), st.integers(0, 23), st.sampled_from(["", "/a", "/b", "/c", "/d"]),
            st.sampled_from(["north", "south", "other"]), st.integers(-20, 300),
        ),
        min_size=20, max_size=200,
    )
)  # fmt: skip
def test_a_table_counts_the_same_in_any_number_of_parts(rows: list[tuple[int, int, int, str, str, int]]) -> None:
    numbers = range(len(rows))
    table = pa.table(
        {
            "day": pa.array([DAYS[row[1]] for row in rows], pa.date32()),
            "unit": pa.array([row[0] for row in rows], pa.int64()),
            "tag": pa.array([2 * number * (-1) ** number for number in numbers], pa.int64()),
            "ms": pa.array(list(numbers), pa.int64()),
            "hour": pa.array([row[2] for row in rows], pa.int8()),
            "page": pa.array([row[3] for row in rows], pa.string()),
            "area": pa.array([row[4] for row in rows], pa.string()),
            "spent": pa.array([row[5] for row in rows], pa.int64()),
        }
    )
    keys = {"page": dict.fromkeys(DAYS, ("/a", "/b", "/c"))}
    whole, *others = [counted(in_parts(count, table), of_table, TABLE_PLAN.measures, keys) for count in (1, 2, 7)]
    assert set(whole) == {each.measure for each in TABLE_PLAN.measures}
    assert others == [whole, whole]


def test_a_close_in_parts_releases_what_one_in_a_single_part_does(tmp_path: Path) -> None:
    """Noise of scale 1/8 moves a cell with probability 2.6e-14; about 2,000 cells: false alarms under 1e-10."""
    rows = [view(unit, 100 * unit + 2 * n, n * HOUR_MS, f"/{n % 5}") for unit in range(60) for n in range(unit % 9)]
    homes = [
        Home(tmp_path / str(part_rows), Budget(1e6), site=replace(FULL, amounts={}), part_rows=part_rows)
        for part_rows in (1_000, 40)
    ]
    steps: list[str] = []
    told: list[int] = []
    for home in homes:
        home.write(rows)
        home.closer.close(SOURCE, [DAY], lambda _, done, __: told.append(done), steps.append)
    assert [step for step in steps if "counted" in step] == ["counted, round 0", "counted, round 2"] * 2
    assert sum(later < before for before, later in pairwise(told)) == 1  # where the second one begins
    assert cells_of(homes[0]) == cells_of(homes[1])


def test_hours_in_parts(tmp_path: Path) -> None:
    start = bounds(DAY, "Europe/Vienna").start_ms
    home = Home(tmp_path, Budget(1e6), part_rows=7)
    home.write([view(unit, 2 * unit, 0) for unit in range(50)], origin="live")
    release_hours(home.closer, SOURCE, DAY, start + HOUR_MS + 1_000)
    assert {each.values for each in home.ledger.released(SOURCE, DAY, DAY)} == {(50,)}


def test_what_many_parts_count_is_added_up() -> None:
    total: dict[str, Counts] = {}
    add(total, {"m": {DAY: {("/a",): 1}, NEXT: {}}})
    add(total, {"m": {DAY: {("/a",): 2, ("/b",): 3}, NEXT: {}}, "n": {DAY: {(): 4}}})
    assert total == {"m": {DAY: {("/a",): 3, ("/b",): 3}, NEXT: {}}, "n": {DAY: {(): 4}}}


def test_a_part_is_forgotten_before_the_next_one_comes_even_when_counting_fails() -> None:
    alive: list[str] = []

    class Part:
        def __init__(self, name: str) -> None:
            assert not alive
            alive.append(name)
            self.name = name

        def list_keys(self, dimension: str, keys: KeysByDay) -> None:
            raise AssertionError(dimension, keys)

        def count_all(self, measures: Sequence[MeasurePlan]) -> dict[str, Counts]:
            if self.name == "c":
                raise ZeroDivisionError
            return {each.measure: {DAY: {(): 1}} for each in measures}

        def close(self) -> None:
            alive.remove(self.name)

    measures = PLAN.measures[:2]
    with Tally("ab", lambda name, _: Part(name), measures) as tally:
        heard: list[float] = []
        assert tally.count(measures, heard=heard.append)[Measure.VISITORS] == {DAY: {(): 2}}
        assert heard == [0.5, 1.0]
    with Tally("bcd", lambda name, _: Part(name), measures) as tally, pytest.raises(ZeroDivisionError):
        tally.count(measures)
    assert not alive


def test_memory_that_runs_out_is_told_without_a_value() -> None:
    def begin(_: str, __: Sequence[MeasurePlan]) -> Ready:
        raise pa.ArrowMemoryError("malloc of size 64 failed")

    with Tally("ab", begin, PLAN.measures) as tally, pytest.raises(StoreError, match="memory ran out") as told:
        tally.count(PLAN.measures)
    assert "64" not in str(told.value)


def test_what_a_measure_reads_is_made_for_it() -> None:
    """Tables are made for those measures alone that read them; each statement is searched for their names."""
    made = Counter[str]()
    for measure in PLAN.measures:
        if measure.measure == Measure.COMBINATIONS:
            sql = combining.gathering(tables_in(measure.fixed))
        else:
            name = "attribute" if measure.measure in counting._FIRST_VIEW else str(measure.measure)
            sql = counting._sql(counting._OWN_SQL.get(measure.measure, name))
        sql += counting._sql("funnel_rows") if measure.measure == Measure.FUNNELS else ""
        for name, readers in counting._PREPARED.items():
            if re.search(rf"(?:FROM|JOIN) {name}\b", sql):
                assert measure.measure in readers
                made[name] += 1
    assert set(made) == set(counting._PREPARED)
