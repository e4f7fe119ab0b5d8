"""`hubbub audit`: shows the last audit, runs one into the home or into files, and fails when it does not hold."""

import sys
from datetime import date
from pathlib import Path

import msgspec
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "release"))

from audit_samples import sample_audit

from hubbub.cli import main as command
from hubbub.cli.commands import audit as audit_command
from hubbub.core.audit_text import AuditText
from hubbub.release.audit import records
from hubbub.release.audit.page import page_of


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "hubbub.yaml").write_text("sites: [{name: portal.example}]\n")
    monkeypatch.setenv("HUBBUB_HOME", str(tmp_path))
    monkeypatch.setattr(records, "shipped", lambda: None)
    return tmp_path


def hubbub(monkeypatch: pytest.MonkeyPatch, *words: object) -> int:
    monkeypatch.setattr("sys.argv", ["hubbub", *map(str, words)])
    with pytest.raises(SystemExit) as ended:
        command.main()
    assert isinstance(ended.value.code, int)
    return ended.value.code


def made(monkeypatch: pytest.MonkeyPatch, found: AuditText) -> list[int]:
    """Stands in for the audit itself; the list gets the runs that are asked for."""
    asked: list[int] = []

    def audit(_today: date, runs: int, **_: object) -> AuditText:
        asked.append(runs)
        return found

    monkeypatch.setattr(audit_command, "run_audit", audit)
    return asked


def test_without_an_audit_it_says_how_to_make_one(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert hubbub(monkeypatch, "audit") == 1
    assert "hubbub audit --run" in capsys.readouterr().err


def test_an_audit_is_run_kept_and_shown(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = made(monkeypatch, sample_audit())
    assert hubbub(monkeypatch, "audit", "--run", "--runs", 20_000) == 0
    told = capsys.readouterr().out
    for words in ("Audit of 2026-05-18", "200,000 runs a side", "ε 2.75", "2.03", "holds", "3 of 3 broken copies"):
        assert words in told
    assert hubbub(monkeypatch, "audit") == 0
    assert capsys.readouterr().out == told
    assert hubbub(monkeypatch, "audit", "--json") == 0
    assert msgspec.json.decode(capsys.readouterr().out, type=AuditText) == sample_audit()
    assert hubbub(monkeypatch, "audit", "--run") == 0
    assert asked == [20_000, 200_000]


def test_an_audit_is_written_into_files_instead(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made(monkeypatch, sample_audit())
    page, data = home / "audit.md", home / "other.json"
    assert hubbub(monkeypatch, "audit", "--run", "--write", page, "--write", data) == 0
    assert page.read_text("utf-8") == page_of(sample_audit())
    assert msgspec.json.decode(data.read_bytes(), type=AuditText) == sample_audit()
    assert not (home / records.FILE).exists()


@pytest.mark.parametrize(
    ("found", "says"),
    [
        (sample_audit(holds=False), "release nothing"),
        (sample_audit(caught=False), "it shows nothing"),
    ],
)
def test_an_audit_that_does_not_hold_fails_and_is_kept(
    found: AuditText, says: str, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made(monkeypatch, found)
    assert hubbub(monkeypatch, "audit", "--run") == 1
    said = capsys.readouterr()
    assert says in said.err
    assert said.err.count("\n") == 1
    assert ("FAILS" in said.out) is not found.holds
    assert records.last_audit(home) == found


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--runs", 20_000), 2),
        (("--write", "page.md"), 2),
        (("--run", "--runs", 9_999), 2),
        (("--run", "--write", "page.txt"), 1),
    ],
)
def test_wrong_use_runs_nothing(
    words: tuple[object, ...], code: int, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = made(monkeypatch, sample_audit())
    assert hubbub(monkeypatch, "audit", *words) == code
    assert asked == []


def test_an_audit_is_kept_in_a_home_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = made(monkeypatch, sample_audit())
    monkeypatch.setenv("HUBBUB_HOME", str(tmp_path))
    assert hubbub(monkeypatch, "audit", "--run") == 1
    assert asked == []
