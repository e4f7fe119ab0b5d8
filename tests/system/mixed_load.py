"""Load of every protocol at once, from senders that do as clients do; each event is of a visitor and a page of its own.

A sender without an answer does not know. One with an idempotency key sends again until it does, and now and then once
more for nothing.
"""

import http.client
import json
import random
import threading
import time
from collections.abc import Callable
from urllib.parse import quote

from protocol_home import KEY, ORIGIN, WEBSITE
from served_home import FIREFOX, SITE

TIMEOUT_S = 8.0
MOST_IN_A_BATCH = 20
PAUSE_S = 0.002
UNKNOWN, NOT_THERE = 0, 1  # in place of a status: no whole answer; nobody to send it to

Request = tuple[str, str, bytes, dict[str, str]]


def plausible(page: str) -> Request:
    return "POST", "/api/event", json.dumps({"n": "pageview", "d": SITE, "u": ORIGIN + page}).encode(), {}


def umami(page: str) -> Request:
    payload = {"website": WEBSITE, "hostname": SITE, "url": page}
    return "POST", "/api/send", json.dumps({"type": "event", "payload": payload}).encode(), {}


def matomo(page: str) -> Request:
    return "GET", f"/matomo.php?idsite=7&rec=1&url={quote(ORIGIN + page, safe='')}", b"", {}


def goatcounter(page: str) -> Request:
    return "GET", f"/count?p={quote(page, safe='')}", b"", {"Host": "portal.stats.example"}


def pixel(page: str) -> Request:
    return "GET", f"/hubbub.gif?d={SITE}&u={quote(ORIGIN + page, safe='')}", b"", {}


SINGLE: tuple[Callable[[str], Request], ...] = (plausible, umami, matomo, goatcounter, pixel)


class MixedLoad:
    """Senders until stopped. Pages are `acknowledged`, `refused` (503, or nobody listened) or `unknown` (no answer)."""

    def __init__(self, port: int, senders: int) -> None:
        self._port = port
        self._stopped = threading.Event()
        self.acknowledged: set[str] = set()
        self.refused: set[str] = set()
        self.unknown: set[str] = set()
        self.sent_again = 0
        self.strange: list[str] = []
        self.overloaded = 0
        steps = (self._send_single, self._send_single, self._send_single, self._send_batch)
        self._threads = [
            threading.Thread(target=self._run, args=(number, steps[number % len(steps)])) for number in range(senders)
        ]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Let every sender come to an end; one with a key until it knows."""
        self._stopped.set()
        for thread in self._threads:
            thread.join()

    def _run(self, number: int, step: Callable[[int, int], int]) -> None:
        count = 0
        while not self._stopped.is_set():
            count += step(number, count)
            time.sleep(PAUSE_S)

    def _send_single(self, number: int, count: int) -> int:
        page = _page(number, count)
        method, target, body, headers = random.choice(SINGLE)(page)
        status, dropped = self._ask(method, target, body, {**headers, "X-Forwarded-For": _address(number, count)})
        if status in (200, 202, 204) and not dropped:
            self.acknowledged.add(page)
        elif status in (503, NOT_THERE):
            self.refused.add(page)
            self.overloaded += status == 503
        elif status == UNKNOWN:
            self.unknown.add(page)
        else:
            self.strange.append(f"{target} {status} {dropped}")
        return 1

    def _send_batch(self, number: int, count: int) -> int:
        pages = [_page(number, count + place) for place in range(random.randint(1, MOST_IN_A_BATCH))]
        now = int(time.time() * 1000)
        events = [
            {
                "site": SITE, "name": "pageview", "url": ORIGIN + page, "timestamp": now,
                "visitor": {"address": _address(number, count + place), "user_agent": FIREFOX},
            }
            for place, page in enumerate(pages)
        ]  # fmt: skip
        body = json.dumps({"events": events}).encode()
        headers = {"Authorization": f"Bearer {KEY}", "Idempotency-Key": f"{number}-{count}"}
        while (status := self._ask("POST", "/api/v1/events", body, headers)[0]) in (UNKNOWN, NOT_THERE, 503):
            time.sleep(0.05)
        if status == 202:
            self.acknowledged.update(pages)
        else:
            self.strange.append(f"batch {status}")
        if random.random() < 0.3:
            self._ask("POST", "/api/v1/events", body, headers)
            self.sent_again += 1
        return len(pages)

    def _ask(self, method: str, target: str, body: bytes, headers: dict[str, str]) -> tuple[int, bool]:
        """Status and whether it was dropped."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=TIMEOUT_S)
        try:
            told = {"User-Agent": FIREFOX, "Content-Type": "application/json", **headers}
            connection.request(method, target, body or None, told)
            answer = connection.getresponse()
            answer.read()
            return answer.status, answer.getheader("x-hubbub-dropped") is not None
        except ConnectionRefusedError:
            time.sleep(0.1)
            return NOT_THERE, False
        except (OSError, http.client.HTTPException):
            return UNKNOWN, False
        finally:
            connection.close()


def _page(number: int, count: int) -> str:
    return f"/sender/{number}/{count // 1000}/{count % 1000}"


def _address(number: int, count: int) -> str:
    return f"100.{64 + number}.{count // 250 % 250}.{count % 250 + 1}"
