"""What an event says happened: the row's kind, name and detail, from the event's name and properties."""

from collections.abc import Callable, Mapping
from typing import Any

from hubbub.collect.hits import DOWNLOAD, ENGAGEMENT, MISSING, OUTLINK, PAGEVIEW, Hit
from hubbub.collect.hosts import registrable_domain
from hubbub.collect.pages import LONGEST_URL, Page, parse_page
from hubbub.collect.portals import Portal
from hubbub.core.reasons import DropReason
from hubbub.core.rows import DETAIL_SEPARATOR, Kind

Happening = tuple[int, str, str]
"""Kind, name and detail of a row."""

Reader = Callable[[Hit, Page], "Happening | DropReason"]

WITHOUT_NAME: Mapping[str, Happening] = {
    PAGEVIEW: (Kind.PAGEVIEW.value, "", ""),
    ENGAGEMENT: (Kind.ENGAGEMENT.value, "", ""),
}
"""What nearly all events are; plain numbers, for a look at a member of an enum costs more than the whole step."""


def _outlink(hit: Hit, _page: Page) -> Happening | DropReason:
    """Only web addresses, and of those the registrable domain: mail and telephone links name people."""
    target = _target(hit)
    domain = registrable_domain(target.host) if target else ""
    return (Kind.OUTLINK.value, domain, "") if domain else DropReason.BAD_URL


def _download(hit: Hit, _page: Page) -> Happening | DropReason:
    target = _target(hit)
    return (Kind.DOWNLOAD.value, target.path, "") if target else DropReason.BAD_URL


def _missing(_hit: Hit, page: Page) -> Happening:
    return (Kind.MISSING.value, page.path, "")


RESERVED: Mapping[str, Reader] = {
    OUTLINK: _outlink,
    DOWNLOAD: _download,
    MISSING: _missing,
}
"""Names that every Plausible tracker knows; a site cannot declare them otherwise."""


def happening(hit: Hit, page: Page, portal: Portal) -> Happening | DropReason:
    """Kind, name and detail. Properties are kept when both name and value are declared, in declared order."""
    plain = WITHOUT_NAME.get(hit.name)
    if plain is not None:
        return plain
    reserved = RESERVED.get(hit.name)
    if reserved is not None:
        return reserved(hit, page)
    declared = portal.events.get(hit.name)
    if declared is None:
        return DropReason.UNKNOWN_EVENT
    if not declared:
        return (Kind.EVENT.value, hit.name, "")
    sent = hit.properties
    kept = [f"{key}={value}" for key, allowed in declared.items() if (value := _text(sent.get(key))) in allowed]
    return (Kind.EVENT.value, hit.name, DETAIL_SEPARATOR.join(kept))


def _target(hit: Hit) -> Page | None:
    return parse_page(_text(hit.properties.get("url"))[:LONGEST_URL])


def _text(value: Any) -> str:
    """A JSON value as `hubbub.yaml` would write it; "" for what is no single value."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else ""
