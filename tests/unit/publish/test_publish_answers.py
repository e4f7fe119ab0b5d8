"""Answers add up, say what is missing, and leave nothing out silently."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from math import sqrt
from pathlib import Path
from typing import Any

import pytest
from mart_samples import SITES, ZONE, released, sample_marts

from hubbub.core.keys import Dimension, Measure
from hubbub.publish.answers import answer
from hubbub.publish.marts import Marts
from hubbub.publish.query import Answer, Calendar, Filter, Order, Query, previous
from hubbub.release.types import Gap, Released

SITE = SITES[0]
FIRST, LAST = date(2026, 3, 1), date(2026, 3, 31)
NOW = datetime(2026, 4, 10, 9, 30, tzinfo=UTC)


def calendar(now: datetime = NOW) -> Calendar:
    return Calendar(int(now.timestamp() * 1000), dict.fromkeys(SITES, ZONE))


def ask(marts: Marts, metrics: str, dimensions: str = "", *, now: datetime = NOW, **rest: Any) -> Answer:
    asked: dict[str, Any] = {"sites": (SITE,), "first": FIRST, "last": LAST, **rest}
    return answer(
        marts, Query(metrics=tuple(metrics.split()), dimensions=tuple(dimensions.split()), **asked), calendar(now)
    )


def marts_of(folder: Path, cells: Sequence[Released]) -> Marts:
    marts = Marts(folder)
    for source in {one.source for one in cells}:
        for month in {one.day.replace(day=1) for one in cells if one.source == source}:
            marts.write(source, month, [one for one in cells if one.source == source])
    return marts


def days(count: int, first: date = FIRST) -> list[date]:
    return [first + timedelta(days=offset) for offset in range(count)]


def test_sums_over_days_add_values_and_variances(tmp_path: Path) -> None:
    cells = [released(SITE, day, Measure.VISITORS, 100 + i, sigma=4) for i, day in enumerate(days(9))]
    found = ask(marts_of(tmp_path, cells), "visitors", last=FIRST + timedelta(days=8))
    (row,) = found.rows
    (value,) = row.values
    assert value is not None
    assert (value.value, value.stderr) == (936, 12)
    assert (row.days, row.of_days, found.gaps) == (9, 9, ())
    assert any("visitor-days" in note for note in found.notes)


@pytest.mark.parametrize(("bucket", "labels"), [("week", ["2026-02-23", "2026-03-02"]), ("month", ["2026-03"])])
def test_weeks_begin_on_monday_and_months_on_the_first(tmp_path: Path, bucket: str, labels: list[str]) -> None:
    cells = [released(SITE, day, Measure.VISITORS, 10) for day in days(8)]
    found = ask(marts_of(tmp_path, cells), "visitors", bucket, last=FIRST + timedelta(days=7))
    assert [row.dimensions for row in found.rows] == [(label,) for label in labels]
    assert sum(value.value for row in found.rows for value in row.values if value) == 80
    assert sum(row.days for row in found.rows) == 8


def test_a_forfeited_day_is_a_gap_and_never_a_zero(tmp_path: Path) -> None:
    cells = [released(SITE, day, Measure.PAGEVIEWS, 50) for day in days(3)]
    cells[1] = released(SITE, FIRST + timedelta(days=1), Measure.PAGEVIEWS, 0, gap=Gap.FORFEITED)
    marts = marts_of(tmp_path, cells)
    last = FIRST + timedelta(days=2)
    by_day = ask(marts, "pageviews", "day", last=last)
    assert [row.values[0] and row.values[0].value for row in by_day.rows] == [50, None, 50]
    (gap,) = by_day.gaps
    assert (gap.first, gap.last, gap.reason, gap.measures) == (cells[1].day, cells[1].day, "forfeited", ("pageviews",))
    (total,) = ask(marts, "pageviews", last=last).rows
    assert total.values[0] is not None
    assert (total.values[0].value, total.values[0].stderr) == pytest.approx((100, sqrt(2) * 10))
    assert (total.days, total.of_days) == (2, 3)


def test_every_missing_day_has_its_reason(tmp_path: Path) -> None:
    present = [date(2026, 3, 5), date(2026, 3, 6), date(2026, 3, 9)]
    marts = marts_of(tmp_path, [released(SITE, day, Measure.VISITORS, 9) for day in present])
    found = ask(
        marts, "visitors", first=date(2026, 3, 3), last=date(2026, 3, 14), now=datetime(2026, 3, 12, 8, tzinfo=UTC)
    )
    assert [(gap.first.day, gap.last.day, gap.reason) for gap in found.gaps] == [
        (3, 4, "before"),
        (7, 8, "absent"),
        (10, 11, "open"),
        (12, 14, "unfinished"),
    ]
    assert all(gap.text for gap in found.gaps)


def test_nothing_published_is_no_rows_of_zeros(tmp_path: Path) -> None:
    found = ask(Marts(tmp_path), "visitors", "day", last=FIRST + timedelta(days=1))
    assert [row.values for row in found.rows] == [(None,), (None,)]
    assert [gap.reason for gap in found.gaps] == ["absent"]
    assert ask(Marts(tmp_path), "visitors", "page").rows == ()


def test_an_empty_release_is_not_a_missing_day(tmp_path: Path) -> None:
    cells = [
        released(SITE, FIRST, Measure.CAMPAIGNS, {}, dimensions=(Dimension.CAMPAIGN,), threshold=90),
        released(SITE, FIRST, Measure.VISITORS, 9),
    ]
    found = ask(marts_of(tmp_path, cells), "visitors", "campaign", last=FIRST)
    assert (found.rows, found.gaps) == ((), ())


@pytest.mark.parametrize(
    ("day", "count", "twice"),
    [(date(2026, 3, 29), 23, False), (date(2026, 10, 25), 25, True), (date(2026, 3, 2), 24, False)],
)
def test_hours_are_labelled_by_the_wall_clock(tmp_path: Path, day: date, count: int, twice: bool) -> None:
    cells = [released(SITE, day, Measure.VISITORS_HOUR, 100 + slot, slot=slot) for slot in range(count)]
    found = ask(
        marts_of(tmp_path, cells), "visitors", "hour", first=day, last=day, now=datetime(2026, 12, 1, tzinfo=UTC)
    )
    labels = [row.dimensions[0] for row in found.rows]
    assert len(labels) == count
    assert ("02:00 (second)" in labels) == twice
    assert ("02:00" in labels) == (count != 23)
    assert [row.values[0].value for row in found.rows if row.values[0]] == [100 + slot for slot in range(count)]
    assert not found.gaps


def test_hours_of_several_days_meet_by_their_label(tmp_path: Path) -> None:
    """After the clock went forward, 03:00 is slot 2; it adds to the 03:00 of other days, which is slot 3."""
    cells = [
        *(released(SITE, date(2026, 3, 28), Measure.VISITORS_HOUR, 100 + slot, slot=slot) for slot in range(24)),
        *(released(SITE, date(2026, 3, 29), Measure.VISITORS_HOUR, 100 + slot, slot=slot) for slot in range(23)),
    ]
    found = ask(marts_of(tmp_path, cells), "visitors", "hour", first=date(2026, 3, 28), last=date(2026, 3, 29))
    values = {row.dimensions[0]: row.values[0].value for row in found.rows if row.values[0]}
    assert values["03:00"] == 103 + 102
    assert values["02:00"] == 102
    spans = {row.dimensions[0]: (row.days, row.of_days) for row in found.rows}
    assert (spans["02:00"], spans["03:00"]) == ((1, 1), (2, 2))


def test_today_tells_late_open_and_unfinished_hours_apart(tmp_path: Path) -> None:
    today = date(2026, 4, 10)  # it is 11:30 in Vienna
    cells = [released(SITE, today, Measure.VISITORS_HOUR, 90, slot=slot) for slot in range(10) if slot != 4]
    cells.append(released(SITE, today, Measure.VISITORS_HOUR, 0, slot=4, gap=Gap.LATE))
    found = ask(marts_of(tmp_path, cells), "visitors", "hour", first=today, last=today)
    hours = {gap.reason: gap.hours for gap in found.gaps}
    assert hours["late"] == ("04:00",)
    assert hours["open"] == ("10:00",)
    assert hours["unfinished"] == tuple(f"{hour:02d}:00" for hour in range(11, 24))
    assert [row.values[0] is None for row in found.rows] == [slot == 4 or slot > 9 for slot in range(24)]


def test_pages_unite_known_and_new_ones(tmp_path: Path) -> None:
    page = (Dimension.PAGE,)
    second = FIRST + timedelta(days=1)
    cells = [
        released(SITE, FIRST, Measure.PAGE_VISITORS, {("/a",): 300}, dimensions=page),
        released(SITE, FIRST, Measure.NEW_PAGES, {("/b",): 150}, dimensions=page, new=["/b"], threshold=70, sigma=12),
        released(SITE, second, Measure.PAGE_VISITORS, {("/a",): 310, ("/b",): 140}, dimensions=page),
        released(SITE, second, Measure.NEW_PAGES, {}, dimensions=page, threshold=70, sigma=12),
    ]
    found = ask(marts_of(tmp_path, cells), "visitors", "page", last=second)
    assert [(row.dimensions[0], row.values[0].value, row.is_new) for row in found.rows if row.values[0]] == [
        ("/a", 610, False),
        ("/b", 290, True),
    ]
    fresh = found.rows[1].values[0]
    assert fresh is not None
    assert fresh.stderr == pytest.approx(sqrt(10**2 + 12**2))
    assert fresh.value - fresh.low95 >= fresh.high95 - fresh.value
    assert not found.gaps


def test_top_lists_put_grey_rows_last_and_count_them(tmp_path: Path) -> None:
    cells = {("AT",): 400, ("DE",): 200, ("FR",): 5, ("US",): 58, ("ZZ",): -7}
    marts = marts_of(tmp_path, [released(SITE, FIRST, Measure.COUNTRIES, cells, dimensions=(Dimension.COUNTRY,))])
    found = ask(marts, "visitors", "country", last=FIRST)
    assert [row.dimensions[0] for row in found.rows] == ["AT", "DE", "US", "FR", "ZZ"]
    assert [row.values[0].shown for row in found.rows if row.values[0]] == [True, True, False, False, False]
    assert (found.total, found.grey) == (5, 3)
    assert all(row.values[0].why_not for row in found.rows[2:] if row.values[0])
    cut = ask(marts, "visitors", "country", last=FIRST, limit=2, offset=1)
    assert [row.dimensions[0] for row in cut.rows] == ["DE", "US"]
    assert (cut.total, cut.grey) == (5, 3)


def test_an_explicit_order_is_kept(tmp_path: Path) -> None:
    cells = {("AT",): 400, ("DE",): 200, ("FR",): 5}
    marts = marts_of(tmp_path, [released(SITE, FIRST, Measure.COUNTRIES, cells, dimensions=(Dimension.COUNTRY,))])

    def names(*order: Order) -> list[str]:
        return [row.dimensions[0] for row in ask(marts, "visitors", "country", last=FIRST, order=order).rows]

    assert names(Order("country", "desc")) == ["FR", "DE", "AT"]
    assert names(Order("visitors", "asc")) == ["FR", "DE", "AT"]
    assert names(Order("country", "asc")) == ["AT", "DE", "FR"]


def test_filters_choose_cells_of_one_dimension(tmp_path: Path) -> None:
    cells = [
        released(SITE, day, Measure.COUNTRIES, {("AT",): 100, ("DE",): 40, ("FR",): 3}, dimensions=(Dimension.COUNTRY,))
        for day in days(3)
    ]
    marts = marts_of(tmp_path, cells)
    last = FIRST + timedelta(days=2)
    both = (Filter("country", ("AT", "DE")),)
    (total,) = ask(marts, "visitors", last=last, filters=both).rows
    assert total.values[0] is not None
    assert (total.values[0].value, total.values[0].stderr) == pytest.approx((420, sqrt(6) * 10))
    assert (total.days, total.of_days) == (3, 3)
    assert [row.dimensions for row in ask(marts, "visitors", "country", last=last, filters=both).rows] == [
        ("AT",),
        ("DE",),
    ]
    by_day = ask(marts, "visitors", "day", last=last, filters=(Filter("country", ("DE",)),))
    assert [row.values[0].value for row in by_day.rows if row.values[0]] == [40, 40, 40]
    (nothing,) = ask(marts, "visitors", last=last, filters=(Filter("country", ("XX",)),)).rows
    assert nothing.values == (None,)


def test_visits_bounce_rate_and_duration_come_from_one_histogram(tmp_path: Path) -> None:
    cells = {("1", "bounce"): 600, ("1", "0-10 s"): 200, ("2", "over 30 min"): 200}
    one = released(SITE, FIRST, Measure.VISITS, cells, dimensions=(Dimension.VISIT, Dimension.DURATION), sigma=5)
    marts = marts_of(tmp_path, [one])
    (row,) = ask(marts, "visits bounce_rate visit_duration", last=FIRST).rows
    visits, bounce, duration = row.values
    assert visits is not None
    assert bounce is not None
    assert duration is not None
    assert (visits.value, visits.stderr) == pytest.approx((1000, sqrt(3) * 5))
    assert bounce.value == pytest.approx(60)
    assert duration.value == pytest.approx((200 * 5 + 200 * 2700) / 1000)
    assert (row.days, row.of_days) == (1, 1)
    # Linearised: bounces are part of the visits, so their noise is shared.
    assert bounce.stderr == pytest.approx(100 * sqrt(25 * (1 - 2 * 0.6) + 0.36 * 75) / 1000)
    bins = ask(marts, "visits", "duration", last=FIRST)
    assert {row.dimensions[0]: row.values[0].value for row in bins.rows if row.values[0]} == {
        "bounce": 600, "0-10 s": 200, "over 30 min": 200,
    }  # fmt: skip


def test_views_per_visitor_count_days_that_have_both(tmp_path: Path) -> None:
    second = FIRST + timedelta(days=1)
    cells = [
        released(SITE, FIRST, Measure.VISITORS, 1000),
        released(SITE, FIRST, Measure.PAGEVIEWS, 2500),
        released(SITE, second, Measure.VISITORS, 1000),
        released(SITE, second, Measure.PAGEVIEWS, 0, gap=Gap.FORFEITED),
    ]
    (row,) = ask(marts_of(tmp_path, cells), "views_per_visitor", last=second).rows
    assert row.values[0] is not None
    assert row.values[0].value == pytest.approx(2.5)


def test_sites_stand_apart_or_are_added(tmp_path: Path) -> None:
    cells = [released(site, FIRST, Measure.VISITORS, 100 * (i + 1)) for i, site in enumerate(SITES)]
    marts = marts_of(tmp_path, cells)
    apart = ask(marts, "visitors", "site", sites=SITES, last=FIRST)
    assert [(row.dimensions[0], row.values[0].value) for row in apart.rows if row.values[0]] == [
        (SITES[2], 300), (SITES[1], 200), (SITES[0], 100),
    ]  # fmt: skip
    (added,) = ask(marts, "visitors", sites=SITES, last=FIRST).rows
    assert added.values[0] is not None
    assert (added.values[0].value, added.values[0].stderr) == pytest.approx((600, sqrt(3) * 10))
    assert added.of_days == 3


def test_a_trial_is_told(tmp_path: Path) -> None:
    found = ask(marts_of(tmp_path, [released(SITE, FIRST, Measure.VISITORS, 9, trial=True)]), "visitors", last=FIRST)
    assert found.trial
    assert any("not private" in note for note in found.notes)


def test_previous_is_the_period_of_the_same_length_before() -> None:
    query = Query(sites=(SITE,), metrics=("visitors",), first=date(2026, 3, 10), last=date(2026, 3, 16))
    before = previous(query)
    assert (before.first, before.last) == (date(2026, 3, 3), date(2026, 3, 9))
    assert before.metrics == query.metrics


def test_a_whole_sample_adds_up_day_by_day(tmp_path: Path) -> None:
    marts = sample_marts(tmp_path, LAST, days=31)
    for metric, dimension in (("visitors", "referrer"), ("visitors", "page"), ("events", "event"), ("visits", "")):
        whole = ask(marts, metric, dimension)
        daily = ask(marts, metric, f"day {dimension}".strip())
        sums: dict[tuple[str, ...], float] = {}
        for row in daily.rows:
            if row.values[0] is not None:
                sums[row.dimensions[1:]] = sums.get(row.dimensions[1:], 0) + row.values[0].value
        assert sums == {row.dimensions: row.values[0].value for row in whole.rows if row.values[0]}


def test_alias_is_answered_under_its_own_name(tmp_path: Path) -> None:
    marts = sample_marts(tmp_path, LAST, days=3)
    assert ask(marts, "visitors", "source").rows == ask(marts, "visitors", "referrer").rows
