"""A home served by the real `hubbub serve`, for system tests: as an operator and a city's portals would use it."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

SITE = "portal.example"
PATIENCE_S = 120.0
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"


def run_hubbub(home: Path | None, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run the command as a person would; with `check`, it has to succeed."""
    command = [sys.executable, "-m", "hubbub.cli.main", *(["--home", str(home)] if home else []), *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    if check:
        assert done.returncode == 0, done.stderr
    return done


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class ServedHome:
    """`hubbub serve` (or `collect`) on a home, as a context."""

    def __init__(self, home: Path, *words: str, command: str = "serve") -> None:
        self.home, self._words, self._command = home, words, command
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "ServedHome":
        command = [sys.executable, "-m", "hubbub.cli.main", "--home", str(self.home), self._command]
        command += ["--port", str(self.port), *self._words]
        with (self.home.parent / "serve.log").open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                if self.get("/healthz")[0] == 200:
                    return self
            except OSError:
                time.sleep(0.05)
        raise AssertionError((self.home.parent / "serve.log").read_text())

    def __exit__(self, *_: object) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(120)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                raise

    def get(self, path: str, **query: str) -> tuple[int, str]:
        """Status and body."""
        address = f"http://127.0.0.1:{self.port}{path}" + (f"?{urlencode(query)}" if query else "")
        try:
            with urllib.request.urlopen(address, timeout=30) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def query(self, **query: str) -> dict[str, Any]:
        """What the API answers; has to be 200."""
        status, body = self.get("/api/v1/query", **query)
        assert status == 200, body
        answer: dict[str, Any] = json.loads(body)
        return answer

    def send(self, event: dict[str, Any], address: str, agent: str = FIREFOX) -> int:
        """Post an event as a browser at `address` would; the status."""
        headers = {"User-Agent": agent, "X-Forwarded-For": address, "Content-Type": "text/plain"}
        body = json.dumps({"n": "pageview", "d": SITE, **event}).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/api/event", body, headers)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                status: int = answer.status
                return status
        except urllib.error.HTTPError as error:
            return error.code
