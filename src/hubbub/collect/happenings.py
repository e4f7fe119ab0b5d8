"""What an event says happened: the row's kind, name and detail, from the event's name and properties."""

from collections.abc import Callable, Mapping
from typing import Any

from hubbub.collect.events import Event
from hubbub.collect.hosts import registrable_domain
from hubbub.collect.pages import Page, parse_page
from hubbub.collect.portals import Portal
from hubbub.core.reasons import DropReason
from hubbub.core.rows import DETAIL_SEPARATOR, Kind

Happening = tuple[int, str, str]
"""Kind, name and detail of a row."""

Reader = Callable[[Event, Page], "Happening | DropReason"]


# Plain numbers, looked up once: a member of an enum costs more than all the rest of a page view's reading.
PAGEVIEW, EVENT, ENGAGEMENT, OUTLINK, DOWNLOAD, MISSING = (
    kind.value
    for kind in (
        Kind.PAGEVIEW,
        Kind.EVENT,
        Kind.ENGAGEMENT,
        Kind.OUTLINK,
        Kind.DOWNLOAD,
        Kind.MISSING,
    )
)
_A_PAGEVIEW: Happening = (PAGEVIEW, "", "")
_AN_ENGAGEMENT: Happening = (ENGAGEMENT, "", "")


def _pageview(_event: Event, _page: Page) -> Happening:
    return _A_PAGEVIEW


def _engagement(_event: Event, _page: Page) -> Happening:
    return _AN_ENGAGEMENT


def _outlink(event: Event, _page: Page) -> Happening | DropReason:
    """Only web addresses, and of those the registrable domain: mail and telephone links name people."""
    target = parse_page(_text(event.properties.get("url")))
    domain = registrable_domain(target.host) if target else ""
    return (OUTLINK, domain, "") if domain else DropReason.BAD_URL


def _download(event: Event, _page: Page) -> Happening | DropReason:
    target = parse_page(_text(event.properties.get("url")))
    return (DOWNLOAD, target.path, "") if target else DropReason.BAD_URL


def _missing(_event: Event, page: Page) -> Happening:
    return (MISSING, page.path, "")


RESERVED: Mapping[str, Reader] = {
    "pageview": _pageview,
    "engagement": _engagement,
    "Outbound Link: Click": _outlink,
    "File Download": _download,
    "404": _missing,
}
"""Names that every Plausible tracker knows; a site cannot declare them otherwise."""


def happening(event: Event, page: Page, portal: Portal) -> Happening | DropReason:
    """Kind, name and detail. Properties are kept when both name and value are declared, in declared order."""
    reserved = RESERVED.get(event.n)
    if reserved is not None:
        return reserved(event, page)
    declared = portal.events.get(event.n)
    if declared is None:
        return DropReason.UNKNOWN_EVENT
    if not declared:
        return (EVENT, event.n, "")
    sent = event.properties
    kept = [f"{key}={value}" for key, allowed in declared.items() if (value := _text(sent.get(key))) in allowed]
    return (EVENT, event.n, DETAIL_SEPARATOR.join(kept))


def _text(value: Any) -> str:
    """A JSON value as `hubbub.yaml` would write it; "" for what is no single value."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else ""
