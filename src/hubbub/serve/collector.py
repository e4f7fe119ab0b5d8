"""The collector: a plain ASGI app that takes events and answers once they are on disk.

    POST /api/event    an event in Plausible's shape   202; 400 unreadable; 413 over 64 kB; 503 later, please
    OPTIONS            any of these, for other origins 204
    GET /hubbub.gif    a page view without script      the same codes, 200 for 202, and a 1×1 picture
    GET /hubbub.js     the tracker
    GET /healthz       200 when it can take events, else 503

A dropped event is answered like an accepted one, with `x-hubbub-dropped: 1`: its sender shall not try again.
Nothing of a request is ever logged; of a fault only its type.
"""

import logging
from collections.abc import Callable, Mapping
from urllib.parse import parse_qsl

from hubbub.collect.arrivals import NO_EVENT, Arrival
from hubbub.collect.clients import Clients
from hubbub.collect.events import LONGEST_BODY, Event
from hubbub.collect.pipeline import Pipeline
from hubbub.core.errors import Overloaded
from hubbub.core.ports import Clock, EventSink, KeyRing
from hubbub.core.reasons import DropReason
from hubbub.core.settings import Settings
from hubbub.serve.asgi import Application, Receive, Response, Scope, Send, read_body, response
from hubbub.serve.tally import Tally
from hubbub.serve.tracker import SCRIPT, Tracker

PATHS = frozenset({"/api/event", "/hubbub.gif", "/hubbub.js", "/healthz"})
RETRY_AFTER_FAULT_S = 5
QUERY_FIELDS = 20
PIXEL = (
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00"
    b",\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
)

_CORS = {"access_control_allow_origin": "*", "access_control_expose_headers": "x-hubbub-dropped"}
_TEXT = {"content_type": "text/plain; charset=utf-8", **_CORS}
_IMAGE = {
    "content_type": "image/gif",
    "cache_control": "no-store",
    "cross_origin_resource_policy": "cross-origin",
    **_CORS,
}
_ACCEPTED = response(202, b"ok", **_TEXT)
_DROPPED = response(202, b"ok", x_hubbub_dropped="1", **_TEXT)
_UNREADABLE = {
    DropReason.BAD_JSON: response(400, b"the body is not a JSON object\n", **_TEXT),
    DropReason.BAD_EVENT: response(400, b"n, u and d are needed, each field with its type\n", **_TEXT),
    DropReason.TOO_LARGE: response(413, b"an event has at most 64 kB\n", **_TEXT),
}
_SEEN = response(200, PIXEL, **_IMAGE)
_UNSEEN = response(200, PIXEL, x_hubbub_dropped="1", **_IMAGE)
_PREFLIGHT = response(
    204,
    b"",
    access_control_allow_methods="POST, GET, OPTIONS",
    access_control_allow_headers="content-type",
    access_control_max_age="86400",
    **_CORS,
)
_HEALTHY = response(200, b"ok\n", **_TEXT, cache_control="no-store")
_UNHEALTHY = response(503, b"cannot take events\n", **_TEXT, cache_control="no-store", retry_after="5")
_NOT_FOUND = response(404, b"not found\n", **_TEXT)
_WRONG_METHOD = response(405, b"wrong method\n", allow="GET, HEAD, OPTIONS, POST", **_TEXT)

_log = logging.getLogger("hubbub.collector")


class Collector:
    """The app's parts; `answer` is the ASGI callable."""

    def __init__(
        self,
        pipeline: Pipeline,
        clients: Clients,
        sink: EventSink,
        clock: Clock,
        tally: Tally,
        tracker: Tracker,
        is_healthy: Callable[[], bool],
    ) -> None:
        self._pipeline, self._clients, self._sink, self._clock = pipeline, clients, sink, clock
        self._tally, self._tracker, self._is_healthy = tally, tracker, is_healthy

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        if scope["path"] == "/api/event" and scope["method"] == "POST":
            headers = dict(scope["headers"])
            body = await read_body(receive, headers.get(b"content-length", b""), LONGEST_BODY)
            reason = await self._settle(scope, headers, body, NO_EVENT)
            reply = _ACCEPTED if reason is None else _refusal(reason, _UNREADABLE, _DROPPED)
        else:
            reply = await self._answer_rest(scope)
        await send(reply.start)
        await send(reply.body)

    async def _answer_rest(self, scope: Scope) -> Response:
        path, method = scope["path"], scope["method"]
        if path not in PATHS:
            return _NOT_FOUND
        if method == "OPTIONS":
            return _PREFLIGHT
        if path == "/api/event" or method not in ("GET", "HEAD"):
            return _WRONG_METHOD
        if path == "/hubbub.gif":
            return await self._take_pixel(scope)
        if path == "/hubbub.js":
            return self._tracker.answer(dict(scope["headers"]))
        return _HEALTHY if self._is_healthy() else _UNHEALTHY

    async def _take_pixel(self, scope: Scope) -> Response:
        """A page view of the page `u`, or of the page that shows the picture."""
        headers = dict(scope["headers"])
        try:
            asked = dict(parse_qsl(scope["query_string"].decode("latin-1"), max_num_fields=QUERY_FIELDS))
        except ValueError:
            asked = {}
        page = asked.get("u") or headers.get(b"referer", b"").decode("latin-1")
        event = Event(n="pageview", u=page, d=asked.get("d", ""), r=asked.get("r"))
        reason = await self._settle(scope, headers, b"", event)
        return _SEEN if reason is None else _refusal(reason, {}, _UNSEEN)

    async def _settle(
        self, scope: Scope, headers: dict[bytes, bytes], body: bytes | None, event: Event
    ) -> DropReason | Overloaded | None:
        """Make the row durable (None), count why it was dropped, or say that it must come again.

        Any fault means that the event is not on disk, so its sender hears 503. Only the fault's type is
        logged: messages and tracebacks could quote an address or a URL.
        """
        tally, ms = self._tally, self._clock.now_ms()
        if ms >= tally.ends_ms:
            tally.begin(ms)
        tally.received += 1
        client = scope["client"]
        try:
            address = self._clients.address(client[0], scope["headers"]) if client else ""
            arrival = Arrival(body, headers, address, ms, event)
            found = self._pipeline.run(arrival)
            if isinstance(found, DropReason):
                self._sink.drop(arrival.source, arrival.day, found)
                reason: DropReason | None = found
            else:
                reason = await self._sink.append(arrival.source, arrival.day, found)
        except Overloaded as busy:
            tally.refused += 1
            return busy
        except Exception as fault:
            tally.refused += 1
            _log.error("an event could not be taken: %s", type(fault).__name__)
            return Overloaded("fault", RETRY_AFTER_FAULT_S)
        if reason is None:
            tally.accepted += 1
        else:
            tally.dropped += 1
        return reason


def collector_app(
    settings: Settings,
    keyring: KeyRing,
    sink: EventSink,
    clock: Clock,
    *,
    tally: Tally | None = None,
    is_healthy: Callable[[], bool] = lambda: True,
    script: bytes | None = None,
) -> Application:
    """The collector of one worker process, made in that process. It answers `PATHS` and speaks HTTP only.

    tally       where it counts, to show through a `StatusSocket`; its own otherwise
    is_healthy  whether the sink can take rows now
    script      the tracker; the one in the package otherwise
    """
    return Collector(
        Pipeline(settings, keyring),
        Clients(settings.server.trusted_proxies),
        sink,
        clock,
        tally or Tally(clock, settings.timezone),
        Tracker(SCRIPT.read_bytes() if script is None else script),
        is_healthy,
    ).answer


def _refusal(reason: DropReason | Overloaded, unreadable: Mapping[DropReason, Response], dropped: Response) -> Response:
    """The reply to an event that is not stored."""
    if isinstance(reason, Overloaded):
        return response(503, b"try again later\n", retry_after=str(reason.retry_after), **_TEXT)
    return unreadable.get(reason, dropped)
