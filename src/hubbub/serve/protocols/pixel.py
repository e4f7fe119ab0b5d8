"""`GET /hubbub.gif`: a page view without script, and a 1×1 picture whatever becomes of it."""

from hubbub.collect.protocols import pixel
from hubbub.collect.requests import Request
from hubbub.serve.protocols.routes import Outcome, Route
from hubbub.serve.replies import CORS, Response, response

PICTURE = (
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00"
    b",\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
)
_IMAGE = CORS | {
    "content_type": "image/gif",
    "cache_control": "no-store",
    "cross_origin_resource_policy": "cross-origin",
    "access_control_expose_headers": "x-hubbub-dropped",
}
_SEEN = response(200, PICTURE, **_IMAGE)
_UNSEEN = response(200, PICTURE, x_hubbub_dropped="1", **_IMAGE)


def reply(_: Request, outcome: Outcome) -> Response:
    """The picture; its header tells whether the view was dropped."""
    return _UNSEEN if outcome.dropped or outcome.unread else _SEEN


ROUTES = (Route("/hubbub.gif", frozenset({"GET", "HEAD"}), pixel.read, reply),)
