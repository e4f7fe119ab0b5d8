"""What stands in for other trackers' scripts, in real Chromium, loaded by their documented snippets."""

from typing import Any

import pytest
from old_snippets import PLAUSIBLE_INIT, QUEUE, UMAMI, goatcounter, matomo, names, plausible, show, umami
from playwright.sync_api import BrowserContext, Page
from tracker_site import HIDE, Site, Stats

pytestmark = pytest.mark.browser
pytest_plugins = ("tracker_fixtures",)

SNIPPETS = {
    "plausible": (plausible(), "portal.example"),
    "plausible-init": (PLAUSIBLE_INIT.replace("OPTIONS", "{captureOnLocalhost: true}"), None),
    "umami": (umami(), f"umami:{UMAMI}"),
    "goatcounter": (goatcounter(), "goatcounter:127"),
    "matomo": (matomo(), "matomo:7"),
}
each = pytest.mark.parametrize(("snippet", "site"), SNIPPETS.values(), ids=SNIPPETS)


@each
def test_a_page_view_and_its_engagement(tab: Page, portal: Site, stats: Stats, snippet: str, site: str | None) -> None:
    address = show(portal, snippet, '<a id="out" href="{{STATS}}/elsewhere" target="_blank">out</a>')
    tab.goto(f"{address}?utm_source=x#below", referer="https://search.example/")
    [view] = [post.body for post in stats.posts(1)]
    expected: dict[str, Any] = {"n": "pageview", "u": f"{address}?utm_source=x", "r": "https://search.example"}
    assert {**view, "r": view["r"].rstrip("/")} == expected | ({"d": site} if site else {})
    tab.wait_for_timeout(1_200)
    tab.click("#out")
    tab.evaluate(HIDE, True)
    assert sorted({body["n"] for body in stats.all()}) == ["Outbound Link: Click", "engagement", "pageview"]
    assert {body.get("d") for body in stats.all()} == {site}
    assert {post.path for post in stats.posts(3)} == {"/api/event"}


@each
@pytest.mark.parametrize(
    "wish",
    [
        "Object.defineProperty(navigator, 'globalPrivacyControl', {value: true})",
        "Object.defineProperty(navigator, 'doNotTrack', {value: '1'})",
    ],
    ids=["gpc", "dnt"],
)
def test_a_wish_not_to_be_counted_is_obeyed(
    tab: Page, portal: Site, stats: Stats, snippet: str, site: str | None, wish: str
) -> None:
    tab.add_init_script(wish)
    tab.goto(show(portal, snippet))
    tab.evaluate("""() => {
      if (window.plausible) plausible("Signup")
      if (window.umami) umami.track("Signup")
      if (window.goatcounter) goatcounter.count({path: "Signup", event: true})
      if (window._paq) _paq.push(["trackEvent", "Signup", "ok"], ["trackSiteSearch", "waste"])
    }""")
    assert stats.happened() == []
    assert stats.asked == []


@each
def test_nothing_is_kept_in_the_browser(
    visitor: BrowserContext, tab: Page, portal: Site, stats: Stats, snippet: str, site: str | None
) -> None:
    tab.goto(show(portal, snippet))
    stats.posts(1)
    assert visitor.cookies() == []
    assert tab.evaluate("[localStorage.length, sessionStorage.length, document.cookie]") == [0, 0, ""]
    assert all("cookie" not in post.headers for post in stats.posts(1))


def test_plausible_events(tab: Page, portal: Site, stats: Stats) -> None:
    body = """<button id="tag" class="plausible-event-name=Sign+Up plausible-event-plan=basic">sign up</button>
    <button id="fee" class="plausible-event-name--Fee plausible-revenue-amount--5 plausible-revenue-currency--EUR">
    pay</button>
    <a id="out" href="{{STATS}}/x?person=7" target="_blank" class="plausible-event-name=Partner">partner</a>"""
    early = f"<script>{QUEUE}; plausible('Early', {{props: {{plan: 'basic'}}}})</script>"
    tab.goto(show(portal, plausible("script.local.outbound-links.tagged-events.revenue.js") + early, body))
    for button in ("#tag", "#fee", "#out"):
        tab.click(button)
    called = """() => new Promise(done => plausible("Late", {
      props: {plan: "pro"}, revenue: {amount: 10, currency: "EUR"}, interactive: false, callback: done
    }))"""
    assert tab.evaluate(called) == {"status": 202}
    found = [{key: body[key] for key in body.keys() - {"u", "d", "r"}} for body in stats.happened()]
    assert found == [
        {"n": "Early", "p": {"plan": "basic"}},
        {"n": "Fee", "p": {}, "$": {"amount": "5", "currency": "EUR"}},
        {"n": "Late", "p": {"plan": "pro"}, "$": {"amount": 10, "currency": "EUR"}, "i": False},
        {"n": "Partner", "p": {"url": f"{stats.origin}/x"}},
        {"n": "Sign Up", "p": {"plan": "basic"}},
        {"n": "pageview"},
    ]


def test_plausible_by_hand_and_by_hash(tab: Page, portal: Site, stats: Stats) -> None:
    tab.goto(show(portal, plausible("script.manual.local.js") + f"<script>{QUEUE}</script>"))
    assert stats.happened() == []
    tab.evaluate("plausible('pageview', {u: location.origin + '/case'})")
    assert [body["u"] for body in stats.happened()] == [f"{portal.origin}/case"]
    tab.goto(show(portal, plausible("script.hash.local.js"), name="hash.html") + "#/one")
    tab.evaluate("location.hash = '/two'")
    routes = [(body["u"].rpartition("#")[2], body["h"]) for body in stats.happened() if "#" in body["u"]]
    assert routes == [("/one", 1), ("/two", 1)]


def test_plausible_leaves_out_local_and_excluded_pages(tab: Page, portal: Site, stats: Stats) -> None:
    tab.goto(show(portal, plausible("script.js")))
    excluded = plausible("script.exclusions.local.js", 'data-exclude="/intern/*, /old*.html"')
    tab.goto(show(portal, excluded))
    tab.goto(show(portal, excluded, name="new.html"))
    assert [body["u"] for body in stats.happened()] == [f"{portal.origin}/new.html"]


def test_plausible_sends_where_the_tag_says(tab: Page, portal: Site, stats: Stats) -> None:
    tab.goto(show(portal, plausible(more='data-api="/stats/event"')))
    assert stats.posts(1)[0].path == "/stats/event"


def test_plausible_options(tab: Page, portal: Site, stats: Stats) -> None:
    options = """{
      captureOnLocalhost: true, formSubmissions: true, hashBasedRouting: true, customProperties: {kind: "waste"},
      fileDownloads: {fileExtensions: ["dwg"]}, transformRequest: event => event.n === "Secret" ? null : event
    }"""
    body = """<form><button>send</button></form> <a id="file" href="/plan.dwg" download>plan</a>
    <script>addEventListener("submit", event => event.preventDefault())</script>"""
    tab.goto(show(portal, PLAUSIBLE_INIT.replace("OPTIONS", options), body) + "#/one")
    stats.posts(1)
    tab.click("button")
    tab.click("#file")
    tab.evaluate("plausible('Secret'); location.hash = '/two'")
    assert names(stats) == ["File Download", "Form: Submission", "pageview", "pageview"]
    assert all(body["p"]["kind"] == "waste" and body["h"] == 1 for body in stats.happened())
    assert [body["u"].rpartition("#")[2] for body in stats.happened()] == ["/one", "/one", "/one", "/two"]


def test_plausible_waits_for_its_init(tab: Page, portal: Site, stats: Stats) -> None:
    tab.goto(show(portal, '<script defer src="{{STATS}}/js/pa-Ab_3-x.js"></script>'), referer="https://search.example/")
    assert stats.happened() == []
    tab.evaluate("plausible.init({captureOnLocalhost: true})")
    tab.evaluate("history.pushState({}, '', '/two')")
    assert [(body["n"], body["r"]) for body in stats.happened()] == [
        ("pageview", "https://search.example"),
        ("pageview", ""),
    ]
