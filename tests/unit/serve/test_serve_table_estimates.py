"""Unbounded and smoothed estimates of declared tables, as the API gives them and as the table's page shows them."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from api_samples import TwoEntries, client_of
from litestar.testing import TestClient

sys.path.insert(0, str(Path(__file__).parents[1] / "publish"))

from unbounded_samples import LAST, TABLE, Portal, published, releases, steady

from hubbub.core.days import HOUR_MS, bounds
from hubbub.core.plan_text import PlanText
from hubbub.core.settings import Settings
from hubbub.core.tables import Table
from hubbub.serve.dashboard import dashboard_app
from hubbub.serve.reading import ReadSide

PLAN = PlanText("table 1", "One device a day.", 0.05, 1.9, 1e-9, False, ())
DAY = f"from={LAST}&to={LAST}"


class Clock:
    """A day after the last one."""

    def now_ms(self) -> int:
        """Noon of it."""
        return bounds(LAST, "UTC").end_ms + 12 * HOUR_MS


@pytest.fixture(scope="module")
def side(tmp_path_factory: pytest.TempPathFactory) -> ReadSide:
    past, _ = steady(Portal(1), [(4, 80)] * 10)
    marts = published(tmp_path_factory.mktemp("estimates"), list(releases(past)))
    table = Table(TABLE.name, TABLE.time, TABLE.unit, TABLE.columns, {"devices": TABLE.measures["devices"]})
    return ReadSide(Settings(tables=(table,), timezone="UTC"), marts, TwoEntries(), Clock(), PLAN)


@pytest.fixture(scope="module")
def client(side: ReadSide) -> Iterator[Any]:
    with client_of(side) as found:
        yield found


@pytest.mark.parametrize("estimate", ["raw", "unbounded", "smoothed"])
def test_an_answer_says_what_its_numbers_are(client: Any, estimate: str) -> None:
    answer = client.get(f"/api/v1/tables/portal/devices?by=page&{DAY}&estimate={estimate}").json()
    assert answer["estimate"] == estimate
    assert answer["total"] == 240
    assert ("not the released numbers" in answer["notes"][0]) is (estimate != "raw")


def test_the_bound_takes_and_the_estimate_gives_back(client: Any) -> None:
    rows = {
        estimate: {
            row["keys"]["page"]: row["values"]["units"]["value"]
            for row in client.get(f"/api/v1/tables/portal/devices?by=page&{DAY}&estimate={estimate}").json()["rows"]
        }
        for estimate in ("raw", "unbounded")
    }
    assert 1.1 < sum(rows["unbounded"].values()) / sum(rows["raw"].values()) < 2


def test_csv_has_the_same_columns(client: Any) -> None:
    raw, told = (
        client.get(f"/api/v1/tables/portal/devices?by=page&{DAY}&format=csv&estimate={estimate}").text.splitlines()
        for estimate in ("raw", "unbounded")
    )
    assert raw[0] == told[0]
    assert len(raw) == len(told)
    assert raw[1] != told[1]


def test_an_unknown_estimate_is_refused(client: Any) -> None:
    refused = client.get(f"/api/v1/tables/portal/devices?by=page&{DAY}&estimate=exact")
    assert refused.status_code == 400
    assert refused.json()["field"] == "estimate"


def test_the_page_shows_it_beside_the_released_number(side: ReadSide) -> None:
    with TestClient(dashboard_app(side)) as client:
        html = client.get("/tables/portal?period=day").text
    text = " ".join(re.sub(r"<[^>]*>", " ", html).split())
    assert len(re.findall(r"about [\d,]+ ±.[\d,]+ without the bound", text)) >= 8
