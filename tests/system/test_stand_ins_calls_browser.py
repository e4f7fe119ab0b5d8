"""What stands in for Umami's, GoatCounter's and Matomo's scripts: their calls, settings and attributes, in Chromium."""

import pytest
from old_snippets import goatcounter, matomo, names, plausible, show, umami
from playwright.sync_api import Page
from tracker_site import HIDE, Site, Stats

pytestmark = pytest.mark.browser
pytest_plugins = ("tracker_fixtures",)


def test_umami_events(tab: Page, portal: Site, stats: Stats) -> None:
    body = """<button data-umami-event="Signup" data-umami-event-plan="basic"><b>sign up</b></button>"""
    tab.goto(show(portal, umami(), body))
    tab.click("b")
    tab.evaluate("umami.track('Fee', {revenue: 5, currency: 'EUR'})")
    tab.evaluate("umami.track(props => ({...props, url: '/case'}))")
    tab.evaluate("umami.track({website: 'x', url: '/home', name: 'Sent'})")
    tab.evaluate("umami.identify('anna@city.example', {name: 'Anna'})")
    tab.evaluate("history.pushState({}, '', '/two')")
    found = [(one["n"], one["u"].removeprefix(portal.origin), one.get("p"), one.get("$")) for one in stats.happened()]
    assert found == [
        ("Fee", "/old.html", {"revenue": 5, "currency": "EUR"}, {"amount": 5, "currency": "EUR"}),
        ("Sent", "/home", None, None),
        ("Signup", "/old.html", {"plan": "basic"}, None),
        ("pageview", "/case", None, None),
        ("pageview", "/old.html", None, None),
        ("pageview", "/two", None, None),
    ]
    assert "anna" not in str(stats.happened())


def test_umami_settings(tab: Page, portal: Site, stats: Stats) -> None:
    tab.goto(show(portal, umami('data-domains="portal.example, www.portal.example"')))
    assert stats.happened() == []
    tab.goto(show(portal, umami('data-domains="127.0.0.1" data-exclude-search="true"')) + "?case=4711")
    assert [body["u"] for body in stats.happened()] == [f"{portal.origin}/old.html"]
    tab.goto(show(portal, umami('data-auto-track="false"'), '<button data-umami-event="No">no</button>'))
    tab.click("button")
    assert len(stats.happened()) == 1
    tab.evaluate("umami.track()")
    assert names(stats) == ["pageview", "pageview"]
    tab.goto(show(portal, umami(f'data-host-url="{portal.origin}/prefix/"')))
    assert "/prefix/api/event" in {post.path for post in stats.posts(len(stats.all()))}


def test_umami_before_send(tab: Page, portal: Site, stats: Stats) -> None:
    change = """<script>function change(type, payload) {
      return payload.name === "Secret" ? null : {...payload, url: payload.url.replace(/\\d+/, "n")}
    }</script>"""
    tab.goto(show(portal, change + umami('data-before-send="change"'), name="case4711.html"))
    tab.evaluate("umami.track('Secret'); umami.track('Open')")
    found = [(body["n"], body["u"].rpartition("/")[2]) for body in stats.happened()]
    assert found == [("Open", "casen.html"), ("pageview", "casen.html")]


def test_goatcounter_events(tab: Page, portal: Site, stats: Stats) -> None:
    body = '<button data-goatcounter-click="Signup" title="t">sign up</button>'
    tab.goto(show(portal, '<link rel="canonical" href="/canonical">' + goatcounter(), body))
    stats.posts(1)
    tab.click("button")
    tab.evaluate("goatcounter.count({path: '/case', title: 'Secret', referrer: 'https://other.example/'})")
    tab.evaluate("goatcounter.count({path: path => 'Sent', event: true})")
    tab.evaluate("history.pushState({}, '', '/two')")
    found = [(one["n"], one["u"].removeprefix(portal.origin), one.get("r")) for one in stats.happened()]
    assert found == [
        ("Sent", "/old.html", None),
        ("Signup", "/old.html", None),
        ("pageview", "/canonical", ""),
        ("pageview", "/case", "https://other.example/"),
    ]
    assert tab.evaluate("goatcounter.url({path: '/x', referrer: ''})") == f"{stats.origin}/count?p=%2Fx&r="


def test_goatcounter_settings(tab: Page, portal: Site, stats: Stats) -> None:
    tab.goto(show(portal, goatcounter(settings=', "no_onload": true')))
    tab.goto(show(portal, goatcounter(settings=', "allow_local": false')))
    tab.goto(show(portal, goatcounter(settings=', "path": "/fixed"')))
    assert [body["u"] for body in stats.happened()] == [f"{portal.origin}/fixed"]


def test_matomo_commands(tab: Page, portal: Site, stats: Stats) -> None:
    settings = """_paq.push(['setDocumentTitle', 'Secret']); _paq.push(['setUserId', 'anna@city.example']);
    _paq.push(['setCustomUrl', '/case']); _paq.push(['setReferrerUrl', 'https://other.example/']);
    _paq.push(['disableCookies']); _paq.push(['setDownloadExtensions', 'dwg|shp']);
    _paq.push([function () { window.seen = this.getVisitorId() }]);"""
    tab.goto(show(portal, matomo(settings), '<a id="file" href="/plan.dwg" download>plan</a>'))
    stats.posts(1)
    tab.click("#file")
    tab.evaluate("""() => {
      _paq.push(["trackEvent", "Signup", "sent", "basic", 3])
      _paq.push(["trackGoal", 4, 12.5], ["trackLink", "https://other.example/x", "link"])
      _paq.push(["trackSiteSearch", "waste", false, 3])
      _paq.push(["setCustomUrl", "/two"])
      _paq.push(["trackPageView"])
      Matomo.getAsyncTracker().trackEvent("Late", "sent")
    }""")
    found = [{key: body[key] for key in body.keys() - {"d"}} for body in stats.happened()]
    here = f"{portal.origin}/old.html"
    assert found == [
        {"n": "File Download", "u": here, "p": {"url": f"{portal.origin}/plan.dwg"}},
        {"n": "Goal 4", "u": here, "$": {"amount": 12.5}},
        {"n": "Late", "u": here, "p": {"action": "sent"}},
        {"n": "Outbound Link: Click", "u": here, "p": {"url": "https://other.example/x"}},
        {"n": "Signup", "u": here, "p": {"action": "sent", "name": "basic"}, "$": {"amount": 3}},
        {"n": "pageview", "u": f"{portal.origin}/case", "r": "https://other.example/"},
        {"n": "pageview", "u": f"{portal.origin}/two", "r": "https://other.example/"},
    ]
    assert stats.asked == [
        {"idsite": "7", "rec": "1", "send_image": "0", "url": f"{portal.origin}/case", "search": "waste"}
    ]
    assert tab.evaluate("[seen, Matomo.initialized]") == ["", True]


def test_matomo_campaigns(tab: Page, portal: Site, stats: Stats) -> None:
    tab.goto(show(portal, matomo()) + "?pk_campaign=spring&mtm_source=letter&x_campaign=1")
    [view] = stats.happened()
    assert view["u"].endswith("?utm_campaign=spring&utm_source=letter&x_campaign=1")


def test_matomo_waits_for_consent(tab: Page, portal: Site, stats: Stats) -> None:
    tab.goto(show(portal, matomo("_paq.push(['requireConsent']);")))
    tab.wait_for_timeout(1_200)
    tab.evaluate(HIDE, True)
    assert stats.happened() == []
    tab.evaluate("_paq.push(['rememberConsentGiven'])")
    assert names(stats) == ["pageview"]
    tab.evaluate("_paq.push(['optUserOut'], ['trackPageView'])")
    assert names(stats) == ["pageview"]


@pytest.mark.parametrize(
    ("snippet", "objection"),
    [
        (plausible(), "localStorage.plausible_ignore = 'true'"),
        (umami(), "localStorage['umami.disabled'] = 1"),
        (goatcounter(), "localStorage.skipgc = 't'"),
        (matomo(), "document.cookie = 'mtm_consent_removed=1'"),
    ],
    ids=["plausible", "umami", "goatcounter", "matomo"],
)
def test_an_objection_to_the_old_tracker_holds_on(
    tab: Page, portal: Site, stats: Stats, snippet: str, objection: str
) -> None:
    tab.goto(show(portal, snippet))
    assert names(stats) == ["pageview"]
    tab.evaluate(objection)
    tab.goto(show(portal, snippet))
    tab.wait_for_timeout(1_200)
    tab.evaluate(HIDE, True)
    assert names(stats).count("pageview") == 1


def test_matomo_in_a_folder(tab: Page, portal: Site, stats: Stats) -> None:
    snippet = matomo().replace("{{STATS}}/", "{{STATS}}/matomo/").replace("matomo.php", "piwik.php")
    tab.goto(show(portal, snippet.replace("matomo.js", "piwik.js")))
    assert stats.posts(1)[0].path == "/matomo/api/event"


def test_matomo_of_old(tab: Page, portal: Site, stats: Stats) -> None:
    snippet = """<script src="{{STATS}}/piwik/piwik.js"></script>
    <script>
      var piwikTracker = Piwik.getTracker("{{STATS}}/piwik/piwik.php", 7)
      piwikTracker.trackPageView()
      piwikTracker.enableLinkTracking()
    </script>"""
    tab.goto(show(portal, "", snippet))
    [view] = stats.happened()
    assert (view["n"], view["d"], stats.posts(1)[0].path) == ("pageview", "matomo:7", "/piwik/api/event")


def test_umami_of_old(tab: Page, portal: Site, stats: Stats) -> None:
    tab.goto(show(portal, umami().replace("/script.js", "/umami.js")))
    tab.evaluate("umami('Signup'); umami.trackEvent('Fee', {kind: 'waste'}); umami.trackView('/two')")
    found = [(body["n"], body["u"].removeprefix(portal.origin)) for body in stats.happened()]
    assert found == [
        ("Fee", "/old.html"),
        ("Signup", "/old.html"),
        ("pageview", "/old.html"),
        ("pageview", "/two"),
    ]
