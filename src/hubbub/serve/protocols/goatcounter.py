"""`/count` and `POST /api/v0/count`: answers as GoatCounter's own server gives them.

200 a picture                        taken, or left out as bots are
400, 414 a picture                   a parameter missing or wrong, the path too long; `x-goatcounter` says which
202 {"status": "ok"}                 a batch taken
400 {"error": …} or {"errors": …}    the batch not understood, or hits of it by their places
401 {"error": …}                     no key, or not one of ours
"""

from collections.abc import Mapping

import msgspec

from hubbub.collect.protocols import goatcounter
from hubbub.collect.requests import Request
from hubbub.core.reasons import DropReason
from hubbub.serve.protocols.routes import Outcome, Route
from hubbub.serve.replies import CORS, Response, response

LARGEST_BATCH = 1_048_576
PICTURE = (
    b"GIF89a\x01\x00\x01\x00\x80\x01\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x0a\x00\x01\x00"
    b",\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02L\x01\x00;"
)
_IMAGE = CORS | {
    "content_type": "image/gif",
    "cross_origin_resource_policy": "cross-origin",
    "cache_control": "no-store,no-cache",
}
_SEEN = response(200, PICTURE, **_IMAGE)
_UNSEEN = response(200, PICTURE, x_hubbub_dropped="1", **_IMAGE)
_REFUSED: Mapping[DropReason, Response] = {
    reason: response(status, PICTURE, x_goatcounter=said, x_hubbub_dropped="1", **_IMAGE)
    for reason, status, said in (
        (DropReason.BAD_EVENT, 400, "not valid: a path p is needed, and b and s have to be numbers"),
        (DropReason.TOO_LARGE, 414, f"ignored because path is longer than {goatcounter.LONGEST_PATH} bytes"),
        (DropReason.UNKNOWN_SITE, 400, "no site at this domain"),
    )
}

_JSON = {"content_type": "application/json; charset=utf-8", "cache_control": "no-store,no-cache"}
_NO_KEY = {"www_authenticate": "Basic realm=GoatCounter"}
_OK = {"status": "ok"}
_NO_VISITOR = "ip and user_agent are needed: a visitor is known by them, for one day; a session of your own is not read"
_FAULTS: Mapping[DropReason, str] = {
    DropReason.BAD_EVENT: f"path: must be set, and at most {goatcounter.LONGEST_PATH} bytes.\n",
    DropReason.NO_ADDRESS: _NO_VISITOR,
    DropReason.BAD_TIME: "created_at: must be a time of the last days, and not in the future.\n",
    DropReason.DAY_CLOSED: "created_at: its day is closed.\n",
    DropReason.UNKNOWN_SITE: "site: must be set.\n",
    DropReason.BAD_URL: "path: must be a path.\n",
}


def reply(_: Request, outcome: Outcome) -> Response:
    """The picture."""
    reason = outcome.unread or (outcome.reasons[0] if outcome.reasons else None)
    return _SEEN if reason is None else _REFUSED.get(reason, _UNSEEN)


def reply_to_batch(request: Request, outcome: Outcome) -> Response:
    """The answer to a batch: those not listed as errors need not be sent again."""
    if outcome.unread is not None:
        return _refusal(request, outcome.unread)
    more = {"x_hubbub_dropped": str(outcome.dropped)} if outcome.dropped else {}
    errors = {
        str(index): _FAULTS[reason] for index, reason in enumerate(outcome.reasons) if reason and reason in _FAULTS
    }
    if errors:
        return response(400, msgspec.json.encode({"errors": errors}), **_JSON, **more)
    return response(202, msgspec.json.encode(_OK), **_JSON, **more)


def _refusal(request: Request, reason: DropReason) -> Response:
    if reason is DropReason.NOT_ALLOWED:
        shown = request.headers.get("authorization", "")
        said = "unknown token" if goatcounter.sender_key(request) else "wrong format for Authorization header"
        return _error(401, said if shown else "no Authorization header", **_NO_KEY)
    if reason is DropReason.TOO_LARGE:
        is_read = 0 < len(request.body) <= LARGEST_BATCH
        return _error(400, _TOO_MANY) if is_read else _error(413, "the body is larger than 1 MB")
    return _error(400, "invalid JSON" if reason is DropReason.BAD_JSON else "no hits, or a field of a wrong type")


_TOO_MANY = f"maximum amount of pageviews in one batch is {goatcounter.MOST_HITS}"


def _error(status: int, said: str, **more: str) -> Response:
    return response(status, msgspec.json.encode({"error": said}), **_JSON, **more)


ROUTES = (
    Route("/count", frozenset({"GET", "HEAD", "POST"}), goatcounter.read, reply),
    Route("/api/v0/count", frozenset({"POST"}), goatcounter.read_batch, reply_to_batch, LARGEST_BATCH),
)
