"""Asked for consistent or smoothed numbers: they add up, say what they are, and leave the released ones alone."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from math import sqrt
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from mart_samples import SITES, ZONE, released

from hubbub.core.errors import QueryError
from hubbub.core.keys import Dimension, Measure
from hubbub.core.vocabulary import CHANNELS, DEVICES, DURATION_BINS
from hubbub.publish.answers import answer
from hubbub.publish.intervals import Estimate
from hubbub.publish.marts import Marts
from hubbub.publish.query import Answer, Calendar, Filter, Query, check
from hubbub.release.types import Gap, Released

SITE = SITES[0]
LAST = date(2026, 4, 30)
DAYS = 60
CALENDAR = Calendar(int(datetime(2026, 5, 10, tzinfo=UTC).timestamp() * 1000), dict.fromkeys(SITES, ZONE))
SHARES = {Measure.CHANNELS: (CHANNELS, Dimension.CHANNEL, 18.3), Measure.DEVICES: (DEVICES, Dimension.DEVICE, 31.6)}


def day_at(back: int) -> date:
    return LAST - timedelta(days=back)


def split(total: int, parts: int) -> list[int]:
    """A total as parts, most of it in the first, many of nothing."""
    found = [total * 6 // 10, total * 3 // 10] + [0] * (parts - 2)
    found[-1] += total - sum(found)
    return found


def city(rng: np.random.Generator, site: str = SITE, visitors: int = 150) -> Iterator[Released]:
    """Days of about as many visitors, by channel, device and visit, as released; a total and a partition were lost."""

    def noisy(value: float, sigma: float) -> int:
        return round(value + rng.normal(0, sigma))

    for back in range(DAYS):
        day, count = day_at(back), int(rng.poisson(visitors))
        gap = Gap.FORFEITED if back == 3 else Gap.NONE
        yield released(site, day, Measure.VISITORS, noisy(count, 15.8), sigma=15.8, gap=gap)
        for measure, (keys, dimension, sigma) in SHARES.items():
            cells = {(key,): noisy(part, sigma) for key, part in zip(keys, split(count, len(keys)), strict=True)}
            lost = Gap.KEPT_BACK if measure == Measure.DEVICES and back == 5 else Gap.NONE
            yield released(site, day, measure, cells, dimensions=(dimension,), sigma=sigma, gap=lost)
        labels = [label for label, _, _ in DURATION_BINS]
        visits = {
            (visit, label): noisy(part, 16.9)
            for visit, shown in (("1", count), ("2", count // 3))
            for label, part in zip(labels, split(shown, len(labels)), strict=True)
        }
        dimensions = (Dimension.VISIT, Dimension.DURATION)
        yield released(site, day, Measure.VISITS, visits, dimensions=dimensions, sigma=16.9)


@pytest.fixture(scope="module")
def marts(tmp_path_factory: pytest.TempPathFactory) -> Marts:
    found = Marts(tmp_path_factory.mktemp("marts"))
    for number, site in enumerate(SITES[:2]):
        cells = list(city(np.random.default_rng(number), site))
        for month in {one.day.replace(day=1) for one in cells}:
            found.write(site, month, cells)
    return found


def ask(marts: Marts, dimensions: str = "", kind: str = "consistent", **rest: Any) -> Answer:
    asked: dict[str, Any] = {"sites": (SITE,), "metrics": ("visitors",), "first": day_at(29), "last": LAST, **rest}
    return answer(marts, Query(dimensions=tuple(dimensions.split()), estimate=kind, **asked), CALENDAR)  # type: ignore[arg-type]


def values(found: Answer) -> list[Estimate]:
    return [row.values[0] for row in found.rows if row.values[0] is not None]


@pytest.mark.parametrize("sites", [SITES[:1], SITES[:2]])
@pytest.mark.parametrize(("dimension", "cells"), [("channel", len(CHANNELS)), ("device", len(DEVICES))])
def test_a_list_adds_up_to_its_whole(marts: Marts, sites: tuple[str, ...], dimension: str, cells: int) -> None:
    found = ask(marts, dimension, sites=sites)
    assert len(found.rows) == cells
    assert found.whole is not None
    assert sum(one.value for one in values(found)) == pytest.approx(found.whole.value)
    assert found.rows[0].days == len(sites) * (29 if dimension == "device" else 30)
    if dimension == "device":  # a day on which the list was lost is in neither
        assert [gap.first for gap in found.gaps] == [day_at(5)] * len(sites)


def test_the_same_days_have_the_same_whole_by_any_list(marts: Marts) -> None:
    by_channel, by_device = (ask(marts, name, first=day_at(2)).whole for name in ("channel", "device"))
    assert by_channel is not None
    assert by_device is not None
    total = values(ask(marts, first=day_at(2)))[0]
    assert (by_channel.value, by_channel.stderr) == pytest.approx((by_device.value, by_device.stderr))
    assert (total.value, total.stderr) == pytest.approx((by_channel.value, by_channel.stderr))


def test_consistent_numbers_are_surer_than_released_ones_and_near_them(marts: Marts) -> None:
    for dimensions in ("", "channel", "device", "day", "week device", "month"):
        raw, best = (ask(marts, dimensions, kind, order=()) for kind in ("raw", "consistent"))
        before = {row.dimensions: row.values[0] for row in raw.rows}
        for row in best.rows:
            one, other = row.values[0], before[row.dimensions]
            assert (one is None) == (other is None)
            if one is not None and other is not None:
                assert one.stderr < other.stderr
                assert abs(one.value - other.value) < 5 * sqrt(other.stderr**2 - one.stderr**2)  # its variance: Hausman


def test_a_total_that_was_lost_still_ties_its_parts_but_is_not_told(marts: Marts) -> None:
    lost = day_at(3)
    assert values(ask(marts, first=lost, last=lost)) == []
    whole = ask(marts, "channel", first=lost, last=lost).whole
    assert whole is not None
    assert 15.8 < whole.stderr < 60


def test_what_is_displayed_is_at_least_zero_and_has_the_same_sum(marts: Marts) -> None:
    for dimensions in ("channel", "day channel", "site channel"):
        found = ask(marts, dimensions, sites=SITES[:2], first=day_at(1))
        assert min(one.value for one in values(found)) < 0
        sums: dict[tuple[str, ...], list[float]] = {}
        for row in found.rows:
            one = row.values[0]
            assert one is not None
            assert one.nonnegative is not None
            assert one.nonnegative >= 0
            pair = sums.setdefault(row.dimensions[:-1], [0.0, 0.0])
            pair[0] += one.value
            pair[1] += one.nonnegative
        assert all(total == pytest.approx(shown) for total, shown in sums.values())
    assert all(one.nonnegative is None for one in values(ask(marts, "channel", "raw")))


def test_lists_are_cut_after_they_were_made_to_add_up(marts: Marts) -> None:
    whole, cut = ask(marts, "channel"), ask(marts, "channel", limit=2, offset=1)
    assert cut.rows == whole.rows[1:3]
    assert (cut.total, cut.whole) == (len(CHANNELS), whole.whole)


def test_smoothed_days_are_tighter_and_rest_on_released_ones(marts: Marts) -> None:
    raw, best = (ask(marts, "day", kind) for kind in ("raw", "smoothed"))
    assert [row.dimensions for row in raw.rows] == [row.dimensions for row in best.rows]
    assert [row.values[0] is None for row in raw.rows] == [row.values[0] is None for row in best.rows]
    pairs = [(one, other) for one, other in zip(values(best), values(raw), strict=True)]
    assert np.mean([one.stderr / other.stderr for one, other in pairs]) < 0.85
    assert np.mean([abs(one.value - 150) < 1.96 * sqrt(one.stderr**2 + 150) for one, _ in pairs]) > 0.8
    assert raw.gaps == best.gaps


def test_the_days_before_the_period_are_used(marts: Marts) -> None:
    long, short = ask(marts, "day", "smoothed"), ask(marts, "day", "smoothed", first=day_at(2))
    assert values(short) == values(long)[-3:]


def test_keys_are_smoothed_together(marts: Marts) -> None:
    found = ask(marts, "channel day", "smoothed", first=day_at(6))
    assert len(found.rows) == 7 * len(CHANNELS)
    assert found.total == len(found.rows)
    nothing = [one for row in found.rows if row.dimensions[0] == "SMS" for one in row.values if one]
    assert max(abs(one.value) for one in nothing) < 3 * 18.3
    assert max(one.stderr for one in nothing) < 0.7 * 18.3
    one = ask(marts, "day", "smoothed", first=day_at(6), filters=(Filter("channel", ("Direct",)),))
    assert len(values(one)) == 7


def test_a_first_release_is_told_by_the_days_after_it(tmp_path: Path) -> None:
    page = (Dimension.PAGE,)
    marts = Marts(tmp_path)
    cells = [released(SITE, day_at(9), Measure.NEW_PAGES, {("/a",): 171}, dimensions=page, new=["/a"], threshold=130)]
    cells += [released(SITE, day_at(back), Measure.PAGE_VISITORS, {("/a",): 90}, dimensions=page) for back in range(9)]
    for month in {one.day.replace(day=1) for one in cells}:
        marts.write(SITE, month, cells)
    answered = ask(marts, "day page", "smoothed")
    assert not any("threshold" in note for note in answered.notes)
    found = {row.dimensions[0]: row.values[0] for row in answered.rows}
    assert found[day_at(9).isoformat()] is None  # no day before it says anything
    assert [one.value for one in found.values() if one] == pytest.approx([90] * 9, abs=1)


def test_sites_that_are_added_must_all_be_there(marts: Marts, tmp_path: Path) -> None:
    cells = [
        released(site, day_at(back), Measure.VISITORS, 500)
        for site in SITES[:2]
        for back in range(20)
        if (site, back) != (SITE, 4)
    ]
    some = Marts(tmp_path)
    for site in SITES[:2]:
        some.write(site, LAST, [one for one in cells if one.source == site])
    found = ask(some, "day", "smoothed", sites=SITES[:2], first=day_at(9))
    assert [one.value for one in values(found)] == pytest.approx([1000] * 10, abs=5)


def test_every_answer_says_what_it_is(marts: Marts) -> None:
    assert any("Consistent estimates" in note for note in ask(marts, "channel").notes)
    assert any("Smoothed estimates" in note for note in ask(marts, "day", "smoothed").notes)
    assert not any("estimates, not the released" in note for note in ask(marts, "day", "raw").notes)


def test_nothing_published_is_nothing_estimated(tmp_path: Path) -> None:
    empty = Marts(tmp_path)
    assert ask(empty, "channel").rows == ()
    assert ask(empty, "channel").whole is None
    assert values(ask(empty, "day", "smoothed")) == []
    assert len(ask(empty, "day", "smoothed").rows) == 30


def test_the_longest_and_the_earliest_period_can_be_smoothed(marts: Marts) -> None:
    assert len(ask(marts, "day", "smoothed", first=LAST - timedelta(days=3660)).rows) == 3661
    assert len(ask(marts, "day", "smoothed", first=date.min, last=date.min + timedelta(days=3)).rows) == 4


@pytest.mark.parametrize(
    ("kind", "metrics", "dimensions", "filters"),
    [
        ("consistent", "visitors", "hour", ()),
        ("consistent", "visitors", "page", ()),
        ("consistent", "visitors", "referrer", ()),
        ("consistent", "pageviews", "", ()),
        ("consistent", "visitors pageviews", "", ()),
        ("consistent", "visitors", "channel", (Filter("channel", ("Direct",)),)),
        ("smoothed", "visitors", "", ()),
        ("smoothed", "visitors", "hour", ()),
        ("smoothed", "visitors", "week", ()),
        ("smoothed", "visitors", "day step", (Filter("funnel", ("Permit",)),)),
        ("smoothed", "bounce_rate", "day", ()),
        ("smoothed", "visitors pageviews", "day", ()),
        ("steady", "visitors", "day", ()),
    ],
)
def test_what_has_no_such_estimate_is_refused(
    kind: str, metrics: str, dimensions: str, filters: tuple[Filter, ...]
) -> None:
    asked: Any = kind
    query = Query(
        sites=(SITE,), metrics=tuple(metrics.split()), dimensions=tuple(dimensions.split()), filters=filters,
        first=LAST, last=LAST, estimate=asked,
    )  # fmt: skip
    with pytest.raises(QueryError, match=r"estimate"):
        check(query)
