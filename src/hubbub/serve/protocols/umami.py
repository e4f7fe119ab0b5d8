"""`POST /api/send` and `/api/batch`: answers as Umami's own server gives them.

    200 {"cache": …, "sessionId": …, "visitId": …}    taken
    200 {"beep": "boop"}                              a bot
    200 {"size": …, "processed": …, "errors": …, …}   a batch
    400, 403, 413 {"error": …}                        not understood, not allowed, too large

Umami's `cache` names a session, and its tracker sends it back with the next event; ours says the same to everyone and
is never read.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from hubbub.collect.protocols import umami
from hubbub.collect.requests import Request
from hubbub.core.reasons import DropReason
from hubbub.serve.protocols.routes import Outcome, Route
from hubbub.serve.replies import Response, response

LARGEST_BATCH = 1_048_576
CACHE = "hubbub"
NOBODY = "00000000-0000-4000-8000-000000000000"

_HEADERS = {
    "access_control_allow_origin": "*",
    "access_control_allow_headers": "*",
    "access_control_allow_methods": "GET, DELETE, POST, PUT",
    "access_control_max_age": "86400",
    "cache_control": "no-cache",
    "content_type": "application/json",
}
_TAKEN = {"cache": CACHE, "sessionId": NOBODY, "visitId": NOBODY}
_BOT = {"beep": "boop"}


def _error(status: int, code: str, message: str, **more: Any) -> dict[str, Any]:
    return {"error": {"message": message, "code": code, "status": status, **more}}


_BAD = _error(400, "bad-request", "Bad request", errors=["Invalid input"])
_UNKNOWN = _error(400, "bad-request", "Website not found.")
_CLOSED = _error(400, "bad-request", "Timestamp is out of range.")
_FORBIDDEN = _error(403, "forbidden", "Forbidden")
_TOO_LARGE = _error(413, "payload-too-large", "Payload too large")
_REFUSALS: Mapping[DropReason, dict[str, Any]] = {
    DropReason.BAD_JSON: _BAD,
    DropReason.BAD_EVENT: _BAD,
    DropReason.BAD_URL: _BAD,
    DropReason.UNKNOWN_SITE: _UNKNOWN,
    DropReason.BAD_TIME: _CLOSED,
    DropReason.DAY_CLOSED: _CLOSED,
    DropReason.NOT_ALLOWED: _FORBIDDEN,
    DropReason.TOO_LARGE: _TOO_LARGE,
}


def _prepared(said: dict[str, Any], **more: str) -> Response:
    status = said["error"]["status"] if "error" in said else 200
    return response(status, msgspec.json.encode(said), **_HEADERS, **more)


_ACCEPTED = _prepared(_TAKEN)
_DROPPED = {
    reason: _prepared(_REFUSALS.get(reason, _BOT if reason is DropReason.BOT else _TAKEN), x_hubbub_dropped="1")
    for reason in DropReason
}


def reply(_: Request, outcome: Outcome) -> Response:
    """The answer to one message."""
    reason = outcome.unread or (outcome.reasons[0] if outcome.reasons else None)
    return _ACCEPTED if reason is None else _DROPPED[reason]


def reply_to_batch(_: Request, outcome: Outcome) -> Response:
    """The answer to a batch: how many, and what was refused of them by their places."""
    if outcome.unread is not None:
        return _DROPPED[outcome.unread]
    refused = [
        {"index": index, "response": _REFUSALS[reason]}
        for index, reason in enumerate(outcome.reasons)
        if reason and reason in _REFUSALS
    ]
    size = len(outcome.reasons)
    said = {
        "size": size,
        "processed": size - len(refused),
        "errors": len(refused),
        "details": refused,
        "cache": CACHE if size > len(refused) else None,
    }
    more = {"x_hubbub_dropped": str(outcome.dropped)} if outcome.dropped else {}
    return response(200, msgspec.json.encode(said), **_HEADERS, **more)


_POST = frozenset({"POST"})
ROUTES = (
    Route("/api/send", _POST, umami.read, reply, allow_headers="*"),
    Route("/api/batch", _POST, umami.read_batch, reply_to_batch, LARGEST_BATCH, "*"),
)
