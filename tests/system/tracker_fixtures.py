"""Chromium, a portal and a recording stand-in for hubbub, as fixtures of the tracker's tests."""

from collections.abc import Iterator

import pytest
from chromium import launch
from playwright.sync_api import Browser, BrowserContext, Error, Page, sync_playwright
from tracker_site import Site, Stats, served


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """With the back/forward cache that Playwright would switch off."""
    with sync_playwright() as playwright:
        browser = launch(playwright, back_forward_cache=True)
        yield browser
        browser.close()


@pytest.fixture
def visitor(chromium: Browser) -> Iterator[BrowserContext]:
    """A fresh profile."""
    context = chromium.new_context(viewport={"width": 1000, "height": 500})
    context.set_default_timeout(60_000)
    yield context
    context.close()


@pytest.fixture
def tab(visitor: BrowserContext) -> Iterator[Page]:
    """A tab that must not see an error of any kind."""
    errors: list[str] = []

    def note(error: Error) -> None:
        errors.append(str(error))

    page = visitor.new_page()
    page.on("pageerror", note)
    page.add_init_script("addEventListener('unhandledrejection', event => { throw event.reason })")
    yield page
    assert errors == []


@pytest.fixture
def servers() -> Iterator[tuple[Site, Stats]]:
    """A portal and its stand-in for hubbub."""
    with served() as both:
        yield both


@pytest.fixture
def portal(servers: tuple[Site, Stats]) -> Site:
    """The web site that carries the tag."""
    return servers[0]


@pytest.fixture
def stats(servers: tuple[Site, Stats]) -> Stats:
    """Where the tracker posts to."""
    return servers[1]
