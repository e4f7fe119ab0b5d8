"""The collector app without a network: codes, CORS, the pixel, body sizes, and what happens when the disk says no."""

import asyncio
import json
import logging
from asyncio import Future
from collections.abc import Sequence
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rsgi_fakes import FakeChannel, FakeScope

from hubbub.core.errors import Overloaded, StoreError
from hubbub.core.reasons import DropReason
from hubbub.core.rows import Row
from hubbub.core.settings import Server, Settings, Site
from hubbub.serve.collector import MOST_LARGE, ROUTES, collector_app
from hubbub.serve.protocols.pixel import PICTURE
from hubbub.serve.tally import Tally

NOON = 1_700_042_400_000
SITE = "portal.example"
ADDRESS = "81.217.44.5"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:125.0) Gecko/20100101 Firefox/125.0"
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
        return self.append_all([(source, day, row)])[0]

    def append_all(self, rows: Sequence[tuple[str, date, Row]]) -> "list[Future[DropReason | None]]":
        if self._fault is not None:
            raise self._fault
        self.rows.extend(rows)
        settled: Future[DropReason | None] = asyncio.get_running_loop().create_future()
        if self._late is not None:
            settled.set_exception(self._late)
        else:
            settled.set_result(self._reason)
        return [settled] * len(rows)

    def drop(self, source: str, day: date, reason: DropReason) -> None:
        self.drops.append((source, day, reason))


class Site1:
    """One collector and the means to ask it."""

    def __init__(self, sink: Sink | None = None, healthy: bool = True, proxies: tuple[str, ...] = ()) -> None:
        self.sink = sink or Sink()
        config = Settings(sites=(Site(SITE), Site("other.example")), server=Server(trusted_proxies=proxies))
        self.tally = Tally(NoonClock(), "UTC")
        self.app = collector_app(
            config,
            Ring(),
            self.sink,
            NoonClock(),
            tally=self.tally,
            is_healthy=lambda: healthy,
            scripts={"/hubbub.js": b"void 0"},
        )

    def ask(
        self,
        method: str = "POST",
        path: str = "/api/event",
        body: bytes | list[bytes] = BODY,
        query: str = "",
        client: str = f"{ADDRESS}:4711",
        breaks: bool = False,
        **headers: str,
    ) -> FakeChannel:
        named = {name.replace("_", "-"): value for name, value in ({"user_agent": FIREFOX} | headers).items()}
        channel = FakeChannel([body] if isinstance(body, bytes) else body, breaks)
        asyncio.run(self.app(FakeScope(method, path, query, named, client), channel))  # type: ignore[arg-type]
        assert channel.status
        return channel

    def counts(self) -> tuple[int, int, int, int]:
        return (self.tally.received, self.tally.accepted, self.tally.dropped, self.tally.refused)


def test_an_event_is_answered_when_it_is_on_disk() -> None:
    site = Site1()
    answer = site.ask()
    assert (answer.status, answer.body) == (202, b"ok")
    assert "x-hubbub-dropped" not in answer.headers
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
        channel = FakeChannel([BODY])
        scope = FakeScope("POST", "/api/event", headers={"user-agent": FIREFOX}, client=f"{ADDRESS}:1")
        task = asyncio.ensure_future(site.app(scope, channel))
        await asyncio.sleep(0.02)
        assert channel.status == 0
        assert site.tally.status().queue == 1
        waiting[0].set_result(None)
        await task
        assert channel.status == 202

    asyncio.run(check())


def test_a_dropped_event_is_answered_the_same_way() -> None:
    site = Site1()
    answer = site.ask(sec_gpc="1")
    assert (answer.status, answer.body, answer.headers["x-hubbub-dropped"]) == (202, b"ok", "1")
    assert site.sink.drops == [(SITE, date(2023, 11, 15), DropReason.OPT_OUT)]
    assert site.sink.rows == []
    assert site.counts() == (1, 0, 1, 0)


def test_a_row_that_came_too_late_is_a_drop() -> None:
    site = Site1(Sink(reason=DropReason.DAY_CLOSED))
    assert site.ask().headers["x-hubbub-dropped"] == "1"
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
    assert "x-hubbub-dropped" not in answer.headers
    assert site.sink.drops == [("", date(2023, 11, 15), reason)]


def test_a_body_of_64_kb_is_read() -> None:
    full = json.dumps({"n": "pageview", "u": f"https://{SITE}/a", "d": SITE, "x": ""}).encode()
    full = full[:-2] + b"y" * (65_536 - len(full)) + full[-2:]
    assert len(full) == 65_536
    assert Site1().ask(body=full).status == 202
    assert Site1().ask(body=[full[:30_000], full[30_000:]], content_length="65536").status == 202


def test_a_body_that_says_it_is_too_large_is_not_read() -> None:
    answer = Site1().ask(body=[b"x" * 1000] * 200, content_length="200000")
    assert (answer.status, answer.parts_read) == (413, 0)


def test_reading_stops_at_64_kb() -> None:
    answer = Site1().ask(body=[b"x" * 1000] * 200)
    assert (answer.status, answer.parts_read) == (413, 66)


def test_a_body_in_pieces_is_put_together() -> None:
    site = Site1()
    assert site.ask(body=[BODY[:10], BODY[10:20], BODY[20:]]).status == 202
    assert site.ask(body=[BODY[:10], BODY[10:]], content_length=str(len(BODY))).status == 202
    assert site.counts() == (2, 2, 0, 0)


@pytest.mark.parametrize("late", [True, False])
def test_when_the_disk_does_not_take_it_the_sender_shall_come_again(late: bool) -> None:
    busy = Overloaded("disk full", 7)
    site = Site1(Sink(late=busy) if late else Sink(fault=busy))
    answer = site.ask()
    assert (answer.status, answer.headers["retry-after"]) == (503, "7")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert site.counts() == (1, 0, 0, 1)
    pixel = site.ask("GET", "/hubbub.gif", query="d=portal.example&u=https://portal.example/")
    assert pixel.status == 503


@pytest.mark.parametrize("fault", [StoreError(ADDRESS), OSError(ADDRESS), ValueError(FIREFOX)])
def test_a_fault_is_a_503_and_is_logged_without_content(fault: Exception, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        answer = Site1(Sink(fault=fault)).ask()
    assert (answer.status, answer.headers["retry-after"]) == (503, "5")
    assert type(fault).__name__ in caplog.text
    assert ADDRESS not in caplog.text
    assert "Firefox" not in caplog.text
    assert all(record.exc_info is None for record in caplog.records)


def test_a_body_that_ends_early_is_no_event() -> None:
    site = Site1()
    assert site.ask(body=[BODY[:10]], breaks=True).status == 400
    assert site.counts() == (0, 0, 0, 0)
    assert site.sink.drops == []


BOTH = json.dumps({"n": "pageview", "u": f"https://{SITE}/a", "d": f"{SITE},other.example,none.example"}).encode()


def test_an_event_of_several_sites() -> None:
    site = Site1()
    answer = site.ask(body=BOTH)
    assert (answer.status, answer.headers["x-hubbub-dropped"], answer.headers["x-plausible-dropped"]) == (202, "1", "1")
    assert [source for source, _, _ in site.sink.rows] == [SITE, "other.example"]
    assert site.sink.drops == [("", date(2023, 11, 15), DropReason.UNKNOWN_SITE)]
    assert site.counts() == (3, 2, 1, 0)


@pytest.mark.parametrize("late", [True, False])
def test_several_rows_are_stored_together_or_not_at_all(late: bool) -> None:
    busy = Overloaded("disk full", 7)
    site = Site1(Sink(late=busy) if late else Sink(fault=busy))
    assert site.ask(body=BOTH).status == 503
    assert site.sink.drops == []
    assert site.counts() == (3, 0, 0, 3)


def test_what_is_wrong_with_an_event() -> None:
    answer = Site1().ask(body=b'{"n": "pageview", "d": ""}')
    assert answer.headers["content-type"].startswith("application/json")
    assert set(json.loads(answer.body)["errors"]) == {"url", "domain"}


def test_other_origins_may_ask() -> None:
    site = Site1()
    preflight = site.ask(
        "OPTIONS",
        origin="https://portal.example",
        access_control_request_method="POST",
        access_control_request_headers="content-type",
    )
    assert preflight.status == 204
    assert preflight.headers["access-control-allow-origin"] == "*"
    assert "POST" in preflight.headers["access-control-allow-methods"]
    assert preflight.headers["access-control-allow-headers"] == "content-type"
    assert int(preflight.headers["access-control-max-age"]) > 0
    assert site.ask().headers["access-control-allow-origin"] == "*"
    assert site.counts() == (1, 1, 0, 0)


def test_the_picture_counts_a_page_view() -> None:
    site = Site1()
    query = "d=portal.example&u=https%3A%2F%2Fportal.example%2Fplain&r=https%3A%2F%2Fwww.google.com%2F"
    answer = site.ask("GET", "/hubbub.gif", query=query)
    assert (answer.status, answer.body) == (200, PICTURE)
    assert answer.headers["content-type"] == "image/gif"
    assert answer.headers["cache-control"] == "no-store"
    assert (site.sink.rows[0][2].page, site.sink.rows[0][2].referrer) == ("/plain", "Google")


def test_the_picture_knows_its_page_by_the_referer() -> None:
    site = Site1()
    site.ask("GET", "/hubbub.gif", query="d=portal.example", referer="https://portal.example/of-the-picture")
    assert site.sink.rows[0][2].page == "/of-the-picture"


@pytest.mark.parametrize("query", ["", "d=elsewhere.example&u=https://a/", "d=portal.example", "&" * 100, "%ff=%"])
def test_the_picture_is_shown_whatever_it_is_asked(query: str) -> None:
    site = Site1()
    answer = site.ask("GET", "/hubbub.gif", query=query)
    assert (answer.status, answer.body, answer.headers["x-hubbub-dropped"]) == (200, PICTURE, "1")
    assert site.counts() == (1, 0, 1, 0)


def test_the_tracker_and_health() -> None:
    assert Site1().ask("GET", "/hubbub.js").body == b"void 0"
    assert Site1().ask("GET", "/healthz").status == 200
    assert Site1(healthy=False).ask("GET", "/healthz").status == 503
    assert [Site1(healthy=ready).ask("GET", "/readyz").status for ready in (True, False)] == [200, 503]


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
    direct.ask(client=f"{ADDRESS}:1")
    proxied.ask(client="10.1.1.1:1", x_forwarded_for=f"1.1.1.1, {ADDRESS}")
    forged.ask(client="198.51.100.1:1", x_forwarded_for=ADDRESS)
    units = [site.sink.rows[0][2].unit for site in (direct, proxied, forged)]
    assert units[0] == units[1] != units[2]


def test_without_a_peer_there_is_no_unit() -> None:
    site = Site1()
    assert site.ask(client="").headers["x-hubbub-dropped"] == "1"
    assert site.sink.drops[0][2] == DropReason.NO_ADDRESS


FUZZED = Site1()


@settings(max_examples=150, deadline=None)
@given(
    method=st.sampled_from(["GET", "POST", "OPTIONS", "HEAD"]),
    path=st.sampled_from(sorted({*(route.path for route in ROUTES), "/hubbub.js", "/healthz", "/readyz"})),
    body=st.lists(st.binary(max_size=100) | st.just(BODY), min_size=1, max_size=3),
    query=st.text(max_size=80) | st.just("d=portal.example&u=https://portal.example/"),
    length=st.sampled_from(["", "0", "12", "-1", "²", "9" * 40]),
)
def test_every_request_gets_one_answer(method: str, path: str, body: list[bytes], query: str, length: str) -> None:
    answer = FUZZED.ask(method, path, body, query, content_length=length)
    assert answer.status in (200, 202, 204, 304, 400, 401, 405, 413, 414, 422)
    status = FUZZED.tally.status()
    assert status.received == status.accepted + status.dropped


def test_large_bodies_are_few_at_a_time() -> None:
    site = Site1()
    body = json.dumps([{"type": "event", "payload": {}}] * 3000).encode()
    assert len(body) > 65_536

    async def check() -> list[int]:
        never: Future[None] = asyncio.get_running_loop().create_future()

        class Slow(FakeChannel):
            async def __call__(self) -> bytes:
                await never
                return await super().__call__()

        def asked(channel: FakeChannel, content: bytes) -> "asyncio.Task[None]":
            scope = FakeScope("POST", "/api/batch", headers={"content-length": str(len(content))}, client="192.0.2.1:1")
            return asyncio.ensure_future(site.app(scope, channel))

        channels = [Slow([body]) for _ in range(MOST_LARGE)] + [FakeChannel([body]), FakeChannel([b"[]"])]
        tasks = [asked(channel, body) for channel in channels[:-1]] + [asked(channels[-1], b"[]")]
        await asyncio.sleep(0.01)
        assert [channel.status for channel in channels] == [0] * MOST_LARGE + [503, channels[-1].status]
        assert channels[-1].status not in (0, 503)
        never.set_result(None)
        await asyncio.gather(*tasks)
        return [channel.status for channel in channels]

    assert asyncio.run(check()).count(503) == 1
    assert site.ask(path="/api/batch", body=body, content_length=str(len(body))).status != 503
