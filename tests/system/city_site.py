"""A portal on its own host name, and hubbub on another, as a visitor's Chromium meets them: cross-origin, on port 80.

Chromium is told where the names are and not told that a program drives it; everything else it does is its own.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

from chromium import EXECUTABLE, FLAGS
from playwright.sync_api import BrowserContext, ConsoleMessage, Error, Playwright, Request
from served_home import SITE, ServedHome

STATS = "stats.example"
ELSEWHERE = "elsewhere.example"
# Headless Chromium says that it is headless, and is a bot.
PERSON = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
PATIENCE_MS = 60_000


class City(ThreadingHTTPServer):
    """Serves `pages` (path → HTML), and files of the folders in `scripts` (first part of the path → folder)."""

    daemon_threads = True

    def __init__(self) -> None:
        self.pages: dict[str, str] = {}
        self.scripts: dict[str, Path] = {}
        super().__init__(("127.0.0.1", 0), _Handler)

    def show(self, head: str, body: str = "", path: str = "/") -> None:
        """Put up a page."""
        self.pages[path] = (
            '<!doctype html><html lang="de"><head><meta charset="utf-8"><title>Secret title</title>'
            f'<link rel="icon" href="data:,">{head}</head><body>{body}</body></html>'
        )


class _Handler(BaseHTTPRequestHandler):
    server: City

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        folder, _, name = path.lstrip("/").partition("/")
        kind, body = "text/html; charset=utf-8", self.server.pages.get(path, "").encode()
        if folder in self.server.scripts:  # a module's imports name no endings
            kind, body = (
                "text/javascript",
                (self.server.scripts[folder] / f"{name.removesuffix('.js')}.js").read_bytes(),
            )
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def city() -> Iterator[City]:
    """The portal's server, stopped at the end."""
    server = City()
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Visitor:
    """One tab; what it asked for of the hosts, what came back, and what it complained of."""

    def __init__(self, context: BrowserContext, served: ServedHome) -> None:
        self.context, self._served = context, served
        self.tab = context.new_page()
        self.asked: list[Request] = []
        self.complaints: list[str] = []
        self.tab.on("pageerror", self._hear_error)
        self.tab.on("console", self._hear_console)
        context.on("request", lambda request: self.asked.append(request))

    def _hear_error(self, error: Error) -> None:
        self.complaints.append(str(error))

    def _hear_console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def sent(self, path: str, text: str = "") -> list[int]:
        """The statuses of the answers to what was sent to this path of hubbub and has the text in it."""
        found = [one for one in self.asked if urlsplit(one.url)[1:3] == (STATS, path) and one.method != "OPTIONS"]
        meant = [one for one in found if text in (one.post_data or "")]
        return [answer.status for one in meant if (answer := one.response()) is not None]

    def wait(self, path: str, count: int, text: str = "") -> None:
        """Until so many such requests were answered."""
        for _ in range(PATIENCE_MS // 50):
            if len(self.sent(path, text)) >= count:
                return
            self.tab.wait_for_timeout(50)
        raise AssertionError(f"{len(self.sent(path, text))} of {count} requests; complaints: {self.complaints}")

    def leave(self) -> None:
        """Close the browser's window, then end the server, so that all that it was told is on disk."""
        self.context.close()
        self._served.__exit__()

    def hosts(self) -> set[str]:
        """The hosts it spoke to."""
        return {urlsplit(one.url).netloc for one in self.asked if not one.url.startswith("data:")}


@contextmanager
def visitor(playwright: Playwright, portal: City, served: ServedHome, *more: str) -> Iterator[Visitor]:
    """A fresh browser, for which the names lead to these servers; the further flags are added."""
    names = ", ".join(
        f"MAP {name} 127.0.0.1:{port}"
        for name, port in ((SITE, portal.server_port), (ELSEWHERE, portal.server_port), (STATS, served.port))
    )
    flags = (*FLAGS, f"--host-resolver-rules={names}", "--disable-blink-features=AutomationControlled", *more)
    browser = playwright.chromium.launch(executable_path=EXECUTABLE, args=flags)
    try:
        context = browser.new_context(user_agent=PERSON, viewport={"width": 1000, "height": 500}, locale="de-AT")
        context.set_default_timeout(PATIENCE_MS)
        yield Visitor(context, served)
    finally:
        browser.close()
