"""GoatCounter's hits, from its script and from servers, and whatever else may come."""

from base64 import b64encode
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from protocol_samples import BEARER, KEY, NOON, SENDERS, WRONG_BEARER, get, names, one, post, reason

from hubbub.collect.hits import PAGEVIEW
from hubbub.collect.protocols import goatcounter
from hubbub.core.reasons import DropReason

HOST = {"host": "portal.stats.example"}
SHOWN = HOST | {"referer": "https://www.portal.example/abfall"}


def asked(**fields: str) -> str:
    return urlencode({"p": "/abfall", "t": "Abfall", "s": "1920,1080,2", "b": "0", "rnd": "a1b2c", **fields})


def test_a_page_view() -> None:
    query = asked(r="https://www.google.com/", q="?utm_source=brief")
    hit = one(goatcounter.read(get(query, **SHOWN), SENDERS))
    assert (hit.site, hit.name, hit.referrer) == ("goatcounter:portal", PAGEVIEW, "https://www.google.com/")
    assert hit.url == "https://portal.example/abfall?utm_source=brief"
    assert "1920" not in repr(hit)


def test_a_beacon_says_the_same() -> None:
    assert goatcounter.read(post(b"", asked(), **SHOWN), SENDERS) == goatcounter.read(get(asked(), **SHOWN), SENDERS)


@pytest.mark.parametrize(
    ("fields", "headers", "url"),
    [
        ({}, HOST, "https://portal.stats.example/abfall"),
        ({"h": "portal.example"}, HOST, "https://portal.example/abfall"),
        ({"p": "abfall"}, SHOWN, "https://portal.example/abfall"),
        ({"p": "/a?b=c", "q": "?d=e"}, SHOWN, "https://portal.example/a?b=c&d=e"),
        ({}, {}, "https:///abfall"),
    ],
)
def test_the_pages_host(fields: dict[str, str], headers: dict[str, str], url: str) -> None:
    assert one(goatcounter.read(get(asked(**fields), **headers), SENDERS)).url == url


def test_an_event_happened_on_the_page_that_shows_the_picture() -> None:
    hit = one(goatcounter.read(get(asked(p="/Signup", e="true"), **SHOWN), SENDERS))
    assert (hit.name, hit.url) == ("Signup", SHOWN["referer"])
    assert one(goatcounter.read(get(asked(p="/", e="true"), **SHOWN), SENDERS)).name == "(no event name)"
    assert reason(goatcounter.read(get(asked(p=PAGEVIEW, e="true"), **SHOWN), SENDERS)) is DropReason.UNKNOWN_EVENT


def test_a_referrer_that_is_no_address_is_none() -> None:
    assert one(goatcounter.read(get(asked(r="newsletter"), **SHOWN), SENDERS)).referrer == ""


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("", DropReason.BAD_EVENT),
        (asked(p=""), DropReason.BAD_EVENT),
        (asked(b="100"), DropReason.BAD_EVENT),
        (asked(b="x"), DropReason.BAD_EVENT),
        (asked(s="xxx"), DropReason.BAD_EVENT),
        (asked(p="/" + "a" * 2048), DropReason.TOO_LARGE),
        (asked(b="153"), DropReason.BOT),
    ],
)
def test_what_is_no_hit(query: str, why: DropReason) -> None:
    assert reason(goatcounter.read(get(query, **SHOWN), SENDERS)) is why


SINGLE = {"path": "/abfall", "user_agent": "Mozilla/5.0", "ip": "192.0.2.7", "session": "s-1", "location": "AT-4"}


def batch(*hits: dict[str, Any], **headers: str) -> Any:
    return goatcounter.read_batch(
        post({"no_sessions": False, "hits": list(hits)}, **HOST, **(headers or BEARER)), SENDERS
    )


def test_a_batch() -> None:
    hit = one(batch(SINGLE | {"query": "utm_source=brief", "ref": "https://a.example/", "language": "de"}))
    assert (hit.site, hit.address, hit.user_agent) == ("goatcounter:portal", "192.0.2.7", "Mozilla/5.0")
    assert (hit.url, hit.referrer) == ("https://portal.stats.example/abfall?utm_source=brief", "https://a.example/")
    assert (hit.language, hit.ms) == ("de", 0)
    assert one(batch(SINGLE | {"created_at": "2023-11-15T09:00:00Z"})).ms == NOON - 3_600_000
    assert one(batch(SINGLE | {"created_at": "0001-01-01T00:00:00Z"})).ms == 0
    assert one(batch(SINGLE | {"path": "Signup", "event": True})).name == "Signup"


def test_a_batch_keeps_its_places() -> None:
    read = batch(
        SINGLE,
        {"path": "/a", "session": "s-1"},
        SINGLE | {"path": ""},
        SINGLE | {"bot": 150},
        SINGLE | {"created_at": "once"},
        SINGLE | {"path": PAGEVIEW, "event": "true"},
    )
    assert names(read) == [
        PAGEVIEW,
        DropReason.NO_ADDRESS,
        DropReason.BAD_EVENT,
        DropReason.BOT,
        DropReason.BAD_TIME,
        DropReason.UNKNOWN_EVENT,
    ]


def test_a_batch_needs_a_key() -> None:
    basic = {"authorization": "Basic " + b64encode(f"x:{KEY}".encode()).decode()}
    assert one(batch(SINGLE, **basic))
    for headers in (WRONG_BEARER, {"authorization": "Basic %%"}, {"authorization": KEY}, {"x": "y"}):
        assert reason(batch(SINGLE, **headers)) is DropReason.NOT_ALLOWED


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", DropReason.BAD_JSON),
        (b"{", DropReason.BAD_JSON),
        (b"{}", DropReason.BAD_EVENT),
        (b'{"hits":[]}', DropReason.BAD_EVENT),
        (b'{"hits":[{"path":7}]}', DropReason.BAD_EVENT),
        (b'{"hits":' + b"[" * 60_000, DropReason.BAD_EVENT),
        (b'{"hits":[' + b"{}," * goatcounter.MOST_HITS + b"{}]}", DropReason.TOO_LARGE),
    ],
)
def test_batches_that_are_none(body: bytes, why: DropReason) -> None:
    assert goatcounter.read_batch(post(body, **BEARER), SENDERS) is why


@given(st.dictionaries(st.sampled_from("perqbsh"), st.text()), st.text(), st.text())
def test_no_parameters_raise(fields: dict[str, str], host: str, referer: str) -> None:
    query = urlencode(fields, errors="replace")
    goatcounter.read(get(query, host=host, referer=referer), SENDERS)
    goatcounter.read(get(query, authorization=f"Basic {host}"), SENDERS)


@given(st.binary(), st.text())
def test_no_bytes_raise(body: bytes, text: str) -> None:
    goatcounter.read(post(body, text), SENDERS)
    goatcounter.read_batch(post(body, **BEARER), SENDERS)
    goatcounter.read_batch(post(body, authorization=f"Basic {text}"), SENDERS)
    goatcounter.read_batch(
        post({"hits": [SINGLE | {"path": text, "ref": text, "created_at": text}]}, **BEARER), SENDERS
    )
