"""The tracker in real Chromium: what it sends, and when."""

import pytest
from playwright.sync_api import BrowserContext, Page
from tracker_site import HIDE, Site, Stats, named

pytestmark = pytest.mark.browser
pytest_plugins = ("tracker_fixtures",)


def test_the_first_page(tab: Page, portal: Site, stats: Stats) -> None:
    tab.goto(f"{portal.origin}/index.html?utm_campaign=spring#below", referer="https://search.example/find?q=me")
    [post] = stats.posts(1)
    address = f"{portal.origin}/index.html?utm_campaign=spring"
    assert post.body == {"n": "pageview", "u": address, "d": "portal.example", "r": "https://search.example"}
    assert post.path == "/api/event"
    assert post.headers["content-type"].startswith("text/plain")
    assert "cookie" not in post.headers
    assert len(stats.all()) == 1


def test_navigation_within_the_page(tab: Page, portal: Site, stats: Stats) -> None:
    tab.goto(portal.origin, referer="https://search.example/")
    stats.posts(1)
    tab.evaluate("history.pushState({}, '', '/two')")
    tab.evaluate("history.pushState({}, '', '/three?x=1#top')")
    tab.evaluate("history.pushState({}, '', '/three?x=1#middle')")
    tab.evaluate("history.replaceState({}, '', '/three?x=1#end')")
    tab.evaluate("history.go(-2)")
    stats.posts(4)
    views = stats.happened()
    assert [view["u"].removeprefix(portal.origin) for view in views] == ["/", "/three?x=1", "/two", "/two"]
    assert [view["r"] for view in views] == ["https://search.example", "", "", ""]
    assert {view["n"] for view in views} == {"pageview"}


def test_a_fragment_is_no_navigation(tab: Page, portal: Site, stats: Stats) -> None:
    tab.goto(portal.origin)
    tab.click("#anchor")
    tab.evaluate("history.back()")
    assert len(named(stats.all(), "pageview")) == 1


def test_push_state_stays_what_it_was(tab: Page, portal: Site, stats: Stats) -> None:
    tab.goto(portal.origin)
    tab.evaluate("history.pushState({kept: 1}, '', '/two')")
    assert tab.evaluate("[history.state.kept, location.pathname]") == [1, "/two"]
    refused = "try { history.pushState({}, '', 'https://elsewhere.example/'); 'no' } catch (error) { error.name }"
    assert tab.evaluate(refused) == "SecurityError"


def test_back_forward_cache(tab: Page, portal: Site, stats: Stats) -> None:
    tab.goto(f"{portal.origin}/index.html", referer="https://search.example/")
    tab.evaluate("addEventListener('pageshow', event => { window.restored = event.persisted })")
    tab.click("#second")
    tab.wait_for_url("**/second.html")
    stats.posts(2)
    tab.evaluate("history.back()")
    tab.wait_for_url("**/index.html", wait_until="commit")
    stats.posts(3)
    views = named(stats.all(), "pageview")
    assert tab.evaluate("window.restored") is True
    assert [view["u"].rpartition("/")[2] for view in views] == ["index.html", "second.html", "index.html"]
    assert [view["r"] for view in views] == ["https://search.example", portal.origin, ""]
    assert portal.fetched.count("/index.html") == 1


def test_time_in_the_back_forward_cache_is_not_engaged(tab: Page, portal: Site, stats: Stats) -> None:
    tab.goto(f"{portal.origin}/index.html")
    tab.click("#second")
    tab.wait_for_url("**/second.html")
    tab.wait_for_timeout(2_500)
    tab.evaluate("history.back()")
    tab.wait_for_url("**/index.html", wait_until="commit")
    tab.evaluate(HIDE, True)
    spent = [body["e"] for body in named(stats.all(), "engagement") if body["u"].endswith("/index.html")]
    assert sum(spent) < 1_500


def test_a_prerendered_page_sends_nothing(tab: Page, portal: Site, stats: Stats) -> None:
    tab.goto(f"{portal.origin}/prerender.html")
    tab.wait_for_timeout(1_000)
    assert "/second.html" in portal.fetched
    assert stats.all() == []


def test_prerendering_waits_for_activation(tab: Page, portal: Site, stats: Stats) -> None:
    tab.add_init_script("Object.defineProperty(document, 'prerendering', {value: true, configurable: true})")
    tab.goto(portal.origin)
    tab.evaluate("hubbub('Early')")
    assert stats.all() == []
    tab.evaluate("""() => {
      Object.defineProperty(document, 'prerendering', {value: false})
      document.dispatchEvent(new Event('prerenderingchange'))
    }""")
    assert [body["n"] for body in stats.happened()] == ["Early", "pageview"]
    tab.evaluate("hubbub('Late')")
    assert stats.posts(3)[2].body["n"] == "Late"
    assert len(stats.all()) == 3


def test_events_by_call(tab: Page, portal: Site, stats: Stats) -> None:
    tab.goto(portal.origin)
    tab.evaluate("hubbub('Signup', {props: {plan: 'basic'}})")
    tab.evaluate("hubbub('Bare')")
    bare, signup, _ = stats.happened()
    assert signup == {"n": "Signup", "u": f"{portal.origin}/", "d": "portal.example", "props": {"plan": "basic"}}
    assert bare == {"n": "Bare", "u": f"{portal.origin}/", "d": "portal.example"}


def test_calls_before_the_script_is_there(tab: Page, portal: Site, stats: Stats) -> None:
    tab.goto(f"{portal.origin}/early.html")
    sent = stats.happened()
    assert [body["n"] for body in sent] == ["Bare", "Early", "pageview"]
    assert sent[1]["props"] == {"plan": "basic"}


def test_events_by_attribute(tab: Page, portal: Site, stats: Stats) -> None:
    tab.goto(portal.origin)
    tab.click("#plain")
    tab.click("#inner")
    tab.click("#event", button="right")
    tab.click("#stopped")
    tab.click("#field")
    tab.click("#submit")
    events = stats.all()[1:]
    assert [event["n"] for event in events] == ["Signup", "Stopped", "Search"]
    assert [event["p"] for event in events] == [{"plan": "basic", "place-of-work": "hafen"}, {}, {"kind": "waste"}]


def test_outbound_links(tab: Page, portal: Site, stats: Stats) -> None:
    tab.goto(portal.origin)
    tab.click("#out")
    tab.click("#out-icon")
    tab.click("#out", button="middle")
    tab.click("#out", button="right")
    tab.click("#own")
    for target in ("#mail", "#phone"):
        tab.eval_on_selector(target, "link => link.addEventListener('click', event => event.preventDefault())")
        tab.click(target)
    clicks = [body for body in stats.all() if body["n"] not in {"pageview", "engagement"}]
    assert [click["n"] for click in clicks] == ["Outbound Link: Click"] * 3
    assert {click["p"]["url"] for click in clicks} == {f"{stats.origin}/elsewhere"}


def test_leaving_by_an_outbound_link_loses_nothing(tab: Page, portal: Site, stats: Stats) -> None:
    tab.goto(portal.origin)
    tab.eval_on_selector("#out", "link => link.removeAttribute('target')")
    tab.click("#out")
    tab.wait_for_url("**/elsewhere?person=7")
    assert len(named(stats.all(), "Outbound Link: Click")) == 1


def test_downloads(tab: Page, portal: Site, stats: Stats) -> None:
    tab.goto(portal.origin)
    tab.click("#file")
    tab.click("#far-file")
    downloads = [body for body in stats.all() if body["n"] not in {"pageview", "engagement"}]
    assert [(body["n"], body["p"]["url"]) for body in downloads] == [
        ("File Download", f"{portal.origin}/files/form.PDF"),
        ("File Download", f"{stats.origin}/plan.xlsx"),
    ]


def test_a_page_that_says_it_is_missing(tab: Page, portal: Site, stats: Stats) -> None:
    tab.goto(f"{portal.origin}/no/such/page")
    assert [(body["n"], body["u"]) for body in stats.all()] == [("404", f"{portal.origin}/no/such/page")]


def test_engaged_time_is_that_in_which_the_page_is_seen(tab: Page, portal: Site, stats: Stats) -> None:
    tab.goto(portal.origin)
    stats.posts(1)
    tab.wait_for_timeout(1_600)
    tab.evaluate(HIDE, True)
    tab.wait_for_timeout(2_000)
    tab.evaluate(HIDE, False)
    tab.wait_for_timeout(1_400)
    tab.evaluate("dispatchEvent(new Event('pagehide'))")
    engaged = named(stats.all(), "engagement")
    assert [1_500 < body["e"] < 2_600 for body in engaged[:1]] == [True]
    assert [1_300 < body["e"] < 2_400 for body in engaged[1:]] == [True]
    assert all(set(body) == {"n", "u", "d", "e", "sd"} for body in engaged)
    assert all(isinstance(body["e"], int) and isinstance(body["sd"], int) for body in engaged)


def test_engaged_time_needs_focus(visitor: BrowserContext, tab: Page, portal: Site, stats: Stats) -> None:
    tab.goto(portal.origin)
    session = visitor.new_cdp_session(tab)
    session.send("Emulation.setFocusEmulationEnabled", {"enabled": False})
    tab.bring_to_front()
    tab.wait_for_timeout(1_200)
    other = visitor.new_page()
    other.bring_to_front()
    assert tab.evaluate("document.hasFocus()") is False
    other.wait_for_timeout(2_500)
    tab.bring_to_front()
    tab.evaluate(HIDE, True)
    assert 1_000 < sum(body["e"] for body in named(stats.all(), "engagement")) < 2_600


def test_a_glance_is_not_reported(tab: Page, portal: Site, stats: Stats) -> None:
    tab.goto(portal.origin)
    tab.evaluate(HIDE, True)
    assert named(stats.all(), "engagement") == []


def test_scroll_depth_is_the_deepest(tab: Page, portal: Site, stats: Stats) -> None:
    tab.goto(portal.origin)
    tab.evaluate("scrollTo(0, 1800)")
    tab.wait_for_timeout(200)
    tab.evaluate("scrollTo(0, 100)")
    tab.wait_for_timeout(200)
    tab.evaluate(HIDE, True)
    height = tab.evaluate("document.documentElement.scrollHeight")
    [body] = named(stats.all(), "engagement")
    assert body["sd"] == int(100 * (1800 + 500) / height)


def test_a_short_page_is_seen_whole(tab: Page, portal: Site, stats: Stats) -> None:
    tab.goto(f"{portal.origin}/second.html")
    tab.wait_for_timeout(1_200)
    tab.evaluate(HIDE, True)
    assert [body["sd"] for body in named(stats.all(), "engagement")] == [100]


def test_engagement_belongs_to_the_page_that_was_left(tab: Page, portal: Site, stats: Stats) -> None:
    tab.goto(portal.origin)
    tab.evaluate("scrollTo(0, 1800)")
    tab.wait_for_timeout(1_200)
    tab.evaluate("history.pushState({}, '', '/two'); scrollTo(0, 0)")
    tab.wait_for_timeout(1_200)
    tab.evaluate(HIDE, True)
    engaged = named(stats.all(), "engagement")
    assert [body["u"].removeprefix(portal.origin) for body in engaged] == ["/", "/two"]
    assert engaged[0]["sd"] > 50 > engaged[1]["sd"]
    assert all(1_000 < body["e"] < 2_400 for body in engaged)


def test_leaving_the_page_reports_it(tab: Page, portal: Site, stats: Stats) -> None:
    tab.goto(f"{portal.origin}/index.html")
    tab.wait_for_timeout(1_200)
    tab.goto("about:blank")
    assert len(named(stats.all(), "engagement")) == 1
