"""What Matomo's clients hear: its picture, its 204, its counts of bulk, its way with other origins."""

import json

import pytest

from hubbub.collect.requests import Request
from hubbub.core.reasons import DropReason
from hubbub.serve.protocols.matomo import PICTURE, ROUTES, reply
from hubbub.serve.protocols.routes import Outcome

ORIGIN = {"origin": "https://portal.example"}
TAKEN = Outcome((None,))


def get(query: str = "idsite=1&rec=1") -> Request:
    return Request("GET", "/matomo.php", query, ORIGIN)


def post(body: bytes, **headers: str) -> Request:
    return Request("POST", "/matomo.php", "", ORIGIN | headers, body)


def test_the_picture() -> None:
    answer = reply(get(), TAKEN)
    assert (answer.status, answer.body) == (200, PICTURE)
    assert dict(answer.headers) == {"cache-control": "no-store", "content-type": "image/gif"}
    assert len(PICTURE) == 43


@pytest.mark.parametrize("request_", [get("idsite=1&rec=1&send_image=0"), post(b"idsite=1&send_image=0")])
def test_no_picture(request_: Request) -> None:
    assert (reply(request_, TAKEN).status, reply(request_, TAKEN).body) == (204, b"")


def test_post_answers_the_asking_origin() -> None:
    headers = dict(reply(post(b"idsite=1"), TAKEN).headers)
    assert headers["access-control-allow-origin"] == ORIGIN["origin"]
    assert headers["access-control-allow-credentials"] == "true"
    headers = dict(reply(post(b"idsite=1", origin="a\r\nb"), TAKEN).headers)
    assert headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize(
    ("reason", "status"),
    [
        (DropReason.UNKNOWN_SITE, 400),
        (DropReason.NOT_ALLOWED, 400),
        (DropReason.BAD_EVENT, 400),
        (DropReason.BAD_TIME, 400),
        (DropReason.BOT, 200),
        (DropReason.IGNORED, 200),
        (DropReason.UNKNOWN_EVENT, 200),
    ],
)
def test_what_is_left_out_and_what_is_refused(reason: DropReason, status: int) -> None:
    answer = reply(get(), Outcome((reason,)))
    assert (answer.status, answer.body) == (status, PICTURE)
    assert dict(answer.headers)["x-hubbub-dropped"] == "1"


def test_asked_for_nothing() -> None:
    assert reply(get(""), Outcome()).status == 200
    assert reply(post(b""), Outcome()).status == 400
    assert b"<" not in reply(get(""), Outcome()).body


def test_bulk() -> None:
    outcome = Outcome((None, DropReason.UNKNOWN_SITE, DropReason.BOT, DropReason.NOT_ALLOWED))
    answer = reply(post(b'{"requests":[]}'), outcome)
    assert answer.status == 200
    assert json.loads(answer.body) == {"status": "success", "tracked": 2, "invalid": 2}
    assert dict(answer.headers)["content-type"] == "application/json"
    answer = reply(post(b'{"requests":[],"token_auth":"x"}'), outcome)
    assert json.loads(answer.body)["invalid_indices"] == [1, 3]


@pytest.mark.parametrize("said", [b"0", b'"0"', b"false"])
def test_bulk_of_a_browser_hears_nothing(said: bytes) -> None:
    answer = reply(post(b'{"requests":["?idsite=1"],"send_image":' + said + b"}"), TAKEN)
    assert (answer.status, answer.body) == (204, b"")


def test_bulk_that_is_none() -> None:
    answer = reply(post(b'{"requests"'), Outcome(unread=DropReason.BAD_JSON))
    assert (answer.status, json.loads(answer.body)["status"]) == (400, "error")
    answer = reply(post(b""), Outcome(unread=DropReason.TOO_LARGE))
    assert (answer.status, json.loads(answer.body)["tracked"]) == (413, 0)


@pytest.mark.parametrize("reason", list(DropReason))
@pytest.mark.parametrize("request_", [get(), get(""), post(b""), post(b'{"requests":[]}')])
def test_every_reason_has_an_answer(request_: Request, reason: DropReason) -> None:
    assert reply(request_, Outcome((reason,))).status in (200, 400)
    assert reply(request_, Outcome(unread=reason)).status in (200, 400, 413)


def test_the_routes() -> None:
    assert {"/matomo.php", "/piwik.php", "/matomo/matomo.php", "/piwik/piwik.php"} <= {route.path for route in ROUTES}
