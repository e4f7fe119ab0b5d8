"""`hubbub plan` of a declared table: its measures in parts of a count, what its bounds cut off, its versions."""

import json
from pathlib import Path
from random import Random

import pytest
from typer.testing import CliRunner, Result

from hubbub.cli.commands.import_log import app as import_app
from hubbub.cli.commands.plan import app

DAYS = ("2026-05-04", "2026-05-05")
YAML = """\
budget: {epsilon: 9.9}
tables:
  - name: loans
    time: at
    unit: visit
    columns:
      branch: {values: [north, south, east]}
      title: {open: text}
    measures:
      readers: {kind: units, by: [branch]}
      loans: {kind: count, by: [branch]}
      titles: {kind: units, by: [title]}
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that released two days of 1,500 readers, a few of whom take very many books."""
    folder = tmp_path_factory.mktemp("tables")
    (folder / "hubbub.yaml").write_text(YAML, "utf-8")
    random = Random(4)
    lines = ["at,visit,branch,title"]
    for day in DAYS:
        for reader in range(1_500):
            for book in range(40 if reader % 50 == 0 else 1 + reader % 3):
                branch = random.choice(["north", "south", "east"])
                lines.append(f"{day}T10:{reader % 60:02}:{book:02},c{day}{reader},{branch},book {random.randrange(4)}")
    (folder / "loans.csv").write_text("\n".join(lines) + "\n", "utf-8")
    words = ["table", str(folder / "loans.csv"), "--table", "loans", "--final", "--home", str(folder)]
    found = CliRunner().invoke(import_app, words)
    assert found.exit_code == 0, found.output
    return folder


def run(*words: object) -> Result:
    return CliRunner().invoke(app, list(map(str, words)), env={"COLUMNS": "110"})


def test_check_tells_a_table_in_a_line(home: Path, tmp_path: Path) -> None:
    (tmp_path / "hubbub.yaml").write_text(YAML)
    for words in (["check", tmp_path / "hubbub.yaml"], ["check", "--home", home]):
        found = run(*words)
        assert found.exit_code == 0, found.output
        assert "loans: " in found.stdout
        assert "ε 9.9, δ 1e-09; new keys above: new_title " in found.stdout


def test_explain_counts_in_units_and_not_in_parts(home: Path) -> None:
    (told,) = json.loads(run("explain", "--source", "loans", "--home", home, "--json").stdout)
    assert "“visit”" in told["unit"]
    by_name = {each["plan"]["measure"]: each for each in told["measures"]}
    readers = by_name["readers"]
    assert readers["expected"]["largest"] == pytest.approx(800, rel=0.4)
    assert 1 < readers["plan"]["sigma"] < 100
    assert readers["plan"]["bound"].startswith("a unit counts in parts")
    assert by_name["new_title"]["plan"]["threshold"] < 1_000
    assert by_name["new_title"]["expected"]["cut"] is None
    # 2 % of the readers have 40 books and all 2.8 on the mean; the bound leaves about 5 of 40, so .25 are cut off. The
    # estimate is noised, and so few readers may not stand out of it at all: then nearly nothing seems to be cut off
    assert 0 <= by_name["loans"]["expected"]["cut"] < 0.7
    assert run("explain", "--home", home).exit_code == 0


def test_history_knows_tables(home: Path) -> None:
    versions = json.loads(run("history", "--source", "loans", "--home", home, "--json").stdout)["loans"]
    assert versions[0]["day"] == DAYS[0]
    assert versions[0]["is_kept"]
    assert versions[0]["name"].startswith("table/")


def test_a_table_is_not_tuned_by_hand(home: Path) -> None:
    assert "is a table" in str(run("tune", "--site", "loans", "--home", home).exception)
    assert "no source 'nowhere'" in str(run("explain", "--source", "nowhere", "--home", home).exception)
