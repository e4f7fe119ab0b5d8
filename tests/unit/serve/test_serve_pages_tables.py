"""The page of a declared table, its line on the overview, and its plan; a home of tables alone."""

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from litestar.testing import TestClient
from msgspec.structs import replace
from page_samples import TABLE_PLAN, TODAY, sample_read_side
from table_mart_samples import NAME, TABLE, released_table, sample_table_marts

from hubbub.core.settings import Settings
from hubbub.core.tables import Column, TableMeasure
from hubbub.publish.marts import Marts
from hubbub.release.types import Released
from hubbub.serve.dashboard import dashboard_app
from hubbub.serve.reading import ReadSide

PAGE = f"/tables/{NAME}"
Client = TestClient[Any]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    folder = tmp_path_factory.mktemp("city")
    with TestClient(dashboard_app(sample_read_side(folder, days=70, table=True))) as client:
        yield client


def text_of(html: str) -> str:
    return " ".join(unescape(re.sub(r"<svg.*?</svg>|<[^>]*>", " ", html, flags=re.DOTALL)).split())


def read(client: Client, path: str) -> str:
    got = client.get(path)
    assert got.status_code == 200, got.text
    return text_of(got.text)


def test_each_measure_has_its_sentence_and_its_numbers(client: Client) -> None:
    text = read(client, f"{PAGE}?period=7d")
    assert re.search(r"Cases [67],\d{3} ± \d+ units in this period\.", text)
    assert re.search(r"centre has most: [\d,]+ ± \d+\.", text)
    assert re.search(r"The mean is (9|10)\.\d ± [\d.]+", text)
    assert re.search(r"Of [\d,]+ ± \d+ that began, 2\d(\.\d)? % ± [\d.]+ came to the end\.", text)
    assert "Most lie in 0 – 1" in text
    assert "half are under" in text
    assert "How long it took" in text
    assert "channel: web" in text
    assert "new_form" not in text
    assert "load_" not in text


def test_hours_and_days_are_drawn_with_their_table(client: Client) -> None:
    html = client.get(f"{PAGE}?period=30d").text
    assert html.count('class="chart chart-wide"') == 3
    assert html.count("The numbers of this chart as a table") >= 3
    assert "14:00" in text_of(html)
    assert "by the hour" in html


def test_longer_periods_go_by_weeks(client: Client) -> None:
    text = read(client, f"{PAGE}?from=2026-03-12&to=2026-05-19")
    assert "by the week" in text
    assert "6 of 7 days" in text


def test_what_is_too_noisy_is_grey_and_what_is_missing_is_said(tmp_path: Path) -> None:
    marts = Marts(tmp_path)
    day = TODAY - timedelta(days=1)
    cells = {("centre",): 500.0, ("harbour",): 4.0, ("north",): 3.0, ("other",): 2.0}
    marts.write(NAME, day, [released_table(day, "by", cells, "count", ("district",), sigma=20.0)])
    table = replace(TABLE, measures={"by": TableMeasure("count", by=("district",))})
    side = ReadSide(Settings(tables=(table,)), marts, *_rest(tmp_path))
    with TestClient(dashboard_app(side)) as client:
        text = read(client, f"{PAGE}?period=7d")
    assert "centre has most: 500 ± 39." in text
    assert "3 too noisy to rank" in text
    assert "before the first release" in text


def test_noise_that_explains_all_is_said(client: Client) -> None:
    assert "Noise alone may explain all differences between these." in read(client, f"{PAGE}?period=7d")


def test_rows_have_their_own_words(tmp_path: Path) -> None:
    table = replace(TABLE, unit="row", measures={"cases": TABLE.measures["cases"]})
    sample_table_marts(tmp_path, TODAY - timedelta(days=1), 10)
    side = ReadSide(Settings(tables=(table,)), Marts(tmp_path), *_rest(tmp_path))
    with TestClient(dashboard_app(side)) as client:
        text = read(client, PAGE)
    assert "rows in this period" in text
    assert "What is protected here is one row" in text


def test_the_overview_lists_tables_below_the_sites(client: Client) -> None:
    html = client.get("/").text
    assert html.index("City services") < html.index("What departments count") < html.index(f'href="{PAGE}"')
    assert re.search(r"Service desk service-desk Cases, units [67],\d{3} ± \d+ 19 May 2026", text_of(html))


def test_a_home_of_tables_alone_serves(tmp_path: Path) -> None:
    sample_table_marts(tmp_path, TODAY - timedelta(days=1), 10)
    side = ReadSide(Settings(tables=(TABLE,)), Marts(tmp_path), *_rest(tmp_path))
    with TestClient(dashboard_app(side)) as client:
        overview = read(client, "/")
        assert "Service desk" in overview
        assert "No site is measured yet" not in overview
        assert "What is read of “Service desk”" in read(client, "/what-we-measure")
        assert client.get("/api/v1/docs").status_code == 200
        assert client.get("/api/v1/sites").json()["sites"] == []


def test_what_we_measure_tells_a_tables_plan(client: Client) -> None:
    html = client.get(f"/what-we-measure?site={NAME}").text
    text = text_of(html)
    assert TABLE_PLAN.unit in text
    assert "A table’s rows come as files of a department." in text
    assert "more than 133.4" in text
    assert "These columns of its files are read, and no other." in text
    assert "a number from 0 to 100" in text
    assert "Programs are set aside" not in text
    assert "a person who stands in it twice on one day" in text
    assert 'href="/what-we-measure?site=culture.example"' in html


def test_unknown_tables_and_wrong_periods_are_told(client: Client) -> None:
    got = client.get("/tables/elsewhere")
    assert got.status_code == 404
    assert "There is no such table here" in got.text
    assert client.get(f"{PAGE}?period=decade").status_code == 400
    assert "service-desk" in client.get("/what-we-measure?site=elsewhere").text


def test_a_table_without_a_closed_day_says_so(tmp_path: Path) -> None:
    side = ReadSide(Settings(tables=(TABLE,)), Marts(tmp_path), *_rest(tmp_path))
    with TestClient(dashboard_app(side)) as client:
        assert "No day of this table has been closed yet." in read(client, PAGE)


def test_every_link_of_the_page_leads_somewhere(client: Client) -> None:
    links = set(re.findall(r'href="(/[^"]*)"', client.get(f"{PAGE}?period=30d").text))
    assert any("format=csv" in link for link in links)
    for link in links:
        assert client.get(unescape(link)).status_code == 200, link


def test_a_value_of_a_file_is_no_markup(tmp_path: Path) -> None:
    day = TODAY - timedelta(days=1)
    cells: list[Released] = [released_table(day, "by", {("<b>x",): 500.0}, "count", ("form",), sigma=2.0)]
    marts = Marts(tmp_path)
    marts.write(NAME, day, cells)
    table = replace(
        TABLE, columns={"form": Column(open="text")}, measures={"by": TableMeasure("count", by=("form",))}
    )  # fmt: skip
    with TestClient(dashboard_app(ReadSide(Settings(tables=(table,)), marts, *_rest(tmp_path)))) as client:
        html = client.get(PAGE).text
    assert "<b>x" not in html
    assert "&lt;b&gt;x" in html


def _rest(folder: Path) -> tuple[Any, ...]:
    side = sample_read_side(folder, marts=Marts(folder))
    return side.ledger, side.clock, TABLE_PLAN, {NAME: TABLE_PLAN}
