"""The picture that counts a page view without script: `GET /hubbub.gif?d=<site>&u=<page>&r=<page before>`."""

from urllib.parse import parse_qsl

from hubbub.collect.hits import PAGEVIEW, Hit
from hubbub.collect.requests import Request
from hubbub.collect.senders import Senders

MOST_FIELDS = 20


def read(request: Request, _: Senders) -> list[Hit]:
    """A page view of the page `u`, or of the page that shows the picture."""
    try:
        asked = dict(parse_qsl(request.query, max_num_fields=MOST_FIELDS))
    except ValueError:
        asked = {}
    page = asked.get("u") or request.headers.get("referer", "")
    return [Hit(asked.get("d", ""), PAGEVIEW, page, asked.get("r", ""))]
