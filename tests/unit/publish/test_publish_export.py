"""Exports hold every released cell once, in the same columns and order whatever the format."""

import csv
import json
from datetime import date
from io import BytesIO, StringIO
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from mart_samples import SITES, released, sample_marts

from hubbub.core.errors import QueryError
from hubbub.core.keys import Dimension, Measure
from hubbub.publish.export import export
from hubbub.publish.marts import Marts
from hubbub.publish.tables import KEYS_OF
from hubbub.release.types import Gap

DAY = date(2026, 3, 5)
COLUMNS = (
    "source,day,hour,measure,page,referrer,channel,campaign,country,device,browser,os,language,event,visit,duration,"
    "views,value,stderr,low95,high95,is_new,gap,trial,topic,goal,funnel,step,term,returning,engaged,scroll,most,"
    "together,combination"
)


def exported(marts: Marts, file_format: str, measure: str | None = None) -> bytes:
    output = BytesIO()
    export(marts, file_format, measure, output)
    return output.getvalue()


def test_columns_are_the_contract(tmp_path: Path) -> None:
    marts = sample_marts(tmp_path, DAY, days=2)
    assert exported(marts, "csv").decode().partition("\n")[0] == COLUMNS
    assert exported(Marts(tmp_path / "none"), "csv").decode().strip() == COLUMNS
    assert json.loads(exported(Marts(tmp_path / "none"), "json")) == []


def test_all_formats_say_the_same(tmp_path: Path) -> None:
    marts = sample_marts(tmp_path, date(2026, 3, 11), days=12)
    lines = json.loads(exported(marts, "json"))
    table = pq.read_table(BytesIO(exported(marts, "parquet")))
    rows = list(csv.DictReader(StringIO(exported(marts, "csv").decode())))
    assert len(lines) == table.num_rows == len(rows) > 3000
    assert table.column_names == COLUMNS.split(",")
    assert [line | {"day": date.fromisoformat(line["day"])} for line in lines] == table.to_pylist()
    numbers = ("hour", "value", "stderr", "low95", "high95")
    flags = ("is_new", "trial")
    for line, row in zip(lines, rows, strict=True):
        for name in numbers:
            assert (float(row[name]) if row[name] else None) == line[name]
        for name in set(line) - set(numbers):
            text = "" if line[name] is None else str(line[name])
            assert row[name] == (text.lower() if name in flags else text)


def test_lines_are_in_order_and_the_same_every_time(tmp_path: Path) -> None:
    marts = sample_marts(tmp_path, date(2026, 4, 2), days=5)
    lines = json.loads(exported(marts, "json"))
    places = [(line["source"], line["day"], line["measure"]) for line in lines]
    assert places == sorted(places)
    assert {line["source"] for line in lines} == set(SITES)
    for file_format in ("csv", "json", "parquet"):
        assert exported(marts, file_format) == exported(marts, file_format)


def test_one_measure_alone_with_its_key_in_its_column(tmp_path: Path) -> None:
    site = "portal.example"
    cells = {("1", "bounce"): 40, ("2", "0-10 s"): -3}
    marts = Marts(tmp_path)
    visits = released(site, DAY, Measure.VISITS, cells, dimensions=(Dimension.VISIT, Dimension.DURATION), sigma=2)
    marts.write(site, DAY, [visits, released(site, DAY, Measure.VISITORS, 9)])
    lines = json.loads(exported(marts, "json", "visits"))
    assert [(line["visit"], line["duration"], line["value"], line["page"]) for line in lines] == [
        ("1", "bounce", 40, None),
        ("2", "0-10 s", -3, None),
    ]
    assert lines[0]["stderr"] == 2
    assert lines[0]["low95"] == pytest.approx(40 - 3.92, abs=0.01)


def test_gaps_are_lines_without_a_value_and_empty_releases_none(tmp_path: Path) -> None:
    site = "portal.example"
    marts = Marts(tmp_path)
    lost = released(site, DAY, Measure.VISITORS_HOUR, 0, slot=3, gap=Gap.LATE)
    empty = released(site, DAY, Measure.CAMPAIGNS, {}, dimensions=(Dimension.CAMPAIGN,), threshold=80)
    marts.write(site, DAY, [lost, empty])
    (line,) = json.loads(exported(marts, "json"))
    assert (line["measure"], line["hour"], line["value"], line["low95"], line["gap"]) == (
        "visitors_hour", 3, None, None, "late",
    )  # fmt: skip


def test_first_releases_have_their_own_interval(tmp_path: Path) -> None:
    site = "portal.example"
    marts = Marts(tmp_path)
    fresh = released(
        site,
        DAY,
        Measure.NEW_PAGES,
        {("/new",): 110},
        dimensions=(Dimension.PAGE,),
        new=["/new"],
        threshold=103,
        sigma=17,
    )
    marts.write(site, DAY, [fresh])
    (line,) = json.loads(exported(marts, "json"))
    assert line["is_new"]
    assert line["page"] == "/new"
    assert 110 - line["low95"] > 1.96 * 17


def test_unknown_formats_and_measures_are_refused(tmp_path: Path) -> None:
    with pytest.raises(QueryError, match="xml"):
        exported(Marts(tmp_path), "xml")
    with pytest.raises(QueryError, match="people"):
        exported(Marts(tmp_path), "csv", "people")


def test_each_measure_can_be_had_alone_with_its_keys(tmp_path: Path) -> None:
    marts = sample_marts(tmp_path, date(2026, 3, 4), days=2, sites=SITES[:1])
    for measure, dimensions in KEYS_OF.items():
        lines = json.loads(exported(marts, "json", measure))
        filled = [line for line in lines if line["value"] is not None]
        assert filled
        for line in filled:
            keys = {dimension for dimension in Dimension if line[dimension.value] is not None}
            assert keys == set(dimensions), measure
