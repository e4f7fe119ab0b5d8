"""The dashboard in Debian's Chromium: accessible, whole without scripts, fitting a phone, loading nothing from afar."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from axe_playwright_python.sync_playwright import Axe
from chromium import launch
from playwright.sync_api import Browser, Page, sync_playwright

pytestmark = pytest.mark.browser
SITE = "/sites/services.example"
PAGES = {
    "overview": "/",
    "site": f"{SITE}?period=30d",
    "today": f"{SITE}?period=today",
    "year": f"{SITE}?period=12mo",
    "noisy": "/sites/culture.example?period=day",
    "smoothed": "/sites/culture.example?by=country&is=US&period=30d",
    "filter": f"{SITE}?by=page&is=/home",
    "custom": f"{SITE}?from=2026-04-01&to=2026-04-20&metric=pageviews",
    "bare": "/sites/transport.example",
    "amount": f"{SITE}?by=amount_event&is=Fee+paid+(EUR)",
    "list": f"{SITE}/list/page",
    "goals": f"{SITE}/list/goal",
    "table": "/tables/service-desk?period=30d",
    "table today": "/tables/service-desk?period=day",
    "measures": "/what-we-measure",
    "table measures": "/what-we-measure?site=service-desk",
    "targets": "/targets",
    "target": "/targets/visitors",
    "target of days": "/targets/bounces",
    "verify": "/what-we-measure/verify",
    "problem": "/sites/elsewhere.example",
}
SERVER = Path(__file__).with_name("dashboard_server.py")


@contextmanager
def running(*arguments: str) -> Iterator[str]:
    """The sample city being served; gives its address."""
    command = [sys.executable, str(SERVER), *arguments]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        address = f"http://127.0.0.1:{process.stdout.readline().strip()}"
        wait_for(address)
        yield address
        process.stdin.close()
        process.wait(60)


def wait_for(address: str) -> None:
    """Wait until the server answers."""
    for _ in range(600):
        try:
            with urlopen(address, timeout=30):
                return
        except URLError:
            time.sleep(0.1)
    raise TimeoutError(address)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with running() as found:
        yield found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        found = launch(playwright)
        yield found
        found.close()


@contextmanager
def opened(browser: Browser, url: str, **options: Any) -> Iterator[Page]:
    """A page in a context of its own; fails when it logs an error or asks another host for anything."""
    context = browser.new_context(**options)
    page = context.new_page()
    complaints: list[str] = []
    strangers: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: strangers.append(request.url) if "127.0.0.1" not in request.url else None)
    page.goto(url)
    yield page
    context.close()
    assert [text for text in complaints if "status of 404" not in text] == []
    assert strangers == []


def serious_violations(page: Page) -> list[tuple[str, str, list[str]]]:
    """What axe calls serious or critical: rule, remedy, and the first elements."""
    return [
        (one["id"], one["help"], [node["html"][:120] for node in one["nodes"][:3]])
        for one in Axe().run(page).response["violations"]
        if one["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_serious(browser: Browser, address: str, name: str, scheme: str) -> None:
    with opened(browser, address + PAGES[name], color_scheme=scheme) as page:
        page.eval_on_selector_all("details", "all => all.forEach(one => one.open = true)")
        assert serious_violations(page) == []


def test_axe_would_find_something(browser: Browser, address: str) -> None:
    """The check above can fail: text of too little contrast and a field without a label are found."""
    with opened(browser, address) as page:
        page.evaluate(
            """() => {
                const sheet = new CSSStyleSheet();
                sheet.replaceSync('h1 { color: #ddd !important }');
                document.adoptedStyleSheets.push(sheet);
                document.querySelector('main').append(document.createElement('input'));
            }"""
        )
        found = {one["id"] for one in Axe().run(page).response["violations"]}
    assert {"color-contrast", "label"} <= found


@pytest.mark.parametrize("name", PAGES)
def test_a_phone_needs_no_sideways_scrolling(browser: Browser, address: str, name: str) -> None:
    with opened(browser, address + PAGES[name], viewport={"width": 360, "height": 740}) as page:
        page.eval_on_selector_all("details", "all => all.forEach(one => one.open = true)")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        charts = page.locator("svg.chart")
        shown = [charts.nth(place).is_visible() for place in range(charts.count())]
        assert shown.count(True) == len(shown) // 2


@pytest.mark.parametrize("name", PAGES)
def test_everything_is_there_without_scripts(browser: Browser, address: str, name: str) -> None:
    with opened(browser, address + PAGES[name]) as page:
        with_scripts = page.locator("body").inner_text()
    with opened(browser, address + PAGES[name], java_script_enabled=False) as page:
        assert page.locator("body").inner_text() == with_scripts


def test_period_and_custom_days_work_without_scripts(browser: Browser, address: str) -> None:
    with opened(browser, address + SITE, java_script_enabled=False) as page:
        page.get_by_role("navigation", name="Period").get_by_role("link", name="30 days").click()
        assert "20 April – 19 May 2026" in page.locator("nav.picker").inner_text()
        page.get_by_text("From – to").click()
        page.get_by_label("From", exact=True).fill("2026-04-06")
        page.get_by_label("to", exact=True).fill("2026-04-12")
        page.get_by_role("button", name="Show").click()
        assert "6–12 April 2026" in page.locator("nav.picker").inner_text()
        page.get_by_role("link", name="Earlier").click()
        assert "30 March – 5 April 2026" in page.locator("nav.picker").inner_text()
        page.get_by_role("link", name="Page views", exact=True).click()
        assert page.locator("h2.sentence").inner_text().startswith("Page views")


def test_the_keyboard_reaches_the_content_first_and_then_every_link(browser: Browser, address: str) -> None:
    with opened(browser, f"{address}{SITE}?period=30d") as page:
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        assert page.evaluate("document.activeElement.getBoundingClientRect().top") >= 0
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "content"
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "All sites"
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
        page.get_by_text("The numbers of this chart as a table").focus()
        page.keyboard.press("Enter")
        assert page.get_by_role("table", name="Visitors, 20 April").is_visible()


def test_funnels_and_spreads_are_tables_with_bars(browser: Browser, address: str) -> None:
    with opened(browser, f"{address}{SITE}?period=30d", viewport={"width": 360, "height": 740}) as page:
        for name, rows in (("Funnel “Permit”", 4), ("Time on a page", 7), ("How far pages are read", 5)):
            table = page.get_by_role("table", name=name)
            assert table.locator("tbody tr").count() == rows
            assert table.locator("svg.bar").count() == rows
            widths = table.locator("tbody th").evaluate_all("all => all.map(one => one.scrollWidth - one.clientWidth)")
            assert max(widths) <= 0  # nothing is cut off


def test_colours_follow_the_readers_scheme(browser: Browser, address: str) -> None:
    seen = {}
    for scheme in ("light", "dark"):
        with opened(browser, f"{address}{SITE}?period=30d", color_scheme=scheme) as page:
            seen[scheme] = (
                page.evaluate("getComputedStyle(document.body).backgroundColor"),
                page.evaluate(
                    "getComputedStyle(document.querySelector('svg.chart [stroke=\"var(--accent)\"]')).stroke"
                ),
            )
    assert all(light != dark for light, dark in zip(seen["light"], seen["dark"], strict=True))
    assert all(value.startswith("rgb") for value in (*seen["light"], *seen["dark"]))


def test_the_pointer_over_the_chart_reads_its_numbers_out(browser: Browser, address: str) -> None:
    with opened(browser, f"{address}{SITE}?period=7d") as page:
        box = page.locator("svg.chart-wide").bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + box["width"] - 30, box["y"] + 60)
        assert page.locator(".keys").inner_text().startswith("Tue 19 May 2026: ")
        page.mouse.move(5, 5)
        assert "95 % band" in page.locator(".keys").inner_text()


def test_a_trial_is_marked_where_it_is_seen_first(browser: Browser) -> None:
    with running("--trial") as trial, opened(browser, trial + SITE) as page:
        box = page.get_by_text("these numbers are not private").bounding_box()
        assert box is not None
        assert box["y"] < 40
        assert [
            one["id"] for one in Axe().run(page).response["violations"] if one["impact"] in ("serious", "critical")
        ] == []
