"""Operators in Debian's Chromium: signing in, accounts and keys, signing out, on a phone and without scripts."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from chromium import launch
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright
from served_home import ServedHome, run_hubbub

pytestmark = pytest.mark.browser
PICTURES = os.environ.get("HUBBUB_PICTURES", "")  # a folder; without it no pictures are taken
PHONE = ViewportSize(width=360, height=740)
CHOSEN = "eleven green doors"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedHome]:
    home = tmp_path_factory.mktemp("operators") / "home"
    run_hubbub(None, "init", str(home), "--site", "portal.example")
    text = (home / "hubbub.yaml").read_text()
    (home / "hubbub.yaml").write_text(text.replace("mode: public", "mode: private"))
    with ServedHome(home, "--workers", "2") as server:
        yield server


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        found = launch(playwright)
        yield found
        found.close()


def look(page: Page, name: str) -> None:
    """Nothing serious for axe, nothing wider than the window; a picture where they are wanted."""
    violations = Axe().run(page).response["violations"]
    serious = [(one["id"], one["nodes"][0]["html"]) for one in violations if one["impact"] in ("serious", "critical")]
    assert serious == [], name
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} is wider than the window"
    if PICTURES:
        page.screenshot(path=str(Path(PICTURES) / f"{name}.png"), full_page=True)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_admin_comes_works_and_goes(served: ServedHome, browser: Browser, scheme: Literal["light", "dark"]) -> None:
    name = f"gerda-{scheme}"
    once = run_hubbub(served.home, "user", "add", name, "--role", "admin").stdout.split()[-1]
    address = f"http://127.0.0.1:{served.port}"
    context = browser.new_context(viewport=PHONE, color_scheme=scheme, java_script_enabled=scheme == "light")
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)

    page.goto(f"{address}/what-we-measure")
    assert page.url == f"{address}/sign-in?next=%2Fwhat-we-measure"
    if scheme == "light":
        look(page, "sign-in")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill("a wrong one")
    page.get_by_role("button", name="Sign in").click()
    assert page.get_by_role("alert").inner_text().startswith("Name and password do not fit")
    if scheme == "light":
        look(page, "sign-in-refused")
    page.get_by_label("Password").fill(once)
    page.get_by_role("button", name="Sign in").click()

    assert page.url == f"{address}/password"
    if scheme == "light":
        look(page, "password")
    page.get_by_label("Present password").fill(once)
    page.get_by_label("New password, 12 characters or more").fill(CHOSEN)
    page.get_by_label("New password again").fill(CHOSEN)
    page.get_by_role("button", name="Choose").click()
    assert page.url == f"{address}/"
    assert page.get_by_text(f"Signed in: {name}, admin").is_visible()
    if scheme == "light":
        look(page, "overview-signed-in")

    page.get_by_role("link", name="Operators").click()
    page.get_by_text("Add an account").click()
    accounts = page.get_by_role("region", name="Accounts")
    accounts.get_by_label("Name").fill(f"ana-{scheme}")
    accounts.locator("form.fields select").select_option("analyst")
    accounts.get_by_role("button", name="Add").click()
    assert page.get_by_text(f"Password of ana-{scheme} for once").is_visible()
    page.get_by_text("Add a key").click()
    keys = page.get_by_role("region", name="API keys")
    keys.get_by_label("Name").fill(f"board-{scheme}")
    keys.get_by_role("button", name="Add").click()
    key = page.locator(".once code").inner_text()
    assert key.startswith("hub_")
    page.get_by_role("button", name=f"Disable: ana-{scheme}").click()
    if scheme == "light":
        look(page, "operators")
        page.set_viewport_size(ViewportSize(width=1200, height=900))
        look(page, "operators-wide")
        page.set_viewport_size(PHONE)
    elif PICTURES:
        page.screenshot(path=str(Path(PICTURES) / "operators-dark.png"), full_page=True)
    page.get_by_role("link", name="Log of changes").click()
    assert page.get_by_text(f"account disabled: ana-{scheme}").is_visible()
    if scheme == "light":
        look(page, "log")

    (cookie,) = [one for one in context.cookies() if one["name"] == "hubbub"]
    assert (cookie["httpOnly"], cookie["sameSite"], cookie["path"]) == (True, "Lax", "/")
    page.get_by_role("button", name="Sign out").click()
    assert page.url.startswith(f"{address}/sign-in")
    assert not [one for one in context.cookies() if one["name"] == "hubbub"]
    page.go_back()
    assert not page.get_by_text(f"account disabled: ana-{scheme}").is_visible(), "nothing of it is kept"
    context.close()
    assert [text for text in complaints if "status of 40" not in text] == []
