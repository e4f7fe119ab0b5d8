"""What docs/api.md says of the questions that a site's own measures answer: every one of them, asked."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from api_samples import SITE, client_of, read_side
from litestar.testing import TestClient

from hubbub.publish.catalogue import METRICS

DOCS = Path(__file__).parents[3] / "docs" / "api.md"
QUESTIONS = [
    line.split("`")[1]
    for line in DOCS.read_text("utf-8").splitlines()
    if line.startswith("| `metrics=") and line.count("`") > 1
]
MONTH = {"site": SITE, "from": "2026-03-01", "to": "2026-03-31"}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient[Any]]:
    with client_of(read_side(tmp_path_factory.mktemp("marts"))) as found:
        yield found


def asked(client: TestClient[Any], question: str, **more: str) -> dict[str, Any]:
    params = dict(part.split("=", 1) for part in question.split("&"))
    answer = client.get("/api/v1/query", params={**MONTH, **params, **more})
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_documented_question_has_an_answer_with_its_error(client: TestClient[Any], question: str) -> None:
    body = asked(client, question)
    assert body["rows"]
    for row in body["rows"]:
        for metric in body["metrics"]:
            estimate = row[metric]
            assert estimate["stderr"] is None or estimate["stderr"] >= 0
            assert estimate["low95"] is None or estimate["low95"] <= estimate["value"] <= estimate["high95"]
    assert asked(client, question, format="json", compare="previous")["previous"]["rows"] is not None


def test_there_are_a_dozen_of_them() -> None:
    assert len(QUESTIONS) == 12


def test_the_schema_and_its_page_name_every_metric(client: TestClient[Any]) -> None:
    schema, page = client.get("/api/v1/openapi.json").text, client.get("/api/v1/docs").text
    for name in METRICS:
        assert name in schema
        assert f"{name}" in page


def test_csv_has_a_column_for_every_part_of_an_estimate(client: TestClient[Any]) -> None:
    params = {**MONTH, "metrics": "visitors,conversion_rate", "dimensions": "goal", "format": "csv"}
    head, first, *_ = client.get("/api/v1/query", params=params).text.splitlines()
    assert head.startswith("goal,visitors,visitors_stderr")
    assert "conversion_rate_low95" in head
    assert first.startswith("Application sent,")


def test_what_a_site_does_not_ask_for_is_a_gap_and_no_zero(client: TestClient[Any]) -> None:
    body = asked(client, "metrics=visitors&dimensions=topic", **{"from": "2026-01-01", "to": "2026-01-31"})
    assert body["rows"] == []
    assert body["gaps"]


def test_several_attributes_together_are_answered_as_what_they_are(client: TestClient[Any]) -> None:
    both = {**MONTH, "filters": ["channel==Direct", "device==Mobile"]}
    refused = client.get("/api/v1/query", params=both)
    assert refused.status_code == 400
    assert "estimate=combined" in refused.text
    body = client.get("/api/v1/query", params={**both, "estimate": "combined"}).json()
    (row,) = body["rows"]
    assert body["estimate"] == "combined"
    assert row["visitors"]["low95"] < row["visitors"]["value"] < row["visitors"]["high95"]
    assert row["days"] == row["of_days"] == 31
    assert "nothing assumed" in body["notes"][0]
    by = {**MONTH, "filters": "channel==Direct", "dimensions": "device,week", "estimate": "combined", "format": "csv"}
    header, *lines = client.get("/api/v1/query", params=by).text.splitlines()
    assert header == (
        "device,week,visitors,visitors_stderr,visitors_low95,visitors_high95,visitors_shown,days,of_days,estimate"
    )
    assert len(lines) == 3 * 6
    assert all(line.endswith(",combined") for line in lines)
    deeper = client.get("/api/v1/query", params={**by, "dimensions": "device,os"})
    assert deeper.status_code == 400
    assert "at most 2 of these attributes together" in deeper.json()["allowed"]
