"""A real nginx writes the documented JSON log and is rotated as logrotate does; every request of a browser is a row."""

import os
import re
import signal
import subprocess
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from served_home import PATIENCE_S, SITE, free_port
from test_follow_log import FIREFOX, following, new_home, stored

from hubbub.cli.home import Home
from hubbub.core.reasons import DropReason

pytestmark = pytest.mark.nginx

DOCS = Path(__file__).parents[2] / "docs" / "logs.md"
CONFIG = """
daemon off; master_process on; worker_processes 1; error_log stderr error; pid {folder}/nginx.pid;
events {{ worker_connections 64; }}
http {{
  {log_format}
  access_log {folder}/access.log hubbub;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{ listen 127.0.0.1:{port}; location / {{ return 200 "ok"; }} location /gone {{ return 404; }} }}
}}
"""


@contextmanager
def nginx(folder: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    found = re.search(r"log_format hubbub [^;]*;", DOCS.read_text())
    assert found is not None
    config = folder / "nginx.conf"
    config.write_text(CONFIG.format(folder=folder, port=port, log_format=found[0]))
    child = subprocess.Popen(["/usr/sbin/nginx", "-p", str(folder), "-c", str(config)], stderr=subprocess.DEVNULL)
    try:
        yield child
    finally:
        child.terminate()
        child.wait(60)


def ask(port: int, path: str, **headers: str) -> None:
    """A request as a browser sends it, once the server is there."""
    sent = {"Host": SITE, "User-Agent": FIREFOX, "Accept-Language": "de-AT,de;q=0.9"}
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            urllib.request.urlopen(urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=sent), timeout=30)
        except urllib.request.HTTPError as error:
            error.close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return


def test_what_nginx_answers_is_counted_through_its_rotation(tmp_path: Path) -> None:
    home, port = new_home(tmp_path), free_port()
    log = tmp_path / "access.log"
    asked = 0
    with nginx(tmp_path, port) as server, following(home, log):
        for rotation in range(3):
            for _ in range(20):
                ask(port, f"/page-{asked}?x=%22quoted%22", Referer='https://www.google.com/?"')
                asked += 1
            log.rename(tmp_path / f"access.log.{3 - rotation}")
            ask(port, f"/page-{asked}")
            asked += 1
            os.kill(server.pid, signal.SIGUSR1)
        ask(port, "/gone")
        ask(port, "/no", Sec_GPC="1")
        ask(port, "/no", DNT="1")
        ask(port, "/no", Sec_Purpose="prefetch;prerender")
        ask(port, "/no", Host="other.example")
        ask(port, "/no", User_Agent="curl/8.5.0")
        pages = Counter([*(f"/page-{number}" for number in range(asked)), "/gone"])
        drops = {DropReason.OPT_OUT: 2, DropReason.PREFETCH: 1, DropReason.UNKNOWN_SITE: 1, DropReason.BOT: 1}
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline and stored(home) != (pages, Counter(drops)):
            time.sleep(0.5)
    assert stored(home) == (pages, Counter(drops))
    here = Home.open(home)
    ((source, day),) = here.raw.counters()
    rows = here.raw.read(here.raw.seal(source, day))
    assert set(rows["language"].to_pylist()) == {"de"}
    assert Counter(rows["referrer"].to_pylist())["Google"] == 60
