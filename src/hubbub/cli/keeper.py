"""Keeps the clock while the server runs: spawns `hubbub tick` at low priority, so that collecting never waits."""

import logging
import subprocess
import sys
from pathlib import Path
from threading import Event, Thread

from hubbub.core.ports import Clock
from hubbub.operate.schedule import next_look_ms

NICENESS = "10"
FIRST_LOOK_S = 5.0  # the workers start first
STOP_PATIENCE_S = 20.0
LONGEST_S = 6 * 3600.0  # a close that takes longer hangs

_log = logging.getLogger("hubbub.keeper")


class Keeper:
    """A thread that runs a tick soon after the start and one after each quarter of an hour, one at a time."""

    def __init__(self, home: Path, clock: Clock, longest_s: float = LONGEST_S) -> None:
        self._home, self._clock, self._longest_s = home, clock, longest_s
        self._stopped = Event()
        self._running: subprocess.Popen[bytes] | None = None
        self._thread = Thread(target=self._keep, name="hubbub-keeper", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Start no more ticks; ask a running one to end and wait. What it had drawn is kept, see `hubbub close`."""
        self._stopped.set()
        running = self._running
        if running is not None and running.poll() is None:
            try:
                running.wait(STOP_PATIENCE_S)
            except subprocess.TimeoutExpired:
                running.terminate()
        self._thread.join(STOP_PATIENCE_S)

    def _keep(self) -> None:
        wait_s = FIRST_LOOK_S
        while not self._stopped.wait(wait_s):
            self._tick()
            now_ms = self._clock.now_ms()
            wait_s = (next_look_ms(now_ms) - now_ms) / 1000

    def _tick(self) -> None:
        command = ["nice", "-n", NICENESS, sys.executable, "-m", "hubbub.cli.main", "--home", str(self._home), "tick"]
        self._running = running = subprocess.Popen(command, start_new_session=True)  # noqa: S603, a Ctrl-C is not for it
        try:
            running.wait(self._longest_s)
        except subprocess.TimeoutExpired:  # it holds the claim: nothing else could be closed any more
            _log.error("what was due was not done after %d s: it is ended, and begun again", self._longest_s)
            running.terminate()
            try:
                running.wait(STOP_PATIENCE_S)
            except subprocess.TimeoutExpired:
                running.kill()
                running.wait()
