"""hubbub's own batches: what servers and apps with a key send to `POST /api/v1/events`, many events in one request.

A batch is read whole or not at all: one event that is malformed refuses it, so that its sender can mend and send it
again. Nothing of what was sent is quoted in a fault, only places, and what is allowed there.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256
from typing import Annotated, TypeAlias

import msgspec
from msgspec import Meta, Struct

from hubbub.collect.hits import DOWNLOAD, ENGAGEMENT, FORM, MISSING, OUTLINK, PAGEVIEW, SEARCH, Hit
from hubbub.collect.pages import split_host
from hubbub.collect.protocols.parameters import shown_key
from hubbub.collect.requests import Request
from hubbub.collect.senders import Senders
from hubbub.collect.visitors import network_of
from hubbub.core.reasons import DropReason
from hubbub.core.vocabulary import RETURNING

MOST_EVENTS = 1000
MOST_FAULTS = 20
IDEMPOTENCY_KEY = re.compile(r"[\x20-\x7e]{1,255}")

Short: TypeAlias = Annotated[str, Meta(max_length=120)]
Medium: TypeAlias = Annotated[str, Meta(max_length=256)]
Long: TypeAlias = Annotated[str, Meta(max_length=2048)]
Value: TypeAlias = str | int | float | bool | None


class Visitor(Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """Whom the sender speaks for; what is left out is taken from the request itself."""

    address: Short = ""
    user_agent: Long = ""
    language: Medium = ""


class ServerEvent(Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """One event as it came. docs/api.md, "Sending events", says what each field means."""

    name: Annotated[str, Meta(min_length=1, max_length=120)]
    site: Medium = ""
    url: Long = ""
    path: Long = ""
    target: Long = ""
    referrer: Long = ""
    properties: Annotated[dict[Short, Value], Meta(max_length=30)] = {}
    amount: Annotated[float, Meta(ge=0, le=1e12)] = 0
    currency: Annotated[str, Meta(pattern="^([A-Za-z]{3})?$")] = ""
    search: Medium = ""
    engaged_ms: Annotated[int, Meta(ge=0, le=86_400_000)] = 0
    scroll: Annotated[int, Meta(ge=0, le=100)] = 0
    returning: Short = ""
    timestamp: Annotated[datetime, Meta(tz=True)] | Annotated[int, Meta(ge=1)] | None = None
    visitor: Visitor = Visitor()


NAMES = {
    "pageview": PAGEVIEW,
    "engagement": ENGAGEMENT,
    "outlink": OUTLINK,
    "download": DOWNLOAD,
    "404": MISSING,
    "form": FORM,
    "search": SEARCH,
}
"""What is counted of every site, by the words that `hubbub.yaml` has for it; other names are declared events."""


class Fault(Struct, frozen=True):
    """What is wrong with a batch, and what is allowed there; `event` is its place, None of the batch as a whole."""

    event: int | None
    field: str
    allowed: str


_BATCH = msgspec.json.Decoder(dict[str, list[msgspec.Raw]])
_LIST = msgspec.json.Decoder(list[msgspec.Raw])
_EVENT = msgspec.json.Decoder(ServerEvent)
_PLACE = re.compile(r" - at `\$\.?(?P<path>[a-z_.]*)")
_FIELDS = frozenset({*ServerEvent.__struct_fields__, *(f"visitor.{name}" for name in Visitor.__struct_fields__)})
_ALLOWED = {
    "name": f"a declared event, or one of {', '.join(NAMES)}; at most 120 characters",
    "site": "the site's name in hubbub.yaml; it may be left out where the host of url tells it",
    "url": "an http(s) address of at most 2,048 characters; or else site, and path in its place",
    "path": "a path that starts with /, with site and in place of url",
    "target": "the address that an outlink or download leads to; no other event has one",
    "properties": "at most 30 names, each with a text, number, true, false or null",
    "amount": "a number of 0 and above, in whole units",
    "currency": "three letters of ISO 4217",
    "search": "what was searched for, of the event search or pageview; at most 256 characters",
    "engaged_ms": "whole milliseconds, 0 to 86400000",
    "scroll": "whole percent, 0 to 100",
    "returning": f"one of: {', '.join(RETURNING)}",
    "timestamp": "ISO 8601 with its offset, such as 2026-05-01T12:00:00Z, or whole milliseconds since 1970 UTC",
    "visitor": "an object of address, user_agent, language",
    "visitor.address": "an IPv4 or IPv6 address",
    "visitor.user_agent": "the browser's User-Agent, at most 2,048 characters",
    "visitor.language": "the browser's Accept-Language, at most 256 characters",
}
_AS_A_WHOLE = f"1 to {MOST_EVENTS} events, as a list or as {{'events': [...]}}"


def read(request: Request, senders: Senders) -> list[Hit | DropReason] | DropReason:
    """The hits of a batch; or NOT_ALLOWED, BAD_JSON, BAD_EVENT, TOO_LARGE for all of it."""
    key = shown_key(request.headers)
    if not key or not senders.knows(key):
        return DropReason.NOT_ALLOWED
    raw = _raw_events(request.body)
    if isinstance(raw, DropReason):
        return raw
    sent_as = request.headers.get("idempotency-key")
    if sent_as is not None and not IDEMPOTENCY_KEY.fullmatch(sent_as):
        return DropReason.BAD_EVENT
    hits: list[Hit | DropReason] = []
    once = _same(key, sent_as, request.body) if sent_as is not None else b""
    for index, each in enumerate(raw):
        event = _read(each)
        if not isinstance(event, ServerEvent):
            return DropReason.BAD_EVENT
        hits.append(_hit(event, once + index.to_bytes(4, "big") if once else b""))
    return hits


def faults(request: Request) -> list[Fault]:
    """What is wrong with a batch that `read` refuses, the first twenty: for the answer to its sender."""
    sent_as = request.headers.get("idempotency-key")
    if sent_as is not None and not IDEMPOTENCY_KEY.fullmatch(sent_as):
        return [Fault(None, "Idempotency-Key", "1 to 255 printable ASCII characters")]
    raw = _raw_events(request.body)
    if raw is DropReason.BAD_JSON:
        return [Fault(None, "body", "JSON in UTF-8")]
    if isinstance(raw, DropReason):
        return [Fault(None, "events", _AS_A_WHOLE)]
    return list(_faults(raw))


def _faults(raw: list[msgspec.Raw]) -> Iterator[Fault]:
    left = MOST_FAULTS
    for index, each in enumerate(raw):
        wrong = _read(each)
        if isinstance(wrong, str):
            known = wrong if wrong in _FIELDS else ""
            allowed = _ALLOWED.get(known, f"an object of {', '.join(ServerEvent.__struct_fields__)}; name is needed")
            yield Fault(index, known, allowed)
            left -= 1
        if not left:
            return


def _raw_events(body: bytes) -> list[msgspec.Raw] | DropReason:
    """The events, not yet read one by one."""
    try:
        if body.lstrip()[:1] == b"[":
            raw = _LIST.decode(body)
        else:
            batch = _BATCH.decode(body)
            raw = batch.get("events", [])
            if len(batch) != 1:
                return DropReason.BAD_EVENT
    except msgspec.ValidationError:
        return DropReason.BAD_EVENT
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return DropReason.BAD_JSON
    if not raw:
        return DropReason.BAD_EVENT
    return raw if len(raw) <= MOST_EVENTS else DropReason.TOO_LARGE


def _read(raw: msgspec.Raw) -> ServerEvent | str:
    """The event, or the field that is wrong, "" when it is none of those known."""
    try:
        event = _EVENT.decode(raw)
    except msgspec.ValidationError as error:
        place = _PLACE.search(str(error))
        return place["path"].strip(".") if place else ""
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""
    return _wrong_field(event) or event


def _wrong_field(event: ServerEvent) -> str:
    """The field that contradicts another one or cannot be, "" when all of them can."""
    name = NAMES.get(event.name, event.name)
    if event.url and event.path:
        return "path"
    if event.url and split_host(event.url) is None:
        return "url"
    if not event.url and not (event.path and event.site):
        return "path" if event.path else "url"
    if event.path and not event.path.startswith("/"):
        return "path"
    if bool(event.target) != (name in (OUTLINK, DOWNLOAD)):
        return "target"
    if event.target and split_host(event.target) is None:
        return "target"
    if event.search and name not in (SEARCH, PAGEVIEW):
        return "search"
    if event.returning and event.returning not in RETURNING:
        return "returning"
    if event.visitor.address and network_of(event.visitor.address) is None:
        return "visitor.address"
    return ""


def _hit(event: ServerEvent, once: bytes) -> Hit:
    said, visitor = event.timestamp, event.visitor
    return Hit(
        event.site,
        NAMES.get(event.name, event.name),
        event.url or f"https://{event.site}{event.path}",
        event.referrer,
        {"url": event.target} if event.target else event.properties,
        event.engaged_ms,
        event.scroll,
        event.search,
        event.amount,
        event.currency,
        returning=event.returning,
        address=visitor.address,
        user_agent=visitor.user_agent,
        language=visitor.language,
        ms=int(said.timestamp() * 1000) if isinstance(said, datetime) else said or 0,
        once=once,
    )


def _same(key: str, sent_as: str, body: bytes) -> bytes:
    """What tells this batch of this sender from all others; of fixed length, so that no two parts can be confused."""
    return b"".join(sha256(part).digest() for part in (key.encode("utf-8", "surrogatepass"), sent_as.encode(), body))
