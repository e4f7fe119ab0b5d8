"""What GoatCounter's clients hear: its picture, and its answers to batches."""

import json

import pytest

from hubbub.collect.requests import Request
from hubbub.core.reasons import DropReason
from hubbub.serve.protocols.goatcounter import PICTURE, reply, reply_to_batch
from hubbub.serve.protocols.routes import Outcome

ASKED = Request("GET", "/count", "p=/a", {})
POSTED = Request("POST", "/api/v0/count", "", {"authorization": "Bearer x"}, b"{}")


def test_the_picture() -> None:
    answer = reply(ASKED, Outcome((None,)))
    assert (answer.status, answer.body, len(PICTURE)) == (200, PICTURE, 43)
    headers = dict(answer.headers)
    assert (headers["content-type"], headers["access-control-allow-origin"]) == ("image/gif", "*")
    assert headers["cache-control"].startswith("no-store")


@pytest.mark.parametrize(
    ("reason", "status"),
    [
        (DropReason.BOT, 200),
        (DropReason.PREFETCH, 200),
        (DropReason.BAD_EVENT, 400),
        (DropReason.UNKNOWN_SITE, 400),
        (DropReason.TOO_LARGE, 414),
    ],
)
def test_what_is_left_out(reason: DropReason, status: int) -> None:
    for outcome in (Outcome((reason,)), Outcome(unread=reason)):
        answer = reply(ASKED, outcome)
        assert (answer.status, answer.body) == (status, PICTURE)
        assert ("x-goatcounter" in dict(answer.headers)) == (status != 200)


def test_a_batch_taken() -> None:
    answer = reply_to_batch(POSTED, Outcome((None, DropReason.BOT)))
    assert (answer.status, json.loads(answer.body)) == (202, {"status": "ok"})
    assert dict(answer.headers)["x-hubbub-dropped"] == "1"


def test_a_batch_with_errors_names_their_places() -> None:
    answer = reply_to_batch(POSTED, Outcome((None, DropReason.NO_ADDRESS, DropReason.BAD_EVENT)))
    assert answer.status == 400
    assert json.loads(answer.body)["errors"].keys() == {"1", "2"}


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        ({}, "no Authorization header"),
        ({"authorization": "x"}, "wrong format for Authorization header"),
        ({"authorization": "Bearer x"}, "unknown token"),
    ],
)
def test_a_batch_without_a_key(shown: dict[str, str], said: str) -> None:
    answer = reply_to_batch(Request("POST", "/", "", shown), Outcome(unread=DropReason.NOT_ALLOWED))
    assert (answer.status, json.loads(answer.body)) == (401, {"error": said})
    assert dict(answer.headers)["www-authenticate"] == "Basic realm=GoatCounter"


def test_a_batch_too_large() -> None:
    answer = reply_to_batch(POSTED, Outcome(unread=DropReason.TOO_LARGE))
    assert (answer.status, json.loads(answer.body)["error"][-3:]) == (400, "500")
    assert reply_to_batch(Request("POST", "/", "", {}), Outcome(unread=DropReason.TOO_LARGE)).status == 413


@pytest.mark.parametrize("reason", list(DropReason))
def test_every_reason_has_an_answer(reason: DropReason) -> None:
    assert reply(ASKED, Outcome((reason,))).status in (200, 400, 414)
    assert reply_to_batch(POSTED, Outcome((reason,))).status in (202, 400)
    assert reply_to_batch(POSTED, Outcome(unread=reason)).status in (400, 401)
