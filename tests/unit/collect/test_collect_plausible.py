"""Plausible's events: both spellings, all fields, both kinds of unreadable, nothing that raises."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.collect.hits import Hit
from hubbub.collect.protocols.plausible import LONGEST_ENGAGEMENT_MS, Event, faults, read
from hubbub.collect.requests import Request
from hubbub.collect.senders import Senders
from hubbub.core.reasons import DropReason

SHORT = {"n": "pageview", "u": "https://portal.example/", "d": "portal.example"}


def read_body(body: bytes) -> list[Hit] | DropReason:
    found = read(Request("POST", "/api/event", "", {}, body), Senders())
    if isinstance(found, DropReason):
        assert faults(body)
    else:
        assert not faults(body)
    return found


def hit_of(**fields: Any) -> Hit:
    found = read_body(json.dumps(SHORT | fields).encode())
    assert not isinstance(found, DropReason)
    (hit,) = found
    return hit


def test_short_and_long_names_say_the_same() -> None:
    long = {"name": "Signup", "url": "https://a.example/", "domain": "a.example", "referrer": "https://b.example"}
    found = read_body(json.dumps(long).encode())
    assert found == [Hit("a.example", "Signup", "https://a.example/", "https://b.example")]


def test_what_plausible_sends_beyond_is_read_over() -> None:
    assert hit_of(r=None, v=24, b=12, w=1024, x={"y": [1]}) == hit_of()


def test_a_number_is_a_name() -> None:
    assert hit_of(n=404).name == "404"


@pytest.mark.parametrize(
    ("sent", "sites"),
    [
        ("a.example,b.example", ["a.example", "b.example"]),
        (" www.a.example , b.example", ["www.a.example", "b.example"]),
        (None, [""]),
        (",".join(["a.example"] * 500), ["a.example"] * 20),
    ],
)
def test_an_event_counts_for_each_site_it_names(sent: str | None, sites: list[str]) -> None:
    found = read_body(json.dumps(SHORT | {"d": sent}).encode())
    assert not isinstance(found, DropReason)
    assert [hit.site for hit in found] == sites


@pytest.mark.parametrize("field", ["p", "props", "m", "meta"])
@pytest.mark.parametrize("sent", [{"plan": "free"}, '{"plan": "free"}'])
def test_properties_are_an_object_or_its_json(field: str, sent: object) -> None:
    assert hit_of(**{field: sent}).properties == {"plan": "free"}


@pytest.mark.parametrize("sent", [None, "", "[1]", "{", '{"a":', 7, ["plan"], True])
def test_properties_that_do_not_parse_are_none(sent: object) -> None:
    assert hit_of(p=sent).properties == {}


@pytest.mark.parametrize(
    ("sent", "worth"),
    [
        ({"amount": 12.5, "currency": "EUR"}, (12.5, "EUR")),
        ({"amount": "1322.22", "currency": "eur"}, (1322.22, "EUR")),
        ('{"amount": 3, "currency": "CHF"}', (3, "CHF")),
        ({"amount": True, "currency": 7}, (0, "")),
        ({"amount": "1e999"}, (0, "")),
        ({"amount": 10**400, "currency": "EUR"}, (0, "EUR")),
        ("free", (0, "")),
        (5, (0, "")),
    ],
)
@pytest.mark.parametrize("field", ["$", "revenue"])
def test_revenue(field: str, sent: object, worth: tuple[float, str]) -> None:
    hit = hit_of(**{field: sent})
    assert (hit.amount, hit.currency) == worth


@pytest.mark.parametrize(
    ("sent", "page"),
    [
        ("https://a.example/app#/inbox", "https://a.example/app/inbox"),
        ("https://a.example/app/?x=1#!/inbox?y=2", "https://a.example/app/inbox?x=1&y=2"),
        ("https://a.example/#contact", "https://a.example/contact"),
        ("https://a.example/#%2Fa", "https://a.example/a"),
        ("https://a.example/#access_token=5", "https://a.example/"),
        ("https://a.example/a#", "https://a.example/a"),
    ],
)
def test_routes_in_fragments(sent: str, page: str) -> None:
    assert hit_of(u=sent, h=1).url == hit_of(u=sent, hashMode=1).url == page
    assert hit_of(u=sent).url == sent


@pytest.mark.parametrize(
    ("sent", "bucket"),
    [(0, "first"), (2, "2-7 days"), ("over 30 days", "over 30 days"), (5, ""), (-1, ""), ("x", ""), (None, "")],
)
def test_the_bucket_of_a_returning_visitor(sent: object, bucket: str) -> None:
    assert hit_of(hr=sent).returning == bucket


@pytest.mark.parametrize(("sent", "is_doing"), [(False, False), (True, True), (None, True), ("no", True)])
@pytest.mark.parametrize("field", ["i", "interactive"])
def test_events_that_a_page_sends_by_itself(field: str, sent: object, is_doing: bool) -> None:
    assert hit_of(n="Signup", **{field: sent}).interactive is is_doing


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"nil", b'{"n": "\\ud800"}', b"[" * 60_000, b'{"n":1}x'])
def test_what_is_not_json(body: bytes) -> None:
    assert read_body(body) in (DropReason.BAD_JSON, DropReason.BAD_EVENT)


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"n": ["x"]}, "request"),
        ({"n": ""}, "event_name"),
        ({"n": "x" * 121}, "event_name"),
        ({"n": "engagement"}, "event_name"),
        ({"n": "engagement", "sd": 255, "e": 0}, "event_name"),
        ({"u": ""}, "url"),
        ({"u": None}, "url"),
        ({"d": " "}, "domain"),
    ],
)
def test_a_field_is_missing_or_wrong(fields: dict[str, Any], wrong: str) -> None:
    body = json.dumps(SHORT | fields).encode()
    assert read_body(body) == DropReason.BAD_EVENT
    assert list(faults(body)) == [wrong]


@pytest.mark.parametrize(
    ("sent", "kept"),
    [(0, 0), (-5, 0), (1234, 1234), ("1234", 1234), (12.9, 12), (10**30, LONGEST_ENGAGEMENT_MS), ("x", 0), ([], 0)],
)
def test_engaged_time_stays_within_a_day(sent: object, kept: int) -> None:
    assert hit_of(n="engagement", e=sent, sd=1).engaged_ms == kept


@pytest.mark.parametrize(("sent", "kept"), [(None, 0), (-1, 0), (40, 40), ("40", 40), (100, 100), (99.9, 99), (255, 0)])
def test_scroll_is_percent_or_unknown(sent: object, kept: int) -> None:
    assert hit_of(n="engagement", e=1, sd=sent).scroll == kept


@given(st.binary(max_size=200))
def test_no_bytes_raise(body: bytes) -> None:
    read_body(body)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(Event.__struct_encode_fields__), JSON))
def test_no_json_raises(fields: dict[str, Any]) -> None:
    found = read_body(json.dumps(SHORT | fields).encode())
    for hit in [] if isinstance(found, DropReason) else found:
        assert isinstance(hit.properties, dict)
        assert 0 <= hit.engaged_ms <= LONGEST_ENGAGEMENT_MS
        assert 0 <= hit.scroll <= 100
        assert abs(hit.amount) < 1e300
