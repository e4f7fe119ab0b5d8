"""How a site is asked for its new pages: as they are written, and a broken answer is no answer."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from msgspec import Struct

from hubbub.cli.new_pages import check_new_pages
from hubbub.core.keys import Dimension
from hubbub.core.settings import Site


class Portal(BaseHTTPRequestHandler):
    """A site with one page, which hangs up on everything else."""

    def do_HEAD(self) -> None:
        if self.path == "/gr%C3%BCn?page=2":
            self.send_response(200)
            self.end_headers()
        else:
            self.connection.close()

    def log_message(self, *_: object) -> None:
        """Nothing is logged."""


class Waiting(Struct, frozen=True):
    key: str
    dimension: Dimension = Dimension.PAGE


class Keys:
    """Two pages that wait."""

    def __init__(self) -> None:
        self.approved: list[str] = []

    def waiting(self, _source: str) -> list[Waiting]:
        return [Waiting("/broken"), Waiting("/grün?page=2"), Waiting("/*")]

    def approve(self, _source: str, _dimension: Dimension, keys: list[str]) -> None:
        self.approved += keys


class Home:
    """What of a home is asked for."""

    def __init__(self) -> None:
        self.public_keys = Keys()
        self.republished: list[str] = []

    def republish(self, source: str) -> None:
        self.republished.append(source)


@pytest.fixture
def address() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Portal)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_pages_are_asked_for_as_they_are_written(address: str) -> None:
    home = Home()
    assert check_new_pages(home, Site("portal.example", check_url=address)) == 1  # type: ignore[arg-type]
    assert home.public_keys.approved == ["/grün?page=2"]
    assert home.republished == ["portal.example"]
