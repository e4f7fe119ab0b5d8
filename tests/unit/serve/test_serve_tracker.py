"""The tracker's file over HTTP: packed when asked, known by its ETag, from any origin."""

import gzip

import pytest

from hubbub.serve.asgi import Response
from hubbub.serve.tracker import SCRIPT, Tracker

TRACKER = Tracker(b"void 0;" * 50)


def headers(answer: Response) -> dict[bytes, bytes]:
    return dict(answer.start["headers"])


def test_plain_for_who_cannot_unpack() -> None:
    answer = TRACKER.answer({})
    assert answer.body["body"] == b"void 0;" * 50
    assert headers(answer)[b"content-type"] == b"text/javascript; charset=utf-8"
    assert headers(answer)[b"access-control-allow-origin"] == b"*"
    assert headers(answer)[b"cross-origin-resource-policy"] == b"cross-origin"
    assert b"max-age=" in headers(answer)[b"cache-control"]


def test_packed_for_browsers() -> None:
    answer = TRACKER.answer({b"accept-encoding": b"gzip, br"})
    assert headers(answer)[b"content-encoding"] == b"gzip"
    assert headers(answer)[b"vary"] == b"accept-encoding"
    assert gzip.decompress(answer.body["body"]) == b"void 0;" * 50


@pytest.mark.parametrize("accept", [b"", b"gzip"])
def test_who_has_it_is_told_so(accept: bytes) -> None:
    etag = headers(TRACKER.answer({b"accept-encoding": accept}))[b"etag"]
    again = TRACKER.answer({b"accept-encoding": accept, b"if-none-match": b'"x", W/' + etag})
    assert again.start["status"] == 304
    assert again.body["body"] == b""
    assert b"content-length" not in headers(again)


def test_another_script_has_another_etag() -> None:
    other = Tracker(b"void 1;").answer({})
    known = headers(TRACKER.answer({}))[b"etag"]
    assert headers(other)[b"etag"] != known
    assert Tracker(b"void 1;").answer({b"if-none-match": known}).start["status"] == 200


def test_the_packages_own_script_is_there() -> None:
    assert Tracker(SCRIPT.read_bytes()).answer({}).start["status"] == 200
