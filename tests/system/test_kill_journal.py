"""Kill a writing process at random moments, again and again: what it said is stored is stored, once."""

import random
import signal
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

from journal_child import DAYS, ROOM, SystemClock, write_until_killed

from dying import forks
from hubbub.store.keyfile import KeyFile
from hubbub.store.raw import RawStore

KILLS = 24


def kill_after(seconds: float, home: Path, life: int) -> list[int]:
    """One life of the writer, killed so many seconds after its first row is stored; the tags it acknowledged."""
    hearing, telling = forks.Pipe(duplex=False)
    child = forks.Process(target=write_until_killed, args=(home, life * ROOM, telling))
    child.start()
    telling.close()
    told = [hearing.recv_bytes()]
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        if hearing.poll(left):
            told.append(hearing.recv_bytes())
    child.kill()
    with suppress(EOFError):
        while True:
            told.append(hearing.recv_bytes())
    child.join()
    assert child.exitcode == -signal.SIGKILL
    hearing.close()
    return [int.from_bytes(tag, "little") for tag in told]


def test_kill_9_loses_nothing_acknowledged_and_doubles_nothing(tmp_path: Path) -> None:
    rng = random.Random(time.time_ns())
    acknowledged: list[int] = []
    for life in range(KILLS):
        acknowledged += kill_after(rng.uniform(0, 0.15), tmp_path, life)
    clock = SystemClock()
    keys = KeyFile(tmp_path / "keys" / "keys.db", clock)
    raw = RawStore(tmp_path / "raw", keys, clock)

    def stored() -> Counter[int]:
        days = [raw.seal(each.source, each.day) for each in raw.days()]
        return Counter(raw.read_many(days)["tag"].to_pylist())

    assert len(acknowledged) > KILLS * 10
    before = stored()
    assert max(before.values()) == 1
    assert set(acknowledged) <= before.keys()
    counted = sum(each.accepted for each in raw.counters().values())
    assert counted == len(before)
    raw.compact()
    assert stored() == before
    assert not list((tmp_path / "raw" / "journal").rglob("*.journal"))
    assert {each.day for each in raw.days()} == set(DAYS)
    assert len({tag // ROOM for tag in before}) == KILLS
