"""`hubbub keys`: what it says about keys and lists that are not this site's."""

from datetime import date
from pathlib import Path

import pytest

from hubbub.cli.commands.keys import approve, import_keys, revoke
from hubbub.cli.home import Home
from hubbub.core.errors import InputError
from hubbub.core.keys import Dimension

SITE = "portal.example"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "hubbub.yaml").write_text(f"sites: [{{name: {SITE}}}]\n")
    return tmp_path


def test_pages_of_another_host_are_taken_with_a_note(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "own.txt").write_text("/a\nhttps://www.portal.example/b\n")
    (home / "foreign.txt").write_text("https://other.example/c\n")
    import_keys(str(home / "own.txt"), SITE, home)
    assert capsys.readouterr().err == ""
    import_keys(str(home / "foreign.txt"), SITE, home)
    assert "names pages of other.example" in capsys.readouterr().err


def test_a_key_that_is_not_known_does_not_pass_for_done(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "own.txt").write_text("/a\n")
    import_keys(str(home / "own.txt"), SITE, home)
    for change in (approve, revoke):
        with pytest.raises(InputError, match=r"/b.*no such page"):
            change(["/a", "/b"], SITE, home=home)
    revoke(["/a"], SITE, home=home)
    assert "1 hidden" in capsys.readouterr().out


def test_terms_are_shown_and_hidden_like_pages(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    day = date(2026, 5, 4)
    Home.open(home).public_keys.declare(SITE, Dimension.TERM, ["bus"], day)
    revoke(["bus"], SITE, Dimension.TERM, home)
    assert [str(each.standing) for each in Home.open(home).public_keys.known(SITE)] == ["revoked"]
    approve(["bus"], SITE, Dimension.TERM, home)
    assert capsys.readouterr().out == "1 hidden\n1 shown\n"
    with pytest.raises(InputError, match="no such term"):
        approve(["tram"], SITE, Dimension.TERM, home)
