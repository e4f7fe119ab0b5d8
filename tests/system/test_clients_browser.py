"""Plausible's and Umami's own scripts from npm, unmodified, in a visitor's Chromium against a real `hubbub serve`."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from asked import dropped, stored
from city_site import ELSEWHERE, STATS, City, Visitor, city, visitor
from playwright.sync_api import sync_playwright
from served_home import SITE, ServedHome, run_hubbub

from hubbub.core.reasons import DropReason
from hubbub.core.rows import Kind
from npm_packages import npm_package, npm_package_alone

pytestmark = [pytest.mark.npm, pytest.mark.browser]

WEBSITE = "b59e9c65-ae32-47f1-8400-119fcf4861c4"
SETTINGS = f"""
timezone: UTC
sites:
  - name: {SITE}
    umami: [{WEBSITE}]
    events:
      Signup: {{plan: [basic]}}
      Fee: {{}}
    amounts:
      Fee: {{most: 100, currency: EUR}}
"""
PLAUSIBLE = """<script type="module">
  import {init, track} from "/tracker/plausible.js"
  init(OPTIONS)
  window.track = track
</script>"""
OLD_PLAUSIBLE = """<script type="module">
  import Plausible from "/old/index.js"
  window.client = Plausible({domain: "SITE", apiHost: "http://STATS", OPTIONS})
  START
</script>""".replace("SITE", SITE).replace("STATS", STATS)
LINKS = f"""<a id="out" href="http://{ELSEWHERE}/x?person=7" target="_blank">out</a>
<a id="file" href="/plan.pdf?token=7" download>plan</a>
<form><button id="send">send</button></form>
<div style="height:3000px"></div>
<script>addEventListener("submit", event => event.preventDefault())</script>"""
ROWS = ("kind", "page", "name", "detail", "amount")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    made = tmp_path / "home"
    run_hubbub(None, "init", str(made), "--site", SITE)
    (made / "hubbub.yaml").write_text(SETTINGS)
    return made


@pytest.fixture
def portal() -> Iterator[City]:
    with city() as server:
        server.show("", path="/x")
        yield server


@pytest.fixture
def person(home: Path, portal: City) -> Iterator[Visitor]:
    """Who visits while hubbub serves the home, and has nothing to complain of."""
    portal.scripts |= {
        "tracker": npm_package("@plausible-analytics/tracker", "0.4.6"),
        "old": npm_package("plausible-tracker", "0.3.9") / "build" / "module",
        "umami": npm_package_alone("umami", "2.10.0") / "src" / "tracker",
    }
    with ServedHome(home) as served, sync_playwright() as playwright, visitor(playwright, portal, served) as one:
        yield one


def told(home: Path) -> list[tuple[Any, ...]]:
    """What is stored, engagement apart, sorted."""
    return sorted(tuple(row[name] for name in ROWS) for row in stored(home) if row["kind"] != Kind.ENGAGEMENT)


def was_quiet(person: Visitor) -> bool:
    """Whether the browser had nothing to complain of, spoke to no other host, and keeps nothing."""
    kept = person.tab.evaluate("[localStorage.length, sessionStorage.length, document.cookie]")
    assert (person.complaints, person.context.cookies(), kept) == ([], [], [0, 0, ""])
    return person.hosts() <= {SITE, STATS, ELSEWHERE}


def test_plausible_all_that_it_captures(home: Path, portal: City, person: Visitor) -> None:
    portal.show(
        PLAUSIBLE.replace(
            "OPTIONS",
            f"""{{domain: "{SITE}", endpoint: "http://{STATS}/api/event",
            outboundLinks: true, fileDownloads: true, formSubmissions: true}}""",
        ),
        LINKS,
    )
    tab = person.tab
    tab.goto(f"http://{SITE}/?case=4711#below", referer="https://www.bing.com/")
    person.wait("/api/event", 1)
    tab.click("#file")
    tab.click("#send")
    with person.context.expect_page():
        tab.click("#out")
    tab.bring_to_front()
    answer = tab.evaluate("""() => new Promise(done => track("Signup", {props: {plan: "basic"}, callback: done}))""")
    assert answer == {"status": 202}
    tab.evaluate("track('Fee', {revenue: {amount: 12.5, currency: 'EUR'}, interactive: false})")
    tab.evaluate("scrollTo(0, 1500)")
    tab.wait_for_timeout(3_200)
    tab.evaluate("history.pushState({}, '', '/permits')")
    for text in ("/permits", "engagement", "Outbound Link", "File Download", "Form: ", "Fee"):
        person.wait("/api/event", 1, text)
    assert set(person.sent("/api/event")) == {202}
    assert was_quiet(person)
    person.leave()
    assert told(home) == [
        (Kind.PAGEVIEW, "/", "", "", 0),
        (Kind.PAGEVIEW, "/permits", "", "", 0),
        (Kind.EVENT, "/", "Fee", "", 1250),
        (Kind.EVENT, "/", "Signup", "plan=basic", 0),
        (Kind.OUTLINK, "/", ELSEWHERE, "", 0),
        (Kind.DOWNLOAD, "/", "/plan.pdf", "", 0),
        (Kind.FORM, "/", "/", "", 0),
    ]
    rows = stored(home)
    engaged = [row for row in rows if row["kind"] == Kind.ENGAGEMENT and row["page"] == "/"]
    assert sum(row["engaged_ms"] for row in engaged) > 1_000
    assert max(row["scroll"] for row in engaged) > 40
    assert {(row["channel"], row["referrer"]) for row in rows if row["kind"] == Kind.PAGEVIEW} == {
        ("Organic Search", "Bing")
    }
    assert {(row["browser"], row["os"], row["language"]) for row in rows} == {("Chrome", "Linux", "de")}
    assert dropped(home) == {}


def test_plausible_hash_routes(home: Path, portal: City, person: Visitor) -> None:
    portal.show(
        PLAUSIBLE.replace(
            "OPTIONS", f'{{domain: "{SITE}", endpoint: "http://{STATS}/api/event", hashBasedRouting: true}}'
        )
    )
    person.tab.goto(f"http://{SITE}/#/permits")
    person.tab.evaluate("location.hash = '/waste'")
    person.wait("/api/event", 2)
    assert was_quiet(person)
    person.leave()
    assert [row[:2] for row in told(home)] == [(Kind.PAGEVIEW, "/permits"), (Kind.PAGEVIEW, "/waste")]


def test_plausible_by_hand_for_several_sites(home: Path, portal: City, person: Visitor) -> None:
    portal.show(
        PLAUSIBLE.replace(
            "OPTIONS",
            f"""{{domain: "{SITE},other.example", endpoint: "http://{STATS}/api/event",
            autoCapturePageviews: false, customProperties: {{plan: "basic"}}}}""",
        )
    )
    person.tab.goto(f"http://{SITE}/")
    person.tab.evaluate(f"track('pageview', {{url: 'http://{SITE}/case'}})")
    person.wait("/api/event", 1)
    person.tab.evaluate("track('Signup', {})")
    person.wait("/api/event", 2)
    person.leave()
    assert told(home) == [(Kind.PAGEVIEW, "/case", "", "", 0), (Kind.EVENT, "/", "Signup", "plan=basic", 0)]
    assert dropped(home)[DropReason.UNKNOWN_SITE] >= 2  # one an event


def test_old_plausible_all_that_it_tracks(home: Path, portal: City, person: Visitor) -> None:
    start = "client.enableAutoPageviews(); client.enableAutoOutboundTracking()"
    portal.show(OLD_PLAUSIBLE.replace("OPTIONS", "").replace("START", start), LINKS)
    tab = person.tab
    tab.goto(f"http://{SITE}/?case=4711")
    person.wait("/api/event", 1)
    tab.evaluate("history.pushState({}, '', '/permits')")
    person.wait("/api/event", 2)
    tab.evaluate("""() => new Promise(done => client.trackEvent("Signup", {props: {plan: "basic"}, callback: done}))""")
    tab.evaluate(f"client.trackPageview({{url: 'http://{SITE}/waste'}})")
    person.wait("/api/event", 4)
    assert was_quiet(person)
    tab.click("#out")
    tab.wait_for_url(f"http://{ELSEWHERE}/**")
    person.wait("/api/event", 5)
    assert person.sent("/api/event") == [202] * 5
    assert person.complaints == []
    person.leave()
    assert told(home) == [
        (Kind.PAGEVIEW, "/", "", "", 0),
        (Kind.PAGEVIEW, "/permits", "", "", 0),
        (Kind.PAGEVIEW, "/waste", "", "", 0),
        (Kind.EVENT, "/permits", "Signup", "plan=basic", 0),
        (Kind.OUTLINK, "/permits", ELSEWHERE, "", 0),
    ]
    assert dropped(home) == {}


def test_old_plausible_hash_mode(home: Path, portal: City, person: Visitor) -> None:
    portal.show(OLD_PLAUSIBLE.replace("OPTIONS", "hashMode: true").replace("START", "client.enableAutoPageviews()"))
    person.tab.goto(f"http://{SITE}/#/permits")
    person.wait("/api/event", 1)
    person.tab.evaluate("location.hash = '/waste'")
    person.wait("/api/event", 2)
    assert was_quiet(person)
    person.leave()
    assert {row[:2] for row in told(home)} == {(Kind.PAGEVIEW, "/permits"), (Kind.PAGEVIEW, "/waste")}


def umami(more: str = "") -> str:
    said = f'data-website-id="{WEBSITE}" data-host-url="http://{STATS}" {more}'
    return f'<script defer src="/umami/index.js" {said}></script>'


def test_umami_all_that_it_tracks(home: Path, portal: City, person: Visitor) -> None:
    body = '<button data-umami-event="Signup" data-umami-event-plan="basic">sign up</button>'
    portal.show(umami(), body)
    tab = person.tab
    tab.goto(f"http://{SITE}/?case=4711", referer="https://www.bing.com/")
    person.wait("/api/send", 1)
    tab.click("button")
    person.wait("/api/send", 2)
    tab.evaluate("history.pushState({}, '', '/permits')")
    person.wait("/api/send", 3)
    tab.evaluate("umami.track('Fee', {revenue: 12.5, currency: 'EUR'})")
    tab.evaluate("umami.track(said => ({...said, url: '/waste'}))")
    cache = tab.evaluate("umami.identify({mail: 'maria.muster@mail.example'})")
    assert cache
    person.wait("/api/send", 6)
    assert person.sent("/api/send") == [200] * 6
    assert was_quiet(person)
    person.leave()
    assert [row[:2] + row[2:4] for row in told(home)] == [
        (Kind.PAGEVIEW, "/", "", ""),
        (Kind.PAGEVIEW, "/permits", "", ""),
        (Kind.PAGEVIEW, "/waste", "", ""),
        (Kind.EVENT, "/", "Signup", "plan=basic"),
        (Kind.EVENT, "/permits", "Fee", ""),
    ]
    assert Counter(row["amount"] for row in stored(home)) == {0: 4, 1250: 1}
    assert dropped(home)[DropReason.IGNORED] == 1


def test_umami_by_hand_and_on_its_hosts_only(home: Path, portal: City, person: Visitor) -> None:
    portal.show(umami('data-auto-track="false"'))
    portal.show(umami('data-domains="other.example"'), path="/other")
    person.tab.goto(f"http://{SITE}/other")
    person.tab.goto(f"http://{SITE}/")
    person.tab.evaluate("umami.track()")
    person.wait("/api/send", 1)
    assert was_quiet(person)
    person.leave()
    assert told(home) == [(Kind.PAGEVIEW, "/", "", "", 0)]
