"""What Umami's clients hear: the shapes of its own server, the same for everyone."""

import json

import pytest

from hubbub.collect.requests import Request
from hubbub.core.reasons import DropReason
from hubbub.serve.protocols.routes import Outcome
from hubbub.serve.protocols.umami import ROUTES, reply, reply_to_batch

ASKED = Request("POST", "/api/send", "", {})


def test_a_message_taken() -> None:
    answer = reply(ASKED, Outcome((None,)))
    said = json.loads(answer.body)
    assert answer.status == 200
    assert said.keys() == {"cache", "sessionId", "visitId"}
    assert said["cache"]
    assert dict(answer.headers)["access-control-allow-origin"] == "*"
    assert dict(answer.headers)["content-type"] == "application/json"
    assert answer == reply(Request("POST", "/api/send", "", {"x-umami-cache": "other"}), Outcome((None,)))


@pytest.mark.parametrize(
    ("reason", "status", "body"),
    [
        (DropReason.BOT, 200, {"beep": "boop"}),
        (
            DropReason.UNKNOWN_SITE,
            400,
            {"error": {"message": "Website not found.", "code": "bad-request", "status": 400}},
        ),
        (DropReason.NOT_ALLOWED, 403, {"error": {"message": "Forbidden", "code": "forbidden", "status": 403}}),
    ],
)
def test_a_message_left_out(reason: DropReason, status: int, body: object) -> None:
    answer = reply(ASKED, Outcome((reason,)))
    assert (answer.status, json.loads(answer.body)) == (status, body)
    assert dict(answer.headers)["x-hubbub-dropped"] == "1"


@pytest.mark.parametrize("reason", list(DropReason))
def test_every_reason_has_an_answer(reason: DropReason) -> None:
    unread, dropped = reply(ASKED, Outcome(unread=reason)), reply(ASKED, Outcome((reason,)))
    assert unread == dropped
    assert json.loads(unread.body)
    assert reply_to_batch(ASKED, Outcome(unread=reason)) == unread


def test_identification_is_answered_like_a_page_view() -> None:
    assert reply(ASKED, Outcome((DropReason.IGNORED,))).body == reply(ASKED, Outcome((None,))).body


def test_a_batch() -> None:
    answer = reply_to_batch(ASKED, Outcome((None, DropReason.BOT, DropReason.UNKNOWN_SITE, DropReason.OPT_OUT)))
    said = json.loads(answer.body)
    assert answer.status == 200
    assert (said["size"], said["processed"], said["errors"]) == (4, 3, 1)
    assert [detail["index"] for detail in said["details"]] == [2]
    assert said["details"][0]["response"]["error"]["message"] == "Website not found."
    assert dict(answer.headers)["x-hubbub-dropped"] == "3"


def test_the_routes() -> None:
    assert {route.path for route in ROUTES} == {"/api/send", "/api/batch"}
    assert {route.allow_headers for route in ROUTES} == {"*"}
