"""Matomo's tracking requests, `matomo.php` and `piwik.php`: parameters of the address, of a form, or many in JSON.

Facts are those of Matomo's HTTP Tracking API, its Tracker and its plugin BulkTracking. What only identifies is read
past: `_id`, `uid`, `cid`, `res`, plugins and client hints, custom variables, the place. So are titles and timings.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from hubbub.collect.hits import Hit
from hubbub.collect.protocols.matomo_actions import DIMENSIONS, action, page_url
from hubbub.collect.protocols.parameters import moment, parameters, shown_key, whole
from hubbub.collect.requests import Request
from hubbub.collect.senders import Senders
from hubbub.core.reasons import DropReason

MOST_REQUESTS = 1000
RECENT_MS = 86_400_000  # a time of its own that lies no longer back needs no key; Matomo's default

WANTED = frozenset(
    "idsite rec recMode url urlref ping idgoal revenue ec_id download link e_c e_a e_n e_v search c_n ca"
    " token_auth cip cdt cdo ua lang".split()
) | frozenset(DIMENSIONS)
_BY_SENDERS = frozenset({"cip", "cdt", "cdo", "ua", "lang"})
_LINE_BREAKS = b"\r\n\0"


def is_bulk(body: bytes) -> bool:
    """Whether the body holds many requests; decided as Matomo does, by its text."""
    return body.find(b'"requests"') > 0 or body.find(b"'requests'") > 0


def read(request: Request, senders: Senders) -> list[Hit | DropReason] | DropReason:
    """A hit, or why not, for each tracking request; none for a request without any parameter."""
    key = shown_key(request.headers)
    if is_bulk(request.body):
        return _read_bulk(request, key, Trust(senders))
    if not request.query and not request.body:
        return []
    asked = parameters(request.body.decode("utf-8", "replace").strip(), WANTED) if request.body else {}
    asked |= parameters(request.query, WANTED)
    if not asked.get("url") and not asked.get("urlref"):
        asked["url"] = request.headers.get("referer", "")
    return [_hit(asked, key, request.ms, Trust(senders))]


class Trust:
    """Which of the keys shown in one request are a sender's; each is looked up once."""

    __slots__ = ("_known", "_senders")

    def __init__(self, senders: Senders) -> None:
        self._senders = senders
        self._known: dict[str, bool] = {"": False}

    def __call__(self, key: str) -> bool:
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = self._senders.knows(key)
        return known


def _read_bulk(request: Request, key: str, trust: Trust) -> list[Hit | DropReason] | DropReason:
    try:
        bulk = msgspec.json.decode(request.body.translate(None, _LINE_BREAKS))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return DropReason.BAD_JSON
    asked = bulk.get("requests") if isinstance(bulk, dict) else None
    if isinstance(asked, dict):
        asked = list(asked.values())
    if not isinstance(asked, list):
        return DropReason.BAD_JSON
    if len(asked) > MOST_REQUESTS:
        return DropReason.TOO_LARGE
    key = _text(bulk.get("token_auth")) or parameters(request.query, WANTED).get("token_auth") or key
    return [_hit(_single(single), key, request.ms, trust) for single in asked]


def _single(asked: Any) -> dict[str, str]:
    """The parameters of one of many: of an address with them behind its `?`, or of an object."""
    if isinstance(asked, str):
        return parameters(asked.partition("?")[2].partition("#")[0], WANTED)
    if isinstance(asked, dict):
        return {name: _text(value) for name, value in asked.items() if name in WANTED}
    return {}


def _hit(asked: Mapping[str, str], key: str, now_ms: int, trust: Trust) -> Hit | DropReason:
    site = whole(asked.get("idsite", ""))
    if not site:
        return DropReason.UNKNOWN_SITE
    ms = 0
    key = asked.get("token_auth") or key
    is_sender = bool(_BY_SENDERS & asked.keys()) and trust(key)
    if "cdt" in asked or "cdo" in asked:
        said = _time(asked, now_ms)
        if is_sender and said is None:
            return DropReason.BAD_TIME
        if is_sender:
            ms = said or 0
        elif said is not None and now_ms - said >= RECENT_MS:
            return DropReason.NOT_ALLOWED
    if asked.get("cip") and key and not is_sender:
        return DropReason.NOT_ALLOWED
    if not whole(asked.get("rec", "")) or asked.get("recMode") == "1":
        return DropReason.IGNORED
    found = action(asked)
    if isinstance(found, DropReason):
        return found
    return Hit(
        f"matomo:{site}",
        found.name,
        page_url(asked.get("url", "")),
        asked.get("urlref", ""),
        found.properties,
        search=found.search,
        amount=found.amount,
        address=asked.get("cip", "") if is_sender else "",
        user_agent=asked.get("ua", "") if is_sender else "",
        language=asked.get("lang", "") if is_sender else "",
        ms=ms,
    )


def _time(asked: Mapping[str, str], now_ms: int) -> int | None:
    """When it happened, `cdt` less the seconds `cdo`; None when `cdt` is no time."""
    said = moment(asked["cdt"]) if asked.get("cdt") else now_ms
    back = whole(asked.get("cdo", "").removeprefix("-")) or 0
    return None if said is None else said - back * 1000


def _text(value: Any) -> str:
    """A JSON value as a parameter would carry it."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "1" if value else ""
    return str(value) if isinstance(value, int | float) else ""
