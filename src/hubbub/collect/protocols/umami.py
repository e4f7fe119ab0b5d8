"""Umami's tracker: `POST /api/send`, one JSON object, and `/api/batch`, a list of them.

Facts are those of umami's `src/app/api/send` and `src/tracker`. What only identifies is read past: `id`, `screen`,
`x-umami-cache`, and all that `identify` says. So are `title` and `tag`, and everything of `performance` and `error`.
"""

import re
from typing import Any

import msgspec
from msgspec import Struct

from hubbub.collect.hits import ENGAGEMENT, PAGEVIEW, Hit, Properties
from hubbub.collect.protocols.parameters import number, shown_key
from hubbub.collect.requests import Request
from hubbub.collect.senders import Senders
from hubbub.core.reasons import DropReason

MOST_EVENTS = 1000
LONGEST_ENGAGEMENT_MS = 86_400_000
RECENT_MS = 86_400_000  # a time of its own that lies no longer back may come from anyone, and says nothing
_TYPES = frozenset({"event", "identify", "performance", "engagement", "error"})
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,30}:")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_ABSENT_HOST = "localhost"


class Payload(Struct, frozen=True, gc=False):
    """The fields that are read, as they came.

    website, link, pixel   which of Umami's three kinds of source this is of, and its UUID
    hostname, url, referrer   of the page; addresses or paths
    name, data   of an event
    engagement   ms, of an engagement
    timestamp, ip, userAgent, language   what only a sender with a key may say for a visitor; seconds since 1970
    """

    website: str | None = None
    link: str | None = None
    pixel: str | None = None
    hostname: str | None = None
    url: str | None = None
    referrer: str | None = None
    name: str | None = None
    data: dict[str, Any] | None = None
    engagement: int | float | None = None
    timestamp: int | float | str | None = None
    ip: str | None = None
    user_agent: str | None = msgspec.field(name="userAgent", default=None)
    language: str | None = None


class Message(Struct, frozen=True, gc=False):
    """What the tracker posts."""

    type: str
    payload: Payload


_MESSAGE = msgspec.json.Decoder(Message)
_BATCH = msgspec.json.Decoder(list[msgspec.Raw])


def read(request: Request, senders: Senders) -> list[Hit | DropReason] | DropReason:
    """The hit of one message."""
    found = _message(request.body)
    if isinstance(found, DropReason):
        return found
    return [_hit(found, request.ms, _speaker(request, senders))]


def read_batch(request: Request, senders: Senders) -> list[Hit | DropReason] | DropReason:
    """A hit for each message, or why not."""
    try:
        batch = _BATCH.decode(request.body)
    except msgspec.ValidationError:
        return DropReason.BAD_EVENT
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return DropReason.BAD_JSON
    if len(batch) > MOST_EVENTS:
        return DropReason.TOO_LARGE
    speaker = _speaker(request, senders)
    messages = [_message(raw) for raw in batch]
    return [found if isinstance(found, DropReason) else _hit(found, request.ms, speaker) for found in messages]


def _message(body: bytes | msgspec.Raw) -> Message | DropReason:
    try:
        message = _MESSAGE.decode(body)
    except msgspec.ValidationError:
        return DropReason.BAD_EVENT
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return DropReason.BAD_JSON
    payload = message.payload
    source = [named for named in (payload.website, payload.link, payload.pixel) if named]
    is_formula = payload.name is not None and payload.name.startswith(_FORMULA)
    if message.type not in _TYPES or len(source) != 1 or not _UUID.fullmatch(source[0].lower()) or is_formula:
        return DropReason.BAD_EVENT
    return message


def _speaker(request: Request, senders: Senders) -> bool | None:
    """Whether the request is of a sender with a key; None when it does not claim to be."""
    key = shown_key(request.headers)
    return senders.knows(key) if key else None


def _hit(message: Message, now_ms: int, speaker: bool | None) -> Hit | DropReason:
    payload = message.payload
    if speaker is False and (payload.ip or payload.user_agent or payload.timestamp):
        return DropReason.NOT_ALLOWED
    ms = int(number(str(payload.timestamp)) * 1000) if payload.timestamp else 0
    if ms and not speaker:
        if now_ms - ms >= RECENT_MS:
            return DropReason.NOT_ALLOWED
        ms = 0
    if not payload.website or message.type not in ("event", "engagement"):
        return DropReason.IGNORED
    name, engaged_ms = payload.name or PAGEVIEW, 0
    if message.type == "engagement":
        name, engaged_ms = ENGAGEMENT, int(min(max(payload.engagement or 0, 0), LONGEST_ENGAGEMENT_MS))
        if not engaged_ms:
            return DropReason.BAD_EVENT
    elif payload.name in (PAGEVIEW, ENGAGEMENT):
        return DropReason.UNKNOWN_EVENT
    amount, currency, data = _worth(payload.data) if payload.data else (0, "", {})
    return Hit(
        f"umami:{payload.website.lower()}",
        name,
        page_url(payload.hostname or _ABSENT_HOST, payload.url or "/"),
        _referrer(payload.referrer or ""),
        data,
        engaged_ms,
        amount=amount,
        currency=currency,
        address=(payload.ip or "") if speaker else "",
        user_agent=(payload.user_agent or "") if speaker else "",
        language=(payload.language or "") if speaker else "",
        ms=ms,
    )


def page_url(host: str, url: str) -> str:
    """The address of a page at a host, of which the tracker said all or only what follows the host."""
    if url.startswith("//"):
        return "https:" + url
    if _SCHEME.match(url):
        return url
    return f"https://{host}{url if url.startswith('/') else '/' + url}"


def _referrer(referrer: str) -> str:
    """The address of the page before, or "" when it was one of the same host, of which the tracker says the path."""
    if referrer.startswith("//"):
        return "https:" + referrer
    return referrer if _SCHEME.match(referrer) else ""


def _worth(data: Properties) -> tuple[float, str, Properties]:
    """Amount and currency of an event, its properties `revenue` and `currency`; and the other properties."""
    revenue, currency = data.get("revenue"), data.get("currency")
    if not isinstance(revenue, str | int | float) or isinstance(revenue, bool):
        return 0, "", data
    others = {name: value for name, value in data.items() if name not in ("revenue", "currency")}
    return number(str(revenue)), currency.upper() if isinstance(currency, str) else "", others
