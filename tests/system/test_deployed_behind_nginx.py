"""docs/deploy.md, done as it says: nginx in front, with its own block of that page, on a real `hubbub serve`."""

import os
import re
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from served_home import FIREFOX, SITE, ServedHome, free_port, run_hubbub

from hubbub.cli.home import Home
from hubbub.core.days import day_of

PAGE = Path(__file__).parents[2] / "docs" / "deploy.md"
FRAME = """\
daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log warn; worker_processes 1;
events {{ worker_connections 64; }}
http {{
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
{block}
}}
"""


def block_of(language: str) -> str:
    """The page's code block of a language."""
    found = re.search(rf"```{language}\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert found
    return found[1]


@pytest.fixture
def served(tmp_path: Path) -> Iterator[ServedHome]:
    home = tmp_path / "home"
    run_hubbub(None, "init", str(home), "--site", SITE)
    trusted = re.search(r"trusted_proxies: \[.*?\]", block_of("yaml"))
    assert trusted
    settings = home / "hubbub.yaml"
    settings.write_text(settings.read_text().replace("trusted_proxies: []", trusted[0]))
    with ServedHome(home) as made:
        yield made


@pytest.fixture
def proxy(served: ServedHome, tmp_path: Path) -> Iterator[str]:
    """nginx with the page's block, on plain HTTP and another port; its address."""
    port, folder = free_port(), tmp_path / "nginx"
    folder.mkdir()
    os.chmod(tmp_path, 0o755)
    block = block_of("nginx")
    for told, meant in (
        ("listen 443 ssl http2;", f"listen 127.0.0.1:{port};"),
        ("server 127.0.0.1:8000;", f"server 127.0.0.1:{served.port};"),
    ):
        assert told in block
        block = block.replace(told, meant)
    (folder / "nginx.conf").write_text(FRAME.format(folder=folder, block=block))
    nginx = shutil.which("nginx") or "/usr/sbin/nginx"
    process = subprocess.Popen([nginx, "-p", str(folder), "-c", str(folder / "nginx.conf")])
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(1200):
            try:
                urllib.request.urlopen(f"{address}/healthz", timeout=30).close()
                break
            except OSError:
                assert process.poll() is None
                time.sleep(0.05)
        yield address
    finally:
        process.terminate()
        process.wait(60)


def send(address: str, count: int) -> list[int]:
    """Page views of one visitor who lies about his address; the answers' codes."""
    codes = []
    for number in range(count):
        body = f'{{"n":"pageview","d":"{SITE}","u":"https://{SITE}/"}}'.encode()
        headers = {"User-Agent": FIREFOX, "X-Forwarded-For": f"198.51.100.{number}"}
        try:
            with urllib.request.urlopen(urllib.request.Request(f"{address}/api/event", body, headers)) as answer:
                codes.append(answer.status)
        except urllib.error.HTTPError as error:
            codes.append(error.code)
    return codes


@pytest.mark.nginx
def test_the_page_s_nginx_passes_visitors_on_and_holds_floods_back(served: ServedHome, proxy: str) -> None:
    with urllib.request.urlopen(f"{proxy}/") as page:
        assert page.status == 200
    assert send(proxy, 10) == [202] * 10
    codes = send(proxy, 400)
    assert set(codes) == {202, 429}
    home = Home.open(served.home)
    day = day_of(home.clock.now_ms(), "UTC")
    rows = home.raw.read(home.raw.seal(SITE, day))
    assert rows.num_rows == 10 + codes.count(202)
    assert len(set(rows["unit"].to_pylist())) == 1  # the proxy's word counts, not the visitor's
