"""Takes the README's picture of the dashboard: `python tests/screenshot.py OUT.png`.

Of the demo at HUBBUB_DEMO_URL when that is set, else of the sample city of the tests.
"""

import os
import sys
from contextlib import nullcontext
from pathlib import Path

from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).parent / "system"))

from test_dashboard_browser import running

WIDTH, HEIGHT = 1280, 1180


def take(address: str, output: Path) -> None:
    """Open the overview, go to its first site's last 30 days, and save what a reader sees."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium")
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light")
        page.goto(address)
        page.locator("table.sites tbody th a").first.click()
        page.get_by_role("navigation", name="Period").get_by_role("link", name="30 days").click()
        output.parent.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=output)
        browser.close()


def main() -> int:
    """The picture's path is the one argument."""
    if len(sys.argv) != 2:
        print("usage: python tests/screenshot.py OUT.png", file=sys.stderr)
        return 2
    demo = os.environ.get("HUBBUB_DEMO_URL", "")
    with nullcontext(demo) if demo else running() as address:
        take(address, Path(sys.argv[1]))
    print(f"{sys.argv[1]} shows {'the demo' if demo else 'the sample city'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
