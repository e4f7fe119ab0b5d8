"""Cells of a declared table as files."""

import csv
import json
from datetime import date
from io import BytesIO, StringIO
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from mart_samples import SITES, sample_marts
from table_mart_samples import LAST, NAME, released_table, sample_table_marts

from hubbub.core.errors import QueryError
from hubbub.core.keys import Measure
from hubbub.publish.export import export
from hubbub.publish.marts import Marts
from hubbub.publish.table_export import export_table


@pytest.fixture(scope="module")
def marts(tmp_path_factory: pytest.TempPathFactory) -> Marts:
    return sample_table_marts(tmp_path_factory.mktemp("marts"), days=40, sigma=20.0)


def lines(marts: Marts, measure: str | None = None) -> list[dict[str, str]]:
    output = BytesIO()
    count = export_table(marts, NAME, "csv", measure, output)
    found = list(csv.DictReader(StringIO(output.getvalue().decode())))
    assert len(found) == count
    return found


def test_keys_stand_under_their_columns_names(marts: Marts) -> None:
    found = lines(marts)
    assert {"form", "district", "hour", "bin", "part", "step", "load"} < set(found[0])
    (one,) = [
        line
        for line in found
        if (line["measure"], line["day"], line["form"], line["district"])
        == ("requests", str(LAST), "/parking", "north")
    ]
    assert (one["kind"], one["part"], one["source"], one["gap"]) == ("count", "", NAME, "")
    assert float(one["low95"]) == pytest.approx(float(one["value"]) - 1.96 * 20, abs=0.01)
    assert {line["part"] for line in found if line["measure"] == "took"} == {"units", "sum"}
    assert {line["high"] for line in found if line["measure"] == "worked"} == {"100"}


def test_gaps_are_lines_without_value_and_first_releases_have_their_interval(marts: Marts) -> None:
    (gap,) = [line for line in lines(marts, "cases") if line["gap"]]
    assert (gap["day"], gap["value"], gap["gap"]) == ("2026-03-10", "", "forfeited")
    for line in lines(marts, "new_form"):
        assert line["is_new"] == "true"
        assert float(line["value"]) - float(line["low95"]) > float(line["high95"]) - float(line["value"])


def test_every_format_has_the_same_lines(marts: Marts) -> None:
    rows = len(lines(marts, "took"))
    parquet, text = BytesIO(), BytesIO()
    assert export_table(marts, NAME, "parquet", "took", parquet) == rows
    assert pq.read_table(parquet).num_rows == rows
    assert export_table(marts, NAME, "json", "took", text) == rows
    assert len(json.loads(text.getvalue())) == rows


def test_a_column_called_like_another_one_is_headed_by(tmp_path: Path) -> None:
    marts = Marts(tmp_path)
    marts.write(NAME, LAST, [released_table(LAST, "all", {("a",): 3.0}, "count", ("gap",))])
    (one,) = lines(marts)
    assert (one["by_gap"], one["gap"]) == ("a", "")


def test_what_does_not_exist_is_told(marts: Marts) -> None:
    with pytest.raises(QueryError, match=r"took"):
        export_table(marts, NAME, "csv", "visits", BytesIO())
    with pytest.raises(QueryError, match="parquet"):
        export_table(marts, NAME, "xml", None, BytesIO())


def test_the_export_of_sites_leaves_tables_out(tmp_path: Path) -> None:
    sample_table_marts(tmp_path, days=2)
    marts = sample_marts(tmp_path, date(2026, 4, 5), days=2, sites=SITES[:1])
    output = BytesIO()
    assert export(marts, "csv", Measure.VISITORS, output) == 2
    assert NAME not in output.getvalue().decode()
    assert marts.is_declared(NAME)
    assert not marts.is_declared(SITES[0])
