"""`hubbub plan`: every problem of a file, warnings, what a plan means, proposals that can be pasted, versions."""

import json
from datetime import date
from pathlib import Path

import msgspec
import pyarrow as pa
import pytest
import yaml
from typer.testing import CliRunner, Result

from hubbub.cli.commands.plan import app
from hubbub.cli.config import parse_settings
from hubbub.cli.config_problems import problems_of, take_out
from hubbub.cli.home import Home
from hubbub.core.days import bounds
from hubbub.core.rows import COLUMNS, Row
from hubbub.core.settings import Tuning
from hubbub.release.site_plan import SHAPES

SITE = "portal.example"
DAY = date(2026, 5, 4)
TYPES = {"int64": pa.int64(), "int32": pa.int32(), "int16": pa.int16(), "int8": pa.int8(), "string": pa.string()}
PAGES = [f"/p{page}" for page in range(8)]
YAML = f"sites:\n  - name: {SITE}\n    pages: [{', '.join(PAGES)}]\n"


def run(*words: object) -> Result:
    return CliRunner().invoke(app, list(map(str, words)), env={"COLUMNS": "110"})


def closed(folder: Path, text: str, day: date) -> None:
    """A day of 1,500 visitors under these settings, released."""
    folder.mkdir(exist_ok=True)
    (folder / "hubbub.yaml").write_text(text, "utf-8")
    home = Home.open(folder)
    start = bounds(day, "UTC").start_ms
    rows = [
        Row(unit, 2 * (unit * 8 + place), start + unit * 20_000 + place, unit * 20_000 // 3_600_000, 1, page)
        for unit in range(1_500)
        for place, page in enumerate(PAGES[: 1 + unit % 4] if unit % 9 else PAGES)
    ]
    columns = zip(COLUMNS, zip(*map(msgspec.structs.astuple, rows), strict=True), strict=True)
    home.raw.write(
        SITE, day, pa.table({name: pa.array(list(values), TYPES[kind]) for (name, kind), values in columns}), {}
    )
    home.closer().close(SITE, [day])


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that closed a day, and the next one under other bounds."""
    folder = tmp_path_factory.mktemp("plan") / "home"
    closed(folder, YAML, DAY)
    closed(folder, YAML + "    plan: {weights: {pageviews: 9}, bounds: {page_visitors: 6}}\n", date(2026, 5, 5))
    return folder


BROKEN = """\
timezone: Mars/North
keep_hours: 99
sites:
  - name: a.example
    colour: red
    goals: {Paid: {page: paid}, Sent: {event: Sent}}
    plan: {weights: {visitor: 3}, bounds: {visitors: 2}}
    query_keep: [user_id]
  - name: B
"""


def test_all_problems_are_told_with_their_places() -> None:
    problems, settings = problems_of(BROKEN)
    assert settings is None
    told = " | ".join(map(str, problems))
    for place in (
        "timezone:", "keep_hours:", "sites[0].colour:", "sites[0].goals.Paid.page:", "sites[0].goals.Sent.event:",
        "sites[0].plan.weights.visitor:", "sites[0].plan.bounds.visitors:", "sites[0].query_keep:", "sites[1].name:",
    ):  # fmt: skip
        assert place in told
    assert all("; allowed: " in str(each) or "refused" in str(each) for each in problems)


def test_a_right_file_has_no_problem_and_is_read() -> None:
    problems, settings = problems_of(YAML)
    assert problems == []
    assert settings == parse_settings(YAML)


@pytest.mark.parametrize("text", ["", "sites: [", "sites: 5", "[]", "sites: []"])
def test_what_cannot_be_taken_out_ends_the_search(text: str) -> None:
    problems, settings = problems_of(text)
    assert problems
    assert settings is None


def test_names_with_dots_are_taken_out_whole() -> None:
    tree = {"sites": [{"events": {"a.b": {"kind": []}, "a": {"b": 1}}}]}
    assert take_out(tree, "sites[0].events.a.b.kind")
    assert tree == {"sites": [{"events": {"a.b": {}, "a": {"b": 1}}}]}
    assert not take_out(tree, "sites[3].events")
    assert not take_out(tree, "elsewhere")


def test_check_exits_with_1_and_says_everything(tmp_path: Path) -> None:
    (tmp_path / "hubbub.yaml").write_text(BROKEN)
    found = run("check", tmp_path / "hubbub.yaml")
    assert found.exit_code == 1
    assert len(found.stderr.splitlines()) == len(problems_of(BROKEN)[0]) >= 9
    assert all(line.startswith("hubbub: ") for line in found.stderr.splitlines())


def test_check_of_a_file_tells_each_source_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "hubbub.yaml").write_text(YAML + "  - name: other.example\n")
    found = run("check", tmp_path / "hubbub.yaml")
    assert found.exit_code == 0
    assert "portal.example: 23 measures, ρ 0.05 of 0.05, ε 1.92, δ 1e-09; new keys above: new_pages 1" in found.stdout
    assert "other.example: 23 measures" in found.stdout
    assert not (tmp_path / "state.db").exists()


@pytest.mark.parametrize(
    ("text", "warning"),
    [
        ("sites: [{name: a.example}]\nbudget: {epsilon: 50}", "a trial (ε = 50)"),
        ("sites: [{name: a.example, plan: {weights: {goals: 5}}}]", "plan.weights.goals: unused"),
        ("sites: [{name: a.example, collect: log, returning: true}]", "returning: unused, for a log"),
        (
            "sites: [{name: a.example, goals: {G: {page: /}}, plan: {bounds: {goals: 4}}}]",
            "plan.bounds.goals: 4 is more than there are keys; 1 is taken",
        ),
        ("sites: [{name: a.example, pages: [/, /a]}]", "page_visitors: the bound is 5, but only 2 keys are public"),
        (
            f"sites: [{{name: a.example}}]\naccess: {{key_hashes: [{'ab' * 32}]}}",
            "access.key_hashes: unused",
        ),
        (
            "sites: [{name: a.example, plan: {weights: {visitors: 5}}}]\nbudget: {epsilon: 50}",
            "plan.weights.visitors: unused, for a trial",
        ),
    ],
)
def test_what_is_hardly_meant_is_a_warning(text: str, warning: str, tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text(text)
    found = run("check", tmp_path / "x.yaml")
    assert found.exit_code == 0
    assert f"warning: {warning}" in found.stdout or warning in found.stdout.partition("warning:")[2]


def test_a_budget_too_small_for_the_weights_is_a_problem(tmp_path: Path) -> None:
    weights = ", ".join(f"{name}: 1000" for name in SHAPES if name != "visitors")
    (tmp_path / "x.yaml").write_text(
        f"sites: [{{name: a.example, plan: {{weights: {{visitors: 1, {weights}}}}}}}]\n"
        "budget: {epsilon: 0.001, delta: 1e-15}\n"
    )
    found = run("check", tmp_path / "x.yaml")
    assert found.exit_code == 1
    assert "too small" in found.stderr


def test_check_looks_at_what_was_released(home: Path) -> None:
    found = run("check", "--home", home)
    assert found.exit_code == 0, found.output
    assert "nothing stood out of the noise from 2026-04-06 to 2026-05-05 in: " in found.stdout
    assert "new_pages" in found.stdout.partition("stood out")[2]


def test_explain_tells_every_measure_in_words_and_numbers(home: Path) -> None:
    found = run("explain", "--home", home)
    assert found.exit_code == 0, found.output
    assert "ε = 1.92 at δ = 1.0e-09" in found.stdout
    assert "released from 2026-04-06 to 2026-05-05" in found.stdout
    assert max(map(len, found.stdout.splitlines())) <= 110
    (told,) = json.loads(run("explain", "--home", home, "--json").stdout)
    assert [each["plan"]["measure"] for each in told["measures"]] == [
        name for name in map(str, SHAPES) if name in {each["plan"]["measure"] for each in told["measures"]}
    ]
    assert told["rho_spent"] == pytest.approx(0.05)
    assert told["delta_spent"] == pytest.approx(5e-10)
    by_name = {each["plan"]["measure"]: each for each in told["measures"]}
    assert by_name["visitors"]["expected"]["largest"] == pytest.approx(1500, abs=120)
    assert by_name["pageviews"]["expected"]["cut"] == pytest.approx(0, abs=0.05)
    assert "threshold" in by_name["new_pages"]["mechanism"]
    assert "threshold" not in by_name["visitors"]["mechanism"]


def test_explain_at_visitors_says_what_it_assumes(tmp_path: Path) -> None:
    (tmp_path / "hubbub.yaml").write_text(YAML)
    found = run("explain", "--visitors", 20_000, "--home", tmp_path)
    assert "assumed 20,000 visitors a day: each visitor views 3 pages" in " ".join(found.stdout.split())
    assert not (tmp_path / "state.db").exists()
    (told,) = json.loads(run("explain", "--visitors", 20_000, "--home", tmp_path, "--json").stdout)
    assert told["measures"][0]["expected"]["error"] == pytest.approx(0.0008, abs=0.0001)
    assert told["first"] is None


def test_explain_before_the_first_release_shows_the_plan(tmp_path: Path) -> None:
    (tmp_path / "hubbub.yaml").write_text(YAML)
    found = run("explain", "--home", tmp_path)
    assert found.exit_code == 0
    assert "nothing was released yet" in found.stdout


@pytest.mark.parametrize("columns", [80, 120])
def test_tables_fit_the_terminal(home: Path, columns: int) -> None:
    for words in (["explain"], ["tune"], ["history"]):
        found = CliRunner().invoke(app, [*words, "--home", str(home)], env={"COLUMNS": str(columns)})
        assert max(map(len, found.stdout.splitlines())) <= columns
        assert "…" not in found.stdout


def test_what_tune_prints_can_be_pasted_and_set(home: Path) -> None:
    found = run("tune", "--home", home, "--importance", "page_visitors=60")
    assert found.exit_code == 0, found.output
    snippet = yaml.safe_load(found.stdout[found.stdout.index("sites:\n") :])
    tuning = msgspec.convert(snippet["sites"][0]["plan"], Tuning)
    assert sum(tuning.weights.values()) == 500
    assert parse_settings(found.stdout[found.stdout.index("sites:\n") :]).sites[0].plan == tuning
    (told,) = json.loads(run("tune", "--home", home, "--importance", "page_visitors=60", "--json").stdout)
    assert told["plan"]["weights"] == tuning.weights
    assert told["proposal"]["after"] <= told["proposal"]["before"]
    assert "mean over shown cells" in found.stdout


def test_tune_draws_the_trade_off(home: Path, tmp_path: Path) -> None:
    assert run("tune", "--home", home, "--svg", tmp_path / "t.svg").exit_code == 0
    svg = (tmp_path / "t.svg").read_text()
    assert svg.startswith("<svg ")
    for text in ("proposed", "as it stands", "ε of a device and day", "page_visitors", "prefers-color-scheme"):
        assert text in svg
    assert "http" not in svg.replace("http://www.w3.org/", "")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--importance", "visitor=3"], "--importance"),
        (["--importance", "visitors=-3"], "--importance"),
        (["--site", "other.example"], "no source"),
        (["--svg", "/nowhere/t.svg"], "cannot be written"),
    ],
)
def test_wrong_words_are_told(home: Path, words: list[str], said: str) -> None:
    found = run("tune", "--home", home, *words)
    assert said in str(found.exception)


def test_nothing_released_cannot_be_tuned(tmp_path: Path) -> None:
    (tmp_path / "hubbub.yaml").write_text(YAML)
    assert "no released number" in str(run("tune", "--home", tmp_path).exception)
    (tmp_path / "hubbub.yaml").write_text(YAML + "budget: {epsilon: 50}\n")
    assert "trial" in str(run("tune", "--home", tmp_path).exception)


def test_history_tells_what_changed(home: Path) -> None:
    found = run("history", "--home", home).stdout
    assert "2026-05-04" in found
    assert "2026-05-05" in found
    said = " ".join(found.split())
    assert "in at most 5 pages → in at most 6 pages" in said
    versions = json.loads(run("history", "--home", home, "--json").stdout)[SITE]
    assert [each["number"] for each in versions] == [1, 2]
    text = json.loads(run("history", "--home", home, "--text", versions[1]["name"]).stdout)
    assert {each["measure"]: each["bound"] for each in text[0]["measures"]}["page_visitors"] == 6
    assert "no text of one plan" in str(run("history", "--home", home, "--text", "portal/1/0000").exception)
