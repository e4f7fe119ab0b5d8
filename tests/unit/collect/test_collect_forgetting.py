"""What the room remembers for speed is gone when it is told to forget."""

from hubbub.collect.agents import describe
from hubbub.collect.forgetting import CACHES, forget
from hubbub.collect.pages import parse_page
from hubbub.collect.traffic import classify


def test_nothing_is_left_in_any_cache() -> None:
    page = parse_page("https://portal.example/a?utm_source=leaflet")
    assert page is not None
    classify("https://news.example.org/x", page)
    describe("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0")
    assert sum(cached.cache_info().currsize for cached in CACHES) > 3
    forget()
    assert sum(cached.cache_info().currsize for cached in CACHES) == 0
