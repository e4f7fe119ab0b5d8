"""Declared tables in hubbub.yaml: what is read, and how a wrong one is answered, with its place and a remedy."""

from pathlib import Path

import pytest

from hubbub.cli.config import parse_settings
from hubbub.core.errors import ConfigError, Refused
from hubbub.core.tables import Column, Table

COLUMNS = "{district: {values: [north, south]}, form: {open: path}, topic: {open: text}, spent: {most: 100}}"
LONG = ", ".join(f"v{number}" for number in range(300))


def table_of(measures: str, columns: str = COLUMNS, rest: str = "unit: case_no, ") -> Table:
    text = f"tables: [{{name: permits, time: at, {rest}columns: {columns}, measures: {measures}}}]"
    return parse_settings(text).tables[0]


def test_the_least_that_works_is_a_home_without_a_site() -> None:
    settings = parse_settings(
        "tables: [{name: permits, time: at, unit: row, columns: {}, measures: {all: {kind: count}}}]"
    )
    assert settings.sites == ()
    assert settings.zone_of("permits") == "UTC"
    assert settings.table("permits") is not None


def test_a_number_has_twenty_bins_unless_it_is_told() -> None:
    assert len(Column(most=100).edges) == 21
    table = table_of("{a: {kind: histogram, of: spent}}", "{spent: {most: 9, bins: [0, 3, 9]}}")
    assert table.columns["spent"].edges == (0, 3, 9)


def test_known_keys_are_cleaned_like_those_of_rows() -> None:
    table = table_of("{a: {kind: units, by: [topic]}}", "{topic: {open: text, known: [' Parks  ', Parks]}}")
    assert len(table.columns["topic"].known) == 1
    paths = table_of("{a: {kind: units, by: [form]}}", "{form: {open: path, known: ['/a/?x=1', /b/]}}")
    assert paths.columns["form"].known == ("/a/", "/b/")


@pytest.mark.parametrize(
    ("measures", "columns", "path", "allowed"),
    [
        ("{}", COLUMNS, "measures", "kind: count"),
        ("{a: {kind: median}}", COLUMNS, "measures.a.kind", ""),
        ("{A: {kind: count}}", COLUMNS, "measures.A", "small letters"),
        ("{new_form: {kind: count}}", COLUMNS, "measures.new_form", "not beginning with"),
        ("{a: {kind: count, by: [colour]}}", COLUMNS, "measures.a.by", "district, form, topic, spent, hour"),
        ("{a: {kind: count, by: [spent]}}", COLUMNS, "measures.a.by", "none of them a number"),
        ("{a: {kind: count, by: [form, topic]}}", COLUMNS, "measures.a.by", "one open column at most"),
        ("{a: {kind: count, by: [district, district]}}", COLUMNS, "measures.a.by", "each once"),
        ("{a: {kind: count, of: spent}}", COLUMNS, "measures.a.of", "stands with no other kind"),
        ("{a: {kind: sum}}", COLUMNS, "measures.a.of", "names a number"),
        ("{a: {kind: mean, of: district}}", COLUMNS, "measures.a.of", "a column with a `most`"),
        ("{a: {kind: share}}", COLUMNS, "measures.a.which", "conditions"),
        ("{a: {kind: count, which: {district: [north]}}}", COLUMNS, "measures.a.which", "of a share alone"),
        ("{a: {kind: funnel}}", COLUMNS, "measures.a.steps", "2 to 8"),
        ("{a: {kind: funnel, steps: [{district: [north]}]}}", COLUMNS, "measures.a.steps", "2 to 8"),
        (
            "{a: {kind: funnel, by: [district], steps: [{district: [north]}, {district: [south]}]}}",
            COLUMNS, "measures.a.by", "nothing: a funnel",
        ),
        ("{a: {kind: count, where: {district: [east]}}}", COLUMNS, "measures.a.where.district", "north, south, other"),
        ("{a: {kind: count, where: {spent: ['5']}}}", COLUMNS, "measures.a.where.spent", "district"),
        ("{a: {kind: count, where: {district: []}}}", COLUMNS, "measures.a.where.district", "a list of values"),
        ("{a: {kind: count, weight: 0}}", COLUMNS, "measures.a.weight", "1 to 1000"),
        ("{a: {kind: count, bound: 5000}}", COLUMNS, "measures.a.bound", "what fits"),
        ("{a: {kind: count}}", "{x: {}}", "columns.x", "one of `values"),
        ("{a: {kind: count}}", "{x: {values: [a], open: text}}", "columns.x", "one of `values"),
        ("{a: {kind: count}}", "{x: {open: words}}", "columns.x.open", ""),
        ("{a: {kind: count}}", "{hour: {values: [a]}}", "columns.hour", "small letters"),
        ("{a: {kind: count}}", "{Colour: {values: [a]}}", "columns.Colour", "`header` names it"),
        ("{a: {kind: count}}", "{x: {values: [a, other]}}", "columns.x.values", "counts as `other` by itself"),
        ("{a: {kind: count}}", "{x: {values: [a, a]}}", "columns.x.values", "each once"),
        ("{a: {kind: count}}", "{x: {values: [a], known: [b]}}", "columns.x.known", "open: text"),
        ("{a: {kind: count}}", "{x: {least: 5, most: 5}}", "columns.x", "a least below the most"),
        ("{a: {kind: count}}", "{x: {most: 1e12}}", "columns.x.most", "at most"),
        ("{a: {kind: count}}", "{x: {most: 5, decimals: 9}}", "columns.x.decimals", "0 to 6"),
        ("{a: {kind: count}}", "{x: {most: 5, bins: [0, 5, 5]}}", "columns.x.bins", "rising"),
        ("{a: {kind: count, colour: red}}", COLUMNS, "measures.a.colour", ""),
    ],
)  # fmt: skip
def test_a_wrong_table_is_told_its_place_and_a_remedy(measures: str, columns: str, path: str, allowed: str) -> None:
    with pytest.raises(ConfigError) as caught:
        table_of(measures, columns)
    assert caught.value.path == f"tables[0].{path}"
    assert allowed in caught.value.allowed


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("tables: [{name: Permits, time: at, unit: row, columns: {}, measures: {a: {kind: count}}}]", "tables[0].name"),
        ("tables: [{name: permits, time: '', unit: row, columns: {}, measures: {a: {kind: count}}}]", "tables[0].time"),
        (
            "tables: [{name: p, time: at, unit: row, timezone: Mars/X, columns: {}, measures: {a: {kind: count}}}]",
            "tables[0].timezone",
        ),
        (
            "tables: [{name: p, time: at, unit: row, columns: {}, measures: {a: {kind: count}}}, "
            "{name: p, time: at, unit: row, columns: {}, measures: {a: {kind: count}}}]",
            "tables[1].name",
        ),
        (
            "sites: [{name: p}]\ntables: [{name: p, time: at, unit: row, columns: {}, measures: {a: {kind: count}}}]",
            "tables[0].name",
        ),
        ("tables: []", "sites"),
    ],
)
def test_a_wrong_name_time_or_zone_is_told_its_place(text: str, path: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_settings(text)
    assert caught.value.path == path


@pytest.mark.parametrize(
    ("measures", "columns", "rest"),
    [
        ("{a: {kind: count}}", "{email: {open: text}}", "unit: row, "),
        ("{a: {kind: count}}", "{x: {open: text, header: customer_name}}", "unit: row, "),
        ("{a: {kind: count}}", "{age: {most: 100}}", "unit: row, "),
        ("{a: {kind: count}}", "{x: {values: [anna.huber@mail.example]}}", "unit: row, "),
        ("{a: {kind: count}}", COLUMNS, "unit: iban, "),
        ("{a: {kind: count}}", "{case_no: {open: text}}", "unit: case_no, "),
        ("{a: {kind: count, title: 'call +43 660 1234567'}}", COLUMNS, "unit: row, "),
    ],
)
def test_what_names_a_person_is_refused(measures: str, columns: str, rest: str) -> None:
    with pytest.raises(Refused, match=r"tables\[0\]\."):
        table_of(measures, columns, rest)


def test_too_many_cells_are_refused() -> None:
    lists = ", ".join(f"c{number}: {{values: [{LONG}]}}" for number in range(3))
    assert table_of("{a: {kind: count, by: [c0, c1]}}", f"{{{lists}}}").measures
    with pytest.raises(ConfigError, match="fewer columns, or shorter lists"):
        table_of("{a: {kind: count, by: [c0, c1, c2]}}", f"{{{lists}}}")


def test_the_example_of_the_docs_is_a_right_one() -> None:
    text = (Path(__file__).parents[3] / "docs" / "tables.md").read_text("utf-8")
    table = parse_settings(text.split("```yaml\n")[1].split("```")[0]).tables[0]
    assert {each.kind for each in table.measures.values()} == {
        "units", "count", "sum", "mean", "quantiles", "histogram", "share", "funnel",
    }  # fmt: skip


@pytest.mark.parametrize("name", ["unit", "tag", "ms", "hour", "day", "source"])
def test_no_column_has_the_name_of_what_every_row_has(name: str) -> None:
    with pytest.raises(ConfigError, match="`header` names it in files"):
        table_of("{a: {kind: count}}", f"{{{name}: {{most: 9}}}}")
