"""Bodies of events: both spellings, both kinds of unreadable, nothing that raises."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.collect.events import LONGEST_ENGAGEMENT_MS, Event, decode
from hubbub.core.reasons import DropReason

SHORT = {"n": "pageview", "u": "https://portal.example/", "d": "portal.example"}


def event_of(**fields: Any) -> Event:
    found = decode(json.dumps(SHORT | fields).encode())
    assert isinstance(found, Event)
    return found


def test_short_and_long_names_say_the_same() -> None:
    long = {
        "name": "Signup",
        "url": "https://a.example/",
        "domain": "a.example",
        "referrer": "https://b.example",
    }
    event = decode(json.dumps(long).encode())
    assert isinstance(event, Event)
    assert (event.n, event.u, event.d, event.referrer) == tuple(long.values())


def test_what_plausible_sends_beyond_is_read_over() -> None:
    event = event_of(r=None, v=24, b=12, h=1, i=False, x={"y": [1]})
    assert (event.n, event.r) == ("pageview", None)


@pytest.mark.parametrize("field", ["p", "props", "m", "meta"])
@pytest.mark.parametrize("sent", [{"plan": "free"}, '{"plan": "free"}'])
def test_properties_are_an_object_or_its_json(field: str, sent: object) -> None:
    assert event_of(**{field: sent}).properties == {"plan": "free"}


@pytest.mark.parametrize("sent", [None, "", "[1]", "{", '{"a":'])
def test_properties_that_do_not_parse_are_none(sent: str | None) -> None:
    assert event_of(p=sent).properties == {}


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"nil", b'{"n": "\\ud800"}', b"[" * 100_000, b'{"n":1}x'])
def test_what_is_not_json(body: bytes) -> None:
    assert decode(body) in (DropReason.BAD_JSON, DropReason.BAD_EVENT)


def test_the_two_kinds_of_unreadable() -> None:
    assert decode(b'{"n": "pageview"') == DropReason.BAD_JSON
    assert decode(b"[]") == DropReason.BAD_EVENT
    assert decode(b'{"n": 7, "u": "x", "d": "y"}') == DropReason.BAD_EVENT


@pytest.mark.parametrize("missing", ["n", "u", "d"])
def test_a_needed_field_is_missing(missing: str) -> None:
    body = json.dumps({key: value for key, value in SHORT.items() if key != missing}).encode()
    assert decode(body) == DropReason.BAD_EVENT


@pytest.mark.parametrize(
    ("sent", "kept"),
    [(None, 0), (0, 0), (-5, 0), (1234, 1234), (12.9, 12), (10**30, LONGEST_ENGAGEMENT_MS), (1e300, 86_400_000)],
)
def test_engaged_time_stays_within_a_day(sent: float | None, kept: int) -> None:
    assert event_of(e=sent).engaged_ms == kept


@pytest.mark.parametrize(("sent", "kept"), [(None, 0), (-1, 0), (40, 40), (100, 100), (99.9, 99), (255, 0)])
def test_scroll_is_percent_or_unknown(sent: float | None, kept: int) -> None:
    assert event_of(sd=sent).scroll == kept


@given(st.binary(max_size=200))
def test_no_bytes_raise(body: bytes) -> None:
    assert isinstance(decode(body), Event | DropReason)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(Event.__struct_fields__), JSON))
def test_no_json_raises(fields: dict[str, Any]) -> None:
    found = decode(json.dumps(SHORT | fields).encode())
    assert isinstance(found, Event | DropReason)
    if isinstance(found, Event):
        assert isinstance(found.properties, dict)
        assert 0 <= found.engaged_ms <= LONGEST_ENGAGEMENT_MS
        assert 0 <= found.scroll <= 100
