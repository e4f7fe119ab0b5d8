"""`GET /api/v1/tables`: what is there, and questions to it."""

import csv
import json
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from api_samples import Clock, TwoEntries, client_of

sys.path.insert(0, str(Path(__file__).parents[1] / "publish"))

from table_mart_samples import NAME, TABLE, ZONE, sample_table_marts

from hubbub.core.plan_text import MeasureText, PlanText
from hubbub.core.settings import Access, Settings
from hubbub.core.tables import Column, TableMeasure
from hubbub.serve.reading import ReadSide

PLAN = PlanText(
    "table 1", "One case a day.", 0.05, 1.9, 1e-9, False,
    (MeasureText("cases", "Cases", "a unit counts once", "one number", 1, 4.0, 0.002, 15.8, 0, 0.0),),
)  # fmt: skip
WEEK = "from=2026-03-30&to=2026-04-05"


def tables_side(folder: Path, access: Access | None = None) -> ReadSide:
    settings = Settings(tables=(TABLE,), timezone=ZONE, access=access or Access())
    return ReadSide(settings, sample_table_marts(folder, sigma=20.0), TwoEntries(), Clock(), PLAN, {NAME: PLAN})


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with client_of(tables_side(tmp_path_factory.mktemp("tables"))) as found:
        yield found


def test_the_tables_tell_their_measures_in_words(client: Any) -> None:
    body = client.get("/api/v1/tables").json()
    (table,) = body["tables"]
    assert (table["name"], table["title"], table["unit"], table["timezone"]) == (NAME, "Service desk", "case", ZONE)
    assert table["last"] == "2026-04-05"
    measures = {one["name"]: one for one in table["measures"]}
    assert measures["cases"]["counted"] == "Cases"
    assert measures["cases"]["metrics"] == {"units": "count"}
    assert measures["requests"]["by"] == ["district", "form"]
    assert measures["took"]["title"] == "How long it took"
    assert measures["new_form"]["kind"] == "new"
    assert "load_requests" not in measures


def test_a_question_is_answered_with_errors_and_ranks(client: Any) -> None:
    answer = client.get(f"/api/v1/tables/{NAME}/requests?by=form&{WEEK}").json()
    assert (answer["table"], answer["measure"], answer["kind"]) == (NAME, "requests", "count")
    assert (answer["from"], answer["to"], answer["by"]) == ("2026-03-30", "2026-04-05", ["form"])
    first = answer["rows"][0]
    assert first["keys"] == {"form": "/parking"}
    assert first["ranks"] == [1, 1]
    assert first["values"]["count"]["low95"] < 4200 < first["values"]["count"]["high95"]
    assert (first["days"], first["of_days"]) == (7, 7)


def test_time_and_columns_together_and_a_filter(client: Any) -> None:
    url = f"/api/v1/tables/{NAME}/took?by=day,district&filters=district==north|other&order=district,day&{WEEK}"
    answer = client.get(url).json()
    assert answer["by"] == ["day", "district"]
    assert answer["filters"] == ["district==north|other"]
    assert len(answer["rows"]) == 14
    assert answer["rows"][0]["when"] == "2026-03-30"
    assert {row["keys"]["district"] for row in answer["rows"]} == {"north", "other"}
    assert set(answer["rows"][0]["values"]) == {"mean", "units"}


def test_a_named_period_is_the_tables_own(client: Any) -> None:
    answer = client.get(f"/api/v1/tables/{NAME}/cases?period=7d").json()
    assert (answer["from"], answer["to"]) == ("2026-03-31", "2026-04-06")
    assert [gap["reason"] for gap in answer["gaps"]] == ["open"]
    assert client.get(f"/api/v1/tables/{NAME}/cases?period=all").json()["from"] == "2026-02-25"


def test_csv_has_the_same_rows(client: Any) -> None:
    got = client.get(f"/api/v1/tables/{NAME}/typical?by=district,week&format=csv&{WEEK}")
    assert got.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(StringIO(got.text)))
    assert len(rows) == 4
    assert list(rows[0])[:3] == ["week", "district", "p50"]
    assert {"p90_low95", "p95_shown", "units_stderr", "rank_first"} <= set(rows[0])
    spread = client.get(f"/api/v1/tables/{NAME}/spread?{WEEK}", headers={"Accept": "text/csv"})
    assert [row["bin"] for row in csv.DictReader(StringIO(spread.text))] == ["0..1", "1..4", "4..24", "24..100"]


def test_a_column_called_like_a_metric_keeps_its_own_head(tmp_path: Path) -> None:
    table = TABLE.__class__(
        name=NAME, time="at", unit="row", columns={"count": Column(values=("a",))},
        measures={"all": TableMeasure("count", by=("count",))},
    )  # fmt: skip
    context = ReadSide(Settings(tables=(table,)), sample_table_marts(tmp_path, days=1), TwoEntries(), Clock(), PLAN)
    with client_of(context) as client:
        head = client.get(f"/api/v1/tables/{NAME}/all?by=count&format=csv&{WEEK}").text.splitlines()[0]
    assert head.startswith("by_count,count,count_stderr")


@pytest.mark.parametrize(
    ("path", "status", "field", "allowed"),
    [
        ("nothing/cases", 404, "table", "GET /api/v1/tables"),
        (f"{NAME}/visits", 400, "measure", "requests"),
        (f"{NAME}/cases?by=form", 400, "by", "day, week, month"),
        (f"{NAME}/requests?by=day,week", 400, "by", "one of day"),
        (f"{NAME}/requests?filters=form", 400, "filters", "=="),
        (f"{NAME}/requests?filters=district==south", 400, "filters", "harbour"),
        (f"{NAME}/requests?from=yesterday", 400, "from", "2026-03-31"),
        (f"{NAME}/requests?period=7d&from=2026-03-01", 400, "period", "either"),
        (f"{NAME}/requests?metrics=count", 400, "parameter", "by from"),
        (f"{NAME}/requests?format=xml", 400, "format", "json, csv"),
    ],
)
def test_bad_questions_say_what_is_allowed(client: Any, path: str, status: int, field: str, allowed: str) -> None:
    got = client.get(f"/api/v1/tables/{path}")
    assert got.status_code == status
    problem = got.json()
    assert problem["field"] == field
    assert allowed.replace("by from", "by, from") in problem["allowed"]


def test_answers_are_kept_until_something_is_published(client: Any) -> None:
    url = f"/api/v1/tables/{NAME}/cases?{WEEK}"
    got = client.get(url)
    assert got.headers["cache-control"] == "public, max-age=60"
    assert client.get(url, headers={"If-None-Match": got.headers["etag"]}).status_code == 304
    assert client.get("/api/v1/tables", headers={"If-None-Match": client.get("/api/v1/tables").headers["etag"]}
    ).status_code == 304  # fmt: skip


def test_a_private_instance_asks_for_its_key(tmp_path: Path) -> None:
    with client_of(tables_side(tmp_path, Access("private", ("0" * 64,)))) as client:
        assert client.get("/api/v1/tables").status_code == 401
        assert client.get(f"/api/v1/tables/{NAME}/cases").status_code == 401


def test_the_description_names_the_routes(client: Any) -> None:
    schema = json.loads(client.get("/api/v1/openapi.json").text)
    assert {"/api/v1/tables", "/api/v1/tables/{table}/{measure}"} <= set(schema["paths"])
    assert "Ask a table" in client.get("/api/v1/docs").text
