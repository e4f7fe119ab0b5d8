import threading
import time
from pathlib import Path

from hubbub.store.locks import WriterLock, alone, shared


def test_one_alone_keeps_all_others_out(tmp_path: Path) -> None:
    path = tmp_path / "writers.lock"
    order: list[str] = []

    def write() -> None:
        with shared(path):
            order.append("written")

    with alone(path):
        thread = threading.Thread(target=write)
        thread.start()
        time.sleep(0.1)
        order.append("closed")
    thread.join()
    assert order == ["closed", "written"]


def test_shares_do_not_hinder_each_other(tmp_path: Path) -> None:
    path = tmp_path / "writers.lock"
    with shared(path), shared(path):
        pass


def test_who_wants_to_be_alone_gets_there_though_writers_never_pause(tmp_path: Path) -> None:
    path = tmp_path / "writers.lock"
    stop = threading.Event()
    commits = [0, 0, 0]

    def commit_for_ever(number: int) -> None:
        lock = WriterLock(path)
        while not stop.is_set():
            lock.hold()  # kept over commits, as a busy journal does
            commits[number] += 1
            time.sleep(0.0005)
        lock.close()

    writers = [threading.Thread(target=commit_for_ever, args=[number]) for number in range(3)]
    for writer in writers:
        writer.start()
    for _ in range(10):
        started = time.monotonic()
        with alone(path):
            assert time.monotonic() - started < 20
            before = list(commits)
            time.sleep(0.005)
            assert commits == before
    stop.set()
    for writer in writers:
        writer.join()
    assert min(commits) > 0


def test_a_dead_closer_does_not_slow_writers_for_ever(tmp_path: Path) -> None:
    path = tmp_path / "writers.lock"
    dead, lock = WriterLock(path), WriterLock(path)
    dead._wanted[0] = 1
    lock.hold()
    assert not dead._wanted[0]
    lock.close()
    dead.close()
