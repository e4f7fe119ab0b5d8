"""`hubbub user`, `apikey` and `changes`, as an admin types them."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from hubbub.cli.commands import apikey, changes, user
from hubbub.cli.home import Home
from hubbub.core.errors import HubbubError, InputError, LedgerError
from hubbub.operate.api_keys import Scope
from hubbub.operate.roles import Role

PASSWORD = "seven wet horses drum"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "hubbub.yaml").write_text("sites: [{name: portal.example}]\n")
    return tmp_path


def run(app: object, home: Path, *words: str, typed: str = "") -> Result:
    """Run a command; its errors are raised here."""
    done = CliRunner().invoke(app, [*words, "--home", str(home)], input=typed)  # type: ignore[arg-type]
    if isinstance(done.exception, HubbubError):
        raise done.exception
    return done


def test_a_password_for_once_is_printed_and_opens(home: Path) -> None:
    said = run(user.app, home, "add", "gerda", "--role", "admin").stdout
    operators = Home.open(home).operators
    operator = operators.find(operators.sign_in("gerda", said.split()[-1]).token)
    assert operator is not None
    assert (operator.role, operator.must_choose) == (Role.ADMIN, True)
    assert "gerda\tadmin\tactive, with a password for once" in run(user.app, home, "list").stdout


@pytest.mark.parametrize(
    ("word", "typed"), [("--password-stdin", f"{PASSWORD}\nmore\n"), ("--prompt", f"{PASSWORD}\n{PASSWORD}\n")]
)
def test_a_password_comes_by_stdin_or_by_asking(home: Path, word: str, typed: str) -> None:
    said = run(user.app, home, "add", "ana", word, typed=typed)
    assert said.exit_code == 0
    assert PASSWORD not in said.output
    operators = Home.open(home).operators
    assert operators.sign_in("ana", PASSWORD).token
    run(user.app, home, "reset", "ana", "--password-stdin", typed="eleven green doors")
    assert operators.sign_in("ana", "eleven green doors").token


def test_a_password_is_no_argument(home: Path) -> None:
    assert run(user.app, home, "add", "ana", PASSWORD).exit_code == 2
    assert run(user.app, home, "add", "ana", "--password", PASSWORD).exit_code == 2
    assert run(user.app, home, "add", "ana", "--prompt", "--password-stdin").exit_code == 2
    with pytest.raises(InputError, match="stdin has no password"):
        run(user.app, home, "add", "ana", "--password-stdin")
    assert run(user.app, home, "list").stdout == ""


def test_accounts_are_disabled_enabled_and_given_roles(home: Path) -> None:
    run(user.app, home, "add", "ana")
    run(user.app, home, "role", "ana", "analyst")
    run(user.app, home, "disable", "ana")
    assert run(user.app, home, "list").stdout.startswith("ana\tanalyst\tdisabled")
    run(user.app, home, "enable", "ana")
    assert run(user.app, home, "list").stdout.startswith("ana\tanalyst\tactive")
    assert run(user.app, home, "role", "ana", "owner").exit_code == 2
    with pytest.raises(InputError, match="no account"):
        run(user.app, home, "disable", "nobody")


def test_keys_are_made_listed_and_revoked(home: Path) -> None:
    words = ("add", "--name", "board", "--scope", "read", "--scope", "write", "--expires", "30d")
    key = run(apikey.app, home, *words).stdout.split()[-1]
    operators = Home.open(home).operators
    assert operators.find_by_key(key, Scope.WRITE) is not None
    listed = run(apikey.app, home, "list").stdout
    assert listed.startswith("board\tread write\t")
    assert listed.endswith("\tvalid\n")
    assert key not in listed
    run(apikey.app, home, "revoke", "board")
    assert operators.find_by_key(key, Scope.READ) is None
    assert run(apikey.app, home, "add", "--name", "x", "--scope", "send", "--expires", "1d").exit_code == 2


def test_alone_it_still_makes_a_line_for_the_settings_file(tmp_path: Path) -> None:
    said = CliRunner().invoke(apikey.app, []).stdout
    key, digest = said.split("kept): ")[1].split("\n")[0], said.rstrip().split("- ")[-1]
    assert key.startswith("hub_")
    assert len(digest) == 64
    assert "sender_keys" in said
    assert not list(tmp_path.iterdir())


def test_changes_are_printed_and_checked(home: Path) -> None:
    run(user.app, home, "add", "ana", "--role", "viewer")
    run(user.app, home, "role", "ana", "analyst")
    (first, second) = run(changes.app, home, "list").stdout.splitlines()
    assert first.split("\t")[2:] == ["command line", "account added", "ana", "", "viewer"]
    assert second.split("\t")[2:] == ["command line", "role changed", "ana", "viewer", "analyst"]
    (line,) = run(changes.app, home, "list", "--limit", "1", "--json").stdout.splitlines()
    assert json.loads(line)["what"] == "role changed"
    assert "2 lines, all as written" in run(changes.app, home, "verify").stdout
    with Home.open(home).database.begin() as connection:
        connection.exec_driver_sql("UPDATE changes SET after = 'admin' WHERE seq = 2")
    with pytest.raises(LedgerError, match="from line 2 on"):
        run(changes.app, home, "verify")
