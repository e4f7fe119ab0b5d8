"""docs/switching.md, done as it says: its settings, its nginx, its snippets, in a visitor's browser, and its check."""

import datetime
import re
import shutil
import subprocess
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from asked import dropped, stored
from chromium import EXECUTABLE, FLAGS
from city_site import PERSON, City, city
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from playwright.sync_api import Page, Response, sync_playwright
from served_home import SITE, ServedHome, free_port, run_hubbub

from hubbub.core.rows import Kind
from hubbub.serve.tracker import SCRIPTS

pytestmark = [pytest.mark.browser, pytest.mark.nginx]

PAGE = (Path(__file__).parents[2] / "docs" / "switching.md").read_text("utf-8")
OLD_HOST = f"stats.{SITE}"
FRAME = """\
daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log warn; worker_processes 1;
events {{ worker_connections 256; }}
http {{
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
{blocks}
}}
"""
PORTAL = "# … the portal itself"
PATIENCE_S = 30


def blocks(language: str) -> list[str]:
    """The page's code blocks of a language."""
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def certify(folder: Path) -> None:
    """A key and a certificate of its own for the hosts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, SITE)])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(SITE), x509.DNSName(OLD_HOST)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "portal.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    (folder / "portal.key").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    )


@pytest.fixture
def served(tmp_path: Path) -> Iterator[ServedHome]:
    home = tmp_path / "home"
    run_hubbub(None, "init", str(home), "--site", SITE)
    (settings,) = blocks("yaml")
    (home / "hubbub.yaml").write_text(settings)
    with ServedHome(home) as made:
        yield made


@pytest.fixture
def portal() -> Iterator[City]:
    with city() as server:
        yield server


@pytest.fixture
def proxy(served: ServedHome, portal: City, tmp_path: Path) -> Iterator[int]:
    """nginx with the page's blocks, on another port and with a certificate of its own; its port."""
    port, folder = free_port(), tmp_path / "nginx"
    folder.mkdir()
    tmp_path.chmod(0o755)
    certify(folder)
    text = "\n".join(blocks("nginx"))
    for told, meant in (
        ("listen 443 ssl;", f"listen 127.0.0.1:{port} ssl;"),
        ("/etc/ssl/", f"{folder}/"),
        ("http://127.0.0.1:8000", f"http://127.0.0.1:{served.port}"),
        (PORTAL, f"access_log off; location / {{ proxy_pass http://127.0.0.1:{portal.server_port}; }}"),
    ):
        assert told in text
        text = text.replace(told, meant)
    (folder / "nginx.conf").write_text(FRAME.format(folder=folder, blocks=text))
    nginx = shutil.which("nginx") or "/usr/sbin/nginx"
    process = subprocess.Popen([nginx, "-p", str(folder), "-c", str(folder / "nginx.conf")])
    try:
        yield port
    finally:
        process.terminate()
        process.wait(60)


@pytest.fixture
def tab(proxy: int) -> Iterator[Page]:
    """A visitor's tab, for which both hosts are where nginx is."""
    names = f"MAP {SITE} 127.0.0.1:{proxy}, MAP {OLD_HOST} 127.0.0.1:{proxy}"
    flags = (*FLAGS, f"--host-resolver-rules={names}", "--disable-blink-features=AutomationControlled")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=EXECUTABLE, args=flags)
        context = browser.new_context(user_agent=PERSON, ignore_https_errors=True)
        context.set_default_timeout(PATIENCE_S * 1000)
        yield context.new_page()
        browser.close()


def is_event(answer: Response) -> bool:
    return answer.url.endswith("/api/event") and answer.request.method == "POST"


def test_what_the_page_says(served: ServedHome, portal: City, tab: Page) -> None:
    complaints: list[str] = []
    asked: list[str] = []
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.on("request", lambda request: asked.append(request.url))
    snippets = blocks("html")
    assert len(snippets) >= 7
    for number, snippet in enumerate(snippets):
        path = f"/snippet/p{'abcdefghijklmn'[number]}"
        portal.show(snippet, path=path)
        with tab.expect_response(is_event) as answered:
            tab.goto(f"https://{SITE}{path}")
        assert answered.value.status == 202, snippet
        assert "x-hubbub-dropped" not in answered.value.headers, snippet
    kept = tab.evaluate("[localStorage.length, sessionStorage.length, document.cookie]")
    assert (complaints, tab.context.cookies(), kept) == ([], [], [0, 0, ""])
    assert {url.split("/")[2] for url in asked if not url.startswith("data:")} == {SITE, OLD_HOST}

    said = check(served)
    assert re.search(rf"{SITE}: \d+ accepted, 0 dropped", said), said

    served.__exit__()
    views = Counter(row["page"] for row in stored(served.home) if row["kind"] == Kind.PAGEVIEW)
    assert sorted(views.values()) == [1] * len(snippets)
    assert dropped(served.home) == {}


def check(served: ServedHome) -> str:
    """What the page's command prints."""
    ((program, *words),) = [line.split() for block in blocks("sh") for line in block.splitlines()]
    assert program == "hubbub"
    return run_hubbub(served.home, *words).stdout


def test_events_of_each_snippet_and_why_others_are_dropped(served: ServedHome, portal: City, tab: Page) -> None:
    calls = {
        "/js/": "plausible('Signup', {props: {plan: 'basic'}}); plausible('Other')",
        "/script.js": "umami.track('Signup', {plan: 'basic'}); umami.track('Other')",
        "matomo.js": "_paq.push(['trackEvent', 'Signup', 'sent']); _paq.push(['trackEvent', 'Other', 'sent'])",
        "count.js": "for (const path of ['Signup', 'Other']) goatcounter.count({path, event: true})",
    }
    snippets = blocks("html")
    for number, snippet in enumerate(snippets):
        portal.show(snippet, path="/page")
        with tab.expect_response(is_event):
            tab.goto(f"https://{SITE}/page")
        tab.evaluate(next(call for mark, call in calls.items() if mark in snippet))
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline and f"{number + 1:>12,} unknown_event" not in check(served):
            time.sleep(0.05)
    assert f"{len(snippets):>12,} unknown_event" in check(served)
    assert "unknown_property" in check(served)  # Matomo's action, which the page does not declare
    served.__exit__()
    signups = [row for row in stored(served.home) if row["kind"] == Kind.EVENT]
    assert {row["name"] for row in signups} == {"Signup"}
    assert len(signups) == len(snippets)


def test_the_picture_for_browsers_without_script(served: ServedHome) -> None:
    (picture,) = re.findall(r'<img src="//[^/]+(/[^"]+)"', "".join(blocks("html")))
    headers = {"User-Agent": PERSON, "Referer": f"https://{SITE}/plain"}
    address = f"http://127.0.0.1:{served.port}{picture.replace('&amp;', '&')}"
    with urllib.request.urlopen(urllib.request.Request(address, headers=headers)) as answer:
        assert answer.headers["Content-Type"] == "image/gif"
    served.__exit__()
    assert [row["page"] for row in stored(served.home)] == ["/plain"]


def test_every_script_is_on_the_page_and_the_other_proxy_says_the_same() -> None:
    for path in SCRIPTS:
        folderless = re.sub(r"^/(matomo|piwik)/", "/", path)
        assert path.startswith("/hubbub") or folderless.removesuffix(".js") in PAGE, path
    proxies = "".join(blocks("caddy"))
    assert all(told in proxies for told in (OLD_HOST, f"\n{SITE} {{", "/stats/*", "127.0.0.1:8000"))
