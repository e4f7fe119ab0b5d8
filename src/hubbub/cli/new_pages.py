"""Confirms new pages by asking the site itself, as ADR 2 says."""

import http.client
import urllib.request
from urllib.parse import quote

from hubbub.cli.home import Home
from hubbub.core.keys import Dimension
from hubbub.core.settings import Site

TIMEOUT_S = 5
MOST_A_RUN = 200


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect is not a page: many sites send every unknown path to their front page."""

    def redirect_request(self, *_: object) -> None:
        return None


def check_new_pages(home: Home, site: Site) -> int:
    """Show the waiting pages for which the site answers 200; returns how many. Nothing without a `check_url`."""
    if not site.check_url:
        return 0
    waiting = [known.key for known in home.public_keys.waiting(site.name) if known.dimension == Dimension.PAGE]
    asked = [path for path in waiting[:MOST_A_RUN] if "*" not in path]
    confirmed = [path for path in asked if _answers(site.check_url + quote(path, safe="/?&="))]
    if confirmed:
        home.public_keys.approve(site.name, Dimension.PAGE, confirmed)
        home.republish(site.name)
    return len(confirmed)


def _answers(url: str) -> bool:
    request = urllib.request.Request(url, method="HEAD", headers={"User-Agent": "hubbub (new page check)"})  # noqa: S310
    opener = urllib.request.build_opener(_NoRedirect)
    try:
        with opener.open(request, timeout=TIMEOUT_S) as answer:
            return bool(answer.status == http.client.OK)
    except (OSError, http.client.HTTPException, ValueError):
        return False
