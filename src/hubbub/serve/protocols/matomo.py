"""`matomo.php` and `piwik.php`: answers as Matomo's own tracker gives them.

    200 a picture, 204 with `send_image=0`     taken, or left out as a bot or without `rec=1` is
    200 {"status": "success", …}               many requests at once
    200 a line of text                         asked without any parameter
    400                                        no such site, a field missing, or a key needed

Answers to POST name the asking origin and allow credentials, because `matomo.js` sends with them; no cookie is set or
read.
"""

import re

import msgspec

from hubbub.collect.protocols import matomo
from hubbub.collect.requests import Request
from hubbub.core.reasons import DropReason
from hubbub.serve.protocols.routes import Outcome, Route
from hubbub.serve.replies import Response

LARGEST_BULK = 1_048_576
PICTURE = (
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\x00\x00\x00!\xf9\x04\x01\x00\x00\x00\x00"
    b",\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
)
ABOUT = b"This is the address of hubbub that takes tracking requests in Matomo's form. There is no page here.\n"
FOLDERS = ("", "/matomo", "/piwik")
"""Below the host or in these folders snippets look for their tracker."""

_REFUSED = frozenset(
    {
        DropReason.UNKNOWN_SITE,
        DropReason.NOT_ALLOWED,
        DropReason.BAD_EVENT,
        DropReason.BAD_TIME,
        DropReason.DAY_CLOSED,
        DropReason.NO_ADDRESS,
    }
)
_NO_PICTURE = re.compile(r"(?:^|&)send_image=0(?:&|$)")
_NO_ANSWER = re.compile(rb'"send_image"\s{0,9}:\s{0,9}(?:0|"0"|false|"")\s{0,9}[,}]')
_ORIGIN = re.compile(r"[\x21-\x7e]{1,300}")


def reply(request: Request, outcome: Outcome) -> Response:
    """The answer to one tracking request, or to many."""
    headers = _cross_origin(request)
    if outcome.dropped or outcome.unread:
        headers.append(("x-hubbub-dropped", str(outcome.dropped or 1)))
    if outcome.unread is DropReason.TOO_LARGE:
        return Response(413, [*headers, ("content-type", "application/json")], _counted("error", 0, 0))
    if matomo.is_bulk(request.body):
        return _reply_to_bulk(request, outcome, headers)
    if not outcome.reasons:
        headers.append(("content-type", "text/html; charset=utf-8"))
        return Response(200 if request.method in ("GET", "HEAD") else 400, headers, ABOUT)
    if request.method != "POST":
        headers.append(("cache-control", "no-store"))
    if _wants_no_picture(request):
        return Response(204, headers)
    headers.append(("content-type", "image/gif"))
    return Response(400 if outcome.reasons[0] in _REFUSED else 200, headers, PICTURE)


def _wants_no_picture(request: Request) -> bool:
    """Looks for the plain text first, which is quicker than the pattern."""
    if "send_image=0" in request.query and _NO_PICTURE.search(request.query):
        return True
    return b"send_image=0" in request.body and _NO_PICTURE.search(request.body.decode("latin-1")) is not None


def _reply_to_bulk(request: Request, outcome: Outcome, headers: list[tuple[str, str]]) -> Response:
    """How many were taken, and how many refused; which, when the sender showed a key."""
    headers.append(("content-type", "application/json"))
    if outcome.unread is not None:
        return Response(400, headers, _counted("error", 0, 0))
    if _NO_ANSWER.search(request.body):
        return Response(204, headers)
    refused = [index for index, reason in enumerate(outcome.reasons) if reason in _REFUSED]
    taken = len(outcome.reasons) - len(refused)
    has_key = b'"token_auth"' in request.body or "token_auth=" in request.query or request.headers.get("authorization")
    return Response(200, headers, _counted("success", taken, len(refused), refused if has_key else None))


def _counted(status: str, tracked: int, invalid: int, indices: list[int] | None = None) -> bytes:
    said = {"status": status, "tracked": tracked, "invalid": invalid}
    return msgspec.json.encode(said if indices is None else said | {"invalid_indices": indices})


def _cross_origin(request: Request) -> list[tuple[str, str]]:
    if request.method != "POST":
        return []
    origin = request.headers.get("origin", "")
    return [
        ("access-control-allow-origin", origin if _ORIGIN.fullmatch(origin) else "*"),
        ("access-control-allow-credentials", "true"),
    ]


_METHODS = frozenset({"GET", "HEAD", "POST"})
ROUTES = tuple(
    Route(f"{folder}/{name}.php", _METHODS, matomo.read, reply, LARGEST_BULK)
    for folder in FOLDERS
    for name in ("matomo", "piwik")
)
