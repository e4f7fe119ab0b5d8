"""`POST /api/v2/query`: Plausible's Stats API v2 as its clients know it."""

from collections.abc import Iterator
from typing import Any

import pytest
from api_samples import SITE, client_of, read_side
from litestar.testing import TestClient

WEEK = ["2026-03-01", "2026-03-07"]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient[Any]]:
    with client_of(read_side(tmp_path_factory.mktemp("marts"))) as found:
        yield found


def ask(client: TestClient[Any], **change: Any) -> dict[str, Any]:
    asked = {"site_id": SITE, "metrics": ["visitors"], "date_range": WEEK, **change}
    answer = client.post("/api/v2/query", json=asked)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def ours(client: TestClient[Any], **asked: str) -> list[dict[str, Any]]:
    params = {"site": SITE, "from": WEEK[0], "to": WEEK[1], **asked}
    rows: list[dict[str, Any]] = client.get("/api/v1/query", params=params).json()["rows"]
    return rows


def test_a_total_is_one_row_without_dimensions(client: TestClient[Any]) -> None:
    body = ask(client, metrics=["visitors", "visits", "pageviews", "bounce_rate", "visit_duration"])
    (row,) = body["results"]
    (mine,) = ours(client, metrics="visitors,visits,pageviews,bounce_rate,visit_duration")
    assert row["dimensions"] == []
    assert row["metrics"][:3] == [mine["visitors"]["value"], mine["visits"]["value"], mine["pageviews"]["value"]]
    assert row["metrics"][3] == pytest.approx(mine["bounce_rate"]["value"], abs=0.051)
    assert row["metrics"][4] == pytest.approx(mine["visit_duration"]["value"], abs=0.51)
    assert isinstance(row["metrics"][4], int)
    assert body["meta"]["standard_errors"][0][0] == pytest.approx(mine["visitors"]["stderr"])
    assert body["query"]["date_range"] == ["2026-03-01T00:00:00+01:00", "2026-03-07T23:59:59+01:00"]
    assert body["query"]["pagination"] == {"limit": 10000, "offset": 0}


def test_a_breakdown_leaves_noise_out_and_says_so(client: TestClient[Any]) -> None:
    body = ask(client, dimensions=["visit:country"], include={"total_rows": True})
    rows = ours(client, dimensions="country")
    shown = [row for row in rows if row["visitors"]["shown"]]
    assert [row["dimensions"] for row in body["results"]] == [[row["country"]] for row in shown]
    assert body["meta"]["total_rows"] == len(shown)
    assert body["meta"]["rows_left_out"] == len(rows) - len(shown) > 0
    assert body["query"]["order_by"] == [["visitors", "desc"]]


def test_pages_of_a_breakdown(client: TestClient[Any]) -> None:
    whole = ask(client, dimensions=["visit:source"])["results"]
    second = ask(client, dimensions=["visit:source"], pagination={"limit": 2, "offset": 1})["results"]
    assert second == whole[1:3]


@pytest.mark.parametrize(
    ("dimension", "period", "first", "count"),
    [
        ("time:day", WEEK, "2026-03-01", 7),
        ("time:week", ["2026-03-02", "2026-03-15"], "2026-03-02", 2),
        ("time:month", ["2026-03-01", "2026-04-05"], "2026-03-01", 2),
        ("time:hour", ["2026-03-29", "2026-03-29"], "2026-03-29 00:00:00", 23),
        ("time", ["2026-03-02", "2026-03-02"], "2026-03-02 00:00:00", 24),
        ("time", WEEK, "2026-03-01", 7),
    ],
)
def test_times_and_their_labels(
    client: TestClient[Any], dimension: str, period: list[str], first: str, count: int
) -> None:
    body = ask(client, dimensions=[dimension], date_range=period, include={"time_labels": True})
    assert body["results"][0]["dimensions"] == [first]
    assert len(body["results"]) == count
    assert body["meta"]["time_labels"] == [row["dimensions"][0] for row in body["results"]]


def test_days_without_numbers_have_a_label_but_no_row(client: TestClient[Any]) -> None:
    body = ask(client, dimensions=["time:day"], date_range="month", include={"time_labels": True})
    assert [row["dimensions"][0] for row in body["results"]] == [f"2026-04-0{day}" for day in range(1, 6)]
    assert body["meta"]["time_labels"] == [f"2026-04-0{day}" for day in range(1, 8)]
    assert {gap["reason"] for gap in body["meta"]["gaps"]} == {"open", "unfinished"}


def test_filters_and_order(client: TestClient[Any]) -> None:
    named = ask(
        client,
        dimensions=["event:page"],
        filters=[["and", [["is", "event:page", ["/home", "/waste", "/tax"]]]]],
        order_by=[["event:page", "asc"]],
    )
    assert [row["dimensions"] for row in named["results"]] == [["/home"], ["/tax"], ["/waste"]]
    (total,) = ask(client, filters=[["is", "visit:country", ["AT", "DE"]]])["results"]
    (mine,) = ours(client, filters="country==AT|DE")
    assert total["metrics"] == [mine["visitors"]["value"]]
    goals = ask(client, metrics=["events", "visitors"], dimensions=["event:goal"])["results"]
    assert goals[0]["dimensions"] == ["Signup"]
    assert goals[0]["metrics"][0] == goals[0]["metrics"][1]


def test_goals_are_those_of_the_settings_with_their_rate(client: TestClient[Any]) -> None:
    body = ask(client, metrics=["visitors", "conversion_rate"], dimensions=["event:goal"])
    mine = ours(client, metrics="visitors,conversion_rate", dimensions="goal")
    assert [row["dimensions"] for row in body["results"]] == [["Application sent"], ["Form downloaded"]]
    for row, of_ours in zip(body["results"], mine, strict=True):
        assert row["metrics"][0] == of_ours["visitors"]["value"]
        assert row["metrics"][1] == pytest.approx(of_ours["conversion_rate"]["value"], abs=0.051)
    one = ask(client, dimensions=[], filters=[["is", "event:goal", ["Application sent"]]])
    assert one["results"][0]["metrics"] == body["results"][0]["metrics"][:1]


def test_how_far_pages_are_read_is_one_number(client: TestClient[Any]) -> None:
    (row,) = ask(client, metrics=["scroll_depth"])["results"]
    (mine,) = ours(client, metrics="scroll_depth")
    assert row["metrics"] == [round(mine["scroll_depth"]["value"])]


@pytest.mark.parametrize(
    ("change", "names"),
    [
        ({"metrics": ["conversion_rate"]}, "conversion_rate"),
        ({"metrics": ["views_per_visit"]}, "views_per_visit"),
        ({"metrics": ["total_revenue"]}, "dimensions=amount_event"),
        ({"metrics": []}, "metrics"),
        ({"metrics": ["visits"], "dimensions": ["visit:country"]}, "visits"),
        ({"dimensions": ["visit:city"]}, "visit:city"),
        ({"dimensions": ["event:props:plan"]}, "event:props:plan"),
        ({"dimensions": ["event:page", "visit:country"]}, "page with country"),
        ({"date_range": "24h"}, "24h"),
        ({"date_range": ["2026-03-01T12:00:00+02:00", "2026-03-02T12:00:00+02:00"]}, "date_range"),
        ({"date_range": 7}, "body"),
        ({"filters": [["contains", "event:page", ["blog"]]]}, "contains"),
        ({"filters": [["or", [["is", "event:page", ["/"]]]]]}, "or"),
        ({"filters": [["is", "event:page", ["/"], {"case_sensitive": False}]]}, "is"),
        ({"filters": [["is", "time:day", ["2026-03-01"]]]}, "time:day"),
        ({"filters": ["visitors"]}, "str"),
        ({"filters": [["is", "event:page", [7]]]}, "is"),
        ({"order_by": [["visitors", "sideways"]]}, "sideways"),
        ({"order_by": [["pageviews", "desc"]]}, "pageviews"),
        ({"pagination": {"limit": 0}}, "pagination"),
        ({"include": {"revenue": True}}, "revenue"),
        ({"compare": "previous_period"}, "compare"),
    ],
)
def test_what_does_not_exist_here_is_a_400_that_says_so(
    client: TestClient[Any], change: dict[str, Any], names: str
) -> None:
    asked = {"site_id": SITE, "metrics": ["visitors"], "date_range": "7d", **change}
    answer = client.post("/api/v2/query", json=asked)
    assert answer.status_code == 400
    assert names in answer.json()["error"]


def test_broken_bodies_unknown_sites_and_large_ones(client: TestClient[Any]) -> None:
    assert client.post("/api/v2/query", content=b"{").status_code == 400
    assert client.post("/api/v2/query", content=b"").status_code == 400
    assert client.post("/api/v2/query", content=b"[" * 70_000).status_code == 413
    unknown = {"site_id": "other.example", "metrics": ["visitors"], "date_range": "7d"}
    assert client.post("/api/v2/query", json=unknown).status_code == 404
    assert client.get("/api/v2/query").status_code == 405


@pytest.mark.parametrize("depth", [3, 3000])
def test_deep_filters_are_refused_and_no_crash(client: TestClient[Any], depth: int) -> None:
    nested = b'["and",[' * depth + b'["is","event:page",["/"]]' + b"]]" * depth
    asked = b'{"site_id":"%s","metrics":["visitors"],"date_range":"7d","filters":[%s]}' % (SITE.encode(), nested)
    assert client.post("/api/v2/query", content=asked).status_code == 400
