"""GoatCounter: `/count`, a page view or an event in the address of a picture, and `POST /api/v0/count`, many in JSON.

Facts are those of goatcounter's `handlers/count.go`, `handlers/api.go` and `public/count.js`. What only identifies is
read past: the size of the screen `s` and `size`, `session`, and the place. So are titles.

GoatCounter tells sites apart by the first part of its own host name, which is the site's code; a page is known by its
path alone. So the page's host is the one of the page that shows the picture, as far as its browser says.
"""

import base64
import binascii
import re
from typing import Any

import msgspec
from msgspec import Struct

from hubbub.collect.hits import ENGAGEMENT, PAGEVIEW, Hit
from hubbub.collect.pages import split_host
from hubbub.collect.protocols.parameters import moment, parameters, whole
from hubbub.collect.requests import Request
from hubbub.collect.senders import Senders
from hubbub.core.reasons import DropReason

MOST_HITS = 500
LONGEST_PATH = 2048  # bytes
LOWEST_BOT = 150  # what its script calls a bot; lower numbers are of its server's making
NO_NAME = "(no event name)"
_WANTED = frozenset({"p", "e", "r", "q", "b", "s", "h"})
_SIZE = re.compile(r"[\d.,]*")
_TRUE = frozenset({"true", "1", "t", "on"})
_YEAR_ONE = "0001-01-01T00:00:00"  # how Go writes a time that was not set


class Single(Struct, frozen=True, gc=False):
    """One hit of a batch, as it came."""

    path: str = ""
    event: bool | str | int | None = None
    ref: str | None = None
    query: str | None = None
    bot: int | None = None
    user_agent: str | None = None
    ip: str | None = None
    language: str | None = None
    created_at: str | None = None


class Batch(Struct, frozen=True, gc=False):
    """The body of `/api/v0/count`."""

    hits: list[Single] | None = None


_BATCH = msgspec.json.Decoder(Batch)


def read(request: Request, _: Senders) -> list[Hit | DropReason] | DropReason:
    """The hit of `/count`; BAD_EVENT for what its server refuses, TOO_LARGE for too long a path."""
    asked = parameters(request.query, _WANTED)
    path, bot = asked.get("p", "").strip(), asked.get("b", "") or "0"
    rank = whole(bot)
    if not path or rank is None or 0 < rank < LOWEST_BOT or not _SIZE.fullmatch(asked.get("s", "")):
        return DropReason.BAD_EVENT
    if len(path.encode("utf-8", "replace")) > LONGEST_PATH:
        return DropReason.TOO_LARGE
    if rank:
        return [DropReason.BOT]
    shown_on = request.headers.get("referer", "")
    split = split_host(shown_on)
    host = asked.get("h", "") or (split[0] if split else "") or request.headers.get("host", "")
    is_event = asked.get("e", "").lower() in _TRUE
    return [
        _hit(_code(request), host, path, is_event, asked.get("r", ""), asked.get("q", ""), shown_on if split else "")
    ]


def read_batch(request: Request, senders: Senders) -> list[Hit | DropReason] | DropReason:
    """A hit for each of a batch, or why not; NOT_ALLOWED without the key of a sender."""
    if not senders.knows(sender_key(request)):
        return DropReason.NOT_ALLOWED
    try:
        hits = _BATCH.decode(request.body).hits
    except msgspec.ValidationError:
        return DropReason.BAD_EVENT
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return DropReason.BAD_JSON
    if not hits:
        return DropReason.BAD_EVENT
    if len(hits) > MOST_HITS:
        return DropReason.TOO_LARGE
    code, host = _code(request), request.headers.get("host", "")
    return [_of_batch(single, code, host) for single in hits]


def sender_key(request: Request) -> str:
    """The key in `Authorization`, as Bearer or as the password of Basic; "" without."""
    scheme, _, shown = request.headers.get("authorization", "").strip().partition(" ")
    if scheme != "Basic":
        return shown.strip() if scheme == "Bearer" else ""
    try:
        return base64.b64decode(shown.strip(), validate=True).decode("utf-8", "replace").partition(":")[2]
    except (binascii.Error, ValueError):
        return ""


def _of_batch(single: Single, code: str, host: str) -> Hit | DropReason:
    """Who the visitor was has to be said by address and user agent; a session's name of the sender's own cannot."""
    path = single.path.strip()
    if not path or len(path.encode("utf-8", "replace")) > LONGEST_PATH:
        return DropReason.BAD_EVENT
    if single.bot:
        return DropReason.BOT
    if not single.ip or not single.user_agent:
        return DropReason.NO_ADDRESS
    ms: int | None = 0
    if single.created_at and not single.created_at.startswith(_YEAR_ONE):
        ms = moment(single.created_at)
        if ms is None:
            return DropReason.BAD_TIME
    found = _hit(code, host, path, _is_true(single.event), single.ref or "", single.query or "", "")
    if isinstance(found, DropReason):
        return found
    return msgspec.structs.replace(
        found, address=single.ip, user_agent=single.user_agent, language=single.language or "", ms=ms
    )


def _hit(code: str, host: str, path: str, is_event: bool, referrer: str, query: str, shown_on: str) -> Hit | DropReason:
    site, referrer = f"goatcounter:{code}", referrer if "://" in referrer else ""
    if is_event:
        name = path.lstrip("/") or NO_NAME
        if name in (PAGEVIEW, ENGAGEMENT):
            return DropReason.UNKNOWN_EVENT
        return Hit(site, name, shown_on or f"https://{host}/", referrer)
    path = "/" + path.lstrip("/")
    query = query.lstrip("?&")
    if query:
        path += ("&" if "?" in path else "?") + query
    return Hit(site, PAGEVIEW, f"https://{host}{path}", referrer)


def _code(request: Request) -> str:
    return request.headers.get("host", "").partition(".")[0].lower()


def _is_true(sent: Any) -> bool:
    return sent.lower() in _TRUE if isinstance(sent, str) else bool(sent)
