"""Umami's messages as its trackers of 2.10 to today write them, and whatever else may come."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from protocol_samples import BEARER, NOON, SENDERS, WRONG_BEARER, names, one, post, reason

from hubbub.collect.hits import ENGAGEMENT, PAGEVIEW
from hubbub.collect.protocols import umami
from hubbub.core.reasons import DropReason

WEBSITE = "b59e9c65-ae32-47f1-8400-119fcf4861c4"
PAGE = {
    "website": WEBSITE,
    "screen": "1920x1080",
    "language": "de-AT",
    "title": "Abfall",
    "hostname": "portal.example",
    "url": "https://portal.example/abfall?utm_source=brief",
    "referrer": "https://www.google.com/",
    "tag": "a",
    "id": "someone@portal.example",
}


def message(kind: str = "event", **fields: Any) -> dict[str, Any]:
    return {"type": kind, "payload": PAGE | fields}


def test_a_page_view() -> None:
    hit = one(umami.read(post(message(), **{"x-umami-cache": "x.y.z"}), SENDERS))
    assert (hit.site, hit.name, hit.url) == (f"umami:{WEBSITE}", PAGEVIEW, PAGE["url"])
    assert hit.referrer == "https://www.google.com/"
    assert (hit.address, hit.user_agent, hit.language, hit.ms) == ("", "", "", 0)
    assert PAGE["id"] not in repr(hit)
    assert PAGE["screen"] not in repr(hit)


@pytest.mark.parametrize(
    ("host", "url", "address"),
    [
        ("portal.example", "/a?b=c", "https://portal.example/a?b=c"),
        ("portal.example:8443", "/a", "https://portal.example:8443/a"),
        ("portal.example", None, "https://portal.example/"),
        ("portal.example", "?b=c", "https://portal.example/?b=c"),
        ("portal.example", "a", "https://portal.example/a"),
        ("portal.example", "//other.example/a", "https://other.example/a"),
        (None, "/a", "https://localhost/a"),
        (None, "http://portal.example/a", "http://portal.example/a"),
    ],
)
def test_the_page_is_named_by_its_host_and_its_path(host: str | None, url: str | None, address: str) -> None:
    assert one(umami.read(post(message(hostname=host, url=url)), SENDERS)).url == address


@pytest.mark.parametrize(
    ("sent", "found"),
    [
        ("/before", ""),
        ("", ""),
        (None, ""),
        ("//a.example/", "https://a.example/"),
        ("android-app://x/", "android-app://x/"),
    ],
)
def test_a_path_as_referrer_is_of_the_same_site(sent: str | None, found: str) -> None:
    assert one(umami.read(post(message(referrer=sent)), SENDERS)).referrer == found


def test_an_event_with_properties_and_revenue() -> None:
    data = {"plan": "basic", "revenue": "12.50", "currency": "eur"}
    hit = one(umami.read(post(message(name="Signup", data=data)), SENDERS))
    assert (hit.name, hit.properties, hit.amount, hit.currency) == ("Signup", {"plan": "basic"}, 12.5, "EUR")


@pytest.mark.parametrize("revenue", [None, True, [], {}, "much", 1e300])
def test_revenue_that_is_no_number_is_none(revenue: object) -> None:
    assert one(umami.read(post(message(name="Signup", data={"revenue": revenue})), SENDERS)).amount == 0


def test_engagement() -> None:
    hit = one(umami.read(post(message("engagement", engagement=42_000)), SENDERS))
    assert (hit.name, hit.engaged_ms) == (ENGAGEMENT, 42_000)
    assert reason(umami.read(post(message("engagement")), SENDERS)) is DropReason.BAD_EVENT


@pytest.mark.parametrize("kind", ["identify", "performance", "error"])
def test_what_is_read_past(kind: str) -> None:
    assert reason(umami.read(post(message(kind, data={"name": "x"}, lcp=1200)), SENDERS)) is DropReason.IGNORED


@pytest.mark.parametrize("source", ["link", "pixel"])
def test_links_and_pixels_are_no_pages(source: str) -> None:
    body = {"type": "event", "payload": {source: WEBSITE, "url": "/"}}
    assert reason(umami.read(post(body), SENDERS)) is DropReason.IGNORED


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"type": "event"},
        {"type": "other", "payload": PAGE},
        {"type": "event", "payload": {"url": "/"}},
        message(website="portal"),
        message(link=WEBSITE),
        message(name="=1+1"),
        message(data=[1]),
        message(url=7),
        [],
    ],
)
def test_what_umami_refuses(body: object) -> None:
    assert reason(umami.read(post(body), SENDERS)) is DropReason.BAD_EVENT


def test_an_event_cannot_pass_for_a_page_view() -> None:
    assert reason(umami.read(post(message(name=PAGEVIEW)), SENDERS)) is DropReason.UNKNOWN_EVENT


def test_a_sender_with_a_key_speaks_for_visitors() -> None:
    said: dict[str, Any] = {"ip": "192.0.2.7", "userAgent": "Mozilla/5.0", "timestamp": NOON // 1000 - 90_000}
    hit = one(umami.read(post(message(**said), **BEARER), SENDERS))
    assert (hit.address, hit.user_agent, hit.language) == ("192.0.2.7", "Mozilla/5.0", "de-AT")
    assert hit.ms == NOON - 90_000_000
    assert reason(umami.read(post(message(**said), **WRONG_BEARER), SENDERS)) is DropReason.NOT_ALLOWED


def test_without_a_key_nobody_is_spoken_for() -> None:
    hit = one(umami.read(post(message(ip="192.0.2.7", userAgent="x", timestamp=NOON // 1000 - 60)), SENDERS))
    assert (hit.address, hit.user_agent, hit.ms) == ("", "", 0)
    old = message(timestamp=NOON // 1000 - 90_000)
    assert reason(umami.read(post(old), SENDERS)) is DropReason.NOT_ALLOWED


def test_a_batch_keeps_its_places() -> None:
    read = umami.read_batch(post([message(), {"type": "event"}, message("identify"), message(name="Signup")]), SENDERS)
    assert isinstance(read, list)
    assert names(read) == [
        PAGEVIEW,
        DropReason.BAD_EVENT,
        DropReason.IGNORED,
        "Signup",
    ]
    assert umami.read_batch(post([{}] * (umami.MOST_EVENTS + 1)), SENDERS) is DropReason.TOO_LARGE
    assert umami.read_batch(post({}), SENDERS) is DropReason.BAD_EVENT
    assert umami.read_batch(post([]), SENDERS) == []


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"nil", b"[" * 100_000, b'{"a":' * 20_000])
def test_what_is_not_json(body: bytes) -> None:
    assert umami.read(post(body), SENDERS) in (DropReason.BAD_JSON, DropReason.BAD_EVENT)
    assert umami.read_batch(post(body), SENDERS) in (DropReason.BAD_JSON, DropReason.BAD_EVENT)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)


@given(
    st.dictionaries(st.sampled_from([*PAGE, "name", "data", "ip", "userAgent", "timestamp", "engagement"]), json_values)
)
def test_no_payload_raises(fields: dict[str, Any]) -> None:
    for kind in ("event", "engagement"):
        umami.read(post({"type": kind, "payload": PAGE | fields}, **BEARER), SENDERS)
        umami.read_batch(post([{"type": kind, "payload": PAGE | fields}]), SENDERS)


@given(st.binary())
def test_no_bytes_raise(body: bytes) -> None:
    umami.read(post(body), SENDERS)
    umami.read_batch(post(body), SENDERS)
