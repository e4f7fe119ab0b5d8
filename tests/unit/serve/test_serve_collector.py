"""The collector app without a network: codes, CORS, the pixel, body sizes, and what happens when the disk says no."""

import asyncio
import json
import logging
from asyncio import Future
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hubbub.core.errors import Overloaded, StoreError
from hubbub.core.reasons import DropReason
from hubbub.core.rows import Row
from hubbub.core.settings import Server, Settings, Site
from hubbub.serve.collector import PIXEL, collector_app
from hubbub.serve.tally import Tally

NOON = 1_700_042_400_000
SITE = "portal.example"
ADDRESS = "81.217.44.5"
FIREFOX = b"Mozilla/5.0 (X11; Linux x86_64; rv:125.0) Gecko/20100101 Firefox/125.0"
BODY = json.dumps({"n": "pageview", "u": f"https://{SITE}/a", "d": SITE}).encode()


class NoonClock:
    def now_ms(self) -> int:
        return NOON


class Ring:
    def visitor_secret(self, source: str, day: date) -> bytes:
        return b"secret"


class Sink:
    """Keeps rows in memory; `fault` is raised at once, `late` through the future."""

    def __init__(
        self, fault: Exception | None = None, late: Exception | None = None, reason: DropReason | None = None
    ) -> None:
        self.rows: list[tuple[str, date, Row]] = []
        self.drops: list[tuple[str, date, DropReason]] = []
        self._fault, self._late, self._reason = fault, late, reason

    def append(self, source: str, day: date, row: Row) -> "Future[DropReason | None]":
        if self._fault is not None:
            raise self._fault
        self.rows.append((source, day, row))
        settled: Future[DropReason | None] = asyncio.get_running_loop().create_future()
        if self._late is not None:
            settled.set_exception(self._late)
        else:
            settled.set_result(self._reason)
        return settled

    def drop(self, source: str, day: date, reason: DropReason) -> None:
        self.drops.append((source, day, reason))


class Answer:
    def __init__(self, sent: list[dict[str, Any]], asked: int) -> None:
        assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]
        self.status: int = sent[0]["status"]
        self.headers: dict[bytes, bytes] = dict(sent[0]["headers"])
        self.body: bytes = sent[1]["body"]
        self.chunks_read = asked


class Site1:
    """One collector and the means to ask it."""

    def __init__(self, sink: Sink | None = None, healthy: bool = True, proxies: tuple[str, ...] = ()) -> None:
        self.sink = sink or Sink()
        config = Settings(sites=(Site(SITE),), server=Server(trusted_proxies=proxies))
        self.tally = Tally(NoonClock(), "UTC")
        self.app = collector_app(
            config,
            Ring(),
            self.sink,
            NoonClock(),
            tally=self.tally,
            is_healthy=lambda: healthy,
            script=b"void 0",
        )

    def ask(
        self,
        method: str = "POST",
        path: str = "/api/event",
        body: bytes | list[bytes] = BODY,
        query: bytes = b"",
        client: tuple[str, str] | None = (ADDRESS, "4711"),
        **headers: bytes,
    ) -> Answer:
        chunks = [body] if isinstance(body, bytes) else body
        named = {"user_agent": FIREFOX} | headers
        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "query_string": query,
            "client": client,
            "headers": [(name.replace("_", "-").encode(), value) for name, value in named.items()],
        }
        sent: list[dict[str, Any]] = []
        coming = iter(chunks)
        asked = 0

        async def receive() -> dict[str, Any]:
            nonlocal asked
            asked += 1
            return {"type": "http.request", "body": next(coming, b""), "more_body": asked < len(chunks)}

        async def send(message: Any) -> None:
            sent.append(message)

        asyncio.run(self.app(scope, receive, send))  # type: ignore[arg-type]
        return Answer(sent, asked)

    def counts(self) -> tuple[int, int, int, int]:
        return (self.tally.received, self.tally.accepted, self.tally.dropped, self.tally.refused)


def test_an_event_is_answered_when_it_is_on_disk() -> None:
    site = Site1()
    answer = site.ask()
    assert (answer.status, answer.body) == (202, b"ok")
    assert b"x-hubbub-dropped" not in answer.headers
    ((source, day, row),) = site.sink.rows
    assert (source, day, row.page) == (SITE, date(2023, 11, 15), "/a")
    assert site.counts() == (1, 1, 0, 0)


def test_it_waits_for_the_disk() -> None:
    waiting: list[Future[DropReason | None]] = []

    class SlowSink(Sink):
        def append(self, source: str, day: date, row: Row) -> "Future[DropReason | None]":
            waiting.append(asyncio.get_running_loop().create_future())
            return waiting[-1]

    site = Site1(SlowSink())

    async def check() -> None:
        sent: list[Any] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": BODY, "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {
            "type": "http",
            "method": "POST",
            "path": "/api/event",
            "client": (ADDRESS, "1"),
            "headers": [(b"user-agent", FIREFOX)],
        }
        task = asyncio.ensure_future(site.app(scope, receive, send))
        await asyncio.sleep(0.02)
        assert sent == []
        assert site.tally.status().queue == 1
        waiting[0].set_result(None)
        await task
        assert sent[0]["status"] == 202

    asyncio.run(check())


def test_a_dropped_event_is_answered_the_same_way() -> None:
    site = Site1()
    answer = site.ask(sec_gpc=b"1")
    assert (answer.status, answer.body, answer.headers[b"x-hubbub-dropped"]) == (202, b"ok", b"1")
    assert site.sink.drops == [(SITE, date(2023, 11, 15), DropReason.OPT_OUT)]
    assert site.sink.rows == []
    assert site.counts() == (1, 0, 1, 0)


def test_a_row_that_came_too_late_is_a_drop() -> None:
    site = Site1(Sink(reason=DropReason.DAY_CLOSED))
    assert site.ask().headers[b"x-hubbub-dropped"] == b"1"
    assert site.counts() == (1, 0, 1, 0)


@pytest.mark.parametrize(
    ("body", "status", "reason"),
    [
        (b"{", 400, DropReason.BAD_JSON),
        (b"{}", 400, DropReason.BAD_EVENT),
        (b"x" * 65_537, 413, DropReason.TOO_LARGE),
    ],
)
def test_unreadable_bodies(body: bytes, status: int, reason: DropReason) -> None:
    site = Site1()
    answer = site.ask(body=body)
    assert answer.status == status
    assert b"x-hubbub-dropped" not in answer.headers
    assert site.sink.drops == [("", date(2023, 11, 15), reason)]


def test_a_body_of_64_kb_is_read() -> None:
    full = json.dumps({"n": "pageview", "u": f"https://{SITE}/a", "d": SITE, "x": ""}).encode()
    full = full[:-2] + b"y" * (65_536 - len(full)) + full[-2:]
    assert len(full) == 65_536
    assert Site1().ask(body=full).status == 202
    assert Site1().ask(body=[full[:30_000], full[30_000:]], content_length=b"65536").status == 202


def test_a_body_that_says_it_is_too_large_is_not_read() -> None:
    answer = Site1().ask(body=[b"x" * 1000] * 200, content_length=b"200000")
    assert (answer.status, answer.chunks_read) == (413, 0)


def test_reading_stops_at_64_kb() -> None:
    answer = Site1().ask(body=[b"x" * 1000] * 200)
    assert (answer.status, answer.chunks_read) == (413, 66)


def test_a_body_in_pieces_is_put_together() -> None:
    site = Site1()
    assert site.ask(body=[BODY[:10], BODY[10:20], BODY[20:]]).status == 202
    assert site.ask(body=[BODY, b""], content_length=str(len(BODY)).encode()).chunks_read == 1
    assert site.counts() == (2, 2, 0, 0)


@pytest.mark.parametrize("late", [True, False])
def test_when_the_disk_does_not_take_it_the_sender_shall_come_again(late: bool) -> None:
    busy = Overloaded("disk full", 7)
    site = Site1(Sink(late=busy) if late else Sink(fault=busy))
    answer = site.ask()
    assert (answer.status, answer.headers[b"retry-after"]) == (503, b"7")
    assert answer.headers[b"access-control-allow-origin"] == b"*"
    assert site.counts() == (1, 0, 0, 1)
    pixel = site.ask("GET", "/hubbub.gif", query=b"d=portal.example&u=https://portal.example/")
    assert pixel.status == 503


@pytest.mark.parametrize("fault", [StoreError(ADDRESS), OSError(ADDRESS), ValueError(FIREFOX.decode())])
def test_a_fault_is_a_503_and_is_logged_without_content(fault: Exception, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        answer = Site1(Sink(fault=fault)).ask()
    assert (answer.status, answer.headers[b"retry-after"]) == (503, b"5")
    assert type(fault).__name__ in caplog.text
    assert ADDRESS not in caplog.text
    assert "Firefox" not in caplog.text
    assert all(record.exc_info is None for record in caplog.records)


def test_other_origins_may_ask() -> None:
    site = Site1()
    preflight = site.ask(
        "OPTIONS",
        origin=b"https://portal.example",
        access_control_request_method=b"POST",
        access_control_request_headers=b"content-type",
    )
    assert preflight.status == 204
    assert preflight.headers[b"access-control-allow-origin"] == b"*"
    assert b"POST" in preflight.headers[b"access-control-allow-methods"]
    assert preflight.headers[b"access-control-allow-headers"] == b"content-type"
    assert int(preflight.headers[b"access-control-max-age"]) > 0
    assert site.ask().headers[b"access-control-allow-origin"] == b"*"
    assert site.counts() == (1, 1, 0, 0)


def test_the_picture_counts_a_page_view() -> None:
    site = Site1()
    query = b"d=portal.example&u=https%3A%2F%2Fportal.example%2Fplain&r=https%3A%2F%2Fwww.google.com%2F"
    answer = site.ask("GET", "/hubbub.gif", query=query)
    assert (answer.status, answer.body) == (200, PIXEL)
    assert answer.headers[b"content-type"] == b"image/gif"
    assert answer.headers[b"cache-control"] == b"no-store"
    assert (site.sink.rows[0][2].page, site.sink.rows[0][2].referrer) == ("/plain", "Google")


def test_the_picture_knows_its_page_by_the_referer() -> None:
    site = Site1()
    site.ask("GET", "/hubbub.gif", query=b"d=portal.example", referer=b"https://portal.example/of-the-picture")
    assert site.sink.rows[0][2].page == "/of-the-picture"


@pytest.mark.parametrize("query", [b"", b"d=elsewhere.example&u=https://a/", b"d=portal.example", b"&" * 100, b"%ff=%"])
def test_the_picture_is_shown_whatever_it_is_asked(query: bytes) -> None:
    site = Site1()
    answer = site.ask("GET", "/hubbub.gif", query=query)
    assert (answer.status, answer.body, answer.headers[b"x-hubbub-dropped"]) == (200, PIXEL, b"1")
    assert site.counts() == (1, 0, 1, 0)


def test_the_tracker_and_health() -> None:
    assert Site1().ask("GET", "/hubbub.js").body == b"void 0"
    assert Site1().ask("GET", "/healthz").status == 200
    assert Site1(healthy=False).ask("GET", "/healthz").status == 503


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/api/event", 405), ("PUT", "/api/event", 405), ("POST", "/healthz", 405), ("GET", "/x", 404)],
)
def test_anything_else_is_refused(method: str, path: str, status: int) -> None:
    site = Site1()
    assert site.ask(method, path).status == status
    assert site.counts() == (0, 0, 0, 0)


def test_proxies_are_believed_when_they_are_trusted() -> None:
    direct, proxied, forged = Site1(), Site1(proxies=("10.0.0.0/8",)), Site1(proxies=("10.0.0.0/8",))
    direct.ask(client=(ADDRESS, "1"))
    proxied.ask(client=("10.1.1.1", "1"), x_forwarded_for=b"1.1.1.1, " + ADDRESS.encode())
    forged.ask(client=("198.51.100.1", "1"), x_forwarded_for=ADDRESS.encode())
    units = [site.sink.rows[0][2].unit for site in (direct, proxied, forged)]
    assert units[0] == units[1] != units[2]


def test_without_a_peer_there_is_no_unit() -> None:
    site = Site1()
    assert site.ask(client=None).headers[b"x-hubbub-dropped"] == b"1"
    assert site.sink.drops[0][2] == DropReason.NO_ADDRESS


FUZZED = Site1()


@settings(max_examples=150, deadline=None)
@given(
    method=st.sampled_from(["GET", "POST", "OPTIONS", "HEAD"]),
    path=st.sampled_from(["/api/event", "/hubbub.gif", "/hubbub.js", "/healthz"]),
    body=st.lists(st.binary(max_size=100) | st.just(BODY), min_size=1, max_size=3),
    query=st.binary(max_size=80) | st.just(b"d=portal.example&u=https://portal.example/"),
    length=st.sampled_from([b"", b"0", b"12", b"-1", "²".encode("latin-1"), b"9" * 40]),
)
def test_every_request_gets_one_answer(method: str, path: str, body: list[bytes], query: bytes, length: bytes) -> None:
    answer = FUZZED.ask(method, path, body, query, content_length=length)
    assert answer.status in (200, 202, 204, 304, 400, 405, 413)
    status = FUZZED.tally.status()
    assert status.received == status.accepted + status.dropped
