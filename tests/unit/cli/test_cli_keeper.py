"""The keeper: one tick at a time, and none that hangs for ever."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from hubbub.cli import keeper as keeping
from hubbub.cli.clock import SystemClock
from hubbub.cli.keeper import Keeper


def test_a_tick_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[subprocess.Popen[bytes]] = []
    is_started = threading.Event()
    popen = subprocess.Popen

    def hang(_: object, **more: bool) -> subprocess.Popen[bytes]:
        code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
        started.append(popen([sys.executable, "-c", code], **more))  # type: ignore[call-overload]
        is_started.set()
        return started[-1]

    monkeypatch.setattr(keeping, "FIRST_LOOK_S", 0.0)
    monkeypatch.setattr(keeping, "STOP_PATIENCE_S", 0.5)
    monkeypatch.setattr(subprocess, "Popen", hang)
    keeper = Keeper(tmp_path, SystemClock(), longest_s=0.5)
    is_started.wait()
    while started[0].poll() is None:
        threading.Event().wait(0.05)
    keeper.stop()
    assert started[0].returncode in (-15, -9)
