"""Takes the README's picture of the dashboard: `python tests/screenshot.py OUT.png`.

Of the demo at HUBBUB_DEMO_URL when that is set, else of a demo that it builds for itself.
"""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).parent / "system"))

from chromium import launch

WIDTH, HEIGHT = 1280, 1180
PATIENCE_S = 300.0


@contextmanager
def running_demo() -> Iterator[str]:
    """A demo of its own on a free port; its address once it answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "hubbub.cli.main", "demo", "--folder", f"{folder}/demo", "--port", str(port)]
        demo = subprocess.Popen(command, start_new_session=True)
        try:
            deadline = time.monotonic() + PATIENCE_S
            while not answers(f"{address}/healthz"):
                if demo.poll() is not None or time.monotonic() > deadline:
                    raise SystemExit("the demo did not start")
                time.sleep(0.5)
            yield address
        finally:
            demo.send_signal(signal.SIGINT)
            demo.wait()


def answers(address: str) -> bool:
    """Whether something answers there."""
    try:
        with urllib.request.urlopen(address, timeout=1):
            return True
    except OSError:
        return False


def take(address: str, output: Path) -> None:
    """Open the overview, go to its first site's last 30 days, and save what a reader sees."""
    with sync_playwright() as playwright:
        browser = launch(playwright)
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
    with nullcontext(demo) if demo else running_demo() as address:
        take(address, Path(sys.argv[1]))
    print(f"{sys.argv[1]} shows the demo")
    return 0


if __name__ == "__main__":
    sys.exit(main())
