"""Plausible's events: the body of `POST /api/event`, one event in JSON, as its trackers and its Events API send it.

Facts are those of plausible/analytics, `lib/plausible/ingestion/request.ex`. `v` (the script's version) and `w` (the
window's width) are read over.
"""

from typing import Any
from urllib.parse import unquote

import msgspec
from msgspec import Struct

from hubbub.collect.hits import ENGAGEMENT, Hit, Properties
from hubbub.collect.requests import Request
from hubbub.collect.senders import Senders
from hubbub.core.reasons import DropReason
from hubbub.core.vocabulary import RETURNING

LONGEST_NAME = 120
LONGEST_ENGAGEMENT_MS = 86_400_000
DEEPEST_SCROLL = 100
UNKNOWN_SCROLL = 255
MOST_SITES = 20
NOTHING = (0, "")


class Event(Struct, frozen=True, gc=False):
    """An event as it came, nothing cleaned. Each field has a short and a long name.

    n, name        "pageview", "engagement", a reserved or a declared event; a number says the same as its digits
    u, url         address of the page
    d, domain      sites as in `hubbub.yaml`, several with commas between; null leaves it to the address
    r, referrer    address of the page before
    m, meta, p, props   properties: an object, or the JSON of one
    revenue        of `$`, too: {"amount": number or its digits, "currency": three letters}, or the JSON of it
    h, hashMode    1: the fragment is the page's route
    i, interactive   false: the page sent the event by itself, so a bounce stays one
    e              engaged time, ms
    sd             scroll depth in percent; 255 when it could not be measured
    hr             hubbub's own: the bucket of `core.vocabulary.RETURNING`, its place or its name
    """

    n: str | int | None = None
    name: str | int | None = None
    u: str | None = None
    url: str | None = None
    d: str | None = None
    domain: str | None = None
    r: Any = None
    referrer: Any = None
    p: Any = None
    props: Any = None
    m: Any = None
    meta: Any = None
    money: Any = msgspec.field(name="$", default=None)
    revenue: Any = None
    h: Any = None
    hash_mode: Any = msgspec.field(name="hashMode", default=None)
    i: Any = None
    interactive: Any = None
    e: Any = None
    sd: Any = None
    hr: Any = None


_EVENT = msgspec.json.Decoder(Event)
_OBJECT = msgspec.json.Decoder(Properties)


def read(request: Request, _: Senders) -> list[Hit] | DropReason:
    """A hit for each site that the event names; or BAD_JSON, BAD_EVENT."""
    try:
        event = _EVENT.decode(request.body)
    except msgspec.ValidationError:
        return DropReason.BAD_EVENT
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return DropReason.BAD_JSON
    name, url = _name(event), event.u or event.url
    sites = event.d if event.d is not None else event.domain
    if not 0 < len(name) <= LONGEST_NAME or not url or (sites is not None and not sites.strip()):
        return DropReason.BAD_EVENT
    if event.h or event.hash_mode:
        url = with_route(url)
    hit = _hit(event, name, url, (sites or "").strip())
    if name == ENGAGEMENT and not (hit.engaged_ms or is_scroll(event)):
        return DropReason.BAD_EVENT
    if "," not in hit.site:
        return [hit]
    return [msgspec.structs.replace(hit, site=site.strip()) for site in hit.site.split(",", MOST_SITES)[:MOST_SITES]]


def _hit(event: Event, name: str, url: str, site: str) -> Hit:
    """The hit of an event, in the order of its fields: naming them would cost as much as reading them."""
    referrer = event.r or event.referrer
    properties = event.m or event.meta or event.p or event.props
    is_engagement = name == ENGAGEMENT
    amount, currency = _worth(event) if event.money or event.revenue else NOTHING
    return Hit(
        site,
        name,
        url,
        referrer if isinstance(referrer, str) else "",
        _object(properties) if properties else {},
        engaged_ms(event) if is_engagement else 0,
        scroll(event) if is_engagement else 0,
        "",
        amount,
        currency,
        event.i is not False and event.interactive is not False,
        "" if event.hr is None else _bucket(event.hr),
    )


def faults(body: bytes) -> dict[str, list[str]]:
    """What an event lacks that `read` refuses, by field: for the answer to its sender."""
    try:
        event = _EVENT.decode(body)
    except msgspec.ValidationError:
        return {"request": ["a field is of a wrong type"]}
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {"request": ["is no JSON object"]}
    found = {}
    if not 0 < len(_name(event)) <= LONGEST_NAME:
        found["event_name"] = [f"1 to {LONGEST_NAME} characters are needed"]
    elif _name(event) == ENGAGEMENT and not (engaged_ms(event) or is_scroll(event)):
        found["event_name"] = ["an engagement needs e or sd"]
    if not (event.u or event.url):
        found["url"] = ["is required"]
    sites = event.d if event.d is not None else event.domain
    if sites is not None and not sites.strip():
        found["domain"] = ["can't be blank"]
    return found


def engaged_ms(event: Event) -> int:
    """Engaged time within 0 … one day, ms."""
    return int(min(max(_number(event.e), 0), LONGEST_ENGAGEMENT_MS))


def is_scroll(event: Event) -> bool:
    """Whether a scroll depth was measured."""
    return event.sd is not None and 0 <= _number(event.sd, -1) != UNKNOWN_SCROLL


def scroll(event: Event) -> int:
    """Scroll depth within 0 … 100 percent; 0 when it could not be measured."""
    return int(min(_number(event.sd), DEEPEST_SCROLL)) if is_scroll(event) else 0


def with_route(url: str) -> str:
    """The address with the route that its fragment is made part of the path: `/app#/inbox` is the page `/app/inbox`.

    A fragment of parameters is no route; parameters behind a route are those of a query.
    """
    rest, _, fragment = url.partition("#")
    route, mark, parameters = unquote(fragment).partition("?")
    route = route.lstrip("!/")
    if not route or "=" in route:
        return rest
    path, _, query = rest.partition("?")
    query = "&".join(part for part in (query, parameters if mark else "") if part)
    return f"{path.rstrip('/')}/{route}" + (f"?{query}" if query else "")


def _name(event: Event) -> str:
    name = event.n if event.n is not None else event.name
    return name if isinstance(name, str) else "" if name is None else str(name)


def _worth(event: Event) -> tuple[float, str]:
    """Amount and currency of an event's revenue; (0, "") when it is none."""
    said = _object(event.money or event.revenue)
    currency = said.get("currency")
    return _number(said.get("amount")), currency.upper() if isinstance(currency, str) else ""


def _bucket(sent: Any) -> str:
    if isinstance(sent, int) and 0 <= sent < len(RETURNING):
        return RETURNING[sent]
    return sent if isinstance(sent, str) and sent in RETURNING else ""


def _object(sent: Any) -> Properties:
    """An object, or the JSON of one; empty when it is neither."""
    if isinstance(sent, str):
        try:
            return _OBJECT.decode(sent)
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            return {}
    return sent if isinstance(sent, dict) else {}


def _number(sent: Any, none: float = 0) -> float:
    """A finite number, or the digits of one; else `none`."""
    if isinstance(sent, str):
        try:
            sent = float(sent[:40])
        except ValueError:
            return none
    if isinstance(sent, bool) or not isinstance(sent, int | float):
        return none
    return sent if abs(sent) < 1e300 else none
