"""Where a home's parts stand, and what is refused in the settings."""

import builtins
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from hubbub.cli.clock import SystemClock
from hubbub.cli.config import parse_settings
from hubbub.cli.home import Home
from hubbub.core.errors import ConfigError, InputError, Refused
from hubbub.release.postgresql import open_shared_state
from hubbub.store.keyfile import KeyFile

SITES = "sites: [{name: portal.example}]\n"


def test_all_stands_in_the_home_unless_told_otherwise(tmp_path: Path) -> None:
    home = Home(tmp_path, parse_settings(SITES), SystemClock())
    assert isinstance(home.keys, KeyFile)
    assert home.raw_folder == tmp_path / "raw"
    assert home.database.dialect.name == "sqlite"
    moved = Home(tmp_path, parse_settings(f"{SITES}raw_folder: elsewhere\nkeys_folder: /srv/keys\n"), SystemClock())
    assert moved.raw_folder == tmp_path / "elsewhere"


@pytest.mark.parametrize(
    "url", ["postgresql://hubbub:secret@db.example/hubbub", "postgresql://db.example/hubbub?password=secret"]
)
def test_a_password_in_the_settings_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(Refused, match="PGPASSFILE") as refused:
        parse_settings(f"{SITES}state: {url}\n")
    assert "secret" not in str(refused.value)


def test_other_databases_are_refused() -> None:
    with pytest.raises(ConfigError, match="state"):
        parse_settings(f"{SITES}state: mysql://db.example/hubbub\n")
    with pytest.raises(InputError, match="another kind"):
        open_shared_state("mysql://db.example/hubbub")
    with pytest.raises(InputError, match="not the URL"):
        open_shared_state("db.example")


def test_the_environment_goes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUBBUB_STATE", "postgresql://hubbub@127.0.0.1:1/hubbub")
    home = Home(tmp_path, parse_settings(SITES), SystemClock())
    assert home.database.dialect.name == "postgresql"
    assert home.database.hide_parameters


def test_a_missing_driver_is_told_with_its_install_line(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(
        name: str,
        globals: Mapping[str, object] | None = None,
        locals: Mapping[str, object] | None = None,
        fromlist: Sequence[str] = (),
        level: int = 0,
    ) -> object:
        if name == "psycopg":
            raise ModuleNotFoundError(name)
        return real(name, globals, locals, fromlist, level)

    monkeypatch.delitem(sys.modules, "psycopg", raising=False)
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(InputError, match=r"pip install 'hubbub\[postgresql\]'"):
        open_shared_state("postgresql://hubbub@127.0.0.1:1/hubbub")
