"""What hits become: kinds and names, declared properties and amounts, terms, and what is left out and counted."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from hubbub.collect.arrivals import Arrival
from hubbub.collect.happenings import RESERVED, happening
from hubbub.collect.hits import RESERVED as NAMES
from hubbub.collect.hits import Hit
from hubbub.collect.pages import parse_page
from hubbub.collect.pipeline import Pipeline
from hubbub.collect.portals import LocalDay, Portal, Portals
from hubbub.collect.requests import Request
from hubbub.core.reasons import BESIDE, DropReason
from hubbub.core.rows import Kind, Row
from hubbub.core.settings import Amount, Settings, Site
from hubbub.core.vocabulary import RETURNING

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:125.0) Gecko/20100101 Firefox/125.0"
NOON = 1_700_042_400_000
SITE = Site(
    "portal.example",
    timezone="Europe/Vienna",
    events={"Paid": {"kind": ("fee", "tax"), "again": ("true", "3")}, "Sent": {}},
    amounts={"Paid": Amount(500, "EUR"), "Sent": Amount(10)},
    paths=("/case/*", "/profile/*/edit"),
    search_query=("q", "suche"),
    return_hosts=("login.city.example",),
    own_hosts=("old-portal.example.org",),
    returning=True,
    umami=("abc",),
)
SETTINGS = Settings((SITE, Site("quiet.example"), Site("logged.example", collect="log")))


class Ring:
    def visitor_secret(self, source: str, day: date) -> bytes:
        return f"{source} {day}".encode()


PIPELINE = Pipeline(SETTINGS, Ring())


def row_of(**said: Any) -> tuple[Row, tuple[DropReason, ...]]:
    """The row of a hit, and what was left out of it."""
    hit = Hit(**{"site": "portal.example", "name": "pageview", "url": "https://portal.example/a"} | said)
    arrival = Arrival(Request("POST", "/", "", {"user-agent": FIREFOX}, address="192.0.2.7", ms=NOON), hit)
    row = PIPELINE.run(arrival)
    assert isinstance(row, Row), row
    return row, arrival.left_out


def test_every_name_of_all_sites_is_read() -> None:
    assert RESERVED.keys() == NAMES


def test_forms_are_counted_by_their_page() -> None:
    row, _ = row_of(name="Form: Submission", url="https://portal.example/case/17-b/letter?x=1")
    assert (row.kind, row.name, row.page) == (Kind.FORM, "/case/*/letter", "/case/*/letter")


def test_paths_are_folded_wherever_they_stand() -> None:
    assert row_of(url="https://portal.example/profile/jane/edit")[0].page == "/profile/*/edit"
    assert row_of(url="https://portal.example/profile/jane")[0].page == "/profile/jane"
    assert row_of(name="404", url="https://portal.example/case/x")[0].name == "/case/*"
    target = {"url": "https://portal.example/case/17-b/decision.pdf"}
    assert row_of(name="File Download", properties=target)[0].name == "/case/*/decision.pdf"
    assert row_of(site="quiet.example", url="https://quiet.example/case/x")[0].page == "/case/x"


def test_a_page_of_results_carries_its_term() -> None:
    row, left_out = row_of(url="https://portal.example/find?q=Housing++Benefit%202026&page=2")
    assert (row.kind, row.page, row.name, left_out) == (Kind.PAGEVIEW, "/find", "housing benefit 2026", ())
    assert row_of(url="https://portal.example/find?q=&suche=M%C3%BCll")[0].name == "müll"
    assert row_of(site="quiet.example", url="https://quiet.example/find?q=bins")[0].name == ""
    engaged, _ = row_of(name="engagement", url="https://portal.example/find?q=bins", engaged_ms=10)
    assert engaged.name == ""


def test_a_search_carries_its_term() -> None:
    row, _ = row_of(name="Site Search", search=" Wohn-Geld\t2026 ")
    assert (row.kind, row.name) == (Kind.SEARCH, "wohn-geld 2026")
    assert row_of(name="Site Search", url="https://portal.example/find?q=bins")[0].name == "bins"
    row, left_out = row_of(name="Site Search")
    assert (row.name, left_out) == ("", ())


@pytest.mark.parametrize(
    "term", ["jane@mail.example", "+43 664 1234567", "AB 12 34 56 C", "4111 1111 1111 1111", "order 12345678", "*"]
)
def test_a_term_that_looks_like_a_person_is_left_out_and_counted(term: str) -> None:
    for said in (
        {"name": "Site Search", "search": term},
        {"url": f"https://portal.example/find?q={term.replace('+', '%2B').replace(' ', '+')}"},
    ):
        row, left_out = row_of(**said)
        assert (row.name, left_out) == ("", (DropReason.REFUSED_TERM,))


def test_what_is_not_declared_is_left_out_and_counted_once() -> None:
    row, left_out = row_of(name="Paid", properties={"kind": "fee", "email": "x", "colour": "red"})
    assert (row.detail, left_out) == ("kind=fee", (DropReason.UNKNOWN_PROPERTY,))
    assert row_of(name="Paid", properties={"kind": "gift"})[1] == (DropReason.UNKNOWN_PROPERTY,)
    assert row_of(name="Paid", properties={"kind": "fee", "again": 3})[1] == ()
    assert row_of(name="Sent", properties={"kind": "fee"})[1] == (DropReason.UNKNOWN_PROPERTY,)
    assert row_of(properties={"author": "x"})[1] == (DropReason.UNKNOWN_PROPERTY,)
    assert row_of(name="Form: Submission", properties={"path": "/a"})[1] == ()


@pytest.mark.parametrize(
    ("amount", "currency", "hundredths"),
    [
        (12.5, "EUR", 1250),
        (19.99, "eur", 1999),
        (0.005, "", 0),
        (1e300, "EUR", 50_000),
        (500.01, "EUR", 50_000),
        (7, "", 700),
    ],
)
def test_amounts_are_hundredths_up_to_the_most(amount: float, currency: str, hundredths: int) -> None:
    row, left_out = row_of(name="Paid", amount=amount, currency=currency)
    assert (row.amount, left_out) == (hundredths, ())


@pytest.mark.parametrize(
    ("name", "amount", "currency"),
    [
        ("Paid", -1, "EUR"),
        ("Paid", float("nan"), "EUR"),
        ("Paid", float("inf"), "EUR"),
        ("Paid", float("-inf"), ""),
        ("Paid", 5, "USD"),
        ("Sent", 5, "EUR"),
    ],
)
def test_an_amount_that_is_none_is_left_out_and_counted(name: str, amount: float, currency: str) -> None:
    row, left_out = row_of(name=name, amount=amount, currency=currency)
    assert (row.amount, left_out) == (0, (DropReason.REFUSED_AMOUNT,))


def test_only_declared_events_have_amounts() -> None:
    assert row_of(amount=5)[0].amount == 0
    row, left_out = row_of(name="Sent", amount=3, properties={"x": 1})
    assert (row.amount, left_out) == (300, (DropReason.UNKNOWN_PROPERTY,))


def test_engagement_is_of_engagement_alone() -> None:
    assert row_of(name="engagement", engaged_ms=5, scroll=6)[0].engaged_ms == 5
    assert row_of(name="Sent", engaged_ms=5, scroll=6)[0].engaged_ms == 0


def test_who_returns_is_told_where_the_site_asks_for_it() -> None:
    assert row_of(returning=RETURNING[1])[0].returning == "1 day"
    assert row_of(returning="often")[0].returning == ""
    assert row_of(site="quiet.example", url="https://quiet.example/", returning=RETURNING[1])[0].returning == ""


def test_coming_back_is_no_source() -> None:
    for referrer in ("https://login.city.example/x", "https://shop.old-portal.example.org/", "https://pay.stripe.com/"):
        row, _ = row_of(referrer=referrer)
        assert (row.referrer, row.channel) == ("", "Direct")
    assert row_of(referrer="https://news.example.net/")[0].referrer == "example.net"
    tagged, _ = row_of(referrer="https://pay.stripe.com/", url="https://portal.example/?utm_source=leaflet")
    assert tagged.referrer == "leaflet"


def test_what_a_link_says_of_a_person_is_no_campaign() -> None:
    for value in ("jane%40mail.example", "AB+12+34+56+C"):
        row, _ = row_of(url=f"https://portal.example/?utm_campaign={value}&utm_source={value}")
        assert (row.campaign, row.referrer) == ("*", "")


def test_a_site_of_logs_takes_no_live_hits() -> None:
    hit = Hit("logged.example", "pageview", "https://logged.example/")
    request = Request("POST", "/", "", {"user-agent": FIREFOX}, address="192.0.2.7", ms=NOON)
    assert PIPELINE.run(Arrival(request, hit)) is DropReason.UNKNOWN_SITE


def test_sites_are_found_by_what_old_snippets_call_them() -> None:
    portals = Portals(SETTINGS)
    for site, url in (
        ("portal.example", ""),
        ("umami:abc", "https://elsewhere.example/"),
        ("umami:unknown", "https://www.portal.example/"),
        ("", "https://old-portal.example.org/x"),
    ):
        found = portals.find(site, url)
        assert found is not None
        assert found.name == "portal.example"
    assert portals.find("elsewhere.example", "https://portal.example/") is None


PORTAL = Portal(SITE, LocalDay("Europe/Vienna"))
VALUES = st.none() | st.text() | st.integers() | st.floats() | st.booleans() | st.lists(st.text(), max_size=2)


@given(
    name=st.sampled_from([*sorted(NAMES), "Paid", "Sent", "Other"]),
    properties=st.dictionaries(st.sampled_from(["kind", "again", "url", "path", "x"]) | st.text(), VALUES, max_size=5),
    search=st.text(),
    amount=st.floats(),
    currency=st.text(max_size=4),
    url=st.sampled_from(["https://portal.example/", "https://portal.example/find?q=a%40b&suche=c"]),
)
def test_whatever_is_said(name: str, url: str, **said: Any) -> None:
    page = parse_page(url, PORTAL.query_keep, PORTAL.paths, PORTAL.search_query)
    assert page is not None
    found = happening(Hit("portal.example", name, url, **said), page, PORTAL)
    if isinstance(found, DropReason):
        assert found in (DropReason.BAD_URL, DropReason.UNKNOWN_EVENT)
        return
    kind, text, _, amount, left_out = found
    assert kind in list(Kind)
    assert "@" not in text or name == "Other"
    assert 0 <= amount <= 50_000
    assert BESIDE.issuperset(left_out)
    assert len(set(left_out)) == len(left_out)
    structs.asdict(page)
