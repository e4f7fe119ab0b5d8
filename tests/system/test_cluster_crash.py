"""Two machines on one PostgreSQL database and shared folders, whose processes and database die: acknowledged = stored.

A machine is a group of processes with a home folder of its own. What is acknowledged when a day closes is in its seal,
once; what comes later is told so.
"""

import random
import signal
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from threading import Thread

import pytest
from cluster_child import DAYS, LEASE_S, MARGIN_S, OBSERVED_S, ROOM, SOURCES, machine

from hubbub.cli.home import Home
from hubbub.core.errors import HubbubError
from hubbub.store import lease_guards, leases
from postgresql_server import Server

pytestmark = pytest.mark.postgresql
Key = tuple[str, date]


class Cluster:
    """Two machines and their writers; what these acknowledged."""

    def __init__(self, folder: Path, server: Server) -> None:
        self.folder, self.server = folder, server
        self.url = server.new_database()
        self.acknowledged: dict[Key, list[int]] = defaultdict(list)
        self.writers: list[subprocess.Popen[str]] = []
        self._readers: list[Thread] = []
        self._homes: list[Home] = []
        self._heard: set[int] = set()

    def home(self, name: str) -> Home:
        home = machine(self.folder / name, self.url)
        self._homes.append(home)
        return home

    def begin(self, name: str) -> subprocess.Popen[str]:
        """A writer on a machine."""
        life = len(self.writers) + 1
        child = Path(__file__).with_name("cluster_child.py")
        command = [sys.executable, str(child), str(self.folder / name), self.url, str(life)]
        (self.folder / name).mkdir(exist_ok=True)
        writer = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        reader = Thread(target=self._hear, args=[writer])
        reader.start()
        self.writers.append(writer)
        self._readers.append(reader)
        return writer

    def count(self) -> int:
        return sum(map(len, list(self.acknowledged.values())))

    def wait_for_more(self, rows: int = 200) -> None:
        """Until so many more rows are acknowledged, and some of every writer that lives."""
        before = self.count()
        while self.count() < before + rows or not self._all_heard():
            assert any(writer.poll() is None for writer in self.writers)
            time.sleep(0.01)

    def _all_heard(self) -> bool:
        living = {life for life, writer in enumerate(self.writers, 1) if writer.poll() is None}
        return living <= self._heard

    def end(self) -> None:
        """Kill who still writes, and hear the last they said."""
        for writer in self.writers:
            writer.kill()
            writer.wait()
        for reader in self._readers:
            reader.join()

    def dispose(self) -> None:
        """Let go of the database."""
        for home in self._homes:
            home.database.dispose()

    def _hear(self, writer: subprocess.Popen[str]) -> None:
        assert writer.stdout is not None
        for line in writer.stdout:
            if line.endswith("\n"):
                tag, source, day = line.split()
                self.acknowledged[source, date.fromisoformat(day)].append(int(tag))
                self._heard.add(int(tag) // ROOM)
        writer.stdout.close()


@pytest.fixture
def cluster(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cluster]:
    monkeypatch.setattr(leases, "LEASE_S", LEASE_S)
    monkeypatch.setattr(leases, "MARGIN_S", MARGIN_S)
    monkeypatch.setattr(lease_guards, "OBSERVED_S", OBSERVED_S)
    cluster = Cluster(tmp_path, server)
    yield cluster
    cluster.end()
    cluster.dispose()


def patiently(work: Callable[[], object]) -> None:
    """Do it again until the database is there for it, as the keeper would at its next tick."""
    while True:
        try:
            work()
        except HubbubError:
            time.sleep(0.1)
        else:
            return


def sealed(home: Home, source: str, day: date) -> Counter[int]:
    return Counter(home.raw.read(home.raw.seal(source, day))["tag"].to_pylist())


def close(home: Home, source: str, day: date) -> Counter[int]:
    """End a day and fix what is there, as a close does before it releases anything."""
    with home.raw.exclusive():
        home.keys.mark_closed(source, day)
    return sealed(home, source, day)


def test_writers_and_the_database_die_while_days_close(cluster: Cluster) -> None:
    rng = random.Random(time.time_ns())
    home = cluster.home("one")
    seals: dict[Key, Counter[int]] = {}
    for name in ("one", "two", "one", "two"):
        cluster.begin(name)
    cluster.wait_for_more(1_000)
    for place, day in enumerate(DAYS):
        victim = rng.choice([writer for writer in cluster.writers if writer.poll() is None])
        victim.send_signal(signal.SIGKILL)
        cluster.begin(rng.choice(["one", "two"]))
        cluster.wait_for_more()
        if place == 1:
            cluster.server.stop(signal.SIGQUIT)
            time.sleep(rng.uniform(0, 2))
            cluster.server.start()
        else:
            cluster.server.kill_connections(cluster.url.rsplit("/", 1)[1])
        patiently(home.raw.compact)
        if place < len(DAYS) - 1:
            cluster.wait_for_more()

        def end(day: date = day) -> None:
            for source in SOURCES:
                seals[source, day] = close(home, source, day)

        patiently(end)
    for writer in cluster.writers:
        writer.wait()  # who lives has found all days closed
    cluster.end()
    home.raw.compact()
    for key in seals:
        stored = seals[key]
        assert max(stored.values()) == 1
        assert set(cluster.acknowledged[key]) <= stored.keys()
        assert sealed(home, *key) == stored  # nothing came after the seal


def test_a_closer_that_is_killed_leaves_a_day_that_another_machine_closes(cluster: Cluster) -> None:
    home = cluster.home("two")
    for name in ("one", "two"):
        cluster.begin(name)
    cluster.wait_for_more(500)
    close_it = (
        "import os, signal, sys\nfrom pathlib import Path\nfrom cluster_child import DAYS, SOURCES, machine\n"
        "home = machine(Path(sys.argv[1]), sys.argv[2])\n"
        "with home.raw.exclusive():\n    home.keys.mark_closed(SOURCES[0], DAYS[0])\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    command = [sys.executable, "-c", close_it, str(cluster.folder / "one"), cluster.url]
    done = subprocess.run(command, check=False, cwd=Path(__file__).parent)
    assert done.returncode == -signal.SIGKILL
    stored = close(home, SOURCES[0], DAYS[0])
    for day in DAYS:
        for source in SOURCES:
            close(home, source, day)
    for writer in cluster.writers:
        writer.wait()
    cluster.end()
    assert set(cluster.acknowledged[SOURCES[0], DAYS[0]]) <= stored.keys()
    assert max(stored.values()) == 1
    assert sealed(home, SOURCES[0], DAYS[0]) == stored
