"""The tracker in real Chromium: what it leaves alone, and that it never gets in a page's way."""

import gzip
import re
import subprocess

import pytest
from playwright.sync_api import BrowserContext, Page
from tracker_site import HIDE, SCRIPT, Site, Stats, named

pytestmark = pytest.mark.browser
pytest_plugins = ("tracker_fixtures",)

MOST_BYTES = 1_000
FIELDS = {"n", "u", "d", "r", "p", "props", "e", "sd"}

WATCH = """
window.touched = []
const watch = (owner, names, label) => names.forEach(name => {
  const was = owner && Object.getOwnPropertyDescriptor(owner, name)
  if (!was) return
  const note = () => window.touched.push(`${label}.${name}`)
  Object.defineProperty(owner, name, was.get
    ? {...was, get() { note(); return was.get.call(this) }}
    : {...was, value(...given) { note(); return was.value.apply(this, given) }})
})
watch(Screen.prototype, Object.keys(Screen.prototype), 'screen')
watch(Navigator.prototype, ['plugins', 'mimeTypes', 'hardwareConcurrency', 'deviceMemory', 'languages', 'language',
  'userAgent', 'platform', 'cookieEnabled', 'vendor', 'userAgentData', 'connection', 'maxTouchPoints'], 'navigator')
watch(Document.prototype, ['title', 'cookie'], 'document')
watch(Storage.prototype, ['getItem', 'setItem', 'key', 'removeItem'], 'storage')
watch(window, ['localStorage', 'sessionStorage', 'indexedDB', 'caches', 'devicePixelRatio', 'matchMedia', 'screen',
  'screenX', 'screenY', 'outerWidth', 'outerHeight', 'innerWidth', 'name'], 'window')
watch(HTMLCanvasElement.prototype, ['getContext', 'toDataURL'], 'canvas')
watch(Date.prototype, ['getTimezoneOffset'], 'date')
watch(Intl.DateTimeFormat.prototype, ['resolvedOptions'], 'intl')
watch(history, ['state'], 'history')
"""


def test_at_most_a_thousand_bytes() -> None:
    packed = subprocess.run(["gzip", "-9", "-c", str(SCRIPT)], capture_output=True, check=True).stdout
    assert len(packed) <= MOST_BYTES
    assert len(gzip.compress(SCRIPT.read_bytes(), 9)) <= MOST_BYTES


@pytest.mark.parametrize("name", ["index.html", "api.html"], ids=["other-origin", "same-origin"])
def test_no_cookie_travels_even_when_there_is_one(
    visitor: BrowserContext, tab: Page, portal: Site, stats: Stats, name: str
) -> None:
    visitor.add_cookies([{"name": "session", "value": "secret", "url": portal.origin}])  # cookies ignore ports
    tab.goto(f"{portal.origin}/{name}")
    [post] = stats.posts(1)
    assert "cookie" not in post.headers


@pytest.mark.parametrize(
    "wish",
    [
        "Object.defineProperty(navigator, 'globalPrivacyControl', {value: true})",
        "Object.defineProperty(navigator, 'doNotTrack', {value: '1'})",
        "window.hubbubOptOut = true",
    ],
    ids=["gpc", "dnt", "flag"],
)
def test_a_wish_not_to_be_counted_is_obeyed(tab: Page, portal: Site, stats: Stats, wish: str) -> None:
    tab.add_init_script(wish)
    tab.goto(portal.origin)
    tab.evaluate("hubbub('Signup')")
    tab.click("#event")
    tab.click("#out")
    tab.wait_for_timeout(1_200)
    tab.evaluate(HIDE, True)
    assert stats.all() == []


def test_opting_out_and_in_again_takes_effect_at_once(tab: Page, portal: Site, stats: Stats) -> None:
    tab.goto(f"{portal.origin}/optout.html")
    tab.click("#event")
    assert stats.all() == []
    tab.evaluate("hubbubOptOut = false")
    tab.click("#event")
    assert [body["n"] for body in stats.all()] == ["Signup"]


def test_nothing_is_kept_in_the_browser(visitor: BrowserContext, tab: Page, portal: Site, stats: Stats) -> None:
    tab.goto(portal.origin)
    tab.click("#event")
    tab.evaluate("hubbub('Signup', {props: {plan: 'basic'}})")
    tab.evaluate(HIDE, True)
    stats.posts(3)
    assert visitor.cookies() == []
    kept = "async () => [localStorage.length, sessionStorage.length, (await indexedDB.databases()).length,"
    kept += " (await caches.keys()).length, document.cookie, window.name]"
    assert tab.evaluate(kept) == [0, 0, 0, 0, "", ""]


def test_nothing_is_read_that_could_tell_browsers_apart(tab: Page, portal: Site, stats: Stats) -> None:
    tab.add_init_script(WATCH)
    tab.goto(portal.origin)
    tab.click("#event")
    tab.click("#file")
    tab.evaluate("history.pushState({}, '', '/two'); scrollTo(0, 1000)")
    tab.wait_for_timeout(1_200)
    tab.evaluate(HIDE, True)
    bodies = [post.body for post in stats.posts(5)]
    assert tab.evaluate("touched") == []
    assert set().union(*bodies) <= FIELDS
    tab.evaluate("document.title + screen.width + localStorage.length")
    assert {"document.title", "screen.width", "window.localStorage"} <= set(tab.evaluate("touched"))
    text = SCRIPT.read_text("utf-8")
    assert not re.search(
        r"cookie|storage|indexedDB|screen|title|canvas|userAgent|plugins|innerWidth|language", text, re.I
    )


def test_an_address_of_its_own(tab: Page, portal: Site, stats: Stats) -> None:
    tab.goto(f"{portal.origin}/api.html")
    assert stats.posts(1)[0].path == "/stats/event"


def test_a_policy_that_forbids_posting_breaks_nothing(tab: Page, portal: Site, stats: Stats) -> None:
    tab.goto(f"{portal.origin}/policy.html")
    tab.click("#event")
    tab.evaluate("hubbub('Signup'); history.pushState({}, '', '/two')")
    assert tab.evaluate("location.pathname") == "/two"
    assert stats.all() == []


@pytest.mark.parametrize(
    "missing",
    [
        "delete window.fetch; window.fetch = undefined",
        "window.fetch = () => { throw new Error('blocked') }",
        "window.fetch = () => undefined",
        "Object.defineProperty(Document.prototype, 'hasFocus', {value: undefined})",
        "Object.freeze(history)",
        "Object.defineProperty(Element.prototype, 'closest', {value: undefined})",
    ],
    ids=["no-fetch", "throwing-fetch", "odd-fetch", "no-focus", "frozen-history", "no-closest"],
)
def test_a_strange_browser_sees_no_error(tab: Page, portal: Site, stats: Stats, missing: str) -> None:
    tab.add_init_script(missing)
    tab.goto(portal.origin)
    tab.click("#event")
    tab.evaluate("hubbub('Signup'); history.pushState({}, '', '/two')")
    tab.evaluate(HIDE, True)
    assert tab.evaluate("location.pathname") == "/two"


def test_a_wrapper_around_push_state_sees_its_call(tab: Page, portal: Site, stats: Stats) -> None:
    tab.add_init_script("""
      const push = history.pushState
      history.pushState = function (...given) {
        window.seen = [this === history, given.length]
        push.apply(this, given)
      }
    """)
    tab.goto(portal.origin)
    tab.evaluate("history.pushState({}, '', '/two')")
    assert tab.evaluate("seen") == [True, 3]
    assert len(named(stats.all(), "pageview")) == 2
