"""The hit: one thing that happened, as a protocol said it, in the one shape that the pipeline reads."""

from typing import Any

from msgspec import Struct

Properties = dict[str, Any]

PAGEVIEW = "pageview"
ENGAGEMENT = "engagement"
OUTLINK = "Outbound Link: Click"
DOWNLOAD = "File Download"
MISSING = "404"
FORM = "Form: Submission"
SEARCH = "Site Search"
RESERVED = frozenset({PAGEVIEW, ENGAGEMENT, OUTLINK, DOWNLOAD, MISSING, FORM, SEARCH})
"""Names that mean the same of every site, so that no site declares them. `SEARCH` has its term in `search`, `OUTLINK`
and `DOWNLOAD` their address in the property `url`."""


class Hit(Struct, frozen=True, gc=False):
    """One thing that happened; nothing is cleaned yet.

    site        what the protocol names the site by: its name, or `umami:<id>`, `matomo:<number>`,
                `goatcounter:<code>`; "" leaves it to the host of `url`
    name        one of `RESERVED`, or a declared event
    url         address of the page
    referrer    address of the page before, or ""
    properties  of a declared event, names and values as sent
    engaged_ms  of `ENGAGEMENT`: visible and focused time, 0 … one day
    scroll      of `ENGAGEMENT`: deepest scroll, 0 … 100 percent
    search      what was searched for on the site; of a page view whose address says so itself, ""
    amount      what a declared event is worth, in whole units of `currency`; 0 without
    currency    ISO 4217, or ""
    interactive whether the visitor did it; what a page does by itself leaves a bounce a bounce
    returning   a bucket of `core.vocabulary.RETURNING` that the browser of a consenting visitor told, or ""

    What only a sender with a key may say, of the visitor for whom it speaks (see `collect.senders`); "" and 0 leave it
    to the request:

    address     the visitor's
    user_agent  the visitor's
    language    the visitor's Accept-Language
    ms          when it happened, milliseconds since 1970 UTC
    once        what tells this hit from all others of its sender's: sent again, it is the same hit, and counts once
    """

    site: str
    name: str
    url: str
    referrer: str = ""
    properties: Properties = {}
    engaged_ms: int = 0
    scroll: int = 0
    search: str = ""
    amount: float = 0
    currency: str = ""
    interactive: bool = True
    returning: str = ""
    address: str = ""
    user_agent: str = ""
    language: str = ""
    ms: int = 0
    once: bytes = b""
