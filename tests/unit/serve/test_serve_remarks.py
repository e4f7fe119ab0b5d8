"""The page of a finding, and what analysts write: verdicts, notes, targets, silences; who may, and what others see."""

import re
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from litestar.testing import TestClient

sys.path.insert(0, str(Path(__file__).parents[1] / "publish"))
sys.path.insert(0, str(Path(__file__).parents[1] / "operate"))

from mart_samples import SITES
from msgspec.structs import replace
from operator_samples import sample_operators
from page_samples import NOW, TODAY, sample_read_side
from signing_samples import (
    HERE,
    TurnedClock,
    browser_of,
    cheap_hashing,
    city_with_operators,
    form_token_in,
    sample_notebook,
    send,
    sign_in,
)
from table_mart_samples import TABLE

from hubbub.insight.alerting import AlertState, Phase
from hubbub.insight.conditions import Sighting
from hubbub.insight.findings import Finding, Findings, Kind
from hubbub.insight.series import SeriesName
from hubbub.operate.alert_states import save_states
from hubbub.operate.api_keys import Scope
from hubbub.operate.changes import first_broken
from hubbub.operate.last_scan import LastScan
from hubbub.operate.operators import Operators
from hubbub.operate.roles import CONSOLE, Role
from hubbub.publish.marts import Marts
from hubbub.serve.api.router import _routers, schema_of
from hubbub.serve.dashboard import dashboard_app
from hubbub.serve.reading import ReadSide

__all__ = ["cheap_hashing"]
Client = TestClient[Any]
SITE, LIST, JSON = SITES[0], "/what-is-changing", "/api/v1/trends"
SINCE = TODAY - timedelta(days=5)


def found(series: SeriesName, kind: Kind = Kind.RISE, **more: Any) -> Finding:
    sizes = {"before": 2_000.0, "now": 2_760.0, "difference": 760.0, "stderr": 30.0}
    told = {"change": 0.38, "low": 0.32, "high": 0.44, "p_value": 1e-9, "probability": 0.9999, "until": None}
    return Finding(series=series, kind=kind, found=SINCE, since=SINCE, **(sizes | told | more))


PART = found(SeriesName(SITE, "visitors", (("channel", "Organic Search"),)))
HOUR = found(SeriesName(SITE, "visitors", hour=7))
RISE = found(SeriesName(SITE, "visitors"), members=(PART, HOUR), drivers=((PART.series, 0.7),))
CITY = found(SeriesName("", "visitors"), Kind.SPIKE, until=SINCE + timedelta(days=1))
MIX = found(SeriesName(SITE, "visitors", (("country", "AT"),)), Kind.MIX, before=0.2, now=0.3, difference=0.1)
SCAN = Findings({SITE: "x"}, {SITE: TODAY - timedelta(days=1)}, 412, (RISE, CITY, MIX))


def page_of(finding: Finding) -> str:
    return f"{LIST}/{finding.name}"


def text_of(html: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", html))).replace("\u00a0", " ")


@pytest.fixture(scope="module")
def marts(tmp_path_factory: pytest.TempPathFactory) -> Marts:
    return sample_read_side(tmp_path_factory.mktemp("remarks")).marts


@pytest.fixture
def clock() -> TurnedClock:
    return TurnedClock(int(NOW.timestamp() * 1000))


@pytest.fixture
def city(tmp_path: Path, marts: Marts, clock: TurnedClock) -> Iterator[tuple[ReadSide, Operators]]:
    scan = LastScan(tmp_path)
    scan.write(SCAN)
    read_side, operators = city_with_operators(tmp_path, marts, clock)
    yield replace(read_side, findings=scan), operators
    operators.engine.dispose()


@pytest.fixture
def ana(city: tuple[ReadSide, Operators]) -> Iterator[Client]:
    """An analyst who is signed in."""
    with browser_of(city[0]) as client:
        assert sign_in(client, "ana").status_code == 303
        yield client


@pytest.fixture
def guest(city: tuple[ReadSide, Operators]) -> Iterator[Client]:
    with browser_of(city[0]) as client:
        yield client


def log_of(city: tuple[ReadSide, Operators]) -> list[tuple[str, str, str, str]]:
    assert first_broken(city[1].engine) is None
    lines = city[1].changes(30)
    return [(one.who, one.what, one.before, one.after) for one in lines if "signed in" not in one.what]


def test_a_finding_has_a_page_with_its_days_parts_and_siblings(guest: Client) -> None:
    page = guest.get(page_of(RISE))
    told = text_of(page.text)
    assert page.status_code == 200
    assert "+38 % ± 6 visitors since Fri 15 May 2026, mostly Channel: Organic Search" in told
    assert "as good as certain" in told
    assert "+760 ± 59" in told
    assert "2,760 in place of 2,000 that were to be expected, visitors" in told
    assert page.text.count('class="chart ') == 2
    assert re.search(r"Fri 15 May 2026 [\d,]+ ± \d+ it begins", told)
    assert f'href="{page_of(PART)}"' in page.text
    assert "What moved beside it" in told
    assert "Transport" in told
    part = guest.get(page_of(PART)).text
    assert f'href="{page_of(RISE)}"' in part
    assert "It belongs to" in part
    assert len(re.findall(r'<th scope="row"><a href="/sites/[^"]*by=channel', part)) >= 1
    for one in (HOUR, CITY, MIX):
        assert guest.get(page_of(one)).status_code == 200
    assert "its last day" in guest.get(page_of(CITY)).text


def test_every_link_of_the_pages_leads_somewhere(guest: Client) -> None:
    for one in (RISE, PART, CITY):
        page = guest.get(page_of(one)).text
        hrefs = {unescape(href) for href in re.findall(r'href="(/[^"#]*)"', page) if "/assets/" not in href}
        for href in hrefs - {"/sign-in"}:
            assert guest.get(href).status_code == 200, href


def test_a_finding_that_is_gone_leads_to_the_list(guest: Client) -> None:
    gone = guest.get(f"{LIST}/0123456789ab")
    assert gone.status_code == 404
    assert "There is no such finding any more" in gone.text
    assert f'<a href="{LIST}">To everything' in gone.text
    assert guest.get(f"{JSON}/0123456789ab").status_code == 404


def test_a_dismissed_finding_leaves_the_list_and_comes_back(
    city: tuple[ReadSide, Operators], ana: Client, guest: Client
) -> None:
    assert "+38" in guest.get(LIST).text.split('class="dismissed"')[0]
    assert send(ana, page_of(RISE), page_of(RISE), act="dismiss", text="an <b>outage</b>").status_code == 303
    for client in (ana, guest):
        listed, _, aside = client.get(LIST).text.partition('class="dismissed"')
        assert page_of(RISE) not in listed
        assert page_of(RISE) in aside
        assert "an &lt;b&gt;outage&lt;/b&gt;" in aside
    assert "ana" in text_of(ana.get(page_of(RISE)).text.split("</main>")[0])
    assert not re.search(r"\bana\b", text_of(guest.get(page_of(RISE)).text))
    assert RISE.name not in [one["name"] for one in guest.get(JSON).json()["findings"]]
    every = guest.get(JSON, params={"dismissed": "true"}).json()["findings"]
    assert (every[0]["verdict"], every[0]["why"]) == ("dismiss", "an <b>outage</b>")
    send(ana, page_of(RISE), page_of(RISE), act="confirm", text="")
    assert "✓ confirmed" in text_of(guest.get(LIST).text)
    send(ana, page_of(RISE), page_of(RISE), act="take_back", text="")
    assert "confirmed" not in guest.get(LIST).text
    assert log_of(city)[:3] == [
        ("ana", "verdict taken back", "confirmed", ""),
        ("ana", "finding confirmed", "dismissed: an <b>outage</b>", "confirmed"),
        ("ana", "finding dismissed", "", "dismissed: an <b>outage</b>"),
    ]


def test_a_note_stands_on_the_charts_of_finding_and_site(
    city: tuple[ReadSide, Operators], ana: Client, guest: Client
) -> None:
    site = f"/sites/{SITE}"
    before = guest.get(site).text
    assert send(ana, page_of(RISE), page_of(RISE), act="note", text="campaign <i>started</i>").status_code == 303
    day = (TODAY - timedelta(days=3)).isoformat()
    back = send(ana, f"/notes/{SITE}", site, act="note", day=day, text="Stadium concert", back=f"{site}?period=30d")
    assert (back.status_code, back.headers["location"]) == (303, f"{site}?period=30d")
    for page in (guest.get(f"{site}?period=30d").text, guest.get(page_of(RISE)).text):
        assert page.count(">1</text>") >= 2, "in both sizes of the chart"
        assert page.count(">2</text>") >= 2
        assert "campaign &lt;i&gt;started&lt;/i&gt;" in page
        assert "Stadium concert" in page
        assert "Remove" not in page
    assert guest.get(site).text != before
    assert "Sun 17 May 2026 Stadium concert" in text_of(guest.get(f"{site}?period=30d").text)
    assert guest.get(f"{JSON}/{RISE.name}").json()["notes"] == [
        {"day": SINCE.isoformat(), "text": "campaign <i>started</i>"}
    ]
    assert f'href="{page_of(RISE)}"' in guest.get(f"{site}?period=30d").text
    scan = city[0].findings
    assert isinstance(scan, LastScan)
    scan.write(replace(SCAN, found=()))
    mine = ana.get(f"{site}?period=30d").text
    assert "campaign &lt;i&gt;" in mine
    assert page_of(RISE) not in mine, "no later scan has it"
    number = re.findall(r'name="number" value="(\d+)"', mine)[1]
    assert send(ana, f"/notes/{SITE}", site, act="remove", number=number).status_code == 303
    assert "Stadium concert" not in guest.get(f"{site}?period=30d").text
    assert log_of(city)[0][1:3] == ("note removed", f"{day}: Stadium concert")


@pytest.mark.parametrize(
    ("text", "day"),
    [("write to ana@city.example", TODAY), ("call +43 1 4000 4001 now", TODAY), ("x" * 401, TODAY), ("a", "soon"),
     ("a", TODAY + timedelta(days=2)), ("", TODAY)],
)  # fmt: skip
def test_a_note_that_cannot_stand_there_is_refused(
    city: tuple[ReadSide, Operators], ana: Client, text: str, day: date | str
) -> None:
    site = f"/sites/{SITE}"
    answer = send(ana, f"/notes/{SITE}", site, act="note", day=str(day), text=text)
    assert answer.status_code == 400
    assert "This was not taken" in answer.text
    assert log_of(city)[0][1] == "account added"


FORMS = (
    (page_of(RISE), {"act": "dismiss"}),
    (f"/notes/{SITE}", {"act": "note", "day": "2026-05-17", "text": "a"}),
    ("/targets/new", {"name": "many", "metric": "visitors", "period": "month", "at_least": "60000"}),
    ("/operators/alerts", {"act": "add", "rule": "findings", "why": "a", "until": "2026-05-21T12:00"}),
)


@pytest.mark.parametrize(("path", "fields"), FORMS)
def test_guests_viewers_and_foreign_forms_change_nothing(
    city: tuple[ReadSide, Operators], guest: Client, ana: Client, path: str, fields: dict[str, str]
) -> None:
    assert guest.post(path, data=fields).status_code == 401
    token = form_token_in(ana.get(page_of(RISE)).text)
    assert ana.post(path, data=fields).status_code == 403, "without the token of this session"
    assert ana.post(path, data=fields | {"csrf": token}, headers={"sec-fetch-site": "cross-site"}).status_code == 403
    with browser_of(city[0]) as vic:
        sign_in(vic, "vic")
        page = vic.get(page_of(RISE)).text
        assert "Dismiss<" not in page
        refused = vic.post(path, data=fields | {"csrf": form_token_in(page)})
        assert refused.status_code == 403
        assert "Your account may not do this" in refused.text
        assert vic.get("/targets/new").status_code == 403
        assert vic.get("/operators/alerts").status_code == 403
    assert guest.get("/targets/new", follow_redirects=False).headers["location"].startswith("/sign-in")
    assert log_of(city)[0][1] == "account added"


def test_a_target_is_made_changed_and_removed_in_the_pages(
    city: tuple[ReadSide, Operators], ana: Client, guest: Client
) -> None:
    assert 'href="/targets"' not in guest.get("/").text
    fields = {"name": "many", "title": "Many <visitors>", "metric": "visitors", "period": "month", "source": SITE}
    made = send(ana, "/targets/new", "/targets/new", **fields, at_least="60,000", confidence="0.8")
    assert (made.status_code, made.headers.get("location")) == (303, "/targets/many")
    assert "Many &lt;visitors&gt;" in guest.get("/targets").text
    assert "at least 60,000" in text_of(guest.get("/targets/many").text)
    assert 'href="/targets"' in guest.get("/").text
    assert "Change or remove" not in guest.get("/targets/many").text
    assert [one["name"] for one in guest.get("/api/v1/targets").json()["targets"]] == ["many"]
    edit = ana.get("/targets/many/edit").text
    assert 'name="at_least" value="60000"' in edit
    assert f'value="{SITE}" checked' in edit
    changed = send(ana, "/targets/many/edit", "/targets/many/edit", **fields | {"title": "Many"}, at_least="70000")
    assert changed.status_code == 303
    assert "at least 70,000" in text_of(guest.get("/targets/many").text)
    assert send(ana, "/targets/many/edit", "/targets/many/edit", act="remove").status_code == 303
    assert guest.get("/targets/many").status_code == 404
    assert [line[1] for line in log_of(city)[:3]] == ["target removed", "target changed", "target made"]
    assert "70000" in log_of(city)[1][3]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"name": "Many"}, "a name of small letters"),
        ({"name": "new"}, "a name of small letters"),
        ({"name": "taken"}, "there is a target"),
        ({"metric": "moods"}, "metric: found"),
        ({"at_least": ""}, "at_least: found nothing"),
        ({"at_least": "many"}, "is no number"),
        ({"at_least": "+10 %"}, "baseline: found nothing"),
        ({"source": "elsewhere.example"}, "elsewhere.example"),
        ({"owner": "ana@city.example"}, "an e-mail address"),
        ({"period": "decade"}, "decade"),
        ({"due": "some day"}, "this is no day"),
        ({"ready": "satisfaction"}, "a table"),
    ],
)
def test_a_target_is_checked_as_in_hubbub_yaml_and_the_form_keeps_what_was_typed(
    city: tuple[ReadSide, Operators], ana: Client, fields: dict[str, str], words: str
) -> None:
    right = {"name": "many", "title": "Typed", "metric": "visitors", "period": "month", "at_least": "60000"}
    answer = send(ana, "/targets/new", "/targets/new", **right | fields)
    assert answer.status_code == 400
    assert words in unescape(answer.text)
    assert 'name="title" value="Typed"' in answer.text
    assert log_of(city)[0][1] == "account added"


def test_alerts_are_listed_silenced_and_heard_again(city: tuple[ReadSide, Operators], ana: Client) -> None:
    thing = f"finding/{RISE.name}"
    state = AlertState("findings", thing, Phase.OPEN, Sighting(thing, TODAY, 0.99, RISE), SINCE, told_on=SINCE)
    with city[1].engine.begin() as connection:
        save_states(connection, (), (state,))
    page = ana.get("/operators/alerts")
    assert "City services +38 % ± 6 visitors" in text_of(page.text)
    assert "Nothing is silenced." in page.text
    fields = {"act": "add", "thing": thing, "rule": "", "until": "2026-05-21T12:00", "why": "the <relaunch>"}
    assert send(ana, "/operators/alerts", "/operators/alerts", **fields).status_code == 303
    told = text_of(ana.get("/operators/alerts").text)
    assert "21 May 2026, 12:00 the <relaunch> ana" in told
    assert "<relaunch>" not in ana.get("/operators/alerts").text
    for wrong in ({"until": "2026-05-19T12:00"}, {"until": "x"}, {"why": " "}, {"thing": "x"}, {"rule": "x"}):
        assert send(ana, "/operators/alerts", "/operators/alerts", **fields | wrong).status_code == 400
    assert (
        send(ana, "/operators/alerts", "/operators/alerts", act="add", until=fields["until"], why="a").status_code
        == 400
    )
    (number,) = re.findall(r'name="number" value="(\d+)"', ana.get("/operators/alerts").text)
    assert send(ana, "/operators/alerts", "/operators/alerts", act="end", number=number).status_code == 303
    assert "Nothing is silenced." in ana.get("/operators/alerts").text
    assert [line[:2] for line in log_of(city)[:2]] == [("ana", "silence ended"), ("ana", "silence added")]
    assert "the <relaunch>" in log_of(city)[0][2]


def test_a_key_that_may_write_confirms_dismisses_and_notes(city: tuple[ReadSide, Operators], guest: Client) -> None:
    writer = {"authorization": f"Bearer {city[1].add_key(CONSOLE, 'script', [Scope.WRITE], 1)}"}
    reader = {"authorization": f"Bearer {city[1].add_key(CONSOLE, 'board', [Scope.READ], 1)}"}
    path = f"{JSON}/{RISE.name}/remarks"
    for headers in ({}, reader):
        assert guest.post(path, json={"text": "a"}, headers=headers).status_code == 401
    with browser_of(city[0]) as session:
        sign_in(session, "ana")
        assert session.post(path, json={"text": "a"}).status_code == 401, "a cookie does not count"
    made = guest.post(path, json={"verdict": "confirm", "text": "the relaunch"}, headers=writer)
    assert (made.status_code, made.json()) == (201, {"verdict": "confirm", "text": "the relaunch"})
    assert guest.post(path, json={"text": "campaign started"}, headers=writer).status_code == 201
    one = guest.get(f"{JSON}/{RISE.name}").json()
    assert (one["verdict"], one["why"], len(one["notes"])) == ("confirm", "the relaunch", 1)
    for wrong in ({"verdict": "maybe"}, {}, {"text": "a@b.example"}, {"mood": "good"}, [1]):
        assert guest.post(path, json=wrong, headers=writer).status_code == 400
    assert guest.post(f"{JSON}/0123456789ab/remarks", json={"text": "a"}, headers=writer).status_code == 404
    assert log_of(city)[:2] == [
        ("key script", "note added", "", f"{SINCE}: campaign started"),
        ("key script", "finding confirmed", "", "confirmed: the relaunch"),
    ]
    schema = schema_of(_routers(city[0]))
    assert "post" in schema["paths"]["/api/v1/trends/{name}/remarks"]


def test_pages_of_guests_do_not_ask_the_database(
    city: tuple[ReadSide, Operators], clock: TurnedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_side = city[0]
    with TestClient(dashboard_app(read_side), base_url=HERE) as client:
        client.get(LIST)
        asked: list[int] = []
        monkeypatch.setattr(type(read_side.notebook), "refresh", lambda _self: asked.append(1))
        for _ in range(3):
            assert client.get(LIST).status_code == 200
        assert asked == []
        clock.ms += 30_000
        client.get(LIST)
        assert asked


def test_a_note_stands_on_the_charts_of_a_table(tmp_path: Path, clock: TurnedClock) -> None:
    operators = sample_operators(tmp_path, clock, ana=Role.ANALYST)
    book = sample_notebook(operators.engine, clock)
    read_side = sample_read_side(tmp_path / "marts", days=40, table=True, operators=operators, notebook=book)
    page = f"/tables/{TABLE.name}?period=30d"
    with browser_of(read_side) as client:
        sign_in(client, "ana")
        before = client.get(page).text
        day = (TODAY - timedelta(days=4)).isoformat()
        sent = send(client, f"/notes/{TABLE.name}", page, act="note", day=day, text="new counter", back=page)
        assert (sent.status_code, sent.headers["location"]) == (303, page)
        after = client.get(page).text
        assert "new counter" in after
        assert after.count(">1</text>") >= before.count(">1</text>") + 2
        assert send(client, "/notes/elsewhere", page, act="note", day=day, text="a").status_code == 404
    operators.engine.dispose()
