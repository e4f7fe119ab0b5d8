"""`GET /api/v1`: answers, errors, caches, access and description."""

import csv
import json
import re
from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from api_samples import LAST, NAMES, SITE, client_of, read_side
from litestar.testing import TestClient

from hubbub.core.settings import Access
from hubbub.publish.query import Query
from hubbub.serve.reading import ReadSide

QUERY = "/api/v1/query"
WEEK = {"site": SITE, "from": "2026-03-01", "to": "2026-03-07"}


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> ReadSide:
    return read_side(tmp_path_factory.mktemp("marts"))


@pytest.fixture(scope="module")
def client(context: ReadSide) -> Iterator[TestClient[Any]]:
    with client_of(context) as found:
        yield found


def test_rows_name_dimensions_and_metrics_as_asked(client: TestClient[Any], context: ReadSide) -> None:
    answer = client.get(QUERY, params={**WEEK, "metrics": "visitors,pageviews", "dimensions": "page"})
    assert answer.status_code == 200
    body = answer.json()
    assert (body["site"], body["from"], body["to"]) == (SITE, "2026-03-01", "2026-03-07")
    assert (body["metrics"], body["dimensions"], body["timezone"]) == (
        ["visitors", "pageviews"],
        ["page"],
        "Europe/Vienna",
    )
    first = body["rows"][0]
    assert first["page"] == "/home"
    exact = context.ask(
        Query(
            sites=(SITE,),
            metrics=("visitors",),
            dimensions=("page",),
            first=LAST.replace(month=3, day=1),
            last=LAST.replace(month=3, day=7),
        )
    )
    value = exact.rows[0].values[0]
    assert value is not None
    assert first["visitors"]["value"] == value.value
    assert first["visitors"]["low95"] == pytest.approx(value.low95, abs=1e-3)
    assert set(first["visitors"]) == {"value", "stderr", "low95", "high95", "shown", "why_not"}


def test_the_alias_source_is_kept_in_the_answer(client: TestClient[Any]) -> None:
    body = client.get(QUERY, params={**WEEK, "metrics": "visitors", "dimensions": "source"}).json()
    assert body["dimensions"] == ["source"]
    assert "Google" in {row["source"] for row in body["rows"]}


def test_csv_by_parameter_or_accept(client: TestClient[Any]) -> None:
    asked = {**WEEK, "metrics": "visitors,bounce_rate", "dimensions": "day"}
    by_parameter = client.get(QUERY, params={**asked, "format": "csv"})
    by_header = client.get(QUERY, params=asked, headers={"Accept": "text/csv"})
    assert by_parameter.headers["content-type"].startswith("text/csv")
    assert by_parameter.text == by_header.text
    rows = list(csv.DictReader(StringIO(by_parameter.text)))
    assert [row["day"] for row in rows] == [f"2026-03-0{day}" for day in range(1, 8)]
    body = client.get(QUERY, params=asked).json()
    assert [float(row["bounce_rate_low95"]) for row in rows] == [row["bounce_rate"]["low95"] for row in body["rows"]]
    assert {row["visitors_shown"] for row in rows} == {"true"}


def test_gaps_notes_and_counts_come_along(client: TestClient[Any]) -> None:
    asked = {"site": SITE, "metrics": "pageviews", "from": "2026-03-09", "to": "2026-04-07", "dimensions": "day"}
    body = client.get(QUERY, params=asked).json()
    assert {gap["reason"]: (gap["first"], gap["last"]) for gap in body["gaps"]} == {
        "forfeited": ("2026-03-10", "2026-03-10"),
        "open": ("2026-04-06", "2026-04-06"),
        "unfinished": ("2026-04-07", "2026-04-07"),
    }
    assert body["rows"][1] == {"day": "2026-03-10", "pageviews": None, "days": 0, "of_days": 1, "is_new": False}
    assert (body["total"], body["days"], body["trial"]) == (30, 30, False)


def test_comparison_filters_order_and_limits(client: TestClient[Any]) -> None:
    asked = {
        **WEEK,
        "metrics": "visitors",
        "dimensions": "page",
        "filters": "page==/home|/waste",
        "compare": "previous",
    }
    body = client.get(QUERY, params=asked).json()
    assert [row["page"] for row in body["rows"]] == ["/home", "/waste"]
    assert (body["previous"]["from"], body["previous"]["to"]) == ("2026-02-22", "2026-02-28")
    assert body["filters"] == ["page==/home|/waste"]
    ordered = client.get(QUERY, params={**WEEK, "dimensions": "country", "order": "-country", "limit": 2, "offset": 1})
    assert [row["country"] for row in ordered.json()["rows"]] == ["US", "SK"]


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        ("day", "2026-04-07", "2026-04-07"),
        ("yesterday", "2026-04-06", "2026-04-06"),
        ("7d", "2026-03-31", "2026-04-06"),
        ("month", "2026-04-01", "2026-04-07"),
        ("6mo", "2025-10-01", "2026-03-31"),
        ("year", "2026-01-01", "2026-04-07"),
        ("all", "2026-02-25", "2026-04-07"),
        (None, "2026-03-08", "2026-04-06"),
    ],
)
def test_periods_by_name(client: TestClient[Any], period: str | None, first: str, last: str) -> None:
    params = {"site": SITE} | ({"period": period} if period else {})
    body = client.get(QUERY, params=params).json()
    assert (body["from"], body["to"]) == (first, last)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"metrics": "people"}, "metrics"),
        ({"dimensions": "address"}, "dimensions"),
        ({"from": "yesterday-ish"}, "from"),
        ({"from": "2026-03-09"}, "to"),
        ({"period": "7d"}, "period"),
        ({"filters": "page=/home"}, "filters"),
        ({"limit": "many"}, "limit"),
        ({"limit": "-1"}, "limit"),
        ({"format": "xml"}, "format"),
        ({"compare": "next"}, "compare"),
        ({"order": "people"}, "order"),
        ({"metric": "visitors"}, "parameter"),
        ({"site": ""}, "site"),
    ],
)
def test_what_cannot_be_asked_is_a_400_that_names_it(
    client: TestClient[Any], change: dict[str, str], field: str
) -> None:
    answer = client.get(QUERY, params={**WEEK, **change})
    assert answer.status_code == 400
    body = answer.json()
    assert body["field"] == field
    assert body["allowed"]
    assert body["found"] in body["error"]
    assert answer.headers["cache-control"] == "no-store"


def test_a_parameter_given_twice_is_refused_except_filters(client: TestClient[Any]) -> None:
    twice = client.get(f"{QUERY}?site={SITE}&site=other.example")
    assert (twice.status_code, twice.json()["field"]) == (400, "site")
    filters = "filters=channel==Direct&filters=channel==Direct"
    assert client.get(f"{QUERY}?site={SITE}&{filters}").json().get("field") != "filters"


def test_csv_names_its_charset_once(client: TestClient[Any]) -> None:
    answer = client.get(QUERY, params={**WEEK, "format": "csv"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"


def test_unknown_sites_are_a_404(client: TestClient[Any]) -> None:
    answer = client.get(QUERY, params={**WEEK, "site": "../secret"})
    assert answer.status_code == 404
    assert answer.json()["field"] == "site"


def test_who_has_the_answer_gets_304_until_something_is_published(tmp_path: Path) -> None:
    context = read_side(tmp_path, days=4)
    with client_of(context) as client:
        asked = {"site": SITE, "period": "7d"}
        first = client.get(QUERY, params=asked)
        held = {"If-None-Match": first.headers["etag"]}
        again = client.get(QUERY, params=asked, headers=held)
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
        assert client.get(QUERY, params={**asked, "metrics": "visits"}, headers=held).status_code == 200
        assert client.get(QUERY, params={**asked, "format": "csv"}, headers=held).status_code == 200
        context.marts.write(SITE, LAST, [])
        assert client.get(QUERY, params=asked, headers=held).status_code == 200
        assert first.headers["cache-control"] == "public, max-age=60"


def test_sites_and_their_days(client: TestClient[Any]) -> None:
    body = client.get("/api/v1/sites").json()
    assert [site["name"] for site in body["sites"]] == list(NAMES)
    assert (body["sites"][0]["first"], body["sites"][0]["closed"]) == ("2026-02-25", "2026-04-05")


def test_plans_are_listed_and_told_whole(client: TestClient[Any]) -> None:
    listed = client.get("/api/v1/ledger/plans")
    (version,) = listed.json()["plans"][SITE]
    assert (version["number"], version["day"], version["is_kept"]) == (1, LAST.isoformat(), True)
    whole = client.get("/api/v1/ledger/plans", params={"name": version["name"]})
    assert whole.text == '[{"name":"portal"},{"rho":5}]'
    held = {"If-None-Match": listed.headers["etag"]}
    assert client.get("/api/v1/ledger/plans", headers=held).status_code == 304
    wrong = client.get("/api/v1/ledger/plans", params={"name": "portal/2/cd"})
    assert (wrong.status_code, wrong.json()["field"]) == (400, "name")


def test_the_ledger_as_json_and_lines(client: TestClient[Any]) -> None:
    body = client.get("/api/v1/ledger").json()
    assert (body["head"], body["trial"], [entry["seq"] for entry in body["entries"]]) == ("bb", False, [1, 2])
    lines = client.get("/api/v1/ledger", params={"format": "jsonl"})
    assert [json.loads(line) for line in lines.text.splitlines()] == body["entries"]
    held = client.get("/api/v1/ledger", headers={"If-None-Match": lines.headers["etag"]}, params={"format": "jsonl"})
    assert held.status_code == 304
    assert client.get("/api/v1/ledger", params={"format": "xml"}).status_code == 400
    verified = client.get("/api/v1/ledger/verify")
    assert verified.json() == {"entries": 2, "problems": []}
    assert verified.headers["cache-control"] == "no-store"


def test_a_trial_marks_every_answer(tmp_path: Path) -> None:
    with client_of(read_side(tmp_path, trial=True, days=2)) as client:
        assert client.get(QUERY, params={"site": SITE}).json()["trial"] is True
        assert client.get("/api/v1/sites").json()["trial"] is True
        asked = {"site_id": SITE, "metrics": ["visitors"], "date_range": "7d"}
        assert client.post("/api/v2/query", json=asked).json()["meta"]["trial"] is True


def test_a_private_instance_wants_a_key(tmp_path: Path) -> None:
    key = "hub_correct"
    access = Access("private", (sha256(b"other").hexdigest(), sha256(key.encode()).hexdigest()))
    with client_of(read_side(tmp_path, access=access, days=2)) as client:
        basic = b64encode(f"anyone:{key}".encode()).decode()
        for path in (QUERY, "/api/v1/sites", "/api/v1/ledger", "/api/v1/ledger/verify", "/api/v1/ledger/plans"):
            refused = client.get(path, params={"site": SITE} if path == QUERY else {})
            assert refused.status_code == 401
            assert "Basic" in refused.headers["www-authenticate"]
            assert refused.json()["error"]
        assert client.post("/api/v2/query", json={}).status_code == 401
        for header in (f"Bearer {key}", f"bearer  {key} ", f"Basic {basic}"):
            allowed = client.get(QUERY, params={"site": SITE}, headers={"Authorization": header})
            assert allowed.status_code == 200
            assert allowed.headers["cache-control"] == "private, no-cache"
            assert "access-control-allow-origin" not in allowed.headers
        wrong = (
            "Bearer ",
            "Bearer hub_wrong",
            "Basic !!!",
            "Basic " + b64encode(b"\xff:\xfe").decode(),
            "Digest x",
            key,
        )
        for header in wrong:
            assert client.get(QUERY, params={"site": SITE}, headers={"Authorization": header}).status_code == 401


def test_a_private_instance_without_keys_lets_no_one_in(tmp_path: Path) -> None:
    with client_of(read_side(tmp_path, access=Access("private"), days=1)) as client:
        assert client.get("/api/v1/sites", headers={"Authorization": "Bearer "}).status_code == 401


def test_consistent_and_smoothed_numbers_are_labelled(client: TestClient[Any]) -> None:
    asked = {"site": SITE, "from": "2026-03-20", "to": "2026-04-02"}
    raw, best, smooth = (
        client.get("/api/v1/query", params={**asked, **more}).json()
        for more in (
            {"dimensions": "channel"},
            {"dimensions": "channel", "estimate": "consistent"},
            {"dimensions": "day", "estimate": "smoothed"},
        )
    )
    assert [one["estimate"] for one in (raw, best, smooth)] == ["raw", "consistent", "smoothed"]
    assert "whole" not in raw
    assert "nonnegative" not in raw["rows"][0]["visitors"]
    assert sum(row["visitors"]["value"] for row in best["rows"]) == pytest.approx(best["whole"]["value"], abs=0.01)
    assert all(row["visitors"]["nonnegative"] >= 0 for row in best["rows"])
    assert "Consistent estimates" in best["notes"][0]
    assert "Smoothed estimates" in smooth["notes"][0]
    assert len(smooth["rows"]) == 14
    refused = client.get("/api/v1/query", params={**asked, "dimensions": "page", "estimate": "consistent"})
    assert (refused.status_code, refused.json()["field"]) == (400, "estimate")
    assert client.get("/api/v1/query", params={**asked, "estimate": "best"}).status_code == 400


def test_tables_say_what_is_not_as_released(client: TestClient[Any]) -> None:
    asked = {"site": SITE, "from": "2026-04-01", "to": "2026-04-02", "format": "csv"}
    raw = client.get("/api/v1/query", params={**asked, "dimensions": "day"})
    smooth = client.get("/api/v1/query", params={**asked, "dimensions": "day", "estimate": "smoothed"})
    best = client.get("/api/v1/query", params={**asked, "dimensions": "device", "estimate": "consistent"})
    heads = [one.text.splitlines()[0].split(",") for one in (raw, smooth, best)]
    assert heads[0][-2:] == ["days", "of_days"]
    assert heads[1] == [*heads[0], "estimate"]
    assert heads[2][-4:] == ["visitors_nonnegative", "days", "of_days", "estimate"]
    for one, kind in ((smooth, "smoothed"), (best, "consistent")):
        lines = [line.split(",") for line in one.text.splitlines()]
        assert {line[-1] for line in lines[1:]} == {kind}
        assert len({len(line) for line in lines}) == 1
    assert raw.headers["etag"] != smooth.headers["etag"]


def test_the_description_is_whole_and_loads_nothing_from_elsewhere(client: TestClient[Any]) -> None:
    schema = client.get("/api/v1/openapi.json").json()
    assert set(schema["paths"]) == {
        "/api/v1/query", "/api/v1/sites", "/api/v1/ledger", "/api/v1/ledger/verify", "/api/v1/audit",
        "/api/v1/ledger/plans", "/api/v2/query", "/api/v1/tables", "/api/v1/tables/{table}/{measure}",
            "/api/v1/targets", "/api/v1/targets/{target}", "/api/v1/trends", "/api/v1/trends/{name}",
    }  # fmt: skip
    parameters = {one["name"] for one in schema["paths"]["/api/v1/query"]["get"]["parameters"]}
    assert parameters == {
        "site", "metrics", "dimensions", "from", "to", "period", "filters", "order", "limit", "offset", "compare",
        "estimate", "format",
    }  # fmt: skip
    page = client.get("/api/v1/docs")
    assert page.headers["content-type"].startswith("text/html")
    assert not re.findall(r"""(?:src|href|url)\s*[=(]\s*["']?(?:https?:)?//""", page.text)
    assert "<script" not in page.text
    assert "<style" not in page.text
    for parameter in parameters:
        assert f"<dt>{parameter}</dt>" in page.text
    links = [link.replace("&amp;", "&") for link in re.findall(r'href="(/api/[^"]+)"', page.text)]
    assert len(links) == 4
    for link in links:
        assert client.get(link).status_code == 200
