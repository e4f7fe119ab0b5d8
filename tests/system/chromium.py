"""Debian's Chromium, as every test that drives a browser starts it."""

from playwright.sync_api import Browser, Playwright

EXECUTABLE = "/usr/bin/chromium"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def launch(playwright: Playwright, *, back_forward_cache: bool = False) -> Browser:
    """A headless browser; with its back/forward cache, which Playwright would switch off, on request."""
    ignored = ["--disable-back-forward-cache"] if back_forward_cache else None
    return playwright.chromium.launch(executable_path=EXECUTABLE, args=FLAGS, ignore_default_args=ignored)
