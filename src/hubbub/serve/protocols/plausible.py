"""`POST /api/event`: answers as Plausible's own server gives them.

202 "ok"           stored; with `x-plausible-dropped: <count>` where sites of it were dropped
400 {"errors": …}  not understood
413                over 64 kB
"""

from functools import cache

import msgspec

from hubbub.collect.protocols import plausible
from hubbub.collect.requests import Request
from hubbub.core.reasons import DropReason
from hubbub.serve.protocols.routes import Outcome, Route
from hubbub.serve.replies import CORS, Response, response

_TEXT = CORS | {"content_type": "text/plain; charset=utf-8"}
_EXPOSED = "x-plausible-dropped, x-hubbub-dropped"
_ACCEPTED = response(202, b"ok", **_TEXT)
_TOO_LARGE = response(413, b"an event has at most 64 kB\n", **_TEXT)


def reply(request: Request, outcome: Outcome) -> Response:
    """The answer to one event."""
    if outcome.unread is DropReason.TOO_LARGE:
        return _TOO_LARGE
    if outcome.unread is not None:
        body = msgspec.json.encode({"errors": plausible.faults(request.body)})
        return response(400, body, **CORS, content_type="application/json; charset=utf-8")
    return _partly(outcome.dropped) if outcome.dropped else _ACCEPTED


@cache
def _partly(dropped: int) -> Response:
    count = str(dropped)
    exposed = {"x_plausible_dropped": count, "x_hubbub_dropped": count, "access_control_expose_headers": _EXPOSED}
    return response(202, b"ok", **_TEXT, **exposed)


# In Matomo's folders too: what stands in for matomo.js sends its events beside the address that the page names.
ROUTES = tuple(
    Route(f"{folder}/api/event", frozenset({"POST"}), plausible.read, reply) for folder in ("", "/matomo", "/piwik")
)
