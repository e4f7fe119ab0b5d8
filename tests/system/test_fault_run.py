"""Mixed load while workers and servers are killed, the disk fills up or crawls, and the database restarts:
what was acknowledged is found after the close, exactly, and nothing is counted twice.
"""

import os
import random
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from faulty_app import SLOW
from mixed_load import MixedLoad
from protocol_home import make_home
from served_home import SITE, free_port, run_hubbub

from hubbub.cli.home import Home
from hubbub.core.days import day_of, days_between
from hubbub.core.keys import Measure
from postgresql_server import Server

HERE = Path(__file__).parent
SENDERS = 8
WORKERS = 2
FAULT_S = 1.5
RAW_BYTES = "48M"
TRIAL = "budget: {epsilon: 1000000, delta: 1e-9}\n"


class FaultyServer:
    """`hubbub serve`'s app in granian, on a home, to be mistreated."""

    def __init__(self, home: Path, log: Path) -> None:
        self._home, self._log = home, log
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "granian", "--interface", "rsgi", "--factory", "--no-ws", "--no-log"]
        command += ["--workers", str(WORKERS), "--respawn-failed-workers", "--respawn-interval", "0.2"]
        command += ["--workers-kill-timeout", "10", "--port", str(self.port), "faulty_app:make"]
        with self._log.open("ab") as out:
            self._process = subprocess.Popen(
                command,
                cwd=HERE,
                env=os.environ | {"HUBBUB_HOME": str(self._home)},
                stdout=out,
                stderr=out,
                start_new_session=True,
            )

    def wait(self) -> None:
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=30):
                return
            time.sleep(0.05)
        raise AssertionError(self._log.read_text())

    def kill_worker(self) -> None:
        """One worker dies; granian starts another."""
        assert self._process is not None
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()
        workers = [int(pid) for pid in children if b"multiprocessing.spawn" in _command(pid)]
        if workers:
            with suppress(ProcessLookupError):
                os.kill(random.choice(workers), signal.SIGKILL)

    def kill_all(self) -> None:
        """Server and workers die, as in a power cut; they start again."""
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self.start()

    def stop(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(120)


def _command(pid: str) -> bytes:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A file system of its own that is soon full."""
    folder.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={RAW_BYTES}", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if done.returncode:
        reason = "mounting a small tmpfs needs root"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(folder: Path) -> None:
    """Nothing more can be written for a while."""
    filler = folder / "filler"
    with suppress(OSError), filler.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(1 << 16))
    time.sleep(FAULT_S)
    filler.unlink()


def crawl(home: Path) -> None:
    """Every write takes its time for a while."""
    (home / SLOW).touch()
    time.sleep(FAULT_S)
    (home / SLOW).unlink()


def restart(database: Server) -> None:
    """The database is gone for a moment: with a word, or without one."""
    database.stop(random.choice((signal.SIGINT, signal.SIGQUIT)))
    time.sleep(random.uniform(0, FAULT_S))
    database.start()


def stored(home: Home) -> list[str]:
    """The pages of all stored rows, those sent again once."""
    today = day_of(home.clock.now_ms(), "UTC")
    pages: list[str] = []
    for day in days_between(today.fromordinal(today.toordinal() - 1), today):
        if home.keys.existing_data_key(SITE, day) is not None:
            rows = home.raw.read(home.raw.seal(SITE, day))
            pages += {
                (unit, tag): page
                for unit, tag, page in zip(*(rows[name].to_pylist() for name in ("unit", "tag", "page")), strict=True)
            }.values()
    return pages


def released_views(home: Home) -> int:
    """All page views that were released; a trial's are exact."""
    today = day_of(home.clock.now_ms(), "UTC")
    yesterday = today.fromordinal(today.toordinal() - 1)
    return sum(sum(each.values) for each in home.ledger.released(SITE, yesterday, today, [Measure.PAGEVIEWS]))


@pytest.mark.postgresql
@pytest.mark.parametrize(("shared", "seconds"), [(False, 12), (True, 30)], ids=["one file", "postgresql"])
def test_what_was_acknowledged_is_found_exactly(
    tmp_path: Path, server: Server, shared: bool, seconds: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_home(tmp_path)
    settings = folder / "hubbub.yaml"
    with small_disk(tmp_path / "raw") as raw:
        settings.write_text(settings.read_text() + TRIAL + f"raw_folder: {raw}\n")
        if shared:
            monkeypatch.setenv("HUBBUB_STATE", server.new_database())
        running = FaultyServer(folder, tmp_path / "serve.log")
        faults: list[Callable[[], object]] = [
            running.kill_worker, running.kill_all, lambda: fill(raw), lambda: crawl(folder),
        ]  # fmt: skip
        if shared:
            faults.append(lambda: restart(server))
        running.start()
        running.wait()
        load = MixedLoad(running.port, SENDERS)
        try:
            until, count = time.monotonic() + seconds, 0
            while time.monotonic() < until or count < len(faults):
                time.sleep(random.uniform(0.5, 2.5))
                faults[count % len(faults)]()
                count += 1
                running.wait()
        finally:
            load.stop()
            running.stop()
        assert load.strange == []
        home = Home.open(folder)
        found = stored(home)
        run_hubbub(folder, "close", "--include-today")
        views = released_views(home)
        home.database.dispose()
    print(
        f"{count} faults; {len(load.acknowledged)} acknowledged, {len(load.refused)} refused "
        f"({load.overloaded} with 503), {len(load.unknown)} "
        f"without an answer, {load.sent_again} batches sent again; {len(found)} found, {views} released"
    )
    assert len(found) == len(set(found)), "counted twice"
    assert load.acknowledged <= set(found), "lost"
    assert set(found) - load.acknowledged <= load.unknown, "counted, although it was refused"
    assert views == len(found)
    assert len(load.acknowledged) > 1_000
    assert load.overloaded > 0
