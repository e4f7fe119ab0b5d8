"""The live stream: its visitors send what the collector takes; it is light, patient and easily stopped."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest

from hubbub.cli.demo.city import PORTALS, Portal
from hubbub.cli.demo.crowd import COUNTRIES, sources_of
from hubbub.cli.demo.passers import SPOKEN_BY, USER_AGENTS, Passer, Street
from hubbub.cli.demo.settings import demo_settings
from hubbub.cli.demo.trickle import EVENTS_A_VISIT, Trickle, visit
from hubbub.collect.agents import describe
from hubbub.collect.countries import country_of
from hubbub.collect.pages import parse_page
from hubbub.collect.traffic import classify


class Collector(ThreadingHTTPServer):
    """Records posts and answers with `status`."""

    daemon_threads = True

    def __init__(self, status: int, retry_after: str) -> None:
        self.status, self.retry_after = status, retry_after
        self.posts: list[tuple[float, dict[str, str], dict[str, object]]] = []
        super().__init__(("127.0.0.1", 0), _Answer)


class _Answer(BaseHTTPRequestHandler):
    server: Collector
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.posts.append((time.monotonic(), dict(self.headers), body))
        self.send_response(self.server.status)
        if self.server.retry_after:
            self.send_header("Retry-After", self.server.retry_after)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def collector(status: int = 202, retry_after: str = "") -> Iterator[Collector]:
    server = Collector(status, retry_after)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def running(trickle: Trickle) -> Iterator[threading.Thread]:
    stop = threading.Event()
    thread = threading.Thread(target=trickle.run, args=(stop,))
    thread.start()
    try:
        yield thread
    finally:
        stop.set()
        thread.join(30)
        assert not thread.is_alive(), "the stream does not stop"


def wait_for(server: Collector, posts: int, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while len(server.posts) < posts:
        assert time.monotonic() < deadline, f"{len(server.posts)} of {posts} posts"
        time.sleep(0.01)


@pytest.mark.parametrize(("says", "text"), USER_AGENTS.items(), ids=lambda says: "-".join(says)[:40])
def test_user_agents_are_read_as_what_they_stand_for(says: tuple[str, str, str], text: str) -> None:
    agent = describe(text)
    assert (agent.device, agent.browser, agent.os, agent.is_bot) == (*says, False)


def test_most_of_the_crowd_has_a_user_agent() -> None:
    assert len(SPOKEN_BY) == len(USER_AGENTS)


@pytest.mark.parametrize("portal", PORTALS, ids=lambda portal: portal.title)
def test_sources_are_classified_as_the_history_has_them(portal: Portal) -> None:
    for source in sources_of(portal):
        passer = Passer(portal, "", "", "", source)
        page = parse_page(passer.entry_url("/"))
        assert page is not None
        traffic = classify(passer.referrer, page)
        found = (traffic.referrer, traffic.channel, traffic.campaign, traffic.is_spam)
        assert found == (source.referrer, source.channel, source.campaign, False)


def test_addresses_are_public_and_of_the_countries_of_the_crowd() -> None:
    street = Street(np.random.default_rng(1))
    passers = [street.passer(PORTALS[0]) for _ in range(300)]
    countries = [country_of(passer.address) for passer in passers]
    assert set(countries) <= set(COUNTRIES)
    assert countries.count("AT") > 200
    assert all(ip_address(passer.address).version == 4 for passer in passers)
    assert len({passer.address for passer in passers}) > 100


def test_a_visit_begins_with_a_page_view_and_ends_with_engagement() -> None:
    rng = np.random.default_rng(3)
    street, settings = Street(rng), demo_settings()
    lengths = []
    for number in range(2000):
        portal = PORTALS[number % 3]
        site = settings.site(portal.name)
        assert site is not None
        posts = list(visit(street.passer(portal), rng))
        bodies = [json.loads(post.body) for post in posts]
        assert (bodies[0]["n"], bodies[-1]["n"], posts[0].after) == ("pageview", "engagement", 0.0)
        assert all("r" not in body for body in bodies[1:])
        for body in bodies:
            page = parse_page(body["u"])
            assert page is not None
            assert (page.host, body["d"]) == (portal.name, portal.name)
            assert page.path in portal.pages
            if body["n"] not in {"pageview", "engagement"}:
                assert all(value in site.events[body["n"]][key] for key, value in body["p"].items())
                assert ("$" in body) == (body["n"] in site.amounts)
            if "?" in body["u"] and "utm_" not in body["u"]:
                searched = parse_qs(urlsplit(body["u"]).query)
                assert tuple(searched) == site.search_query
                assert searched[site.search_query[0]][0] in site.search_terms
        lengths.append(len(posts))
    assert np.mean(lengths) == pytest.approx(EVENTS_A_VISIT, rel=0.1)


def test_the_stream_keeps_to_its_rate_and_says_who_it_plays() -> None:
    with collector() as server:
        trickle = Trickle("127.0.0.1", server.server_port, per_second=80, seed=5)
        with running(trickle):
            time.sleep(3)
        assert trickle.sent == len(server.posts) > 20
        assert trickle.refused == 0
        assert len(server.posts) < 80 * 3 * 1.6
        _, headers, body = server.posts[0]
        assert body["n"] == "pageview"
        assert headers["User-Agent"] in USER_AGENTS.values()
        assert ip_address(headers["X-Forwarded-For"])
        assert headers["Content-Type"] == "text/plain"


def test_an_overloaded_server_is_left_alone_for_as_long_as_it_asks() -> None:
    with collector(503, retry_after="2") as server:
        trickle = Trickle("127.0.0.1", server.server_port, per_second=100, seed=5)
        with running(trickle):
            wait_for(server, 2)
        assert server.posts[1][0] - server.posts[0][0] > 1.9
        assert trickle.sent == 0


def test_what_fell_due_in_a_pause_is_left_out() -> None:
    with collector(503, retry_after="1") as server:
        trickle = Trickle("127.0.0.1", server.server_port, per_second=60, seed=5)
        with running(trickle):
            wait_for(server, 2)
            server.status, server.retry_after = 202, ""
            wait_for(server, 4)
            start = time.monotonic()
            time.sleep(1)
            after = sum(when > start for when, _, _ in server.posts)
        assert after < 60 * 2.5


def test_a_server_that_is_not_there_is_no_error() -> None:
    with collector() as server:
        port = server.server_port
    trickle = Trickle("127.0.0.1", port, per_second=50, seed=5)
    with running(trickle) as thread:
        time.sleep(0.5)
        assert thread.is_alive()
    assert trickle.sent == 0


def test_a_refused_event_is_counted_and_the_stream_goes_on() -> None:
    with collector(400) as server:
        trickle = Trickle("127.0.0.1", server.server_port, per_second=60, seed=5)
        with running(trickle):
            wait_for(server, 5)
        assert trickle.refused == len(server.posts)
