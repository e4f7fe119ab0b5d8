"""What the room remembers for speed is gone when it is told to forget."""

import sys
from importlib import import_module
from pkgutil import iter_modules

from hubbub import collect
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


def test_every_cache_of_the_room_is_forgotten() -> None:
    """But for those of `functools.cache`, which hold tables of ours."""
    for module in iter_modules(collect.__path__, f"{collect.__name__}."):
        import_module(module.name)
    found = {
        id(each): each
        for name, module in sys.modules.items()
        for each in (vars(module).values() if name.startswith(f"{collect.__name__}.") else ())
        if hasattr(each, "cache_parameters") and each.__module__.startswith(collect.__name__)
    }
    known = set(map(id, CACHES))
    assert len(found) > len(known)
    assert [
        each.__qualname__ for at, each in found.items() if at not in known and each.cache_parameters()["maxsize"]
    ] == []
