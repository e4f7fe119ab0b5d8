"""`POST /api/event`: answers as Plausible's own server gives them.

202 "ok"           stored; with `x-plausible-dropped: <count>` where sites of it were dropped
400 {"errors": …}  not understood
413                over 64 kB
"""

import msgspec

from hubbub.collect.protocols import plausible
from hubbub.collect.requests import Request
from hubbub.core.reasons import DropReason
from hubbub.serve.protocols.routes import Outcome, Route
from hubbub.serve.replies import CORS, Response, response

_DROPPED = "x-plausible-dropped, x-hubbub-dropped"
_HEADERS = CORS | {"access_control_expose_headers": _DROPPED}
_TEXT = _HEADERS | {"content_type": "text/plain; charset=utf-8"}
_ACCEPTED = response(202, b"ok", **_TEXT)
_ONE_DROPPED = response(202, b"ok", x_plausible_dropped="1", x_hubbub_dropped="1", **_TEXT)
_TOO_LARGE = response(413, b"an event has at most 64 kB\n", **_TEXT)


def reply(request: Request, outcome: Outcome) -> Response:
    """The answer to one event."""
    if outcome.unread is DropReason.TOO_LARGE:
        return _TOO_LARGE
    if outcome.unread is not None:
        body = msgspec.json.encode({"errors": plausible.faults(request.body)})
        return response(400, body, **_HEADERS, content_type="application/json; charset=utf-8")
    dropped = outcome.dropped
    if dropped == 0:
        return _ACCEPTED
    if dropped == 1:
        return _ONE_DROPPED
    return response(202, b"ok", x_plausible_dropped=str(dropped), x_hubbub_dropped=str(dropped), **_TEXT)


# In Matomo's folders too: what stands in for matomo.js sends its events beside the address that the page names.
ROUTES = tuple(
    Route(f"{folder}/api/event", frozenset({"POST"}), plausible.read, reply) for folder in ("", "/matomo", "/piwik")
)
