"""An upgrade under load: the socket outlives the server, and no event is lost while one server follows the other."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

from served_home import FIREFOX, SITE, run_hubbub

from hubbub.cli.home import Home
from hubbub.core.days import day_of

HAND_OVER = (
    "import os, sys; os.dup2(int(sys.argv[1]), 3); "
    "os.environ.update(LISTEN_FDS='1', LISTEN_PID=str(os.getpid())); "
    "os.execv(sys.executable, [sys.executable, '-m', 'hubbub.cli.main', *sys.argv[2:]])"
)
UPGRADES = 3
SENDERS = 4


class Load:
    """Senders of page views, each of a page of its own and on a connection of its own, until stopped."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._stopped = threading.Event()
        self.acknowledged: list[str] = []
        self.failed: list[str] = []
        self._threads = [threading.Thread(target=self._send, args=(number,)) for number in range(SENDERS)]
        for thread in self._threads:
            thread.start()

    def _send(self, number: int) -> None:
        count = 0
        while not self._stopped.is_set():
            count += 1
            page = f"/page-{'abcd'[number]}/{count}"
            body = f'{{"n":"pageview","d":"{SITE}","u":"https://{SITE}{page}"}}'.encode()
            request = urllib.request.Request(
                f"http://127.0.0.1:{self._port}/api/event",
                body,
                {"User-Agent": FIREFOX, "X-Forwarded-For": f"192.0.2.{number + 1}"},
            )
            try:
                with urllib.request.urlopen(request, timeout=60) as answer:
                    assert answer.status == 202
                    self.acknowledged.append(page)
            except OSError as error:
                # What could not be sent whole was not taken: clients and proxies send it on another connection.
                if isinstance(getattr(error, "reason", error), BrokenPipeError):
                    continue
                self.failed.append(f"{page}: {error!r}")

    def stop(self) -> None:
        self._stopped.set()
        for thread in self._threads:
            thread.join()


def start(home: Path, listener: socket.socket, log: Path) -> subprocess.Popen[bytes]:
    """The server on a socket that it is given as systemd gives it."""
    command = [sys.executable, "-c", HAND_OVER, str(listener.fileno()), "--home", str(home), "serve"]
    with log.open("ab") as file:
        return subprocess.Popen(
            command, stdout=file, stderr=file, pass_fds=(listener.fileno(), 3), start_new_session=True
        )


def wait_for_more(load: Load, log: Path) -> None:
    """Wait until fifty more events were acknowledged."""
    wanted, deadline = len(load.acknowledged) + 50, time.monotonic() + 180
    while len(load.acknowledged) < wanted:
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.05)


def stored_pages(home: Path) -> list[str]:
    """The pages of all stored rows."""
    opened = Home.open(home)
    today = day_of(opened.clock.now_ms(), "UTC")
    yesterday = today.fromordinal(today.toordinal() - 1)
    pages: list[str] = []
    for day in (yesterday, today):
        if opened.keys.existing_data_key(SITE, day) is not None:
            pages += opened.raw.read(opened.raw.seal(SITE, day))["page"].to_pylist()
    return pages


def test_no_event_is_lost_while_one_server_follows_the_other(tmp_path: Path) -> None:
    home = tmp_path / "home"
    run_hubbub(None, "init", str(home), "--site", SITE)
    settings = home / "hubbub.yaml"
    settings.write_text(settings.read_text().replace("trusted_proxies: []", "trusted_proxies: [127.0.0.1/32]"))
    log = tmp_path / "serve.log"
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(1024)
        os.set_inheritable(listener.fileno(), True)
        server = start(home, listener, log)
        load = Load(listener.getsockname()[1])
        try:
            for _ in range(UPGRADES):
                wait_for_more(load, log)
                server.send_signal(signal.SIGTERM)
                server.wait(120)
                server = start(home, listener, log)
            wait_for_more(load, log)
        finally:
            load.stop()
            server.send_signal(signal.SIGTERM)
            server.wait(120)
    assert load.failed == []
    assert sorted(stored_pages(home)) == sorted(load.acknowledged)
