"""From marts to findings: an outage and a page that comes up, told once each, with what explains them."""

import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "publish"))

from mart_samples import released

from hubbub.core.keys import Dimension, Measure
from hubbub.core.settings import Settings, Site
from hubbub.insight.findings import Finding, Findings, Kind
from hubbub.insight.series import SeriesName
from hubbub.insight.trends.finding import find_changes
from hubbub.insight.trends.gathering import gather
from hubbub.publish.marts import Marts
from hubbub.release.types import Released

A, B = "a.example", "b.example"
SETTINGS = Settings((Site(A), Site(B)), timezone="Europe/Vienna")
FIRST, DAYS = date(2026, 7, 1), 90
LAST = FIRST + timedelta(DAYS - 1)
OUTAGE, COMES = FIRST + timedelta(70), FIRST + timedelta(60)
PAGES = ("/", "/tax", "/waste")
CHANNELS = {"Direct": 0.5, "Organic Search": 0.3, "Referral": 0.2}


def day_of_site(site: str, day: date, random: Random) -> Iterator[Released]:
    visitors = 2_000.0 * (0.35 if (site, day) == (A, OUTAGE) else 1.0)

    def noisy(mean: float, sigma: float) -> int:
        return round(random.gauss(mean, mean**0.5) + random.gauss(0, sigma))

    yield released(site, day, Measure.VISITORS, noisy(visitors, 16), sigma=16)
    yield released(site, day, Measure.PAGEVIEWS, noisy(2.5 * visitors, 140), sigma=140)
    for slot in range(24):
        yield released(site, day, Measure.VISITORS_HOUR, noisy(visitors / 24, 13), slot=slot, sigma=13)
    cells = {(page,): noisy(visitors * 0.5**place, 17) for place, page in enumerate(PAGES)}
    if site == B and day > COMES:
        cells[("/new",)] = noisy(700, 17)
    yield released(site, day, Measure.PAGE_VISITORS, cells, dimensions=(Dimension.PAGE,), sigma=17)
    if site == B and day == COMES:
        new = {("/new",): noisy(700, 20)}
        yield released(
            site, day, Measure.NEW_PAGES, new, dimensions=(Dimension.PAGE,), sigma=20, new=("/new",), threshold=118
        )
    channels = {(name,): noisy(share * visitors, 18) for name, share in CHANNELS.items()}
    yield released(site, day, Measure.CHANNELS, channels, dimensions=(Dimension.CHANNEL,), sigma=18)


@pytest.fixture(scope="module")
def marts(tmp_path_factory: pytest.TempPathFactory) -> Marts:
    made, random = Marts(tmp_path_factory.mktemp("marts")), Random(3)
    for site in (A, B):
        for month in (7, 8, 9):
            days = [day for place in range(DAYS) if (day := FIRST + timedelta(place)).month == month]
            made.write(site, days[0], [one for day in days for one in day_of_site(site, day, random)])
    return made


@pytest.fixture(scope="module")
def findings(marts: Marts) -> Findings:
    return find_changes(marts, SETTINGS, LAST)


def test_series_are_the_cells_of_marts(marts: Marts) -> None:
    series = gather(marts, SETTINGS, LAST)
    names = {name: place for place, name in enumerate(series.names) if not series.is_share[place]}
    assert series.first == FIRST
    assert series.values.shape == (len(series.names), DAYS)
    whole, city = names[SeriesName(A, "visitors")], names[SeriesName("", "visitors")]
    other, page = names[SeriesName(B, "visitors")], names[SeriesName(B, "visitors", (("page", "/new"),))]
    assert series.values[city] == pytest.approx(series.values[whole] + series.values[other])
    assert series.variances[city] == pytest.approx(2 * 16.0**2)
    assert series.parents[whole] == city
    assert series.parents[page] == other
    assert SeriesName(A, "visitors", hour=23) in names
    share = next(place for place in range(len(series.names)) if series.is_share[place])
    part = int(series.parents[share])
    shown = series.values[share] / series.wholes[share]
    assert shown == pytest.approx(series.values[part] / series.values[series.parents[part]])


def test_an_outage_is_one_finding_of_the_site(findings: Findings) -> None:
    (outage,) = [one for one in findings.found if one.since == OUTAGE]
    assert outage.series == SeriesName(A, "visitors")
    assert (outage.kind, outage.until, outage.found) == (Kind.DROP, OUTAGE, OUTAGE)
    assert outage.change == pytest.approx(-0.65, abs=0.05)
    assert outage.low is not None
    assert outage.high is not None
    assert outage.low < -0.65 < outage.high
    assert outage.probability > 0.99
    parts = {one.series for one in outage.members}
    assert {
        SeriesName(A, "visitors", (("page", "/"),)),
        SeriesName("", "visitors"),
        SeriesName(A, "pageviews"),
    } <= parts
    assert outage.drivers[0][0].where == (("page", "/"),)


def test_a_page_that_comes_up_is_new(findings: Findings) -> None:
    (new,) = [one for one in findings.found if ("page", "/new") in one.series.where]
    assert (new.kind, new.since, new.until) == (Kind.EMERGING, COMES, None)
    assert new.now == pytest.approx(700, rel=0.05)
    assert new.change is None


def test_hardly_anything_else_is_told(findings: Findings) -> None:
    assert len(findings.found) <= 4
    assert findings.last == {A: LAST, B: LAST, "": LAST}
    assert findings.series > 70


def test_the_same_marts_give_the_same_findings(marts: Marts, findings: Findings) -> None:
    assert find_changes(marts, SETTINGS, LAST) == findings


def test_an_outage_shows_while_it_lasts(tmp_path: Path) -> None:
    made, random = Marts(tmp_path), Random(3)
    today = FIRST + timedelta(61)
    for month in (7, 8):
        days = [day for place in range(61) if (day := FIRST + timedelta(place)).month == month]
        made.write(A, days[0], [one for day in days for one in day_of_site(A, day, random)])

    def hours(count: int, means: dict[int, float]) -> list[Released]:
        values = [round(means.get(slot, 83) + random.gauss(0, 13)) for slot in range(count)]
        return [
            released(A, today, Measure.VISITORS_HOUR, value, slot=slot, sigma=13) for slot, value in enumerate(values)
        ]

    august = [FIRST + timedelta(place) for place in range(31, 61)]
    before = [one for day in august for one in day_of_site(A, day, random)]
    assert today.month == 8
    made.write(A, today, [*before, *hours(9, {})])
    quiet = find_changes(made, SETTINGS, today)
    assert not [one for one in quiet.found if one.since == today]
    made.write(A, today, [*before, *hours(12, dict.fromkeys(range(6, 12), 0.0))])
    found = find_changes(made, SETTINGS, today)
    (outage,) = [one for one in found.found if one.since == today]
    assert outage.series == SeriesName(A, "visitors")
    assert outage.kind is Kind.DROP
    assert outage.until is None
    hour = next(one for one in outage.members if one.series.hour == 8)
    assert hour.now < 40


def test_a_finding_keeps_its_name_when_days_follow(marts: Marts, findings: Findings) -> None:
    earlier = find_changes(marts, SETTINGS, OUTAGE)
    assert named(earlier, OUTAGE) == named(findings, OUTAGE)


def named(findings: Findings, since: date) -> set[str]:
    return {one.name for head in findings.found for one in head.all() if one.since == since and not one.series.where}


def test_nothing_published_nothing_found(tmp_path: Path) -> None:
    found = find_changes(Marts(tmp_path), SETTINGS, LAST)
    assert (found.found, found.series) == ((), 0)


def test_names_tell_series_and_days_apart() -> None:
    def one(metric: str, day: int, kind: Kind = Kind.RISE) -> Finding:
        found = date(2026, 1, day)
        return Finding(SeriesName(A, metric), kind, found, found, None, 1.0, 2.0, 1.0, 0.1, 0.001, 0.9)

    same = one("visitors", 1, Kind.SPIKE), one("visitors", 1)
    assert same[0].name == same[1].name
    assert len({one("visitors", 1).name, one("visitors", 2).name, one("pageviews", 1).name}) == 3
    assert one("visitors", 1, Kind.MIX).name != same[0].name
