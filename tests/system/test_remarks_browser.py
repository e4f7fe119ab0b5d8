"""An analyst in Debian's Chromium: dismisses and notes a finding, notes a day, makes a target, silences an alert; on a
phone, without scripts, from the real `hubbub serve`."""

import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from chromium import launch
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright
from served_home import ServedHome, run_hubbub

sys.path.insert(0, str(Path(__file__).parents[1] / "unit" / "publish"))

from mart_samples import SITES, sample_marts

from hubbub.cli.home import Home
from hubbub.insight.findings import Finding, Findings, Kind
from hubbub.insight.series import SeriesName
from hubbub.operate.last_scan import LastScan

pytestmark = pytest.mark.browser
PICTURES = os.environ.get("HUBBUB_PICTURES", "")  # a folder; without it no pictures are taken
PHONE, DESK = ViewportSize(width=360, height=740), ViewportSize(width=1200, height=900)
CHOSEN = "eleven green doors"
TODAY = datetime.now(UTC).date()
SINCE = TODAY - timedelta(days=9)
SETTINGS = f"""\
sites: [{{name: {SITES[0]}, title: City services}}, {{name: {SITES[1]}, title: Transport}}]
city: Sampleton
alerts:
  channels: {{desk: {{webhook: {{url: "http://127.0.0.1:9/none"}}}}}}
"""


def found(series: SeriesName, **more: object) -> Finding:
    sizes = {"before": 2_000.0, "now": 2_760.0, "difference": 760.0, "stderr": 30.0, "p_value": 1e-9}
    told = {"change": 0.38, "low": 0.32, "high": 0.44, "probability": 0.98, "until": TODAY - timedelta(days=3)}
    return Finding(series=series, kind=Kind.SPIKE, found=SINCE, since=SINCE, **(sizes | told | more))  # type: ignore[arg-type]


PART = found(SeriesName(SITES[0], "visitors", (("channel", "Organic Search"),)))
SPIKE = found(SeriesName(SITES[0], "visitors"), members=(PART,))


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedHome]:
    folder = tmp_path_factory.mktemp("remarks") / "home"
    folder.mkdir()
    (folder / "hubbub.yaml").write_text(SETTINGS)
    sample_marts(folder / "marts", TODAY - timedelta(days=1), days=70, sites=SITES[:2])
    home = Home.open(folder)
    states = {site: home.marts.version(site) for site in SITES[:2]}
    LastScan(folder).write(Findings(states, dict.fromkeys(SITES[:2], TODAY - timedelta(days=1)), 90, (SPIKE,)))
    home.database.dispose()
    with ServedHome(folder, "--workers", "2") as server:
        yield server


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        found_one = launch(playwright)
        yield found_one
        found_one.close()


def look(page: Page, name: str) -> None:
    """Nothing serious for axe, nothing wider than a phone's or a desk's window; pictures where they are wanted."""
    for size, viewport in (("wide", DESK), ("phone", PHONE)):
        page.set_viewport_size(viewport)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} is wider than the window"
        if PICTURES:
            page.screenshot(path=str(Path(PICTURES) / f"{name}-{size}.png"), full_page=True)
    violations = Axe().run(page).response["violations"]
    serious = [(one["id"], one["nodes"][0]["html"]) for one in violations if one["impact"] in ("serious", "critical")]
    assert serious == [], name


def test_an_analyst_writes_and_a_reader_sees_it(served: ServedHome, browser: Browser) -> None:
    once = run_hubbub(served.home, "user", "add", "ana", "--role", "analyst").stdout.split()[-1]
    address = f"http://127.0.0.1:{served.port}"
    context = browser.new_context(viewport=PHONE)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.goto(f"{address}/sign-in?next=/password")
    page.get_by_label("Name").fill("ana")
    page.get_by_label("Password").fill(once)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("Present password").fill(once)
    page.get_by_label("New password, 12 characters or more").fill(CHOSEN)
    page.get_by_label("New password again").fill(CHOSEN)
    page.get_by_role("button", name="Choose").click()

    page.goto(f"{address}/what-is-changing")
    page.get_by_role("link", name="City services", exact=True).last.click()
    assert page.url == f"{address}/what-is-changing/{SPIKE.name}"
    page.get_by_label("Note, such as").fill("campaign started")
    page.get_by_role("button", name="Add the note").click()
    assert page.get_by_role("list", name="Notes").get_by_text("campaign started").is_visible()
    page.get_by_label("Why (may stay empty)").fill("the campaign of the press office")
    page.get_by_role("button", name="Confirm").click()
    assert page.get_by_text("✓ confirmed").is_visible()
    look(page, "finding")
    page.get_by_role("button", name="Dismiss").click()
    page.goto(f"{address}/what-is-changing")
    page.get_by_text("Dismissed (1)").click()
    look(page, "list-dismissed")
    assert page.locator("section.findings li").count() == 0

    page.goto(f"{address}/sites/{SITES[0]}?period=30d")
    page.get_by_text("Note for a day").click()
    page.get_by_label("Day", exact=True).fill((TODAY - timedelta(days=20)).isoformat())
    page.get_by_label("Note, such as").fill("Stadium concert")
    page.get_by_role("button", name="Add the note").click()
    assert page.url.startswith(f"{address}/sites/{SITES[0]}?period=30d")
    notes = page.get_by_role("list", name="Notes")
    assert notes.get_by_role("listitem").count() == 2
    assert page.locator("svg.chart-narrow text", has_text="2").last.is_visible()
    look(page, "site-noted")

    page.goto(f"{address}/targets")
    page.get_by_role("link", name="Make a target").click()
    look(page, "target-form")
    page.get_by_label("Name in addresses").fill("many")
    page.get_by_label("Title").fill("Many visitors")
    page.get_by_label("At least").fill("+10 %")
    page.get_by_role("button", name="Make it").click()
    assert "baseline" in page.get_by_role("alert").inner_text()
    page.get_by_label("A change is against").select_option("previous")
    page.get_by_role("button", name="Make it").click()
    assert page.url == f"{address}/targets/many"
    assert page.get_by_role("heading", name="Many visitors").is_visible()
    assert "Many visitors" in run_hubbub(served.home, "targets").stdout

    page.goto(f"{address}/operators/alerts")
    page.get_by_label("Of the rule").select_option("targets")
    page.get_by_label("Why").fill("known")
    page.get_by_role("button", name="Silence").click()
    assert page.get_by_role("button", name="End the silence of everything that the rule targets tells").is_visible()
    look(page, "alerts")
    page.get_by_role("button", name="Sign out").click()
    assert [text for text in complaints if "status of 400" not in text] == []

    page.goto(f"{address}/sites/{SITES[0]}?period=30d")
    assert not page.get_by_role("button", name="Remove").is_visible()
    context.close()
    log = run_hubbub(served.home, "changes", "list").stdout
    for words in ("finding confirmed", "finding dismissed", "note added", "target made", "silence added"):
        assert words in log
    assert SPIKE.name not in run_hubbub(served.home, "trends", "--json").stdout
