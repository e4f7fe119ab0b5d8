"""A light live stream: a handful of made-up visitors who walk through the portals and send what a tracker sends."""

import time
from collections.abc import Iterator, Mapping
from heapq import heappop, heappush
from http.client import HTTPConnection, HTTPException
from itertools import count
from threading import Event
from urllib.parse import urlencode

import msgspec
import numpy as np

from hubbub.cli.demo.city import PORTALS, Happening
from hubbub.cli.demo.passers import Passer, Street
from hubbub.cli.demo.views import DWELL_MS, DWELL_SPREAD
from hubbub.cli.demo.visits import BOUNCES, ENDS_AFTER_A_PAGE, LONGEST_VISIT, pick
from hubbub.cli.demo.wishes import WISHES

EVENTS_A_VISIT = 5.2  # as a visit below makes them on average; a test holds it
LONGEST_PAGE_S = 240.0
MOST_WAITING = 4096
LONGEST_PAUSE_S = 60.0
TIMEOUT_S = 10.0
TAKEN = 202


class Post(msgspec.Struct, frozen=True):
    """One event to send, `after` seconds from the start of its visit."""

    after: float
    body: bytes
    passer: Passer


def visit(passer: Passer, rng: np.random.Generator) -> Iterator[Post]:
    """What one visit sends: page views, the time spent on each, now and then an event."""
    portal, after = passer.portal, 0.0
    more = 1 + min(int(rng.geometric(ENDS_AFTER_A_PAGE)), LONGEST_VISIT)
    views = 1 if rng.random() < BOUNCES else more
    for view in range(views):
        section = portal.sections[_place(rng, [section.weight for section in portal.sections])]
        page = section.pages[_place(rng, [1 / (rank + 1) for rank in range(len(section.pages))])]
        if view == 0 and rng.random() < portal.home:
            page = portal.pages[0]
        url = passer.entry_url(page) if view == 0 else f"https://{portal.name}{page}"
        first = {"r": passer.referrer} if view == 0 and passer.referrer else {}
        if view and page == WISHES[portal.name].search[0]:
            url = f"{url}?{_search(passer, rng)}"
        yield _post(after, passer, "pageview", url, first)
        dwell = min(float(rng.lognormal(np.log(DWELL_MS / 1000), DWELL_SPREAD)), LONGEST_PAGE_S)
        if view == views - 1:
            for event in portal.events:
                if rng.random() < event.rate:
                    yield _post(after + dwell / 2, passer, event.name, url, _properties(event, rng))
        engaged = {"e": round(dwell * 1000 * rng.uniform(0.5, 1)), "sd": int(rng.integers(15, 101))}
        yield _post(after + dwell, passer, "engagement", url, engaged)
        after += dwell


def _properties(event: Happening, rng: np.random.Generator) -> dict[str, object]:
    """What an event carries: its property, and what is paid for it."""
    place = _place(rng, [1 / (rank + 1) for rank in range(len(event.values))])
    paid = {"$": {"amount": event.prices[place] / 100, "currency": "EUR"}} if event.prices else {}
    return {"p": {event.key: event.values[place]}, **paid}


def _search(passer: Passer, rng: np.random.Generator) -> str:
    """The query of a page of search results."""
    wishes = WISHES[passer.portal.name]
    term = wishes.terms[_place(rng, [1 / (rank + 1) for rank in range(len(wishes.terms))])]
    return urlencode({wishes.search[1]: term})


def _place(rng: np.random.Generator, weights: list[float]) -> int:
    return int(pick(rng, weights, 1)[0])


def _post(after: float, passer: Passer, name: str, url: str, more: Mapping[str, object]) -> Post:
    return Post(after, msgspec.json.encode({"n": name, "u": url, "d": passer.portal.name, **more}), passer)


class Trickle:
    """Sends about `per_second` events a second to http://host:port/api/event until it is told to stop.

    It sends nothing twice: what falls due while the server says 503 or does not answer is left out, and the pause
    grows up to a minute. `sent` and `refused` count what was answered with 202 and with anything else.
    """

    def __init__(self, host: str, port: int, per_second: float = 2.0, seed: int | None = None) -> None:
        self._host, self._port, self._per_second = host, port, per_second
        self._rng = np.random.default_rng(seed)
        self._street = Street(self._rng)
        self._waiting: list[tuple[float, int, Post]] = []
        self._number = count()
        self._connection: HTTPConnection | None = None
        self._pause = 0.0
        self.sent = self.refused = 0

    def run(self, stop: Event) -> None:
        """Blocks until `stop` is set, and returns within the time of one request; meant for a thread of its own."""
        arrival = time.monotonic()
        while not stop.is_set():
            now = time.monotonic()
            arrival = max(arrival, now - 1)  # after a pause no one who would have come in it
            while arrival <= now:
                self._arrive(arrival)
                arrival += float(self._rng.exponential(EVENTS_A_VISIT / self._per_second))
            due = min(arrival, self._waiting[0][0]) if self._waiting else arrival
            if stop.wait(max(0.0, due - now)):
                break
            self._send_due(stop)
        self._hang_up()

    def _arrive(self, when: float) -> None:
        """A new visit; left out while too many events are waiting already."""
        if len(self._waiting) >= MOST_WAITING:
            return
        portal = PORTALS[_place(self._rng, [portal.visitors for portal in PORTALS])]
        for post in visit(self._street.passer(portal), self._rng):
            heappush(self._waiting, (when + post.after, next(self._number), post))

    def _send_due(self, stop: Event) -> None:
        while self._waiting and self._waiting[0][0] <= time.monotonic() and not stop.is_set():
            post = heappop(self._waiting)[2]
            pause = self._send(post)
            if pause:
                stop.wait(pause)
                self._forget_overdue()

    def _forget_overdue(self) -> None:
        now = time.monotonic()
        while self._waiting and self._waiting[0][0] <= now:
            heappop(self._waiting)

    def _send(self, post: Post) -> float:
        """Post one event; the seconds to wait before the next one, 0 when it was taken or refused for good."""
        headers = {
            "Content-Type": "text/plain",
            "User-Agent": post.passer.user_agent,
            "Accept-Language": post.passer.language,
            "X-Forwarded-For": post.passer.address,
        }
        if self._connection is None:
            self._connection = HTTPConnection(self._host, self._port, timeout=TIMEOUT_S)
        try:
            self._connection.request("POST", "/api/event", post.body, headers)
            answer = self._connection.getresponse()
            answer.read()
        except (OSError, HTTPException):
            self._hang_up()
            return self._longer_pause()
        if answer.status == TAKEN:
            self.sent += 1
            self._pause = 0.0
            return 0.0
        self.refused += 1
        if answer.status < 500:
            return 0.0
        asked = answer.getheader("Retry-After", "")
        return max(self._longer_pause(), min(float(asked), LONGEST_PAUSE_S) if asked.isdigit() else 0.0)

    def _longer_pause(self) -> float:
        self._pause = min(max(1.0, 2 * self._pause), LONGEST_PAUSE_S)
        return self._pause

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
