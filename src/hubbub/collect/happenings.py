"""What a hit says happened: the row's kind, name, detail and amount, and what of it no row may have."""

from collections.abc import Callable, Mapping
from typing import Any

from hubbub.collect.hits import DOWNLOAD, ENGAGEMENT, FORM, MISSING, OUTLINK, PAGEVIEW, SEARCH, Hit
from hubbub.collect.hosts import registrable_domain
from hubbub.collect.pages import LONGEST_URL, Page, parse_page
from hubbub.collect.paths import STAR
from hubbub.collect.portals import Portal
from hubbub.collect.refused_values import LONGEST_READ, clean_term
from hubbub.core.reasons import DropReason
from hubbub.core.rows import DETAIL_SEPARATOR, Kind

LeftOut = tuple[DropReason, ...]
"""Reasons of `core.reasons.BESIDE`, each at most once."""

Happening = tuple[int, str, str, int, LeftOut]
"""Kind, name, detail and amount of a row, and what was left out of it."""

Reader = Callable[[Hit, Page, Portal], "Happening | DropReason"]

WITHOUT_NAME: Mapping[str, Happening] = {
    PAGEVIEW: (Kind.PAGEVIEW.value, "", "", 0, ()),
    ENGAGEMENT: (Kind.ENGAGEMENT.value, "", "", 0, ()),
}
"""What nearly all hits are; plain numbers, for a look at a member of an enum costs more than the whole step."""

_SENT_BY_TRACKERS = frozenset({"url", "path"})


def _pageview(hit: Hit, page: Page, portal: Portal) -> Happening:
    return _searched(Kind.PAGEVIEW, hit, page, portal)


def _engagement(hit: Hit, _page: Page, _portal: Portal) -> Happening:
    return (Kind.ENGAGEMENT.value, "", "", 0, _undeclared(hit))


def _outlink(hit: Hit, _page: Page, portal: Portal) -> Happening | DropReason:
    """Only web addresses, and of those the registrable domain: mail and telephone links name people."""
    target = _target(hit, portal)
    domain = registrable_domain(target.host) if target else ""
    return (Kind.OUTLINK.value, domain, "", 0, _undeclared(hit)) if domain else DropReason.BAD_URL


def _download(hit: Hit, _page: Page, portal: Portal) -> Happening | DropReason:
    target = _target(hit, portal)
    return (Kind.DOWNLOAD.value, target.path, "", 0, _undeclared(hit)) if target else DropReason.BAD_URL


def _missing(hit: Hit, page: Page, _portal: Portal) -> Happening:
    return (Kind.MISSING.value, page.path, "", 0, _undeclared(hit))


def _form(hit: Hit, page: Page, _portal: Portal) -> Happening:
    return (Kind.FORM.value, page.path, "", 0, _undeclared(hit))


def _search(hit: Hit, page: Page, portal: Portal) -> Happening:
    return _searched(Kind.SEARCH, hit, page, portal)


RESERVED: Mapping[str, Reader] = {
    PAGEVIEW: _pageview,
    ENGAGEMENT: _engagement,
    OUTLINK: _outlink,
    DOWNLOAD: _download,
    MISSING: _missing,
    FORM: _form,
    SEARCH: _search,
}
"""Names that mean the same of every site; a site cannot declare them otherwise."""


def happening(hit: Hit, page: Page, portal: Portal) -> Happening | DropReason:
    """What happened. Properties are kept when both name and value are declared, in declared order.

    An amount is kept when it is declared and of the declared currency: in hundredths, at most the declared most.
    """
    plain = WITHOUT_NAME.get(hit.name)
    if plain is not None and not (hit.properties or hit.search or page.search):
        return plain
    reserved = RESERVED.get(hit.name)
    if reserved is not None:
        return reserved(hit, page, portal)
    declared = portal.events.get(hit.name)
    if declared is None:
        return DropReason.UNKNOWN_EVENT
    amount, refused = _amount(hit, portal) if hit.amount else (0, ())
    sent = hit.properties
    if not sent:
        return (Kind.EVENT.value, hit.name, "", amount, refused)
    kept = [f"{key}={value}" for key, allowed in declared.items() if (value := _text(sent.get(key))) in allowed]
    left_out = refused if len(kept) == len(sent) else (DropReason.UNKNOWN_PROPERTY, *refused)
    return (Kind.EVENT.value, hit.name, DETAIL_SEPARATOR.join(kept), amount, left_out)


def _searched(kind: Kind, hit: Hit, page: Page, portal: Portal) -> Happening:
    """With the term for a name, which is "" when there is none that can be kept."""
    term = clean_term(hit.search[:LONGEST_READ], portal.region) if hit.search else page.search
    if term == STAR:
        return (kind.value, "", "", 0, (DropReason.REFUSED_TERM, *_undeclared(hit)))
    return (kind.value, term, "", 0, _undeclared(hit))


def _undeclared(hit: Hit) -> LeftOut:
    """What is left out of a hit that has no properties but those by which trackers say what it is about."""
    return (DropReason.UNKNOWN_PROPERTY,) if hit.properties.keys() - _SENT_BY_TRACKERS else ()


def _amount(hit: Hit, portal: Portal) -> tuple[int, LeftOut]:
    """In hundredths, and whether it was refused; a NaN is in no interval."""
    declared = portal.amounts.get(hit.name)
    is_of_it = declared is not None and hit.currency.upper() in ("", declared.currency)
    if declared is None or not is_of_it or not 0 <= hit.amount < float("inf"):
        return 0, (DropReason.REFUSED_AMOUNT,)
    return round(min(hit.amount, declared.most) * 100), ()


def _target(hit: Hit, portal: Portal) -> Page | None:
    return parse_page(_text(hit.properties.get("url"))[:LONGEST_URL], paths=portal.paths)


def _text(value: Any) -> str:
    """A JSON value as `hubbub.yaml` would write it; "" for what is no single value."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else ""
