"""The body of `POST /api/event`: one event in the shape that Plausible's trackers send.

Each field has a short and a long name. What is not listed here (`v` version, `h` hash routing, `i`
interactive, `w` width of the window, …) is read over: no row carries it, and a server's log has no such thing.
"""

from typing import Any

import msgspec
from msgspec import Struct

from hubbub.core.reasons import DropReason

LONGEST_BODY = 65_536
LONGEST_URL = 2048
LONGEST_ENGAGEMENT_MS = 86_400_000
DEEPEST_SCROLL = 100

Properties = dict[str, Any]


class Event(Struct, frozen=True, gc=False):
    """An event as it came, nothing cleaned.

    n, name        "pageview", "engagement", a reserved or a declared event
    u, url         address of the page
    d, domain      the site, as in `hubbub.yaml`
    r, referrer    address of the page before
    p, props, m, meta   properties: an object, or the JSON of one
    e              engaged time, ms
    sd             scroll depth in percent; 255 when it could not be measured
    """

    n: str = ""
    name: str = ""
    u: str = ""
    url: str = ""
    d: str = ""
    domain: str = ""
    r: str | None = None
    referrer: str | None = None
    p: Properties | str | None = None
    props: Properties | str | None = None
    m: Properties | str | None = None
    meta: Properties | str | None = None
    e: int | float | None = None
    sd: int | float | None = None

    @property
    def engaged_ms(self) -> int:
        """Engaged time within 0 … one day, ms."""
        return _clamp(self.e, LONGEST_ENGAGEMENT_MS)

    @property
    def scroll(self) -> int:
        """Scroll depth within 0 … 100 percent; 0 when it could not be measured."""
        return 0 if self.sd is None or self.sd > DEEPEST_SCROLL else _clamp(self.sd, DEEPEST_SCROLL)

    @property
    def properties(self) -> Properties:
        """The properties; empty when there are none or they do not parse."""
        sent = self.p or self.props or self.m or self.meta
        if isinstance(sent, str):
            try:
                return _PROPERTIES.decode(sent)
            except msgspec.DecodeError:
                return {}
        return sent or {}


_EVENT = msgspec.json.Decoder(Event)
_PROPERTIES = msgspec.json.Decoder(Properties)


def decode(body: bytes) -> Event | DropReason:
    """The event in a body, with the short names filled; or BAD_JSON, BAD_EVENT."""
    try:
        event = _EVENT.decode(body)
    except msgspec.ValidationError:
        return DropReason.BAD_EVENT
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return DropReason.BAD_JSON
    if event.n and event.u and event.d:
        return event
    event = msgspec.structs.replace(event, n=event.n or event.name, u=event.u or event.url, d=event.d or event.domain)
    return event if event.n and event.u and event.d else DropReason.BAD_EVENT


def _clamp(number: float | None, most: int) -> int:
    return 0 if number is None or number <= 0 else int(min(number, most))
