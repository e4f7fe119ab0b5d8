"""The pipeline: each drop reason, what a row carries and what none may, any input, days of 23 and 25 hours."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from hubbub.collect.arrivals import Arrival
from hubbub.collect.hits import Hit
from hubbub.collect.pipeline import STEPS, Pipeline
from hubbub.collect.requests import Request
from hubbub.core.errors import DayClosed
from hubbub.core.reasons import DropReason
from hubbub.core.rows import BY_ITSELF, DETAIL_SEPARATOR, SENT_ONCE, Kind, Row
from hubbub.core.settings import Settings, Site

NOON = 1_700_042_400_000
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:125.0) Gecko/20100101 Firefox/125.0 marker-of-one-person"
ADDRESS = "81.217.44.5"
SITE = "portal.example"
SETTINGS = Settings(
    sites=(
        Site(
            SITE,
            timezone="Europe/Vienna",
            events={"Signup": {"plan": ("free", "paid"), "again": ("true", "3")}, "Ping": {}},
            query_keep=("topic",),
        ),
        Site("other.example", timezone="Pacific/Auckland"),
    ),
)


class Ring:
    def __init__(self) -> None:
        self.closed: set[tuple[str, date]] = set()

    def visitor_secret(self, source: str, day: date) -> bytes:
        if (source, day) in self.closed:
            raise DayClosed(source, day)
        return f"{source} {day}".encode()


def arrival(headers: dict[str, str] | None = None, request_from: str = ADDRESS, at: int = NOON, **said: Any) -> Arrival:
    sent = {"user-agent": FIREFOX, "accept-language": "de-AT,de;q=0.9"} | (headers or {})
    request = Request("POST", "/", "", sent, address=request_from, ms=at)
    return Arrival(request, Hit(**{"site": SITE, "name": "pageview", "url": f"https://{SITE}/a"} | said))


def run(**what: Any) -> Row | DropReason:
    return Pipeline(SETTINGS, Ring()).run(arrival(**what))


def row_of(**what: Any) -> Row:
    row = run(**what)
    assert isinstance(row, Row)
    return row


def test_a_page_view_becomes_a_row() -> None:
    row = row_of(url=f"https://{SITE}/services?utm_campaign=spring#top", referrer="https://www.google.com/search?q=x")
    assert (row.kind, row.page, row.name, row.detail) == (Kind.PAGEVIEW, "/services", "", "")
    assert (row.referrer, row.campaign) == ("Google", "spring")
    assert (row.browser, row.os, row.device) == ("Firefox", "Linux", "Desktop")
    assert (row.country, row.language) == ("AT", "de")
    assert (row.ms, row.hour) == (NOON, 11)
    assert (row.engaged_ms, row.scroll) == (0, 0)


def test_declared_query_parameters_stay() -> None:
    assert row_of(url=f"https://{SITE}/a?topic=bins&id=7").page == "/a?topic=bins"
    assert row_of(url="https://other.example/a?topic=bins", site="other.example").page == "/a"


def test_engagement_carries_time_and_depth() -> None:
    row = row_of(name="engagement", engaged_ms=4321, scroll=80)
    assert (row.kind, row.engaged_ms, row.scroll) == (Kind.ENGAGEMENT, 4321, 80)
    assert row_of(engaged_ms=4321, scroll=80).engaged_ms == 0


def test_of_properties_only_declared_names_and_values_stay() -> None:
    row = row_of(name="Signup", properties={"plan": "free", "email": "a@b.example", "again": True})
    assert (row.kind, row.name) == (Kind.EVENT, "Signup")
    assert row.detail == f"plan=free{DETAIL_SEPARATOR}again=true"
    assert row_of(name="Signup", properties={"plan": "gold", "again": 3}).detail == "again=3"
    assert row_of(name="Signup", properties={"plan": ["free"], "again": None}).detail == ""
    assert row_of(name="Signup").detail == ""
    assert row_of(name="Ping", properties={"plan": "free"}).detail == ""


def test_names_that_every_tracker_knows() -> None:
    out = row_of(name="Outbound Link: Click", properties={"url": "https://docs.city.example.co.uk/x?person=7"})
    assert (out.kind, out.name) == (Kind.OUTLINK, "example.co.uk")
    file = row_of(name="File Download", properties={"url": f"https://{SITE}/forms/anna@city.example/a.pdf?k=1"})
    assert (file.kind, file.name) == (Kind.DOWNLOAD, "/forms/*/a.pdf")
    gone = row_of(name="404", url=f"https://{SITE}/gone/12345678")
    assert (gone.kind, gone.name) == (Kind.MISSING, "/gone/*")


REASONS: list[tuple[DropReason, dict[str, Any]]] = [
    (DropReason.BAD_URL, {"url": ""}),
    (DropReason.BAD_URL, {"url": "file:///C:/Users/anna/page.html"}),
    (DropReason.BAD_URL, {"name": "Outbound Link: Click", "properties": {"url": "mailto:anna@city.example"}}),
    (DropReason.BAD_URL, {"name": "Outbound Link: Click", "properties": {"url": "tel:+431234567"}}),
    (DropReason.BAD_URL, {"name": "Outbound Link: Click"}),
    (DropReason.BAD_URL, {"name": "File Download", "properties": {"url": "blob:x"}}),
    (DropReason.UNKNOWN_SITE, {"site": "elsewhere.example"}),
    (DropReason.UNKNOWN_SITE, {"site": f"{SITE},other.example"}),
    (DropReason.UNKNOWN_EVENT, {"name": "signup"}),
    (DropReason.UNKNOWN_EVENT, {"name": "Ping", "site": "other.example"}),
    (DropReason.NO_ADDRESS, {"request_from": ""}),
    (DropReason.NO_ADDRESS, {"request_from": "unix:"}),
    (DropReason.BOT, {"headers": {"user-agent": "Googlebot/2.1 (+http://www.google.com/bot.html)"}}),
    (DropReason.BOT, {"headers": {"user-agent": ""}}),
    (DropReason.SPAM_REFERRER, {"referrer": "https://semalt.com/"}),
    (DropReason.PREFETCH, {"headers": {"sec-purpose": "prefetch;prerender"}}),
    (DropReason.PREFETCH, {"headers": {"purpose": "prefetch"}}),
    (DropReason.PREFETCH, {"headers": {"x-moz": "Prefetch"}}),
    (DropReason.PREFETCH, {"headers": {"x-purpose": "preview"}}),
    (DropReason.PREFETCH, {"headers": {"sec-fetch-purpose": "prefetch"}}),
    (DropReason.PREFETCH, {"headers": {"sec-purpose": "x", "purpose": "prefetch;anonymous-client-ip"}}),
    (DropReason.DATACENTER, {"request_from": "52.94.76.1"}),
    (DropReason.DATACENTER, {"request_from": "::ffff:52.94.76.1"}),
    (DropReason.OPT_OUT, {"headers": {"sec-gpc": "1"}}),
    (DropReason.OPT_OUT, {"headers": {"dnt": "1"}}),
]


@pytest.mark.parametrize(("reason", "what"), REASONS)
def test_why_events_are_dropped(reason: DropReason, what: dict[str, Any]) -> None:
    assert run(**what) == reason


def test_who_allows_is_counted() -> None:
    assert isinstance(run(headers={"sec-gpc": "0", "dnt": "0"}), Row)
    assert isinstance(run(headers={"purpose": "navigate"}), Row)


def test_a_closed_day_takes_no_more() -> None:
    ring = Ring()
    pipeline = Pipeline(SETTINGS, ring)
    assert isinstance(pipeline.run(arrival()), Row)
    ring.closed.add((SITE, date(2023, 11, 15)))
    assert pipeline.run(arrival()) == DropReason.DAY_CLOSED


def test_a_drop_says_where_it_counts() -> None:
    pipeline = Pipeline(SETTINGS, Ring())
    known = arrival(site="other.example", headers={"dnt": "1"})
    assert pipeline.run(known) == DropReason.OPT_OUT
    assert (known.source, known.day) == ("other.example", date(2023, 11, 15))  # 23:00 in Auckland
    unknown = arrival(site="a-person@city.example")
    assert pipeline.run(unknown) == DropReason.UNKNOWN_SITE
    assert (unknown.source, unknown.day) == ("", date(2023, 11, 15))


def test_keys_hold_within_one_site_and_day_only() -> None:
    next_day = NOON + 86_400_000
    units = {
        row_of().unit,
        row_of(site="other.example").unit,
        row_of(at=next_day).unit,
        row_of(request_from="81.217.44.6").unit,
        row_of(headers={"user-agent": FIREFOX + "x"}).unit,
    }
    assert len(units) == 5
    assert row_of().unit == row_of(url=f"https://{SITE}/b", name="engagement").unit
    assert row_of(request_from="2a02:8388::1").unit == row_of(request_from="2a02:8388::2").unit
    assert row_of(request_from="2a02:8388::1").unit != row_of(request_from="2a02:8388:0:1::1").unit


def test_tags_differ() -> None:
    pipeline = Pipeline(SETTINGS, Ring())
    rows = [pipeline.run(arrival()) for _ in range(2000)]
    assert len({row.tag for row in rows if isinstance(row, Row)}) == 2000


@pytest.mark.parametrize(("day", "hours"), [(date(2024, 3, 31), 23), (date(2024, 10, 27), 25), (date(2024, 6, 1), 24)])
def test_hours_of_days_with_clock_changes(day: date, hours: int) -> None:
    pipeline = Pipeline(SETTINGS, Ring())
    first = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000) - 3 * 3_600_000
    seen = []
    for half_hour in range(60):
        coming = arrival(at=first + half_hour * 1_800_000)
        row = pipeline.run(coming)
        assert isinstance(row, Row)
        if coming.day == day:
            seen.append(row.hour)
    assert sorted(set(seen)) == list(range(hours))
    assert seen == sorted(seen)
    assert len(seen) == 2 * hours


def test_no_row_tells_the_address_or_the_user_agent() -> None:
    row = row_of(
        name="Signup", url=f"https://{SITE}/{ADDRESS}?ip={ADDRESS}", properties={"plan": FIREFOX, "ip": ADDRESS}
    )
    texts = [value for value in structs.astuple(row) if isinstance(value, str)]
    assert not any(FIREFOX in text or "marker-of-one-person" in text for text in texts)
    assert ADDRESS not in " ".join(text for text in texts if text != row.page)


TEXTS = st.sampled_from([SITE, "pageview", "404", "https://a/b?c=%ff", f"https://{SITE}/a", ADDRESS, FIREFOX])
FUZZED = Pipeline(SETTINGS, Ring())


@settings(max_examples=300, deadline=None)
@given(
    said=st.fixed_dictionaries(
        {},
        optional={
            name: st.text() | TEXTS for name in ("site", "name", "url", "referrer", "address", "user_agent", "language")
        }
        | {"ms": st.integers(-(10**15), 10**15), "once": st.binary(max_size=200)}
        | {"properties": st.dictionaries(st.text(max_size=9), st.none() | st.text() | st.integers(), max_size=3)},
    ),
    headers=st.dictionaries(st.sampled_from(["user-agent", "accept-language", "dnt", "purpose"]), st.text(max_size=40)),
    address=st.text(max_size=20) | st.ip_addresses().map(str),
    ms=st.integers(0, 4_000_000_000_000),
)
def test_whatever_comes_is_a_row_or_a_reason(
    said: dict[str, Any], headers: dict[str, str], address: str, ms: int
) -> None:
    found = FUZZED.run(arrival(headers, address, ms, **said))
    assert isinstance(found, Row | DropReason)
    if isinstance(found, Row):
        assert 0 <= found.hour <= 24
        "".join(value for value in structs.astuple(found) if isinstance(value, str)).encode()


def test_sites_are_found_by_what_they_are_called() -> None:
    pipeline = Pipeline(
        Settings(
            sites=(
                Site("www.town.example", umami=("5f3c",), matomo=(7,), goatcounter=("town",), own_hosts=("b.example",)),
                Site("logs.example", collect="log"),
            )
        ),
        Ring(),
    )

    def page_of(site: str, host: str) -> str:
        found = pipeline.run(arrival(site=site, url=f"https://{host}/a"))
        return found.page if isinstance(found, Row) else found

    for site in ("www.town.example", "town.example", "umami:5f3c", "matomo:7", "goatcounter:town"):
        assert page_of(site, "elsewhere.example") == "/a"
    for site in ("", "umami:other", "matomo:1", "goatcounter:x"):
        assert [page_of(site, host) for host in ("town.example", "www.b.example:8080")] == ["/a", "/a"]
        assert page_of(site, "elsewhere.example") == DropReason.UNKNOWN_SITE
    assert page_of("elsewhere.example", "town.example") == DropReason.UNKNOWN_SITE
    assert page_of("logs.example", "logs.example") == DropReason.UNKNOWN_SITE
    assert page_of("", "logs.example") == DropReason.UNKNOWN_SITE


HOUR = 3_600_000


def test_a_sender_says_when_it_happened() -> None:
    pipeline = Pipeline(SETTINGS, Ring())
    late = arrival(ms=NOON - 13 * HOUR)
    row = pipeline.run(late)
    assert isinstance(row, Row)
    assert (row.ms, row.hour, late.day) == (NOON - 13 * HOUR, 22, date(2023, 11, 14))
    assert row_of(ms=NOON + 59_000).ms == NOON
    assert row_of(ms=NOON - 48 * HOUR).hour == 11
    for ms in (NOON + 60_001, NOON - 48 * HOUR - 1, -1):
        assert run(ms=ms) == DropReason.BAD_TIME


def test_a_sender_speaks_for_a_visitor() -> None:
    server = {"headers": {"user-agent": "curl/8", "accept-language": "en"}, "request_from": "192.0.2.1"}
    row = row_of(**server, address=ADDRESS, user_agent=FIREFOX, language="de-AT")
    assert row.unit == row_of().unit
    assert (row.country, row.language, row.browser) == ("AT", "de", "Firefox")


def test_what_is_sent_twice_has_one_tag() -> None:
    first, again, other = row_of(once=b"a"), row_of(once=b"a"), row_of(once=b"b")
    assert first.tag == again.tag != other.tag
    assert first.tag & other.tag & SENT_ONCE
    assert row_of(once=b"a", site="other.example").tag != first.tag != row_of(once=b"a", ms=NOON - 24 * HOUR).tag
    assert not any(row_of().tag & SENT_ONCE for _ in range(50))


def test_the_steps_are_a_tuple_of_functions() -> None:
    assert (STEPS[0].__name__, STEPS[-1].__name__) == ("find_site", "key_visitor")
    assert all(step.__doc__ for step in STEPS)


def test_an_event_that_its_page_sent_by_itself_is_marked() -> None:
    assert row_of(name="Ping", interactive=False).engaged_ms == BY_ITSELF
    assert row_of(name="Ping").engaged_ms == 0
    assert row_of(interactive=False).engaged_ms == BY_ITSELF
    assert row_of(name="engagement", interactive=False, engaged_ms=5).engaged_ms == 5
