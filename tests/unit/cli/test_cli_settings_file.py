"""Sites are added to and removed from hubbub.yaml without touching anything else in it."""

from pathlib import Path

import pytest

from hubbub.cli.config import FILE, load_settings
from hubbub.cli.settings_file import add_site, remove_site
from hubbub.core.errors import ConfigError, InputError

TEXT = """\
# of the city
timezone: Europe/Vienna  # its zone
sites:
- name: a.example
  # pages: [/]
  events:
    Signup:
      plan: [basic, plus]

- name: "b.example"

# who may read
access: {mode: public}
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / FILE).write_text(TEXT, "utf-8")
    return tmp_path


def test_an_added_site_stands_below_the_last_one(home: Path) -> None:
    add_site(home, {"name": "c.example", "title": 'Bürger: "Büro"'})
    assert (home / FILE).read_text("utf-8") == TEXT.replace(
        '- name: "b.example"\n', '- name: "b.example"\n- name: "c.example"\n  title: "Bürger: \\"Büro\\""\n'
    )
    assert load_settings(home).sites[2].title == 'Bürger: "Büro"'


def test_a_removed_site_takes_its_own_lines_with_it(home: Path) -> None:
    remove_site(home, 0)
    assert (home / FILE).read_text("utf-8") == TEXT.replace(
        "- name: a.example\n  # pages: [/]\n  events:\n    Signup:\n      plan: [basic, plus]\n", ""
    )


def test_the_last_one_leaves_the_comments_below_it(home: Path) -> None:
    remove_site(home, 1)
    assert (home / FILE).read_text("utf-8") == TEXT.replace('- name: "b.example"\n', "")


def test_added_and_removed_is_as_before(home: Path) -> None:
    add_site(home, {"name": "c.example"})
    remove_site(home, 2)
    assert (home / FILE).read_text("utf-8") == TEXT


def test_nothing_wrong_is_written(home: Path) -> None:
    with pytest.raises(ConfigError, match=r"sites\[2\]\.name"):
        add_site(home, {"name": "Not a host"})
    assert (home / FILE).read_text("utf-8") == TEXT


def test_a_list_in_one_line_is_left_to_its_owner(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("sites: [{name: a.example}]", "utf-8")
    with pytest.raises(InputError, match="lines of its own"):
        add_site(tmp_path, {"name": "b.example"})


def test_a_file_without_a_last_line_end_gets_one(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("sites:\n  - name: a.example", "utf-8")
    add_site(tmp_path, {"name": "b.example"})
    assert (tmp_path / FILE).read_text("utf-8") == 'sites:\n  - name: a.example\n  - name: "b.example"\n'
