"""What the sensitivities rest on: every count is a sum over units, each term a function of one unit's rows alone."""

from collections import Counter
from datetime import timedelta

import pyarrow as pa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from release_samples import DAY, Cells, labelled
from test_release_counting import EVENTS, LISTED, PLAN, PUBLIC, tables

from hubbub.core.keys import Dimension, Measure
from hubbub.core.rows import Row
from hubbub.release.counting import Counting
from hubbub.release.plan import Bound, MeasurePlan
from hubbub.release.portal import PORTAL
from hubbub.store.engines.duckdb import DuckDB

THOROUGH = settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.data_too_large, HealthCheck.too_slow],
    report_multiple_bugs=False,
)
UNITS = st.lists(st.integers(-2, 3), min_size=80, max_size=80)


def by_unit(rows: list[Row]) -> list[list[Row]]:
    return [[row for row in rows if row.unit == unit] for unit in sorted({row.unit for row in rows})]


def days_of(tables_there: list[list[Row]], counting_of: list[MeasurePlan], *, online: bool) -> list[list[Cells]]:
    """The counts of each table, each on a day of its own, measure by measure."""
    days = [DAY + timedelta(place) for place in range(len(tables_there))]
    table = pa.concat_tables([labelled(its, day) for its, day in zip(tables_there, days, strict=True)])
    with Counting(DuckDB(256 << 20, 1), table, days) as counting:
        if online:
            counting.prepare_hours()
        else:
            counting.prepare(PLAN, PUBLIC, EVENTS)
            counting.list_keys(Dimension.PAGE, dict.fromkeys(days, LISTED))
        found = [counting.count(measure) for measure in counting_of]
    return [[Counter(counts[day]) for day in days] for counts in found]


def squared(cells: Cells) -> int:
    return sum(n * n for n in cells.values())


def total(terms: list[Cells]) -> Cells:
    added: Cells = Counter()
    for term in terms:
        added.update(term)
    return added


@THOROUGH
@given(rows=tables(), bounds=st.lists(st.integers(1, 7), min_size=len(PLAN.measures), max_size=len(PLAN.measures)))
def test_every_count_is_the_sum_of_what_each_unit_adds(rows: list[Row], bounds: list[int]) -> None:
    """So that adding or removing a unit moves a count by that unit's own term; and the term keeps within whatever bound
    a plan may set, not the default's alone.
    """
    measures = [
        replace(each, bound=min(bound, each.widest) ** (2 if each.kind is Bound.SQUARES else 1))
        for each, bound in zip(PLAN.measures, bounds, strict=True)
    ]
    for measure, (whole, *terms) in zip(measures, days_of([rows, *by_unit(rows)], measures, online=False), strict=True):
        assert +whole == +total(terms), measure.measure
        assert all(squared(term) <= measure.l2_squared for term in terms), measure.measure


@THOROUGH
@given(rows=tables(), bound=st.integers(1, 6))
def test_every_online_hour_is_the_sum_of_what_each_unit_adds(rows: list[Row], bound: int) -> None:
    measures = [
        replace(PORTAL[Measure.VISITORS_HOUR], bound=bound),
        replace(PORTAL[Measure.PAGEVIEWS_HOUR], bound=bound * bound),
    ]
    for measure, (whole, *terms) in zip(measures, days_of([rows, *by_unit(rows)], measures, online=True), strict=True):
        assert +whole == +total(terms), measure.measure
        assert all(squared(term) <= measure.l2_squared for term in terms), measure.measure


@THOROUGH
@given(rows=tables(), units=UNITS)
def test_a_tag_that_two_units_share_moves_neither(rows: list[Row], units: list[int]) -> None:
    """A batch that is sent again may come from another address: the same tags under another unit. Still each unit's
    rows are kept once among themselves alone.
    """
    copies = [replace(row, unit=unit) for row, unit in zip(rows[::2], units, strict=False)]
    measures = list(PLAN.measures)
    both = [*rows, *copies]
    for measure, (whole, *terms) in zip(measures, days_of([both, *by_unit(both)], measures, online=False), strict=True):
        assert +whole == +total(terms), measure.measure
        assert all(squared(term) <= measure.l2_squared for term in terms), measure.measure
