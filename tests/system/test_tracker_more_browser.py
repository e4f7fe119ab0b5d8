"""The tracker's extras in real Chromium: consent, forms, downloads, hash routes, page views by hand, amounts."""

import gzip
import re
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page
from tracker_site import HIDE, Site, Stats, named

from hubbub.serve.tracker import FOLDER

pytestmark = pytest.mark.browser
pytest_plugins = ("tracker_fixtures",)

MOST_BYTES = 2_000
KEPT = "({...localStorage})"
TODAY = "Date.UTC(new Date().getFullYear(), new Date().getMonth(), new Date().getDate()) / 864e5"
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Extras</title>
<script defer src="{{STATS}}/hubbub.more.js" OPTIONS></script>
<script defer src="{{STATS}}/hubbub.js" data-domain="portal.example"></script></head>
<body>BODY</body></html>"""


def page(portal: Site, options: str, body: str = "", name: str = "extras.html") -> str:
    """The address of a page whose tag of the extras has these options."""
    portal.shown[name] = PAGE.replace("OPTIONS", options).replace("BODY", body)
    return f"{portal.origin}/{name}"


def told(stats: Stats) -> list[tuple[str, Any]]:
    """Names and buckets of all events but engagement, by page."""
    return [(body["n"], body.get("hr")) for body in stats.happened()]


def test_its_size() -> None:
    assert len(gzip.compress((FOLDER / "hubbub.more.js").read_bytes(), 9)) <= MOST_BYTES


def test_without_options_it_changes_nothing(tab: Page, portal: Site, stats: Stats, visitor: BrowserContext) -> None:
    body = '<a id="file" href="/plan.pdf" download>plan</a><form><button>go</button></form>'
    tab.goto(page(portal, "", body), referer="https://search.example/")
    tab.click("#file")
    tab.evaluate("hubbub.consent(true)")
    tab.click("button")
    tab.wait_for_load_state()
    assert [body["n"] for body in stats.happened()] == ["File Download", "pageview", "pageview"]
    assert stats.posts(1)[0].body == {
        "n": "pageview",
        "u": f"{portal.origin}/extras.html",
        "d": "portal.example",
        "r": "https://search.example",
    }
    assert tab.evaluate(KEPT) == {}
    assert visitor.cookies() == []


def test_without_consent_nothing_is_kept_or_told(tab: Page, portal: Site, stats: Stats) -> None:
    address = page(portal, "data-returning")
    tab.goto(address)
    tab.goto(address)
    tab.evaluate("hubbub.consent(false)")
    assert told(stats) == [("pageview", None), ("pageview", None)]
    assert tab.evaluate(KEPT) == {}


def test_with_consent_the_day_is_kept_and_the_bucket_told_once_a_day(tab: Page, portal: Site, stats: Stats) -> None:
    address = page(portal, "data-returning")
    tab.goto(address)
    tab.evaluate("hubbub.consent(true)")
    assert tab.evaluate(KEPT) == {"hubbub": str(tab.evaluate(TODAY))}
    tab.evaluate("history.pushState({}, '', '/two')")
    tab.evaluate("hubbub.consent(true)")
    tab.goto(address)
    tab.evaluate("hubbub.consent(true)")
    assert sorted(told(stats), key=str) == [("pageview", 0), ("pageview", None), ("pageview", None)]


def test_consent_after_the_only_page_view_is_told_when_it_is_left(tab: Page, portal: Site, stats: Stats) -> None:
    tab.goto(page(portal, "data-returning"))
    tab.evaluate("hubbub.consent(true)")
    tab.wait_for_timeout(1_200)
    tab.evaluate(HIDE, True)
    assert [(body["n"], body.get("hr")) for body in stats.all()] == [("pageview", None), ("engagement", 0)]


@pytest.mark.parametrize(
    ("days", "bucket"),
    [(0, None), (1, 1), (2, 2), (7, 2), (8, 3), (30, 3), (31, 4), (400, 4), (-3, None)],
)
def test_how_long_ago(tab: Page, portal: Site, stats: Stats, days: int, bucket: int | None) -> None:
    address = page(portal, "data-returning")
    tab.goto(f"{portal.origin}/policy.html")
    tab.evaluate(f"localStorage.hubbub = {TODAY} - {days}")
    tab.goto(address)
    tab.evaluate("history.pushState({}, '', '/two')")
    assert {body["u"].rpartition("/")[2]: body.get("hr") for body in stats.happened()} == {
        "extras.html": bucket,
        "two": None,
    }
    assert tab.evaluate(KEPT) == {"hubbub": str(tab.evaluate(TODAY))}


def test_what_is_not_a_day_tells_nothing(tab: Page, portal: Site, stats: Stats) -> None:
    tab.goto(f"{portal.origin}/policy.html")
    tab.evaluate("localStorage.hubbub = 'anna@city.example'")
    tab.goto(page(portal, "data-returning"))
    assert told(stats) == [("pageview", None)]
    assert tab.evaluate(KEPT) == {"hubbub": str(tab.evaluate(TODAY))}


def test_withdrawing_consent_deletes(tab: Page, portal: Site, stats: Stats) -> None:
    address = page(portal, "data-returning")
    tab.goto(address)
    tab.evaluate("hubbub.consent(true)")
    tab.evaluate("hubbub.consent(false)")
    assert tab.evaluate(KEPT) == {}
    tab.goto(address)
    assert told(stats) == [("pageview", None), ("pageview", None)]


@pytest.mark.parametrize(
    "wish",
    [
        "Object.defineProperty(navigator, 'globalPrivacyControl', {value: true})",
        "Object.defineProperty(navigator, 'doNotTrack', {value: '1'})",
        "window.hubbubOptOut = true",
    ],
    ids=["gpc", "dnt", "flag"],
)
def test_a_wish_not_to_be_counted_outweighs_consent(tab: Page, portal: Site, stats: Stats, wish: str) -> None:
    tab.goto(f"{portal.origin}/policy.html")
    tab.evaluate(f"localStorage.hubbub = {TODAY} - 5")
    tab.add_init_script(wish)
    tab.goto(page(portal, "data-returning data-forms data-downloads=pdf", '<a id="file" href="/a.pdf" download>a</a>'))
    tab.click("#file")
    tab.evaluate("hubbub.consent(true)")
    assert stats.all() == []
    assert tab.evaluate(KEPT) == {}


def test_a_prerendered_page_is_no_visit(tab: Page, portal: Site, stats: Stats) -> None:
    tab.add_init_script("Object.defineProperty(document, 'prerendering', {value: true, configurable: true})")
    tab.goto(page(portal, "data-returning"))
    tab.evaluate("hubbub.consent(true)")
    assert (stats.all(), tab.evaluate(KEPT)) == ([], {})
    tab.evaluate("""() => {
      Object.defineProperty(document, 'prerendering', {value: false})
      document.dispatchEvent(new Event('prerenderingchange'))
    }""")
    tab.evaluate("history.pushState({}, '', '/two')")
    assert told(stats) == [("pageview", None), ("pageview", 0)]


def test_storage_that_is_forbidden_breaks_nothing(tab: Page, portal: Site, stats: Stats) -> None:
    tab.add_init_script("Object.defineProperty(window, 'localStorage', {get() { throw new Error('no') }})")
    tab.goto(page(portal, "data-returning"))
    tab.evaluate("hubbub.consent(true)")
    assert told(stats) == [("pageview", None)]


def test_forms(tab: Page, portal: Site, stats: Stats) -> None:
    body = """<form id="plain"><button>send</button></form>
    <form id="needed"><input required><button>send</button></form>
    <form id="named" data-hubbub-event="Permit"><button>send</button></form>
    <script>addEventListener("submit", event => event.preventDefault())</script>"""
    tab.goto(page(portal, "data-forms", body))
    for form in ("plain", "needed", "named"):
        tab.click(f"#{form} button")
    assert [body["n"] for body in stats.happened()] == ["Form: Submission", "Permit", "pageview"]


def test_downloads_by_a_list_of_its_own(tab: Page, portal: Site, stats: Stats) -> None:
    body = """<a id="own" href="/plan.DWG?x=1" download>own</a> <a id="not" href="/form.pdf" download>not</a>
    <a id="far" href="{{STATS}}/map.shp" target="_blank">far</a>
    <a id="far-not" href="{{STATS}}/form.pdf" target="_blank">far</a>"""
    tab.goto(page(portal, 'data-downloads="dwg, shp"', body))
    for link in ("own", "not", "far", "far-not"):
        tab.click(f"#{link}")
    found = [(body["n"], body["p"]["url"]) for body in stats.happened() if "p" in body]
    assert sorted(found, key=lambda pair: pair[1].rpartition("/")[2]) == [
        ("Outbound Link: Click", f"{stats.origin}/form.pdf"),
        ("File Download", f"{stats.origin}/map.shp"),
        ("File Download", f"{portal.origin}/plan.DWG"),
    ]


def test_routes_in_the_fragment(tab: Page, portal: Site, stats: Stats) -> None:
    address = page(portal, "data-hash", '<a id="next" href="#/two">two</a>')
    tab.goto(f"{address}#/one")
    tab.wait_for_timeout(1_200)
    tab.click("#next")
    tab.evaluate("location.hash = '/three'")
    tab.evaluate("history.back()")
    assert [(body["n"], body["u"].removeprefix(address), body["h"]) for body in stats.happened()] == [
        ("pageview", "#/one", 1),
        ("pageview", "#/three", 1),
        ("pageview", "#/two", 1),
        ("pageview", "#/two", 1),
    ]
    assert named(stats.all(), "engagement")[0]["u"] == f"{address}#/one"


def test_page_views_by_hand(tab: Page, portal: Site, stats: Stats) -> None:
    tab.goto(page(portal, "data-manual"), referer="https://search.example/")
    tab.wait_for_timeout(1_200)
    tab.evaluate("history.pushState({}, '', '/case/4711')")
    tab.evaluate("hubbub('Signup')")
    assert [body["n"] for body in stats.all()] == ["Signup"]
    tab.evaluate("hubbub('pageview', {u: location.origin + '/case'})")
    tab.wait_for_timeout(1_200)
    tab.evaluate("history.pushState({}, '', '/case/4712')")
    tab.evaluate("hubbub('pageview', {u: location.origin + '/case'})")
    found = [(body["n"], body["u"].removeprefix(portal.origin), body.get("r")) for body in stats.all()]
    assert sorted(found[1:], key=str)[:3] == [
        ("engagement", "/case", None),
        ("pageview", "/case", ""),
        ("pageview", "/case", "https://search.example"),
    ]


def test_amounts(tab: Page, portal: Site, stats: Stats) -> None:
    body = """<button data-hubbub-event="Donation" data-hubbub-amount="12.50" data-hubbub-currency="EUR">
    <b>give</b></button>
    <form data-hubbub-event="Fee" data-hubbub-amount="30"><button id="fee">pay</button></form>
    <script>addEventListener("submit", event => event.preventDefault())</script>"""
    tab.goto(page(portal, "", body))
    tab.click("b")
    tab.click("#fee")
    tab.evaluate("hubbub('Donation', {$: {amount: 3, currency: 'USD'}})")
    tab.evaluate("hubbub('Donation')")
    said = [(body["n"], body.get("$")) for body in stats.happened()]
    assert sorted(said, key=str) == [
        ("Donation", None),
        ("Donation", {"amount": "12.50", "currency": "EUR"}),
        ("Donation", {"amount": 3, "currency": "USD"}),
        ("Fee", {"amount": "30"}),
        ("pageview", None),
    ]


def test_calls_before_the_scripts_are_there(tab: Page, portal: Site, stats: Stats) -> None:
    early = """<script>
      window.hubbub = window.hubbub || function () { (hubbub.q = hubbub.q || []).push(arguments) }
      hubbub("Early", {props: {plan: "basic"}})
    </script>"""
    tab.goto(page(portal, "data-returning", early))
    assert [body["n"] for body in stats.happened()] == ["Early", "pageview"]


def test_no_other_storage_is_named() -> None:
    text = (FOLDER / "hubbub.more.js").read_text("utf-8")
    assert not re.search(r"cookie|sessionStorage|indexedDB|screen|canvas|userAgent|plugins|language", text, re.I)


def test_events_of_the_core_are_the_same(tab: Page, portal: Site, stats: Stats) -> None:
    tab.goto(page(portal, "data-returning data-forms", '<p style="height:3000px">long</p>'))
    tab.evaluate("scrollTo(0, 800)")
    tab.wait_for_timeout(1_200)
    tab.evaluate(HIDE, True)
    [engaged] = named(stats.all(), "engagement")
    assert engaged["u"] == f"{portal.origin}/extras.html"
    assert engaged["e"] > 1_000
    assert engaged["sd"] > 30
