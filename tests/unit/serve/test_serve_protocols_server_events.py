"""What senders of batches hear."""

import json

import pytest

from hubbub.collect.requests import Request
from hubbub.core.reasons import DropReason
from hubbub.serve.protocols.routes import Outcome
from hubbub.serve.protocols.server_events import LARGEST_BATCH, ROUTES, reply

POSTED = Request("POST", "/api/v1/events", "", {"authorization": "Bearer x"}, b'[{"name": "jane@mail.example"}]')


def test_what_is_stored_and_what_is_dropped() -> None:
    answer = reply(POSTED, Outcome((None, DropReason.BOT, None)))
    assert (answer.status, json.loads(answer.body)) == (202, {"accepted": 2, "dropped": 1})
    assert dict(answer.headers)["content-type"].startswith("application/json")


def test_without_a_key() -> None:
    answer = reply(POSTED, Outcome(unread=DropReason.NOT_ALLOWED))
    assert answer.status == 401
    assert dict(answer.headers)["www-authenticate"] == 'Bearer realm="hubbub"'
    assert b"hubbub apikey" in answer.body


def test_a_malformed_batch_is_told_by_place_and_without_content() -> None:
    answer = reply(POSTED, Outcome(unread=DropReason.BAD_EVENT))
    assert answer.status == 422
    (fault,) = json.loads(answer.body)["errors"]
    assert (fault["event"], fault["field"]) == (0, "url")
    assert fault["allowed"]
    assert b"jane" not in answer.body


def test_what_is_no_batch() -> None:
    broken = Request("POST", "/", "", {}, b"{")
    assert reply(broken, Outcome(unread=DropReason.BAD_JSON)).status == 400
    unnamed = Request("POST", "/", "", {"idempotency-key": "x" * 256}, b"[]")
    assert reply(unnamed, Outcome(unread=DropReason.BAD_EVENT)).status == 400
    assert reply(broken, Outcome(unread=DropReason.TOO_LARGE)).status == 413


@pytest.mark.parametrize("reason", list(DropReason))
def test_every_reason_has_an_answer(reason: DropReason) -> None:
    assert reply(POSTED, Outcome((reason,))).status == 202
    assert reply(POSTED, Outcome(unread=reason)).status in (400, 401, 413, 422)


def test_a_thousand_events_fit() -> None:
    (route,) = ROUTES
    assert (route.path, route.largest) == ("/api/v1/events", LARGEST_BATCH)
    assert "authorization" not in route.allow_headers  # a key has no place in a page
