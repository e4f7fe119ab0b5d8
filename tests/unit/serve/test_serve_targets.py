"""Targets as readers and programs get them: pages, links, API."""

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from litestar.testing import TestClient
from page_samples import TARGETS, sample_read_side

from hubbub.insight.targets.results import Bounds, Point
from hubbub.insight.targets.state import Standing
from hubbub.serve.api.router import _routers, schema_of
from hubbub.serve.charts.aims import draw_small_course
from hubbub.serve.dashboard import dashboard_app
from hubbub.serve.pages.target_words import MARKS, WORDS, aim_words, chance_words
from hubbub.serve.reading import ReadSide
from hubbub.serve.texts import texts_in

Client = TestClient[Any]
TEXTS = texts_in("en")


@pytest.fixture(scope="module")
def read_side(tmp_path_factory: pytest.TempPathFactory) -> ReadSide:
    return sample_read_side(tmp_path_factory.mktemp("marts"), days=90, targets=TARGETS)


@pytest.fixture(scope="module")
def client(read_side: ReadSide) -> Iterator[Client]:
    with TestClient(dashboard_app(read_side)) as client:
        yield client


def text_of(html: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", html))).replace("\u00a0", " ")


def test_the_page_tells_every_target_in_words_and_numbers(client: Client, read_side: ReadSide) -> None:
    page = client.get("/targets")
    assert page.status_code == 200
    told = text_of(page.text)
    for found in read_side.standings():
        assert (found.target.title or found.target.name) in told
        assert f"{MARKS[found.state.standing]} {WORDS[found.state.standing]}" in told
        assert f'href="/targets/{found.target.name}"' in page.text
    assert "of 6 targets are met or on track" in told
    assert "at least 60,000" in told
    assert "every quarter · Permits" in told
    assert re.search(r"needs [\d,.]+ a day, now [\d,.]+|nothing more is needed", told)
    assert page.text.count('class="sparkline"') >= 4


def test_a_target_has_a_page_with_its_chart_and_tables(client: Client) -> None:
    page = client.get("/targets/visitors")
    told = text_of(page.text)
    assert page.text.count('class="chart ') == 2
    assert "Expected on 31 May 2026" in told
    assert "Periods that are over" in told
    assert "How it stood" in told
    assert re.search(r"19 May 2026 [\d,]+ ± \d+ released", told)
    assert re.search(r"31 May 2026 [\d,]+ ± [\d,]+ expected", told)
    for target in TARGETS:
        assert client.get(f"/targets/{target.name}").status_code == 200
    lost = client.get("/targets/elsewhere")
    assert lost.status_code == 404
    assert "There is no such target" in lost.text


def test_a_page_is_made_once_for_a_published_state(client: Client) -> None:
    first = client.get("/targets")
    again = client.get("/targets", headers={"if-none-match": first.headers["etag"]})
    assert again.status_code == 304


def test_without_targets_the_link_hides_and_the_page_says_how(tmp_path_factory: pytest.TempPathFactory) -> None:
    bare = sample_read_side(tmp_path_factory.mktemp("bare"), days=5)
    with TestClient(dashboard_app(bare)) as client:
        assert 'href="/targets"' not in client.get("/").text
        assert "No target is set yet" in client.get("/targets").text
        assert client.get("/api/v1/targets").json() == {"targets": [], "trial": False}


def test_the_header_leads_to_targets(client: Client) -> None:
    assert '<a href="/targets">Targets</a>' in client.get("/").text
    assert '<a href="/targets" aria-current="page">' in client.get("/targets").text


def test_programs_get_the_same(client: Client, read_side: ReadSide) -> None:
    answer = client.get("/api/v1/targets")
    bodies = {body["name"]: body for body in answer.json()["targets"]}
    assert list(bodies) == [target.name for target in TARGETS]
    body = bodies["visitors"]
    state = next(one.state for one in read_side.standings() if one.target.name == "visitors")
    assert body["standing"] == state.standing.value
    assert body["probability"] == round(state.probability, 4)
    assert body["value"]["low95"] < body["value"]["value"] < body["value"]["high95"]
    assert body["forecast"]["stderr"] > body["value"]["stderr"]
    assert (body["aim"]["at_least"], body["aim"]["at_most"]) == (60_000, None)
    assert (body["first"], body["last"], body["as_of"]) == ("2026-05-01", "2026-05-31", "2026-05-19")
    assert body["history"][-1]["standing"] == body["standing"]
    assert bodies["bounces"]["periods"][0]["first"] == "2026-05-19"
    assert bodies["next-year"]["standing"] in ("at_risk", "on_track", "missed")
    assert client.get("/api/v1/targets/visitors").json() == body
    held = client.get("/api/v1/targets", headers={"if-none-match": answer.headers["etag"]})
    assert held.status_code == 304
    unknown = client.get("/api/v1/targets/nothing")
    assert (unknown.status_code, unknown.json()["field"]) == (404, "target")


def test_the_schema_has_them(read_side: ReadSide) -> None:
    paths = schema_of(_routers(read_side))["paths"]
    assert {"/api/v1/targets", "/api/v1/targets/{target}"} <= set(paths)


def test_words_for_aims_and_chances() -> None:
    assert aim_words(Bounds(30, 45), "percent", TEXTS).replace("\u00a0", " ") == "30 % to 45 %"
    assert aim_words(Bounds(None, 3.25), "cost", TEXTS) == "at most 3.25"
    assert aim_words(Bounds(1000, None, 10), "count", TEXTS).replace("\u00a0", " ") == "at least 1,000 ± 20"
    assert chance_words(0.9999, TEXTS).replace("\u00a0", " ") == "over 99 %"
    assert chance_words(0.0001, TEXTS).replace("\u00a0", " ") == "under 1 %"
    assert len(set(MARKS.values())) == len(MARKS) == len(Standing)


def test_a_small_course_tells_released_from_expected() -> None:
    day = TARGETS[4].due
    assert day is not None
    seen, ahead = Point(day, 5.0, 4.0, 6.0, False), Point(day.replace(year=2028), 9.0, 5.0, 13.0, True)
    svg = draw_small_course([seen, ahead], Bounds(8.0, None), "Course & more", from_zero=True)
    assert 'class="line ahead"' in svg
    assert 'class="aim"' in svg
    assert "Course &amp; more" in svg
    assert draw_small_course([], None, "nothing", from_zero=False) == ""
