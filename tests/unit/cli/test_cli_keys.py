"""`hubbub keys`: what it says about keys and lists that are not this site's."""

from datetime import date
from pathlib import Path

import pytest

from hubbub.cli.commands.keys import approve, import_keys, list_keys, revoke, waiting
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


TABLE = """
tables:
  - name: desk
    time: at
    unit: case_no
    columns: {form: {open: path, header: form_path}, topic: {open: text}, kind: {values: [a]}}
    measures: {all: {kind: units, by: [form]}}
"""


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    (tmp_path / "hubbub.yaml").write_text(TABLE)
    return tmp_path


def test_values_of_an_open_column_are_taken_from_a_list_or_a_csv(
    desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (desk / "list.txt").write_text("/forms/a\n/forms/b?x=1\n\n/forms/a\n")
    import_keys(str(desk / "list.txt"), table="desk", column="form", home=desk)
    assert capsys.readouterr().out == "2 values of form read, 2 of them not known before\n"
    (desk / "list.csv").write_text('number;form_path\n1;/forms/b\n2;"/forms/c"\n')
    import_keys(str(desk / "list.csv"), table="desk", column="form", home=desk)
    assert capsys.readouterr().out == "2 values of form read, 1 of them not known before\n"
    known = Home.open(desk).public_keys.known("desk")
    assert [(each.dimension, each.key) for each in known] == [("form", f"/forms/{end}") for end in "abc"]


def test_keys_of_tables_are_listed_hidden_and_shown(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (desk / "list.txt").write_text("Parks\nanna@mail.example\n")
    import_keys(str(desk / "list.txt"), table="desk", column="topic", home=desk)
    revoke(["Parks"], table="desk", column="topic", home=desk)
    approve(["Parks"], table="desk", column="topic", home=desk)
    list_keys(table="desk", home=desk)
    told = capsys.readouterr().out.splitlines()
    assert told[:3] == ["1 values of topic read, 1 of them not known before", "1 hidden", "1 shown"]
    assert told[3].split("\t")[:3] == ["topic", "confirmed", "import"]
    waiting(table="desk", home=desk)
    assert capsys.readouterr().out == ""


def test_what_is_meant_has_to_be_said(desk: Path) -> None:
    (desk / "list.txt").write_text("a\n")
    place = str(desk / "list.txt")
    with pytest.raises(InputError, match=r"--site NAME, or --table NAME"):
        import_keys(place, home=desk)
    with pytest.raises(InputError, match=r"no table 'other'.*desk"):
        list_keys(table="other", home=desk)
    with pytest.raises(InputError, match="It has: form, topic"):
        import_keys(place, table="desk", home=desk)
    with pytest.raises(InputError, match="no open column 'kind'"):
        import_keys(place, table="desk", column="kind", home=desk)
    with pytest.raises(InputError, match="no such form is known"):
        revoke(["/x"], table="desk", column="form", home=desk)
    (desk / "list.txt").write_text("anna@mail.example\n")
    with pytest.raises(InputError, match="no value in it"):
        import_keys(place, table="desk", column="topic", home=desk)
