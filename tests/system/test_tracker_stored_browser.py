"""The tracker and its extras against a real `hubbub serve`: what stands in the rows of a day."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from asked import dropped, stored
from city_site import STATS, Visitor, city, visitor
from playwright.sync_api import sync_playwright
from served_home import SITE, ServedHome, run_hubbub

from hubbub.core.reasons import DropReason
from hubbub.core.rows import Kind

pytestmark = pytest.mark.browser

SETTINGS = f"""
timezone: UTC
sites:
  - name: {SITE}
    returning: true
    search_query: [q]
    events:
      Fee: {{}}
    amounts:
      Fee: {{most: 100, currency: EUR}}
"""
HEAD = f"""<script defer src="http://{STATS}/hubbub.more.js" data-returning data-forms data-hash></script>
<script defer src="http://{STATS}/hubbub.js" data-domain="{SITE}"></script>"""
BODY = """<button data-hubbub-event="Fee" data-hubbub-amount="12.50" data-hubbub-currency="EUR">pay</button>
<form><input type="submit"></form><a href="/plan.pdf" download>plan</a>
<script>addEventListener("submit", event => event.preventDefault())</script>"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    made = tmp_path / "home"
    run_hubbub(None, "init", str(made), "--site", SITE)
    (made / "hubbub.yaml").write_text(SETTINGS)
    return made


@pytest.fixture
def person(home: Path) -> Iterator[Visitor]:
    """Who visits the portal while hubbub serves the home."""
    with city() as portal, ServedHome(home) as served, sync_playwright() as playwright:
        portal.show(HEAD, BODY)
        with visitor(playwright, portal, served) as one:
            yield one


def test_a_visit_with_consent(home: Path, person: Visitor) -> None:
    tab = person.tab
    tab.goto(f"http://{SITE}/?q=waste", referer="https://www.bing.com/")
    person.wait("/api/event", 1)
    tab.evaluate("hubbub.consent(true)")
    tab.evaluate("location.hash = '/permits'")
    person.wait("/api/event", 1, "/permits")
    for element, text in (("button", "Fee"), ("input", "Form: "), ("a", "File Download")):
        tab.click(element)
        person.wait("/api/event", 1, text)
    tab.evaluate("hubbub('Unknown')")
    person.wait("/api/event", 1, "Unknown")
    assert set(person.sent("/api/event")) == {202}
    assert person.complaints == []
    person.leave()
    rows = [row for row in stored(home) if row["kind"] != Kind.ENGAGEMENT]
    assert [(row["kind"], row["page"], row["name"], row["amount"], row["returning"]) for row in rows] == [
        (Kind.PAGEVIEW, "/", "waste", 0, ""),
        (Kind.PAGEVIEW, "/permits", "waste", 0, "first"),
        (Kind.EVENT, "/permits", "Fee", 1250, ""),
        (Kind.FORM, "/permits", "/permits", 0, ""),
        (Kind.DOWNLOAD, "/permits", "/plan.pdf", 0, ""),
    ]
    assert len({row["unit"] for row in rows}) == 1
    assert rows[0]["referrer"] == "Bing"
    assert dropped(home) == {DropReason.UNKNOWN_EVENT: 1}


def test_a_later_visit(home: Path, person: Visitor) -> None:
    tab = person.tab
    tab.add_init_script("if (!localStorage.hubbub) localStorage.hubbub = Math.floor(Date.now() / 864e5) - 20")
    tab.goto(f"http://{SITE}/")
    person.wait("/api/event", 1)
    person.leave()
    assert {row["returning"] for row in stored(home) if row["kind"] == Kind.PAGEVIEW} == {"8-30 days"}
