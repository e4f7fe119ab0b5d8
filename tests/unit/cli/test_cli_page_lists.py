"""A site's own list of pages, taken again every day."""

from pathlib import Path

import pytest

from hubbub.cli.home import Home
from hubbub.cli.page_lists import refresh_pages
from hubbub.core.errors import InputError
from hubbub.core.settings import Settings, Site

DAY_MS = 86_400_000
NOON = 1_795_000_000_000 // DAY_MS * DAY_MS + DAY_MS // 2


class Standing:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.ms = NOON

    def now_ms(self) -> int:
        return self.ms


def known(home: Home, site: Site) -> set[str]:
    return {each.key for each in home.public_keys.known(site.name)}


def test_a_list_is_taken_once_a_day_and_a_lost_one_takes_nothing_away(tmp_path: Path) -> None:
    listed = tmp_path / "pages.txt"
    listed.write_text("/a\n/b\n")
    site = Site("portal.example", sitemap=str(listed))
    clock = Standing()
    home = Home(tmp_path / "home", Settings((site,)), clock)
    (tmp_path / "home").mkdir()
    assert refresh_pages(home, site) == 2
    listed.write_text("/a\n/b\n/c\n")
    assert refresh_pages(home, site) == 0
    assert known(home, site) == {"/a", "/b"}
    clock.ms += DAY_MS
    assert refresh_pages(home, site) == 1
    listed.unlink()
    clock.ms += DAY_MS
    with pytest.raises(InputError, match="cannot be read"):
        refresh_pages(home, site)
    assert known(home, site) == {"/a", "/b", "/c"}


def test_a_site_without_a_list_is_left_alone(tmp_path: Path) -> None:
    site = Site("portal.example")
    home = Home(tmp_path, Settings((site,)), Standing())
    assert refresh_pages(home, site) == 0
    assert list(tmp_path.iterdir()) == []
