"""Two local servers for the tracker's tests: a portal with test pages, and a stand-in for hubbub that records posts."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from operator import itemgetter
from pathlib import Path
from threading import Condition, Thread
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

from hubbub.serve.tracker import FOLDER, read_scripts, script_at

PAGES = Path(__file__).parent / "tracker_pages"
SCRIPT = FOLDER / "hubbub.js"
SCRIPTS = read_scripts()
QUIET_S = 0.4

HIDE = """state => {
  Object.defineProperty(document, 'hidden', {get: () => state, configurable: true})
  Object.defineProperty(document, 'visibilityState', {get: () => state ? 'hidden' : 'visible', configurable: true})
  document.dispatchEvent(new Event('visibilitychange', {bubbles: true}))
}"""
"""Makes a page believe that it is hidden (true) or shown (false)."""


class Post(NamedTuple):
    """One recorded post."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]


class Site(ThreadingHTTPServer):
    """The portal: every page of `PAGES` and of `shown`; an address without one gets `missing.html` with status 404."""

    daemon_threads = True

    def __init__(self, stats: "Stats") -> None:
        self.stats = stats
        self.fetched: list[str] = []
        self.shown: dict[str, str] = {}
        super().__init__(("127.0.0.1", 0), _Page)

    @property
    def origin(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_port}"


class Stats(ThreadingHTTPServer):
    """Serves the scripts and records what they post, or ask of `matomo.php`; answers as the collector does."""

    daemon_threads = True

    def __init__(self) -> None:
        self._arrived = Condition()
        self._posts: list[Post] = []
        self.asked: list[dict[str, str]] = []
        super().__init__(("127.0.0.1", 0), _Event)

    @property
    def origin(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_port}"

    def record(self, post: Post) -> None:
        """Keep a post and wake up who waits for it."""
        with self._arrived:
            self._posts.append(post)
            self._arrived.notify_all()

    def posts(self, count: int, seconds: float = 10.0) -> list[Post]:
        """The first `count` posts, once they are there."""
        with self._arrived:
            enough = self._arrived.wait_for(lambda: len(self._posts) >= count, seconds)
            assert enough, f"{len(self._posts)} of {count} posts: {[post.body for post in self._posts]}"
            return self._posts[:count]

    def all(self) -> list[dict[str, Any]]:
        """The bodies of all posts, after a while without any."""
        seen = -1
        while seen != len(self._posts):
            seen = len(self._posts)
            time.sleep(QUIET_S)
        return [post.body for post in self._posts]

    def happened(self) -> list[dict[str, Any]]:
        """The bodies of all posts but engagement, which a page on a busy machine may send or not, by name and page.

        Posts that are sent at once arrive in any order.
        """
        return sorted((body for body in self.all() if body["n"] != "engagement"), key=itemgetter("n", "u"))


class _Page(BaseHTTPRequestHandler):
    server: Site

    def do_GET(self) -> None:
        self.server.fetched.append(self.path)
        name = self.path.split("?")[0].lstrip("/") or "index.html"
        found = name in self.server.shown or (PAGES / name).is_file()
        text = self.server.shown.get(name) or (PAGES / (name if found else "missing.html")).read_text("utf-8")
        _answer(self, 200 if found else 404, text.replace("{{STATS}}", self.server.stats.origin).encode(), "text/html")

    def do_POST(self) -> None:
        _record(self, self.server.stats)

    def log_message(self, format: str, *args: object) -> None:
        pass


class _Event(BaseHTTPRequestHandler):
    server: Stats

    def do_GET(self) -> None:
        path, query = urlsplit(self.path)[2:4]
        if path.endswith(".php"):
            self.server.asked.append(dict(parse_qsl(query)))
        if (script := SCRIPTS.get(script_at(path))) is not None:
            _answer(self, 200, script, "text/javascript")
        else:
            _answer(self, 200, b"elsewhere", "text/plain")

    def do_POST(self) -> None:
        _record(self, self.server)

    def log_message(self, format: str, *args: object) -> None:
        pass


def _record(handler: BaseHTTPRequestHandler, stats: Stats) -> None:
    body = json.loads(handler.rfile.read(int(handler.headers["Content-Length"])))
    stats.record(Post(handler.path, {key.lower(): value for key, value in handler.headers.items()}, body))
    _answer(handler, 202, b"", "text/plain", {"Access-Control-Allow-Origin": "*"})


def _answer(
    handler: BaseHTTPRequestHandler, status: int, body: bytes, kind: str, more: dict[str, str] | None = None
) -> None:
    handler.send_response(status)
    for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **(more or {})}.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(body)


@contextmanager
def served() -> Iterator[tuple[Site, Stats]]:
    """Both servers, stopped at the end."""
    stats = Stats()
    site = Site(stats)
    threads = [Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}) for server in (site, stats)]
    for thread in threads:
        thread.start()
    try:
        yield site, stats
    finally:
        for server, thread in zip((site, stats), threads, strict=True):
            server.shutdown()
            thread.join()
            server.server_close()


def named(posts: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    """The posts of one name."""
    return [body for body in posts if body["n"] == name]
