"""`POST /api/v1/events`: batches of servers and apps, each with a key.

202 {"accepted": n, "dropped": m}   what is accepted is on disk; what is dropped shall not be sent again
400 {"errors": …}                   no JSON, or an Idempotency-Key that is none
401 {"errors": …}                   no key, or not one of `server.sender_keys`
413 {"errors": …}                   over 2 MB, or over 1,000 events
422 {"errors": …}                   events that are not as they should be, by their places; nothing was stored
"""

import msgspec

from hubbub.collect.protocols import server_events
from hubbub.collect.protocols.server_events import Fault
from hubbub.collect.requests import Request
from hubbub.core.reasons import DropReason
from hubbub.serve.protocols.routes import Outcome, Route
from hubbub.serve.replies import Response, response

PATH = "/api/v1/events"
LARGEST_BATCH = 2_097_152

_JSON = {"content_type": "application/json; charset=utf-8", "cache_control": "no-store"}
_TOO_LARGE = Fault(None, "body", f"at most {server_events.MOST_EVENTS} events in at most 2 MB")
_NO_KEY = Fault(None, "Authorization", "Bearer and a key whose hash stands in server.sender_keys; `hubbub apikey`")


def reply(request: Request, outcome: Outcome) -> Response:
    """How many are on disk and how many were dropped; or all that is wrong with the batch."""
    unread = outcome.unread
    if unread is None:
        told = {"accepted": len(outcome.reasons) - outcome.dropped, "dropped": outcome.dropped}
        return response(202, msgspec.json.encode(told), **_JSON)
    if unread is DropReason.NOT_ALLOWED:
        return _refusal(401, [_NO_KEY], www_authenticate='Bearer realm="hubbub"')
    if unread is DropReason.TOO_LARGE:
        return _refusal(413, [_TOO_LARGE])
    found = server_events.faults(request)
    is_of_events = unread is DropReason.BAD_EVENT and all(fault.field != "Idempotency-Key" for fault in found)
    return _refusal(422 if is_of_events else 400, found)


def _refusal(status: int, found: list[Fault], **more: str) -> Response:
    return response(status, msgspec.json.encode({"errors": found}), **_JSON, **more)


ROUTES = (Route(PATH, frozenset({"POST"}), server_events.read, reply, LARGEST_BATCH),)
