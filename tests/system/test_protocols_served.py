"""Umami, Matomo and GoatCounter, spoken to a real `hubbub serve`: what is answered, what is stored, what is dropped.

The requests are those that their clients' documentation and sources show.
"""

from pathlib import Path
from urllib.parse import urlencode

import pytest
from asked import ask, dropped, seconds_ago, stored
from protocol_home import KEY, ORIGIN, WEBSITE, make_home
from served_home import FIREFOX, SITE, ServedHome

from hubbub.core.reasons import DropReason
from hubbub.core.rows import Kind

PERSON = "maria.muster@mail.example"
IDENTIFIERS = ("0123456789abcdef", PERSON, "fedcba9876543210", "198.51.100.77", "1911x1077", "SM-X911B")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return make_home(tmp_path)


def assert_nothing_of_the_person(home: Path) -> None:
    files = [path for path in home.parent.rglob("*") if path.is_file()]
    opened = repr(stored(home)).encode()
    for content in (opened, *(path.read_bytes() for path in files)):
        assert not [mark for mark in IDENTIFIERS if mark.encode() in content]


def kinds(home: Path) -> list[tuple[Kind, str, str, str]]:
    return [(Kind(row["kind"]), row["page"], row["name"], row["detail"]) for row in stored(home)]


def test_umami(home: Path) -> None:
    page = {
        "website": WEBSITE,
        "hostname": SITE,
        "screen": "1911x1077",
        "language": "de-AT",
        "title": "Abfall",
        "url": f"{ORIGIN}/abfall",
        "referrer": "https://www.google.com/",
        "id": PERSON,
    }

    def event(kind: str = "event", **fields: object) -> dict[str, object]:
        return {"type": kind, "payload": page | fields}

    with ServedHome(home) as served:
        port = served.port
        preflight = ask(port, "OPTIONS", "/api/send", origin=ORIGIN, access_control_request_method="POST")
        assert preflight.status == 204
        assert preflight.headers["access-control-allow-headers"] == "*"
        first = ask(port, "POST", "/api/send", event(), origin=ORIGIN, accept_language="de-AT,de;q=0.8")
        assert first.status == 200
        assert first.headers["access-control-allow-origin"] == "*"
        assert first.said.keys() == {"cache", "sessionId", "visitId"}
        again = {"x_umami_cache": first.said["cache"], "origin": ORIGIN}
        second = ask(port, "POST", "/api/send", event(name="Signup", data={"plan": "basic", "who": PERSON}), **again)
        assert second.said == first.said
        assert ask(port, "POST", "/api/send", event("identify", data={"mail": PERSON}), **again).said == first.said
        assert ask(port, "POST", "/api/send", event("performance", lcp=1200), **again).said == first.said
        assert ask(port, "POST", "/api/send", event(), user_agent="Googlebot/2.1").said == {"beep": "boop"}
        assert ask(port, "POST", "/api/send", event(name="Other"), **again).status == 200
        elsewhere = event(website=WEBSITE.replace("b", "c"), hostname="other.example", url="/")
        assert ask(port, "POST", "/api/send", elsewhere).said["error"]["message"] == "Website not found."
        assert ask(port, "POST", "/api/send", "{").said["error"]["code"] == "bad-request"
        assert ask(port, "POST", "/api/send", "x" * 70_000).status == 413
        batch = ask(
            port, "POST", "/api/batch", [event(url="/a"), {"type": "event"}, event("engagement", engagement=900)]
        )
        assert (batch.said["size"], batch.said["processed"], batch.said["errors"]) == (3, 2, 1)
        assert batch.said["details"][0]["index"] == 1
        spoken = event(url="/b", ip="203.0.113.9", userAgent=FIREFOX, timestamp=seconds_ago(2))
        assert ask(port, "POST", "/api/send", spoken, authorization=f"Bearer {KEY}", user_agent="app/1").status == 200
        assert ask(port, "POST", "/api/send", spoken, authorization="Bearer other").status == 403

    rows = stored(home)
    assert sorted(kinds(home)) == sorted(
        [
            (Kind.PAGEVIEW, "/abfall", "", ""),
            (Kind.EVENT, "/abfall", "Signup", "plan=basic"),
            (Kind.PAGEVIEW, "/a", "", ""),
            (Kind.ENGAGEMENT, "/abfall", "", ""),
            (Kind.PAGEVIEW, "/b", "", ""),
        ]
    )
    (view,) = [row for row in rows if row["page"] == "/abfall" and row["kind"] == Kind.PAGEVIEW]
    assert (view["referrer"], view["language"], view["browser"]) == ("Google", "de", "Firefox")
    assert len({row["unit"] for row in rows}) == 2
    assert dropped(home) == {
        DropReason.IGNORED: 2,
        DropReason.BOT: 1,
        DropReason.UNKNOWN_EVENT: 1,
        DropReason.UNKNOWN_PROPERTY: 1,
        DropReason.UNKNOWN_SITE: 1,
        DropReason.BAD_JSON: 1,
        DropReason.BAD_EVENT: 1,
        DropReason.TOO_LARGE: 1,
        DropReason.NOT_ALLOWED: 1,
    }
    assert_nothing_of_the_person(home)


def test_matomo(home: Path) -> None:
    person = {
        "_id": "0123456789abcdef",
        "uid": PERSON,
        "cid": "fedcba9876543210",
        "cip": "198.51.100.77",
        "res": "1911x1077",
        "uadata": '{"model":"SM-X911B"}',
        "fla": "0",
        "cookie": "1",
    }

    def asked(page: str = "/abfall", **more: object) -> str:
        said = {"idsite": 7, "rec": 1, "url": ORIGIN + page, "urlref": "https://www.google.com/", **person, **more}
        return urlencode(said)

    with ServedHome(home) as served:
        port = served.port
        picture = ask(port, "GET", f"/matomo.php?{asked(action_name='Abfall', pf_net=4)}")
        assert (picture.status, picture.headers["content-type"]) == (200, "image/gif")
        assert picture.body.startswith(b"GIF89a")
        assert picture.headers["cache-control"] == "no-store"
        assert ask(port, "GET", f"/piwik.php?{asked('/b', send_image=0)}")[::2] == (204, b"")
        form = {"content_type": "application/x-www-form-urlencoded; charset=UTF-8", "origin": ORIGIN}
        posted = ask(port, "POST", "/matomo.php", asked("/c", send_image=0), **form)
        assert posted.status == 204
        assert posted.headers["access-control-allow-origin"] == ORIGIN
        assert posted.headers["access-control-allow-credentials"] == "true"
        for more in (
            {"ping": 1},
            {"e_c": "Form", "e_a": "sent", "e_n": "waste", "ca": 1},
            {"idgoal": 3, "revenue": 5},
            {"search": "sperrmüll", "search_count": 3},
            {"link": "https://other.example/x"},
            {"download": f"{ORIGIN}/plan.pdf"},
        ):
            assert ask(port, "POST", "/matomo.php", asked("/d", **more), **form).status == 200
        assert ask(port, "GET", f"/matomo.php?{asked(rec=0)}").status == 200
        assert ask(port, "GET", f"/matomo.php?{asked(ca=1)}").status == 200
        assert ask(port, "GET", f"/matomo.php?{asked()}", user_agent="Googlebot/2.1").status == 200
        unknown = urlencode({"idsite": 99, "rec": 1, "url": "https://other.example/"})
        assert ask(port, "GET", f"/matomo.php?{unknown}").status == 400
        assert ask(port, "GET", f"/matomo.php?{asked(cdt=seconds_ago(90_000))}").status == 400
        assert ask(port, "GET", f"/matomo.php?{asked(token_auth='wrong')}").status == 400
        assert ask(port, "GET", "/matomo.php").status == 200
        assert ask(port, "POST", "/matomo.php").status == 400
        bulk = {
            "requests": [
                f"?{asked('/e', cip='203.0.113.9', ua=FIREFOX, cdt=seconds_ago(2))}",
                f"?{urlencode({'idsite': 99, 'rec': 1})}",
                {"idsite": 7, "rec": 1, "url": f"{ORIGIN}/f", "cip": "203.0.113.9", "ua": FIREFOX},
            ],
            "token_auth": KEY,
        }
        many = ask(port, "POST", "/piwik.php", bulk, user_agent="Matomo/LogImport")
        assert many.said == {"status": "success", "tracked": 2, "invalid": 1, "invalid_indices": [1]}
        assert ask(port, "POST", "/matomo.php", {"requests": [f"?{asked('/g')}"], "send_image": 0}).status == 204

    found = kinds(home)
    views = sorted(page for kind, page, _, _ in found if kind is Kind.PAGEVIEW)
    assert views == ["/abfall", "/b", "/c", "/e", "/f", "/g"]
    assert (Kind.ENGAGEMENT, "/d", "", "") in found
    assert (Kind.EVENT, "/d", "Form", "action=sent\x1fname=waste") in found
    assert (Kind.EVENT, "/d", "Goal 3", "") in found
    assert (Kind.SEARCH, "/d", "sperrmüll", "") in found
    assert (Kind.OUTLINK, "/d", "other.example", "") in found
    assert (Kind.DOWNLOAD, "/d", "/plan.pdf", "") in found
    assert len(found) == 12
    assert [row["amount"] for row in stored(home) if row["name"] == "Goal 3"] == [500]
    assert len({row["unit"] for row in stored(home)}) == 2
    assert dropped(home) == {
        DropReason.IGNORED: 2,
        DropReason.BOT: 1,
        DropReason.UNKNOWN_SITE: 2,
        DropReason.NOT_ALLOWED: 2,
    }
    assert_nothing_of_the_person(home)


def test_goatcounter(home: Path) -> None:
    def asked(path: str = "/abfall", **more: object) -> str:
        said = {"p": path, "t": "Abfall", "r": "https://www.google.com/", "s": "1911,1077,2", "rnd": "a1b2c", **more}
        return "/count?" + urlencode(said)

    shown = {"host": "portal.stats.example", "referer": f"{ORIGIN}/abfall"}
    batch = {
        "hits": [
            {"path": "/c", "ip": "203.0.113.9", "user_agent": FIREFOX, "session": PERSON},
            {"path": "/d", "session": PERSON},
            {"path": "Signup", "event": True, "ip": "203.0.113.9", "user_agent": FIREFOX},
        ]
    }
    with ServedHome(home) as served:
        port = served.port
        picture = ask(port, "GET", asked(q="?utm_campaign=herbst"), **shown)
        assert (picture.status, picture.headers["content-type"]) == (200, "image/gif")
        assert picture.headers["access-control-allow-origin"] == "*"
        assert picture.body.startswith(b"GIF89a")
        assert ask(port, "POST", asked("/b"), b"", **shown).status == 200
        assert ask(port, "GET", asked("Signup", e="true"), **shown).status == 200
        assert ask(port, "GET", asked("/host"), referer=f"{ORIGIN}/").status == 200
        assert ask(port, "GET", asked(b=153), **shown).status == 200
        assert ask(port, "GET", asked(""), **shown).status == 400
        assert ask(port, "GET", asked("/" + "a" * 2048), **shown).status == 414
        nowhere = ask(port, "GET", asked(), host="other.stats.example")
        assert (nowhere.status, nowhere.headers["x-goatcounter"]) == (400, "no site at this domain")
        api, key = {"host": "portal.stats.example", "user_agent": "app/1"}, {"authorization": f"Bearer {KEY}"}
        assert ask(port, "POST", "/api/v0/count", batch, **api).status == 401
        some = ask(port, "POST", "/api/v0/count", batch, **api, **key)
        assert (some.status, list(some.said["errors"])) == (400, ["1"])
        one = ask(port, "POST", "/api/v0/count", {"hits": batch["hits"][:1]}, **api, **key)
        assert (one.status, one.said) == (202, {"status": "ok"})
        assert ask(port, "POST", "/api/v0/count", {"hits": []}, **api, **key).said["error"]

    rows = stored(home)
    assert sorted((row["kind"], row["page"], row["name"]) for row in rows) == [
        (Kind.PAGEVIEW, "/abfall", ""),
        (Kind.PAGEVIEW, "/b", ""),
        (Kind.PAGEVIEW, "/c", ""),
        (Kind.PAGEVIEW, "/c", ""),
        (Kind.PAGEVIEW, "/host", ""),
        (Kind.EVENT, "/", "Signup"),
        (Kind.EVENT, "/abfall", "Signup"),
    ]
    assert [row["campaign"] for row in rows if row["page"] == "/abfall" and row["kind"] == Kind.PAGEVIEW] == ["herbst"]
    assert len({row["unit"] for row in rows}) == 2
    assert dropped(home) == {
        DropReason.BOT: 1,
        DropReason.BAD_EVENT: 2,
        DropReason.TOO_LARGE: 1,
        DropReason.UNKNOWN_SITE: 1,
        DropReason.NOT_ALLOWED: 1,
        DropReason.NO_ADDRESS: 1,
    }
    assert_nothing_of_the_person(home)
