"""The collector: an RSGI app that takes what trackers, servers and apps send, and answers once it is on disk.

    the routes of `ROUTES`     as each protocol answers; 503 with Retry-After: later, please
    OPTIONS                    any of these, for other origins   204
    GET  `SCRIPTS`             the tracker, its extras, and what stands in for other trackers' scripts
    GET  /healthz              200 when it can take events, else 503
    GET  /readyz               200 when it should be sent events, else 503: it ends, or its disk is full

A dropped event is answered like an accepted one: its sender shall not try again. What is answered with 503 is not
stored at all: rows of one request go to the disk together or not. Nothing of a request is ever logged; of a fault
only its type.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import date

from hubbub.collect.arrivals import Arrival
from hubbub.collect.clients import Clients
from hubbub.collect.happenings import LeftOut
from hubbub.collect.hits import Hit
from hubbub.collect.pipeline import Pipeline
from hubbub.collect.requests import Request
from hubbub.collect.senders import Senders
from hubbub.core.errors import Overloaded
from hubbub.core.ports import Clock, EventSink, KeyRing
from hubbub.core.reasons import DropReason
from hubbub.core.rows import Row
from hubbub.core.settings import Settings
from hubbub.serve.protocols import goatcounter, matomo, pixel, plausible, server_events, umami
from hubbub.serve.protocols.routes import LARGEST_BODY, Outcome, Route
from hubbub.serve.replies import CORS, Response, response
from hubbub.serve.rsgi import Application, Channel, Scope, read_body, send
from hubbub.serve.tally import Tally
from hubbub.serve.tracker import SCRIPTS, Tracker, read_scripts, script_at

ROUTES: tuple[Route, ...] = (
    *plausible.ROUTES,
    *umami.ROUTES,
    *matomo.ROUTES,
    *goatcounter.ROUTES,
    *pixel.ROUTES,
    *server_events.ROUTES,
)
HEALTH, READY = "/healthz", "/readyz"
PATHS = frozenset({*(route.path for route in ROUTES), *SCRIPTS, HEALTH, READY})
"""All paths but the many names of Plausible's script: see `takes`."""
RETRY_AFTER_FAULT_S = 5
BODILESS = frozenset({"GET", "HEAD"})
MOST_LARGE = 32  # large bodies in hand at a time; of small ones each connection has one

_TEXT = CORS | {"content_type": "text/plain; charset=utf-8"}
_FRESH = _TEXT | {"cache_control": "no-store"}
_HEALTHY = response(200, b"ok\n", **_FRESH)
_UNHEALTHY = response(503, b"cannot take events\n", **_FRESH, retry_after="5")
_NOT_FOUND = response(404, b"not found\n", **_TEXT)
_CUT_OFF = response(400, b"the body ends too early\n", **_TEXT)
_STORED = Outcome((None,))
_TOO_LARGE = Outcome(unread=DropReason.TOO_LARGE)

_log = logging.getLogger("hubbub.collector")


class Collector:
    """The app's parts; `answer` is the RSGI callable."""

    def __init__(
        self,
        settings: Settings,
        keyring: KeyRing,
        sink: EventSink,
        clock: Clock,
        tally: Tally,
        trackers: Mapping[str, Tracker],
        is_healthy: Callable[[], bool],
        is_ready: Callable[[], bool],
    ) -> None:
        self._routes = {route.path: route for route in ROUTES}
        self._pipeline = Pipeline(settings, keyring)
        self._clients = Clients(settings.server.trusted_proxies)
        self._senders = Senders(settings.server.sender_keys)
        self._sink, self._clock, self._tally, self._trackers = sink, clock, tally, trackers
        self._is_healthy, self._is_ready = is_healthy, is_ready
        self._large = 0

    async def answer(self, scope: Scope, channel: Channel) -> None:
        """Answer one HTTP request."""
        method, path = scope.method, scope.path
        route = self._routes.get(path)
        if route is None or method not in route.methods:
            send(channel, await self._answer_rest(method, path, scope.headers))
            return
        headers = scope.headers
        if method in BODILESS or route.largest <= LARGEST_BODY or not is_large(headers.get("content-length")):
            await self._hear(route, method, path, scope, headers, channel)
        elif self._large < MOST_LARGE:
            self._large += 1
            try:
                await self._hear(route, method, path, scope, headers, channel)
            finally:
                self._large -= 1
        else:
            self._tally.received += 1
            self._tally.refused += 1
            send(channel, _later(1))

    async def _hear(
        self, route: Route, method: str, path: str, scope: Scope, headers: Mapping[str, str], channel: Channel
    ) -> None:
        """Read a request of a protocol and answer it."""
        body: bytes | None = b""
        if method not in BODILESS:
            try:
                body = await read_body(channel, headers.get("content-length"), route.largest)
            except Exception:  # whatever the server calls a client that has gone away
                send(channel, _CUT_OFF)
                return
        ms = self._begin()
        if body is None:
            send(channel, self._refuse(route, Request(method, path, "", headers, ms=ms), _TOO_LARGE))
            return
        address = self._clients.address(scope.client, headers)
        request = Request(method, path, scope.query_string, headers, body, address, ms)
        send(channel, await self._take(route, request))

    def _begin(self) -> int:
        """The time, in the tally of its day."""
        ms = self._clock.now_ms()
        if ms >= self._tally.ends_ms:
            self._tally.begin(ms)
        return ms

    async def _take(self, route: Route, request: Request) -> Response:
        """Read a request, make its rows durable, and answer; or say that it must come again.

        Any fault means that none of its rows is on disk, so its sender hears 503. Only the fault's type is
        logged: messages and tracebacks could quote an address or a URL.
        """
        tally, count = self._tally, 0
        try:
            hits = route.read(request, self._senders)
            if isinstance(hits, DropReason):
                return self._refuse(route, request, Outcome(unread=hits))
            count = len(hits)
            tally.received += count
            if count == 1 and isinstance(hits[0], Hit):
                outcome = await self._store(request, hits[0])
            else:
                outcome = await self._store_all(request, hits)
        except Overloaded as busy:
            tally.refused += count
            return _later(busy.retry_after)
        except Exception as fault:
            tally.received += not count
            tally.refused += count or 1
            _log.error("an event could not be taken: %s", type(fault).__name__)
            return _later(RETRY_AFTER_FAULT_S)
        dropped = outcome.dropped if outcome is not _STORED else 0
        tally.accepted += count - dropped
        tally.dropped += dropped
        return route.reply(request, outcome)

    def _refuse(self, route: Route, request: Request, outcome: Outcome) -> Response:
        """The answer to what is not understood as a whole; it is a drop of no site."""
        if outcome.unread is not None:
            self._sink.drop("", self._pipeline.city_day(request.ms), outcome.unread)
        self._tally.received += 1
        self._tally.dropped += 1
        return route.reply(request, outcome)

    async def _store(self, request: Request, hit: Hit) -> Outcome:
        """What became of a request's only hit."""
        arrival = Arrival(request, hit)
        found = self._pipeline.run(arrival)
        if isinstance(found, DropReason):
            self._sink.drop(arrival.source, arrival.day, found)
            return Outcome((found,))
        reason = await self._sink.append(arrival.source, arrival.day, found)
        for left_out in arrival.left_out:
            self._sink.drop(arrival.source, arrival.day, left_out)
        return _STORED if reason is None else Outcome((reason,))

    async def _store_all(self, request: Request, hits: Sequence[Hit | DropReason]) -> Outcome:
        """What became of each hit. Drops are counted last: a request that must come again brings them again."""
        rows: list[tuple[str, date, Row]] = []
        drops: list[tuple[str, date, DropReason]] = []
        reasons: list[DropReason | None] = []
        for hit in hits:
            source, day, found, left_out = self._run(request, hit)
            drops += [(source, day, reason) for reason in left_out]
            if isinstance(found, DropReason):
                drops.append((source, day, found))
                reasons.append(found)
            else:
                rows.append((source, day, found))
                reasons.append(None)
        if rows:
            late = iter([await future for future in self._sink.append_all(rows)])
            reasons = [next(late) if reason is None else reason for reason in reasons]
        for drop in drops:
            self._sink.drop(*drop)
        return Outcome(tuple(reasons))

    def _run(self, request: Request, hit: Hit | DropReason) -> tuple[str, date, Row | DropReason, LeftOut]:
        if isinstance(hit, DropReason):
            return "", self._pipeline.city_day(request.ms), hit, ()
        arrival = Arrival(request, hit)
        found = self._pipeline.run(arrival)
        return arrival.source, arrival.day, found, arrival.left_out

    async def _answer_rest(self, method: str, path: str, headers: Mapping[str, str]) -> Response:
        path = script_at(path)
        if path not in PATHS:
            return _NOT_FOUND
        if method == "OPTIONS":
            return _PREFLIGHTS[path]
        if path in self._routes or method not in BODILESS:
            return _WRONG_METHODS[path]
        if path == HEALTH:
            return _HEALTHY if self._is_healthy() else _UNHEALTHY
        if path == READY:  # it may ask a database, for which no event shall wait
            return _HEALTHY if await asyncio.to_thread(self._is_ready) else _UNHEALTHY
        return self._trackers[path].answer(headers)


def collector_app(
    settings: Settings,
    keyring: KeyRing,
    sink: EventSink,
    clock: Clock,
    *,
    tally: Tally | None = None,
    is_healthy: Callable[[], bool] = lambda: True,
    is_ready: Callable[[], bool] | None = None,
    scripts: Mapping[str, bytes] | None = None,
) -> Application:
    """The collector of one worker process, made in that process. It answers what it `takes`.

    tally       where it counts, to show through a `StatusSocket`; its own otherwise
    is_healthy  whether the sink can take rows now
    is_ready    whether it should be sent events; asked from any thread; `is_healthy` otherwise
    scripts     those of `SCRIPTS` by path; those in the package otherwise
    """
    if scripts is None:
        scripts = read_scripts()
    return Collector(
        settings,
        keyring,
        sink,
        clock,
        tally or Tally(clock, settings.timezone),
        {path: Tracker(script) for path, script in scripts.items()},
        is_healthy,
        is_ready or is_healthy,
    ).answer


def is_large(announced: str | None) -> bool:
    """Whether a body of this content-length may be larger than a single event."""
    return announced is None or not announced.isdecimal() or int(announced[:20]) > LARGEST_BODY


def takes(path: str) -> bool:
    """Whether requests for this path are the collector's."""
    return path in PATHS or script_at(path) in SCRIPTS


def _later(seconds: int) -> Response:
    return response(503, b"try again later\n", retry_after=str(seconds), **_TEXT)


def _preflight(methods: str, allowed: str) -> Response:
    return response(
        204,
        access_control_allow_methods=methods,
        access_control_allow_headers=allowed,
        access_control_max_age="86400",
        access_control_allow_origin="*",
    )


_METHODS = {path: "GET, HEAD, OPTIONS" for path in PATHS} | {
    route.path: ", ".join(sorted(route.methods | {"OPTIONS"})) for route in ROUTES
}
_ALLOWED = {route.path: route.allow_headers for route in ROUTES}
_PREFLIGHTS = {path: _preflight(methods, _ALLOWED.get(path, "content-type")) for path, methods in _METHODS.items()}
_WRONG_METHODS = {path: response(405, b"wrong method\n", allow=methods, **_TEXT) for path, methods in _METHODS.items()}
