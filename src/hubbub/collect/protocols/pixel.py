"""The picture that counts a page view without script: `GET /hubbub.gif?d=<site>&u=<page>&r=<page before>`."""

from hubbub.collect.hits import PAGEVIEW, Hit
from hubbub.collect.protocols.parameters import parameters
from hubbub.collect.requests import Request
from hubbub.collect.senders import Senders

WANTED = frozenset({"d", "u", "r"})


def read(request: Request, _: Senders) -> list[Hit]:
    """A page view of the page `u`, or of the page that shows the picture."""
    asked = parameters(request.query, WANTED)
    page = asked.get("u") or request.headers.get("referer", "")
    return [Hit(asked.get("d", ""), PAGEVIEW, page, asked.get("r", ""))]
