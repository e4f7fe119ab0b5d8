"""`hubbub targets`: what it prints of a home with released numbers, and of one without targets."""

import sys
from datetime import date
from pathlib import Path

import msgspec
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "publish"))

from mart_samples import SITES, sample_marts

from hubbub.cli import main as command
from hubbub.cli.home import Home
from hubbub.cli.reading import notebook_of, read_side
from hubbub.core.errors import HubbubError
from hubbub.core.targets import Target
from hubbub.operate.roles import Operator, Role

SETTINGS = f"""\
sites: [{{name: {SITES[0]}, title: City services}}]
timezone: Europe/Vienna
"""
TARGETS = """\
targets:
  - {name: many, title: Many visitors, metric: visitors, period: month, at_least: 60000, owner: Press office}
  - {name: more, metric: visitors, period: month, at_least: +3 %, baseline: last_year}
  - {name: short, metric: bounce_rate, period: week, at_most: 99}
"""


def hubbub(monkeypatch: pytest.MonkeyPatch, *words: object) -> int:
    monkeypatch.setattr("sys.argv", ["hubbub", *map(str, words)])
    with pytest.raises(SystemExit) as ended:
        command.main()
    assert isinstance(ended.value.code, int)
    return ended.value.code


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "hubbub.yaml").write_text(SETTINGS + TARGETS)
    sample_marts(tmp_path / "marts", date(2026, 5, 19), days=60, sites=SITES[:1])
    monkeypatch.setenv("HUBBUB_HOME", str(tmp_path))
    return tmp_path


def test_every_target_is_told(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert hubbub(monkeypatch, "targets") == 0
    told = capsys.readouterr().out.replace("\u00a0", " ")
    assert "of 3 targets are met or on track." in told
    assert "Many visitors (every month): " in told
    assert "aim: at least 60,000; probability " in told
    assert "expected on 2026-05-31: " in told
    assert "? more (every month): not known yet" in told
    assert "what it is compared with is not released" in told
    assert "● short (every week): on track" in told


def test_json_is_what_the_api_says(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert hubbub(monkeypatch, "targets", "--json") == 0
    body = msgspec.json.decode(capsys.readouterr().out)
    assert [one["name"] for one in body["targets"]] == ["many", "more", "short"]
    assert body["targets"][0]["owner"] == "Press office"
    assert 0 <= body["targets"][0]["probability"] <= 1


def test_a_home_without_targets_is_told_how_to_set_one(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "hubbub.yaml").write_text(SETTINGS)
    assert hubbub(monkeypatch, "targets") == 0
    assert "no target is set" in capsys.readouterr().out


def test_targets_of_the_pages_stand_behind_those_of_the_settings(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    here, ana = Home.open(home), Operator("ana", Role.ANALYST)
    book, made = notebook_of(here), Target("steady", title="Made by hand", metric="visitors", at_least=50_000.0)
    book.add_target(ana, made)
    for wrong in (
        msgspec.structs.replace(made, name="many"),  # hubbub.yaml has it
        msgspec.structs.replace(made, name="x", metric="engaged_median"),
        msgspec.structs.replace(made, name="x", owner="call +43 1 4000 4001"),
    ):
        with pytest.raises(HubbubError):
            book.add_target(ana, wrong)
    assert [one.name for one in read_side(here).targets] == ["many", "more", "short", "steady"]
    here.database.dispose()
    assert hubbub(monkeypatch, "targets") == 0
    told = capsys.readouterr().out
    assert "of 4 targets" in told
    assert told.index("short (every week)") < told.index("Made by hand")
    (home / "hubbub.yaml").write_text(SETTINGS + TARGETS.replace("name: more", "name: steady"))
    other = Home.open(home)
    assert [one.name for one in read_side(other).targets] == ["many", "steady", "short"], "that of hubbub.yaml holds"
    other.database.dispose()
