"""The command itself: its help, its exit codes, and one line for every fault."""

from pathlib import Path

import pytest

from hubbub.cli import main as command
from hubbub.cli.commands import version


def run(monkeypatch: pytest.MonkeyPatch, *words: object) -> int:
    """The exit code of `hubbub WORDS`."""
    monkeypatch.setattr("sys.argv", ["hubbub", *map(str, words)])
    with pytest.raises(SystemExit) as ended:
        command.main()
    assert isinstance(ended.value.code, int)
    return ended.value.code


@pytest.mark.parametrize("name", sorted(command.COMMANDS))
def test_every_command_has_help_of_its_own(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, name, "--help") == 0
    said = capsys.readouterr().out
    assert "completion" not in said
    assert "..." not in said.replace("FILE...", "").replace("KEY...", "").replace("[ARGS]...", "").replace("}...", "")


def test_a_file_in_the_way_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("x")
    assert run(monkeypatch, "init", tmp_path / "file", "--site", "portal.example") == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "cannot be written" in said


def test_a_delta_without_epsilon_is_wrong_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(monkeypatch, "init", tmp_path / "home", "--site", "portal.example", "--delta", "1e-8") == 2
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize(
    ("file", "words"),
    [("state.db", ("ledger", "verify")), ("keys/keys.db", ("status",)), ("keys/keys.db", ("serve", "--port", "8391"))],
)
def test_a_damaged_file_is_one_line_that_names_it(
    file: str,
    words: tuple[str, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "hubbub.yaml").write_text("sites: [{name: portal.example}]\n")
    (tmp_path / file).parent.mkdir(exist_ok=True)
    (tmp_path / file).write_bytes(b"damaged " * 100)
    monkeypatch.setenv("HUBBUB_HOME", str(tmp_path))
    assert run(monkeypatch, *words) == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert Path(file).name in said


def test_what_no_one_foresaw_is_one_line_without_content(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(_: str) -> str:
        raise LookupError("row of 192.0.2.1")

    monkeypatch.setattr(version, "version", fail)
    monkeypatch.delenv("HUBBUB_TRACEBACK", raising=False)
    assert run(monkeypatch, "version") == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert said.startswith("hubbub: unforeseen LookupError at ")
    assert "192.0.2.1" not in said
