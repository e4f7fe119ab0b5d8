"""Answers about what a site's settings ask for: exact arithmetic on made-up cells."""

from math import sqrt
from pathlib import Path

import pytest
from mart_samples import released, sample_marts
from test_publish_answers import FIRST, SITE, ask, days, marts_of

from hubbub.core.errors import QueryError
from hubbub.core.keys import Dimension, Measure
from hubbub.publish.amounts import event_and_currency
from hubbub.publish.catalogue import KEYED, METRICS, answering
from hubbub.publish.intervals import Z95, Estimate, Fraction, share
from hubbub.publish.query import Filter
from hubbub.publish.tables import KEYS_OF
from hubbub.release.types import Gap, Released

FUNNEL = (Dimension.FUNNEL, Dimension.STEP)
AMOUNT = (Dimension.EVENT, Dimension.MOST)
PERMIT = (Filter("funnel", ("Permit",)),)


def only(value: Estimate | None) -> Estimate:
    assert value is not None
    return value


def funnels(sigma: float = 4) -> list[Released]:
    cells = {("Permit", "1"): 500, ("Permit", "2"): 300, ("Permit", "3"): 200, ("Other", "1"): 70, ("Other", "2"): 30}
    return [released(SITE, day, Measure.FUNNELS, cells, dimensions=FUNNEL, sigma=sigma) for day in days(2)]


def test_every_measure_can_be_asked_for() -> None:
    found = set()
    for metric in METRICS:
        for dimension in ("", "hour", *KEYED):
            try:
                found |= set(answering(metric, dimension).read)
            except QueryError:
                continue
    assert found | {Measure.COMBINATIONS} == set(KEYS_OF)  # asked for by estimate=combined alone


def test_steps_of_a_funnel_are_those_who_came_at_least_so_far(tmp_path: Path) -> None:
    found = ask(marts_of(tmp_path, funnels()), "visitors conversion_rate", "step", filters=PERMIT, last=days(2)[-1])
    assert [row.dimensions for row in found.rows] == [("1",), ("2",), ("3",)]
    reached = [only(row.values[0]) for row in found.rows]
    assert [each.value for each in reached] == [2000, 1000, 400]
    assert [each.stderr for each in reached] == pytest.approx([4 * sqrt(6), 4 * sqrt(4), 4 * sqrt(2)])
    rates = [only(row.values[1]) for row in found.rows]
    assert [each.value for each in rates] == [100, 50, 20]
    assert rates[0].low95 == rates[0].high95 == 100  # who began is the same number above and below
    assert rates[1] == share(Fraction(1000, 64, 2000, 96, 64), "visitors")
    assert [(row.days, row.of_days) for row in found.rows] == [(2, 2)] * 3
    assert found.total == 3


def test_steps_by_day_stay_in_order(tmp_path: Path) -> None:
    marts = marts_of(tmp_path, funnels())
    found = ask(marts, "visitors", "day step", filters=PERMIT, last=days(2)[-1])
    assert [row.dimensions for row in found.rows] == [
        (f"2026-03-0{day}", str(step)) for day in (1, 2) for step in (1, 2, 3)
    ]
    assert [only(row.values[0]).value for row in found.rows] == [1000, 500, 200] * 2


def test_funnels_by_how_many_began_and_came_to_the_end(tmp_path: Path) -> None:
    marts = marts_of(tmp_path, funnels())
    found = ask(marts, "visitors conversion_rate", "funnel", last=days(2)[-1])
    assert [(row.dimensions[0], only(row.values[0]).value, only(row.values[1]).value) for row in found.rows] == [
        ("Permit", 2000, 20), ("Other", 200, 30)
    ]  # fmt: skip
    course = ask(marts, "visitors conversion_rate", "day", filters=PERMIT, last=days(2)[-1])
    assert [(only(row.values[0]).value, only(row.values[1]).value) for row in course.rows] == [(1000, 20)] * 2


def test_a_goal_is_divided_by_the_visitors_of_its_days(tmp_path: Path) -> None:
    cells = [
        released(SITE, day, Measure.GOALS, {("Sent",): 100, ("Seen",): 400}, dimensions=(Dimension.GOAL,), sigma=3)
        for day in days(3)
    ]
    cells += [released(SITE, day, Measure.VISITORS, 1000, sigma=4) for day in days(2)]
    cells += [released(SITE, days(3)[2], Measure.VISITORS, 0, gap=Gap.FORFEITED)]
    marts = marts_of(tmp_path, cells)
    found = ask(marts, "conversion_rate visitors", "goal", last=days(3)[-1])
    assert [row.dimensions for row in found.rows] == [("Seen",), ("Sent",)]
    assert [only(row.values[0]) for row in found.rows] == [
        share(Fraction(800, 18, 2000, 32, 0), "visitors"), share(Fraction(200, 18, 2000, 32, 0), "visitors")
    ]  # fmt: skip
    assert [only(row.values[1]).value for row in found.rows] == [1200, 300]
    assert {gap.measures for gap in found.gaps} == {("visitors",)}
    course = ask(marts, "conversion_rate", "day", filters=(Filter("goal", ("Sent",)),), last=days(2)[-1])
    assert [only(row.values[0]).value for row in course.rows] == [10, 10]


def test_amounts_are_in_their_currency_whatever_the_settings_say_later(tmp_path: Path) -> None:
    def day_of(place: int, most: str, parts: int) -> Released:
        cells = {("Paid", most): parts, ("Steps", "20"): 500}
        return released(SITE, days(3)[place], Measure.AMOUNTS, cells, dimensions=AMOUNT, sigma=100)

    marts = marts_of(tmp_path, [day_of(0, "500 EUR", 4000), day_of(1, "1000 EUR", 4000), day_of(2, "10 CHF", 7000)])
    found = ask(marts, "amount", "amount_event", last=days(3)[-1])
    values = {row.dimensions[0]: only(row.values[0]) for row in found.rows}
    assert values["Paid (EUR)"].value == 2000 + 4000
    assert values["Paid (EUR)"].stderr == pytest.approx(sqrt(50**2 + 100**2))
    assert values["Paid (CHF)"].value == 70
    assert values["Steps"].value == 30
    assert [event_and_currency(key) for key in values] == [("Paid", "EUR"), ("Paid", "CHF"), ("Steps", "")]
    assert {row.dimensions[0]: row.days for row in found.rows} == {"Paid (EUR)": 2, "Paid (CHF)": 1, "Steps": 3}
    course = ask(marts, "amount", "day", filters=(Filter("amount_event", ("Paid (EUR)",)),), last=days(3)[-1])
    assert [None if row.values[0] is None else row.values[0].value for row in course.rows] == [2000, 4000, None]


def test_how_long_and_how_far_pages_are_read(tmp_path: Path) -> None:
    engaged = {"under 5 s": 1000, "5 s": 0, "15 s": 0, "30 s": 1000, "1 min": 0, "3 min": 0, "10 min and over": 1000}
    scrolled = {"under 25 %": 100, "25 %": 300, "50 %": 400, "75 %": 100, "90 % and over": 100}
    marts = marts_of(
        tmp_path,
        [
            released(SITE, FIRST, Measure.ENGAGEMENT, {(k,): n for k, n in engaged.items()},
                     dimensions=(Dimension.ENGAGED,), sigma=1),
            released(SITE, FIRST, Measure.SCROLLING, {(k,): n for k, n in scrolled.items()},
                     dimensions=(Dimension.SCROLL,), sigma=1),
        ],
    )  # fmt: skip
    (row,) = ask(marts, "engaged_time engaged_median scroll_depth scroll_median", last=FIRST).rows
    values = [only(each) for each in row.values]
    assert [each.value for each in values] == pytest.approx([(2.5 + 45 + 900) / 3, 45, 55.25, 56.25])
    assert all(each.shown and each.low95 < each.value < each.high95 for each in values)
    half = Z95 * sqrt(7) / 2 / 1000 * 30
    assert (values[1].low95, values[1].high95) == pytest.approx((45 - half, 45 + half))
    bins = ask(marts, "visitors", "scroll", last=FIRST)
    assert bins.rows[0].dimensions == ("50 %",)


def test_the_rate_of_return_is_of_those_who_tell(tmp_path: Path) -> None:
    cells = {("first",): 600, ("1 day",): 100, ("2-7 days",): 200, ("8-30 days",): 50, ("over 30 days",): 50}
    marts = marts_of(
        tmp_path, [released(SITE, FIRST, Measure.RETURNING, cells, dimensions=(Dimension.RETURNING,), sigma=4)]
    )
    (row,) = ask(marts, "return_rate", last=FIRST).rows
    assert only(row.values[0]) == share(Fraction(400, 64, 1000, 80, 64), "visitors")


def test_what_nobody_asked_for_is_missing_and_not_zero(tmp_path: Path) -> None:
    marts = marts_of(tmp_path, [released(SITE, FIRST, Measure.VISITORS, 100)])
    found = ask(marts, "conversion_rate", "goal", last=FIRST)
    assert found.rows == ()
    assert {gap.reason for gap in found.gaps} == {"absent"}
    (row,) = ask(marts, "engaged_median return_rate", last=FIRST).rows
    assert row.values == (None, None)


@pytest.mark.parametrize("metric", ["engaged_time", "engaged_median", "return_rate", "set_aside"])
def test_a_month_of_samples_has_intervals(tmp_path: Path, metric: str) -> None:
    (row,) = ask(sample_marts(tmp_path, days(31)[-1], days=31), metric).rows
    value = only(row.values[0])
    assert value.low95 <= value.value <= value.high95
    assert row.days == 31
