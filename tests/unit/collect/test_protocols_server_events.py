"""Batches of servers and apps: what becomes of each field, who may send, and what is told of malformed ones."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from protocol_samples import BEARER, NOON, SENDERS, WRONG_BEARER, one, post

from hubbub.collect.hits import DOWNLOAD, ENGAGEMENT, PAGEVIEW, SEARCH, Hit
from hubbub.collect.protocols.server_events import MOST_EVENTS, NAMES, faults, read
from hubbub.collect.requests import Request
from hubbub.collect.senders import Senders
from hubbub.core.reasons import DropReason

PAGE = "https://portal.example/a"
VIEW = {"name": "pageview", "url": PAGE}


def hit(event: dict[str, Any], **headers: str) -> Hit:
    return one(read(post([event], **BEARER, **headers), SENDERS))


def fields(*events: Any) -> list[tuple[int | None, str]]:
    """The places of the faults of a batch, which has some."""
    request = post(list(events), **BEARER)
    assert read(request, SENDERS) == DropReason.BAD_EVENT
    return [(fault.event, fault.field) for fault in faults(request)]


def test_a_whole_event() -> None:
    found = hit(
        {
            "site": "portal.example",
            "name": "Fee paid",
            "url": PAGE,
            "referrer": "https://www.google.com/",
            "properties": {"kind": "parking", "n": 3, "again": True, "gone": None},
            "amount": 12.5,
            "currency": "EUR",
            "returning": "1 day",
            "timestamp": "2023-11-15T11:00:00+01:00",
            "visitor": {"address": "192.0.2.7", "user_agent": "Mozilla/5.0 (X11)", "language": "de-AT"},
        }
    )
    assert (found.site, found.name, found.url, found.referrer) == (
        "portal.example",
        "Fee paid",
        PAGE,
        "https://www.google.com/",
    )
    assert found.properties == {"kind": "parking", "n": 3, "again": True, "gone": None}
    assert (found.amount, found.currency, found.returning) == (12.5, "EUR", "1 day")
    assert (found.address, found.user_agent, found.language) == ("192.0.2.7", "Mozilla/5.0 (X11)", "de-AT")
    assert found.ms == NOON


def test_the_words_of_the_settings_are_names() -> None:
    assert hit(VIEW).name == PAGEVIEW
    assert hit({**VIEW, "name": "engagement", "engaged_ms": 5000, "scroll": 60}) == Hit(
        "", ENGAGEMENT, PAGE, engaged_ms=5000, scroll=60
    )
    assert hit({**VIEW, "name": "search", "search": "bins"}).name == SEARCH
    download = hit({**VIEW, "name": "download", "target": f"{PAGE}.pdf"})
    assert (download.name, download.properties) == (DOWNLOAD, {"url": f"{PAGE}.pdf"})
    for word, name in NAMES.items():
        more = {"target": PAGE} if word in ("outlink", "download") else {}
        assert hit({**VIEW, "name": word, **more}).name == name


def test_an_app_has_a_path_of_its_site() -> None:
    assert hit({"name": "pageview", "site": "app.city.example", "path": "/permits/start"}).url == (
        "https://app.city.example/permits/start"
    )


def test_times() -> None:
    assert hit({**VIEW, "timestamp": NOON}).ms == NOON
    assert hit({**VIEW, "timestamp": "2023-11-15T10:00:00.250Z"}).ms == NOON + 250
    assert hit(VIEW).ms == 0


def test_a_list_or_an_object_of_events() -> None:
    for body in ([VIEW, VIEW], {"events": [VIEW, VIEW]}):
        found = read(post(body, **BEARER), SENDERS)
        assert isinstance(found, list)
        assert len(found) == 2


def test_only_senders_with_a_key() -> None:
    for headers in ({}, WRONG_BEARER, {"authorization": "Bearer"}, {"authorization": "Bearer "}):
        assert read(post([VIEW], **headers), SENDERS) == DropReason.NOT_ALLOWED
    assert read(post([VIEW], **BEARER), Senders()) == DropReason.NOT_ALLOWED


def test_what_is_sent_again_is_the_same() -> None:
    def once(body: Any, **headers: str) -> list[bytes]:
        found = read(post(body, **BEARER, **headers), SENDERS)
        assert isinstance(found, list)
        return [each.once for each in found if isinstance(each, Hit)]

    first = once([VIEW, VIEW], idempotency_key="batch 1")
    assert first == once([VIEW, VIEW], idempotency_key="batch 1")
    assert len({*first, *once([VIEW, VIEW], idempotency_key="batch 2"), *once([VIEW], idempotency_key="batch 1")}) == 5
    assert once([VIEW, VIEW]) == [b"", b""]


@pytest.mark.parametrize("key", ["", "x" * 256, "é", "a\nb"])
def test_a_key_of_a_batch_is_printable(key: str) -> None:
    request = post([VIEW], **BEARER, idempotency_key=key)
    assert read(request, SENDERS) == DropReason.BAD_EVENT
    assert [fault.field for fault in faults(request)] == ["Idempotency-Key"]


def test_batches_have_bounds() -> None:
    assert read(post([VIEW] * (MOST_EVENTS + 1), **BEARER), SENDERS) == DropReason.TOO_LARGE
    bodies: list[Any] = [[], {"events": []}, {}, {"events": [VIEW], "more": []}, {"events": VIEW}, 5, "x", None]
    for body in bodies:
        request = post(body, **BEARER)
        assert read(request, SENDERS) == DropReason.BAD_EVENT
        assert [(fault.event, fault.field) for fault in faults(request)] == [(None, "events")]
    assert read(post(b"{", **BEARER), SENDERS) == DropReason.BAD_JSON
    assert read(post(b"\xff", **BEARER), SENDERS) == DropReason.BAD_JSON


@pytest.mark.parametrize(
    ("event", "field"),
    [
        ({"url": PAGE}, ""),
        ({"name": "pageview"}, "url"),
        ({"name": "", "url": PAGE}, "name"),
        ({"name": 7, "url": PAGE}, "name"),
        ({"name": "x" * 121, "url": PAGE}, "name"),
        ({"name": "pageview", "url": "app://city/start"}, "url"),
        ({"name": "pageview", "path": "/a"}, "path"),
        ({"name": "pageview", "site": "a.example", "path": "a"}, "path"),
        ({"name": "pageview", "url": PAGE, "site": "a.example", "path": "/a"}, "path"),
        ({"name": "outlink", "url": PAGE}, "target"),
        ({"name": "outlink", "url": PAGE, "target": "mailto:x"}, "target"),
        ({**VIEW, "target": PAGE}, "target"),
        ({**VIEW, "name": "Paid", "search": "bins"}, "search"),
        ({**VIEW, "amount": -1}, "amount"),
        ({**VIEW, "amount": "12"}, "amount"),
        ({**VIEW, "currency": "EURO"}, "currency"),
        ({**VIEW, "engaged_ms": -1}, "engaged_ms"),
        ({**VIEW, "engaged_ms": 1.5}, "engaged_ms"),
        ({**VIEW, "scroll": 101}, "scroll"),
        ({**VIEW, "returning": "often"}, "returning"),
        ({**VIEW, "timestamp": "2023-11-15T10:00:00"}, "timestamp"),
        ({**VIEW, "timestamp": "yesterday"}, "timestamp"),
        ({**VIEW, "timestamp": 0}, "timestamp"),
        ({**VIEW, "visitor": {"address": "somewhere"}}, "visitor.address"),
        ({**VIEW, "visitor": {"user_agent": 5}}, "visitor.user_agent"),
        ({**VIEW, "visitor": {"id": "jane@mail.example"}}, "visitor"),
        ({**VIEW, "visitor": []}, "visitor"),
        ({**VIEW, "properties": {"a": {"b": 1}}}, "properties"),
        ({**VIEW, "properties": {str(n): n for n in range(31)}}, "properties"),
        ({**VIEW, "user_id": 5}, ""),
        (5, ""),
        (None, ""),
    ],
)
def test_a_malformed_event_refuses_the_batch(event: Any, field: str) -> None:
    assert fields(VIEW, event, VIEW) == [(1, field)]


def test_faults_are_told_without_content_and_not_without_end() -> None:
    assert len(fields(*[{"name": "jane@mail.example"}] * 50)) == 20
    request = post([{"jane@mail.example": 1}, {**VIEW, "site": ["jane"]}, {**VIEW, "jane": 1}], **BEARER)
    told = msgspec.json.encode(faults(request))
    assert b"jane" not in told
    assert all(fault["allowed"] for fault in json.loads(told))


FIELDS = ["events", "name", "site", "url", "path", "properties", "timestamp", "visitor", "address", "amount", "target"]
NESTED = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from([PAGE, "pageview", "search"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from([*"abc", *FIELDS]), inner, max_size=6),
    max_leaves=12,
)


@given(NESTED | st.lists(st.dictionaries(st.sampled_from(FIELDS), NESTED), max_size=3))
def test_whatever_json_comes(body: Any) -> None:
    check(post(body, **BEARER))


@given(st.binary(max_size=300), st.text(max_size=20))
def test_whatever_bytes_come(body: bytes, key: str) -> None:
    check(post(body, **BEARER, idempotency_key=key))


def check(request: Request) -> None:
    found = read(request, SENDERS)
    if isinstance(found, DropReason):
        assert found is DropReason.TOO_LARGE or faults(request)
    else:
        assert all(isinstance(each, Hit) for each in found)
