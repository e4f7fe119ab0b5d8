"""The simulated city: the shape of its rows, its story, and that enough of it stands out of the noise."""

from datetime import date, timedelta

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from hubbub.cli.config import parse_settings
from hubbub.cli.demo.city import CULTURE, PORTALS, SERVICES, TRANSPORT, ZONE, Portal
from hubbub.cli.demo.columns import SCHEMA
from hubbub.cli.demo.crowd import COUNTRIES, FAR_COUNTRIES, LANGUAGES, LAUNCH_SOURCES, VIRAL_SOURCES, sources_of
from hubbub.cli.demo.settings import demo_settings, demo_yaml
from hubbub.cli.demo.simulate import simulate_day, simulate_history, simulate_today
from hubbub.cli.demo.story import LAUNCH_PAGE, VIRAL_PAGE, sights, tell
from hubbub.cli.demo.visits import ALL_PROFILES, MACHINE_VIEWS
from hubbub.cli.demo.wishes import AGREED, NEWS_TERM, TOPICS, WISHES
from hubbub.collect.paths import clean_path
from hubbub.core import vocabulary
from hubbub.core.days import bounds
from hubbub.core.patterns import matches
from hubbub.core.rows import COLUMNS, Kind

TODAY = date(2026, 7, 15)
STORY = tell(TODAY, 60)
MONDAY = date(2026, 5, 25)
SIGMA = {"page": 17.1, "referrer": 18.3, "event": 22.4}  # PRIVACY.md, default budget, one day
STANDS_OUT = 5  # times the noise


def ask(question: str, rows: pa.Table) -> list[tuple[object, ...]]:
    """The answer to a SQL question about the table `rows`."""
    with duckdb.connect() as connection:
        connection.register("rows", rows)
        return connection.sql(question).fetchall()


def number(what: str, rows: pa.Table, where: str = "true") -> float:
    """One aggregate of the table."""
    value = ask(f"SELECT ({what})::double FROM rows WHERE {where}", rows)[0][0]
    assert isinstance(value, float)
    return value


def days_of(portal: Portal, first: date, count: int) -> pa.Table:
    """Rows of `count` days from `first`; units are random, so no two days share one."""
    return pa.concat_tables(simulate_day(portal, first + timedelta(days=day), STORY) for day in range(count))


def test_rows_have_the_columns_of_the_store() -> None:
    rows = simulate_day(SERVICES, MONDAY, STORY)
    assert rows.schema == SCHEMA
    assert rows.column_names == [name for name, _ in COLUMNS]
    assert all(rows[name].null_count == 0 for name in rows.column_names)


@pytest.mark.parametrize("day", [MONDAY, date(2026, 3, 29), date(2026, 10, 25)])
def test_rows_lie_within_their_day_and_hour(day: date) -> None:
    rows, (start, end) = simulate_day(SERVICES, day, STORY), bounds(day, ZONE)
    assert number("min(ms)", rows) >= start
    assert number("max(ms)", rows) < end
    assert number(f"count(*) FILTER (hour <> (ms - {start}) // 3600000)", rows) == 0
    assert number("max(hour)", rows) == bounds(day, ZONE).hours - 1


def test_the_seed_fixes_everything_but_units_and_tags() -> None:
    one, two = (simulate_day(CULTURE, MONDAY, STORY) for _ in range(2))
    other = simulate_day(CULTURE, MONDAY, STORY, seed=1)
    chance = ["unit", "tag"]
    assert one.drop_columns(chance).equals(two.drop_columns(chance))
    assert not one.drop_columns(chance).equals(other.drop_columns(chance))
    assert not set(one["unit"].to_pylist()) & set(two["unit"].to_pylist())
    assert len(set(one["tag"].to_pylist())) == one.num_rows


def test_a_unit_has_one_browser_and_one_country() -> None:
    rows = simulate_day(TRANSPORT, MONDAY, STORY)
    several = "SELECT unit FROM rows GROUP BY unit HAVING count(DISTINCT (device, browser, os, language, country)) > 1"
    assert ask(several, rows) == []


def test_names_are_on_the_fixed_lists() -> None:
    listed = {*vocabulary.REFERRERS, "", "newsletter"}
    for portal in PORTALS:
        for source in (*sources_of(portal), *LAUNCH_SOURCES, *VIRAL_SOURCES):
            assert source.referrer in listed or source.referrer.endswith(".example")
            assert source.channel in vocabulary.CHANNELS
            assert not source.campaign or source.campaign in {name for each in PORTALS for name in each.campaigns}
    for profile in ALL_PROFILES:
        assert profile.device in vocabulary.DEVICES
        assert profile.browser in vocabulary.BROWSERS
        assert profile.os in vocabulary.SYSTEMS
    assert set(LANGUAGES) <= set(vocabulary.LANGUAGES)
    assert {*COUNTRIES, *FAR_COUNTRIES} <= set(vocabulary.COUNTRIES)


def test_paths_are_as_the_collector_would_leave_them() -> None:
    for portal in PORTALS:
        paths = (*portal.pages, *portal.downloads, *portal.missing)
        assert [clean_path(path) for path in paths] == list(paths)
        assert len(set(paths)) == len(paths)


def test_settings_are_valid_and_declare_every_event() -> None:
    settings = demo_settings()
    assert parse_settings(demo_yaml()) == settings
    for portal in PORTALS:
        site, rows = settings.site(portal.name), simulate_day(portal, TODAY - timedelta(days=1), STORY)
        assert site is not None
        assert set(portal.pages) - set(site.pages) == ({VIRAL_PAGE} & set(portal.pages))
        for name, detail in ask(f"SELECT DISTINCT name, detail FROM rows WHERE kind = {Kind.EVENT.value}", rows):
            key, _, value = str(detail).partition("=")
            assert value in site.events[str(name)][key]


def test_a_visit_names_where_it_came_from_once() -> None:
    rows = simulate_day(SERVICES, MONDAY, STORY)
    assert number("count(*)", rows, f"kind <> {Kind.PAGEVIEW.value} AND referrer <> ''") == 0
    named = number("count(*)", rows, "channel <> 'Direct'")
    assert 0.5 < named / number("count(DISTINCT unit)", rows) < 0.9


@pytest.mark.parametrize("portal", PORTALS, ids=lambda portal: portal.title)
def test_sizes_and_lengths_are_those_of_a_city(portal: Portal) -> None:
    everyone = days_of(portal, MONDAY, 7)
    machines = everyone.group_by("unit").aggregate([([], "count_all")]).filter(pc.field("count_all") > MACHINE_VIEWS)
    rows = everyone.join(machines, "unit", join_type="left anti")
    assert 0.004 < machines.num_rows / number("count(DISTINCT unit)", everyone) < 0.02
    visitors, views = number("count(DISTINCT unit)", rows), number("count(*)", rows, "kind = 1")
    assert 4_000 < visitors / 7 < 8_000
    assert 2.4 < views / visitors < 3.4
    assert 20_000 < number("median(engaged_ms)", rows, f"kind = {Kind.ENGAGEMENT.value}") < 40_000
    assert number("max(scroll)", rows) <= 100


def test_weekdays_and_hours_have_their_rhythm() -> None:
    monday, sunday = (simulate_day(SERVICES, MONDAY + timedelta(days=day), STORY) for day in (0, 6))
    assert number("count(DISTINCT unit)", monday) > 1.6 * number("count(DISTINCT unit)", sunday)
    assert number("count(*)", monday, "hour = 10") > 10 * number("count(*)", monday, "hour = 3")


@pytest.mark.parametrize("portal", PORTALS, ids=lambda portal: portal.title)
@pytest.mark.parametrize("days", [7, 30])
def test_ten_pages_sources_and_events_stand_out(portal: Portal, days: int) -> None:
    rows = days_of(portal, TODAY - timedelta(days=days), days)
    keys = {
        "page": "SELECT page AS key, unit FROM rows WHERE kind = 1",
        "referrer": "SELECT referrer AS key, unit FROM rows WHERE kind = 1 AND referrer <> ''",
        "event": "SELECT name || detail AS key, unit FROM rows WHERE kind NOT IN (1, 3)",
    }
    for dimension, found in keys.items():
        least = STANDS_OUT * SIGMA[dimension] * days**0.5
        question = f"SELECT key FROM ({found}) GROUP BY key HAVING count(DISTINCT unit) > {least}"
        assert len(ask(question, rows)) >= 10, dimension


def test_the_outage_leaves_nothing() -> None:
    outage = STORY.outage
    start, end = outage.hours
    rows = simulate_day(TRANSPORT, outage.day, STORY)
    assert number("count(*)", rows, f"hour >= {start} AND hour < {end}") == 0
    assert number("count(*)", rows, f"hour = {start - 1} OR hour = {end}") > 1_000
    assert outage.day.weekday() < 5
    same_day = simulate_day(SERVICES, outage.day, STORY)
    assert number("count(*)", same_day, f"hour >= {start} AND hour < {end}") > 1_000


def test_the_launched_page_has_no_visit_before_its_launch() -> None:
    launch = STORY.launch
    before = simulate_day(SERVICES, launch.first - timedelta(days=1), STORY)
    after = simulate_day(SERVICES, launch.first, STORY)
    assert number("count(*)", before, f"page = '{LAUNCH_PAGE}' OR detail = 'service=solar'") == 0
    assert number("count(*)", after, f"page = '{LAUNCH_PAGE}' AND kind = 1") > 1_000
    assert number("count(*)", after, "detail = 'service=solar'") > 100
    assert number("count(*)", after, "campaign = 'rooftop-solar'") > 1_000


def test_the_viral_page_multiplies_visitors_and_passes() -> None:
    first = STORY.viral.first
    before, on_day, later = (
        simulate_day(CULTURE, first + timedelta(days=shift), STORY) for shift in (-1, 0, len(STORY.viral.shares))
    )
    assert number("count(*)", before, f"page = '{VIRAL_PAGE}'") == 0
    assert number("count(DISTINCT unit)", on_day) > 2.5 * number("count(DISTINCT unit)", before)
    assert number("count(DISTINCT unit)", later) < 1.5 * number("count(DISTINCT unit)", before)
    assert number("avg((device = 'Mobile')::int)", on_day, f"page = '{VIRAL_PAGE}'") > 0.75


@pytest.mark.parametrize("days", [1, 2, 3, 7, 14, 30, 60, 365])
def test_the_story_fits_any_number_of_days(days: int) -> None:
    for weekday in range(7):
        today = TODAY + timedelta(days=weekday)
        story = tell(today, days)
        first, last = today - timedelta(days=days), today - timedelta(days=1)
        for day in (story.launch.first, story.outage.day, story.viral.first):
            assert first <= day <= last
        told = sights(story, today)
        assert len(told) == 3
        assert all(sight.first <= sight.last <= last for sight in told)


@pytest.mark.parametrize("portal", PORTALS, ids=lambda portal: portal.title)
def test_what_is_asked_happens(portal: Portal) -> None:
    rows, wishes = days_of(portal, MONDAY, 2), WISHES[portal.name]
    for walk in wishes.walks.values():
        for pattern in walk.pages:
            seen = [page for (page,) in ask("SELECT DISTINCT page FROM rows WHERE kind = 1", rows)]
            assert any(matches(pattern, str(page)) for page in seen)
        assert number("count(*)", rows, f"kind = 2 AND name = '{walk.last.event}'") > 200
    terms = [str(term) for (term,) in ask("SELECT name FROM rows WHERE kind = 1 AND name <> ''", rows)]
    assert set(terms) - {NEWS_TERM} == set(wishes.terms)
    paid = [event for event in portal.events if event.prices]
    assert number("count(*)", rows, "amount > 0") == number(
        "count(*)", rows, f"kind = 2 AND name IN ({', '.join(repr(event.name) for event in paid)})"
    )
    told = number("count(DISTINCT unit)", rows, "\"returning\" <> ''") / number("count(DISTINCT unit)", rows)
    assert told == pytest.approx(AGREED if wishes.returning else 0, abs=0.03)


def test_a_topic_has_pages_of_some_portal() -> None:
    for name, patterns in TOPICS.items():
        paths = {pattern[pattern.index("/") :] for pattern in patterns}
        assert all(any(matches(path, page) for portal in PORTALS for page in portal.pages) for path in paths), name


def test_the_launch_makes_people_search_for_more() -> None:
    rows = simulate_day(SERVICES, STORY.launch.first, STORY)
    assert number("count(DISTINCT unit)", rows, f"name = '{NEWS_TERM}'") > 250


def test_history_is_every_portal_and_day() -> None:
    story = tell(TODAY, 2)
    found = [(source, day) for source, day, _ in simulate_history(story, TODAY, 2)]
    days = [TODAY - timedelta(days=2), TODAY - timedelta(days=1)]
    assert found == [(portal.name, day) for portal in PORTALS for day in days]


def test_today_is_the_past_hours_of_today() -> None:
    now_ms = bounds(TODAY, ZONE).start_ms + 9 * 3_600_000 + 1_800_000
    hours = list(simulate_today(STORY, now_ms))
    assert {hour.day for hour in hours} == {TODAY}
    assert [hour.hour for hour in hours] == sorted(hour.hour for hour in hours)
    assert {hour.hour for hour in hours} == set(range(10))
    assert {hour.source for hour in hours} == {portal.name for portal in PORTALS}
    for hour in hours:
        assert number("max(ms)", hour.rows) < now_ms
        assert set(hour.rows["hour"].to_pylist()) == {hour.hour}


def test_today_just_after_midnight_is_no_error() -> None:
    assert [hour.hour for hour in simulate_today(STORY, bounds(TODAY, ZONE).start_ms)] == []
