"""The tracker's file over HTTP: packed when asked, known by its ETag, from any origin."""

import gzip

import pytest

from hubbub.serve.replies import Response
from hubbub.serve.tracker import FOLDER, SCRIPTS, Tracker, read_scripts, script_at

TRACKER = Tracker(b"void 0;" * 50)


def headers(answer: Response) -> dict[str, str]:
    return dict(answer.headers)


def test_plain_for_who_cannot_unpack() -> None:
    answer = TRACKER.answer({})
    assert answer.body == b"void 0;" * 50
    assert headers(answer)["content-type"] == "text/javascript; charset=utf-8"
    assert headers(answer)["access-control-allow-origin"] == "*"
    assert headers(answer)["cross-origin-resource-policy"] == "cross-origin"
    assert "max-age=" in headers(answer)["cache-control"]


def test_packed_for_browsers() -> None:
    answer = TRACKER.answer({"accept-encoding": "gzip, br"})
    assert headers(answer)["content-encoding"] == "gzip"
    assert headers(answer)["vary"] == "accept-encoding"
    assert gzip.decompress(answer.body) == b"void 0;" * 50


@pytest.mark.parametrize("accept", ["", "gzip"])
def test_who_has_it_is_told_so(accept: str) -> None:
    etag = headers(TRACKER.answer({"accept-encoding": accept}))["etag"]
    again = TRACKER.answer({"accept-encoding": accept, "if-none-match": '"x", W/' + etag})
    assert again.status == 304
    assert again.body == b""
    assert "content-length" not in headers(again)


def test_another_script_has_another_etag() -> None:
    other = Tracker(b"void 1;").answer({})
    known = headers(TRACKER.answer({}))["etag"]
    assert headers(other)["etag"] != known
    assert Tracker(b"void 1;").answer({"if-none-match": known}).status == 200


def test_the_packages_own_scripts_are_there() -> None:
    tracker = (FOLDER / "hubbub.js").read_bytes()
    found = read_scripts()
    assert found.keys() == SCRIPTS.keys()
    assert found["/hubbub.js"] == tracker
    assert all(script.endswith(tracker) for path, script in found.items() if path != "/hubbub.more.js")
    assert {name for names in SCRIPTS.values() for name in names} == {
        path.name for path in FOLDER.glob("*.js") if path.name != "comfort.js"
    }


def test_stand_ins_stay_under_five_kilobytes() -> None:
    assert max(len(gzip.compress(script, 9)) for script in read_scripts().values()) < 5_000


@pytest.mark.parametrize(
    ("path", "served"),
    [
        ("/js/script.js", "/js/script.js"),
        ("/js/script.outbound-links.hash.js", "/js/script.js"),
        ("/js/plausible.js", "/js/script.js"),
        ("/js/pa-xY3_z-.js", "/js/script.js"),
        ("/script.js", "/script.js"),
        ("/js/script.js.map", "/js/script.js.map"),
        ("/js/other.js", "/js/other.js"),
        ("/js/pa-a/b.js", "/js/pa-a/b.js"),
        ("/assets/js/script.js", "/assets/js/script.js"),
    ],
)
def test_the_many_names_of_plausibles_script(path: str, served: str) -> None:
    assert script_at(path) == served
