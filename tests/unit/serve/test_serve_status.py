"""The operator's socket and the loopback metrics: who may read, what they say, and that nothing more is said."""

import os
import socket
import stat
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from hubbub.core.days import bounds, day_of
from hubbub.serve.metrics import MetricsServer, exposition
from hubbub.serve.status import StatusSocket, workers
from hubbub.serve.tally import Tally, WorkerStatus

NOON = 1_700_042_400_000


class HandClock:
    def __init__(self, ms: int = NOON) -> None:
        self.ms = ms

    def now_ms(self) -> int:
        return self.ms


@pytest.fixture
def tally() -> Tally:
    return Tally(HandClock(), "Europe/Vienna")


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return tmp_path / "run"


@pytest.fixture
def socket_of(run: Path, tally: Tally) -> Iterator[StatusSocket]:
    opened = StatusSocket(run, tally, lambda: None)
    yield opened
    opened.close()


def test_the_figures_of_a_live_worker(run: Path, tally: Tally, socket_of: StatusSocket) -> None:
    tally.received, tally.accepted, tally.dropped, tally.refused = 10, 5, 2, 1
    assert workers(run) == [WorkerStatus(10, 5, 2, 1, 2, os.getpid(), NOON)]


def test_only_the_operator_can_open_the_socket(run: Path, socket_of: StatusSocket) -> None:
    (path,) = run.iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(run.stat().st_mode) == 0o700


def test_pending_drops_are_flushed_before_the_answer(run: Path, tally: Tally) -> None:
    def flush() -> None:
        tally.dropped += 1

    opened = StatusSocket(run, tally, flush)
    try:
        assert [worker.dropped for worker in workers(run)] == [1]
    finally:
        opened.close()


def test_a_flush_that_fails_does_not_silence_the_worker(run: Path, tally: Tally) -> None:
    failures = iter([True, False])

    def flush() -> None:
        if next(failures):
            raise OSError("disk full")

    opened = StatusSocket(run, tally, flush)
    try:
        assert len(workers(run)) == 1
        assert len(workers(run)) == 1
    finally:
        opened.close()


def test_closing_takes_the_socket_away(run: Path, tally: Tally) -> None:
    StatusSocket(run, tally, lambda: None).close()
    assert list(run.iterdir()) == []
    assert workers(run) == []


def test_a_dead_worker_is_left_out_and_its_socket_removed(run: Path) -> None:
    run.mkdir()
    dead = run / "worker-1.sock"
    with socket.socket(socket.AF_UNIX) as orphan:
        orphan.bind(str(dead))
    assert workers(run) == []
    assert not dead.exists()


def test_a_home_may_lie_deep(tmp_path: Path, tally: Tally) -> None:
    deep = tmp_path.joinpath(*["a-folder-with-a-long-name"] * 6)
    opened = StatusSocket(deep, tally, lambda: None)
    try:
        assert len(workers(deep)) == 1
    finally:
        opened.close()


def test_exact_figures_end_with_the_citys_day() -> None:
    clock = HandClock()
    tally = Tally(clock, "Europe/Vienna")
    tally.received, tally.accepted, tally.dropped = 10, 7, 2
    clock.ms = bounds(day_of(NOON, "Europe/Vienna"), "Europe/Vienna").end_ms - 1
    assert tally.status().received == 10
    clock.ms += 1
    assert tally.status() == WorkerStatus(1, 0, 0, 0, 1, os.getpid(), NOON)  # the one still waiting counts on


def test_the_sums_have_no_labels() -> None:
    text = exposition([WorkerStatus(10, 5, 2, 1, 2, 7, 0), WorkerStatus(1, 1, 0, 0, 0, 8, 0)])
    samples = dict(line.split() for line in text.splitlines() if not line.startswith("#"))
    assert samples == {
        "hubbub_events_received_total": "11",
        "hubbub_events_accepted_total": "6",
        "hubbub_events_dropped_total": "2",
        "hubbub_events_refused_total": "1",
        "hubbub_events_waiting": "2",
        "hubbub_workers": "2",
    }
    assert "{" not in text
    assert text.endswith("\n")


def test_metrics_are_served_on_loopback_only(run: Path, tally: Tally, socket_of: StatusSocket) -> None:
    tally.received = 3
    server = MetricsServer(0, run)
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/metrics", timeout=30) as answer:
            assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
            assert b"hubbub_events_received_total 3\n" in answer.read()
        assert server.address == "127.0.0.1"
    finally:
        server.close()


@pytest.mark.parametrize(("host", "path", "code"), [("evil.example", "/metrics", 403), ("127.0.0.1", "/", 404)])
def test_metrics_answer_nothing_else(run: Path, host: str, path: str, code: int) -> None:
    server = MetricsServer(0, run)
    try:
        asked = urllib.request.Request(f"http://127.0.0.1:{server.port}{path}", headers={"Host": host})
        with pytest.raises(urllib.error.HTTPError) as refusal:
            urllib.request.urlopen(asked, timeout=30)
        assert refusal.value.code == code
        refusal.value.close()
    finally:
        server.close()
