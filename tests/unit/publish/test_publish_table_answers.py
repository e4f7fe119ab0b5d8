"""Questions about declared tables: what each kind of measure answers, and what is refused."""

from datetime import UTC, date, datetime
from math import sqrt
from pathlib import Path
from random import Random
from typing import Any

import pytest
from msgspec.structs import replace
from table_mart_samples import (
    FORMS,
    LAST,
    NAME,
    TABLE,
    ZONE,
    released_table,
    sample_table_day,
    sample_table_marts,
)

from hubbub.core.errors import QueryError
from hubbub.core.tables import Column, Table
from hubbub.publish.intervals import Z95
from hubbub.publish.marts import Marts
from hubbub.publish.query import Calendar, Filter, Order
from hubbub.publish.table_answers import answer_table
from hubbub.publish.table_questions import Question, TableAnswer

CALENDAR = Calendar(int(datetime(2026, 4, 7, 10, tzinfo=UTC).timestamp() * 1000), {NAME: ZONE})
FIRST, DAYS = date(2026, 3, 30), 7  # a whole week, Monday to Sunday


@pytest.fixture(scope="module")
def exact(tmp_path_factory: pytest.TempPathFactory) -> Marts:
    """Released without noise."""
    return sample_table_marts(tmp_path_factory.mktemp("exact"))


@pytest.fixture(scope="module")
def noisy(tmp_path_factory: pytest.TempPathFactory) -> Marts:
    return sample_table_marts(tmp_path_factory.mktemp("noisy"), sigma=20.0)


def ask(marts: Marts, measure: str, table: Table = TABLE, **more: Any) -> TableAnswer:
    question = Question(**{"source": NAME, "measure": measure, "first": FIRST, "last": LAST, **more})
    return answer_table(marts, table, question, CALENDAR)


def values(answer: TableAnswer) -> dict[tuple[str, ...], tuple[float, ...]]:
    return {
        (row.when, *row.keys) if row.when else row.keys: tuple(round(one.value, 6) for one in row.values if one)
        for row in answer.rows
    }


def test_every_kind_answers_what_it_says(exact: Marts) -> None:
    assert values(ask(exact, "cases")) == {(): (7_000,)}
    assert values(ask(exact, "requests", by=("form",)))["/parking",] == (DAYS * 600,)
    assert values(ask(exact, "worked"))[()] == (DAYS * 100 * 100,)
    assert values(ask(exact, "took"))[()] == (10.0, 7_000)
    assert values(ask(exact, "saldo"))[()] == (25 - 0.2 * 75, 7_000)
    assert values(ask(exact, "online", by=("district",)))["north",] == (25.0, 1_400)
    assert values(ask(exact, "spread")) == {
        ("0..1",): (3_500, 50), ("1..4",): (1_750, 25), ("4..24",): (1_400, 20), ("24..100",): (350, 5),
    }  # fmt: skip
    assert values(ask(exact, "steps")) == {("1",): (5_600, 100), ("2",): (1_400, 25)}
    p50, p90, p95, units = values(ask(exact, "typical"))[()]
    assert (p50, p90, p95, units) == (1.0, 4 + 20 * 0.75, 24.0, 7_000)


def test_dimensions_are_asked_in_any_order_and_number(exact: Marts) -> None:
    both = values(ask(exact, "requests", by=("district", "form")))
    turned = values(ask(exact, "requests", by=("form", "district")))
    assert both == {(district, form): one for (form, district), one in turned.items()}
    (total,) = values(ask(exact, "requests"))[()]
    assert total == pytest.approx(sum(one for (one,) in both.values()))


def test_periods_are_days_weeks_and_months(exact: Marts) -> None:
    first = date(2026, 3, 2)
    weeks = ask(exact, "cases", first=first, period="week")
    assert [(row.when, row.days, row.of_days) for row in weeks.rows][:2] == [("2026-03-02", 7, 7), ("2026-03-09", 6, 7)]
    assert any("no number of different units" in note for note in weeks.notes)
    assert [row.when for row in ask(exact, "cases", first=first, period="month").rows] == ["2026-03", "2026-04"]
    days = ask(exact, "cases", first=first, period="day")
    assert len(days.rows) == 35
    (lost,) = [row for row in days.rows if row.values[0] is None]
    assert (lost.when, lost.days, lost.of_days) == ("2026-03-10", 0, 1)
    assert [(gap.first, gap.reason) for gap in days.gaps] == [(date(2026, 3, 10), "forfeited")]
    assert not any("different units" in note for note in days.notes)


def test_hours_are_told_by_the_clock_across_its_change(exact: Marts) -> None:
    """On 29 March slot 2 begins at 03:00, so nothing was counted at 02:00."""
    rows = ask(exact, "by_hour", by=("hour",), first=date(2026, 3, 28), last=date(2026, 3, 29)).rows
    by_label = {row.keys[0]: (row.values[0].value if row.values[0] else None, row.days) for row in rows}
    assert by_label["01:00"] == (82, 2)
    assert by_label["02:00"] == (42, 1)
    assert by_label["03:00"] == (43 + 42, 2)
    only = ask(exact, "by_hour", by=("hour",), filters=(Filter("hour", ("14:00",)),))
    assert [row.keys for row in only.rows] == [("14:00",)]


def test_filters_narrow_and_may_be_on_what_is_not_told_apart(exact: Marts) -> None:
    filters = (Filter("district", ("north", "other")), Filter("form", ("/parking",)))
    (total,) = values(ask(exact, "requests", filters=filters))[()]
    assert total == pytest.approx(DAYS * 600 * 0.3)


def test_a_top_list_is_ranked_with_the_places_that_noise_leaves_open(noisy: Marts) -> None:
    answer = ask(noisy, "requests", by=("form", "district"), limit=5)
    assert answer.total == 12
    assert len(answer.rows) == 5
    found = [row.values[0].value for row in answer.rows if row.values[0]]
    assert found == sorted(found, reverse=True)
    for place, row in enumerate(answer.rows, 1):
        assert row.ranks is not None
        low, high = row.ranks
        assert 1 <= low <= place <= high <= 12
    assert ask(noisy, "requests", by=("form",), period="day").rows[0].ranks is None


def test_a_key_on_its_first_release_has_the_truncated_interval(noisy: Marts) -> None:
    (row,) = ask(noisy, "new_form", by=("form",), first=LAST, last=LAST).rows
    assert row.keys == (FORMS[2],)
    assert row.is_new
    one = row.values[0]
    assert one is not None
    assert one.value - one.low95 > Z95 * one.stderr > one.high95 - one.value


def test_numbers_in_the_interval_of_a_mean_and_a_sum(noisy: Marts) -> None:
    """The mean's interval is that of S / N, moved and stretched; here S and N have the same noise."""
    mean, units = (one for one in ask(noisy, "saldo").rows[0].values if one)
    q, n, noise = (mean.value - 25) / 75, units.value, units.stderr
    assert mean.stderr == pytest.approx(75 * noise * sqrt(1 + q * q) / n)
    assert mean.low95 < mean.value < mean.high95
    worked = ask(noisy, "worked").rows[0].values[0]
    assert worked is not None
    assert worked.stderr == pytest.approx(100 * 20 * sqrt(DAYS * 4))


def test_a_mean_covers_the_truth_as_often_as_it_says(tmp_path: Path) -> None:
    """300 days, each its own draw: a 95 % interval misses more than 32 of 300 with a chance under 10⁻⁴."""
    marts, random = Marts(tmp_path), Random(5)
    days = [date.fromordinal(date(2025, 1, 1).toordinal() + number) for number in range(300)]
    for month in sorted({day.replace(day=1) for day in days}):
        marts.write(
            NAME,
            month,
            [
                released_table(
                    day, "saldo", {("units",): random.gauss(400, 20), ("sum",): random.gauss(-80, 20)}, "mean",
                    ("part",), of="balance", low=-50.0, high=100.0, sigma=20.0,
                )
                for day in days
                if day.replace(day=1) == month
            ],
        )  # fmt: skip
    rows = ask(marts, "saldo", first=days[0], last=days[-1], period="day").rows
    found = [row.values[0] for row in rows if row.values[0]]
    assert len(found) == 300
    assert sum(not one.low95 <= 10.0 <= one.high95 for one in found) <= 32


def test_days_that_were_measured_otherwise_are_left_out_and_told(exact: Marts) -> None:
    hours = replace(TABLE.columns["hours"], bins=(0.0, 2.0, 100.0))
    other = replace(TABLE, columns=TABLE.columns | {"hours": hours})
    answer = ask(exact, "spread", other)
    assert [row.values for row in answer.rows] == [(None, None)]
    assert [gap.reason for gap in answer.gaps] == ["changed"]
    narrower = replace(TABLE, measures=TABLE.measures | {"requests": replace(TABLE.measures["requests"], by=("form",))})
    assert [gap.reason for gap in ask(exact, "requests", narrower).gaps] == ["changed"]


def test_what_is_missing_is_no_zero(exact: Marts) -> None:
    answer = ask(exact, "cases", first=LAST, last=date(2026, 4, 7), period="day")
    assert [row.values[0] is None for row in answer.rows] == [False, True, True]
    assert [gap.reason for gap in answer.gaps] == ["open", "unfinished"]
    assert ask(exact, "cases", first=date(2020, 1, 1), last=date(2020, 1, 2)).gaps[0].reason == "before"


@pytest.mark.parametrize(
    ("asked", "field", "allowed"),
    [
        ({"measure": "visits"}, "measure", "cases, requests"),
        ({"measure": "load_requests"}, "measure", "new_form"),
        ({"by": ("channel",)}, "by", "district, form; and one of day"),
        ({"by": ("form", "form")}, "by", "each once"),
        ({"period": "year"}, "by", "day, week, month"),
        ({"first": date(2026, 4, 6)}, "to", "not before"),
        ({"filters": (Filter("hour", ("12:00",)),)}, "filters", "district, form"),
        ({"filters": (Filter("district", ("south",)),)}, "filters", "centre, harbour, north, other"),
        ({"filters": (Filter("district", ()),)}, "filters", "at least one value"),
        ({"order": (Order("sum"),)}, "order", "count"),
        ({"limit": 0}, "limit", "1 to"),
    ],
)
def test_bad_questions_are_told_what_is_allowed(exact: Marts, asked: dict[str, Any], field: str, allowed: str) -> None:
    with pytest.raises(QueryError) as caught:
        ask(exact, **{"measure": "requests", **asked})
    assert caught.value.field == field
    assert allowed in caught.value.allowed


def test_an_order_is_kept_as_asked(exact: Marts) -> None:
    rows = ask(exact, "requests", by=("form",), order=(Order("count", "asc"),)).rows
    found = [row.values[0].value for row in rows if row.values[0]]
    assert found == sorted(found)
    rows = ask(exact, "took", by=("district",), order=(Order("district", "asc"),)).rows
    assert [row.keys[0] for row in rows] == ["centre", "harbour", "north", "other"]


def test_rows_that_are_units_need_no_note_on_units(exact: Marts) -> None:
    answer = ask(exact, "requests", replace(TABLE, unit="row"), by=("form",))
    assert not any("nit" in note for note in answer.notes)


def test_another_range_of_a_number_is_added_rightly(tmp_path: Path) -> None:
    """When the most of a column changed, each day counts in its own parts."""
    marts = Marts(tmp_path)
    cells = [
        released_table(date(2026, 4, 4), "worked", {("north",): 2.0}, "sum", ("district",), of="hours", high=100.0),
        released_table(date(2026, 4, 5), "worked", {("north",): 2.0}, "sum", ("district",), of="hours", high=50.0),
    ]
    marts.write(NAME, LAST, cells)
    assert values(ask(marts, "worked")) == {(): (300.0,)}
    means = [
        released_table(
            day, "took", {("north", "units"): 10.0, ("north", "sum"): 0.0}, "mean", ("district", "part"),
            of="hours", high=high,
        )
        for day, high in ((date(2026, 4, 4), 100.0), (date(2026, 4, 5), 50.0))
    ]  # fmt: skip
    marts.write(NAME, LAST, means)
    assert values(ask(marts, "took"))[()] == ((50 + 25) / 2, 20)


def test_a_trial_is_told(tmp_path: Path) -> None:
    marts = Marts(tmp_path)
    marts.write(NAME, LAST, [released_table(LAST, "cases", {(): 3.0}, "units", trial=True)])
    answer = ask(marts, "cases")
    assert answer.trial
    assert any("not private" in note for note in answer.notes)


def test_the_sample_is_shaped_like_a_plan() -> None:
    assert Column(most=100).edges[1] == 5.0
    assert {one.measure for one in sample_table_day(LAST, lambda value: value, 1.0)} > set(TABLE.measures)
