"""Leases: a writer that cannot renew tells no one that a row is stored; once removed it never comes back as itself."""

import asyncio
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cluster_samples import DAY, A, Home, Opened, row

from hubbub.core.errors import Overloaded
from hubbub.store import leases
from hubbub.store.journal import Journal
from hubbub.store.layout import Layout
from hubbub.store.lease_guards import LeaseGuards
from hubbub.store.leases import Lease
from postgresql_server import Server

pytestmark = pytest.mark.postgresql


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leases that run out soon, renewed often: a busy machine is no dead one."""
    monkeypatch.setattr(leases, "BEAT_S", 0.2)
    monkeypatch.setattr(leases, "LEASE_S", 2.0)
    monkeypatch.setattr(leases, "MARGIN_S", 1.0)


@pytest.fixture
def url(server: Server) -> str:
    return server.new_database()


@pytest.fixture
def opened(url: str, tmp_path: Path) -> Iterator[Opened]:
    homes: list[Home] = []

    def new() -> Home:
        homes.append(Home(tmp_path, url))
        return homes[-1]

    yield new
    for home in homes:
        home.end()


@pytest.fixture
def home(opened: Opened) -> Home:
    return opened()


def guards_of(home: Home) -> LeaseGuards:
    guards = home.keys.guards(Layout(home.raw_folder))
    assert isinstance(guards, LeaseGuards)
    return guards


def wait_for(is_so: Callable[[], bool]) -> None:
    while not is_so():
        time.sleep(0.02)


def stall(lease: Lease, monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on it cannot renew, as if its machine were cut off."""

    def cut_off() -> None:
        raise Overloaded("cut off")

    monkeypatch.setattr(lease, "_renew", cut_off)


def test_a_close_waits_for_the_commit_under_way(home: Home, opened: Opened) -> None:
    lease = guards_of(home).writer("w", lambda: None)
    lease.hold()
    ended: list[float] = []
    closer = opened()

    async def main() -> None:
        close = asyncio.create_task(asyncio.to_thread(closer.close, A, DAY))
        await asyncio.sleep(2.5)
        assert not close.done()
        ended.append(time.monotonic())
        lease.confirm()
        lease.hold()  # the next commit begins: what it reads it reads after the close
        await close

    asyncio.run(main())
    assert home.keys.is_closed(A, DAY)
    lease.close()


def test_a_close_does_not_wait_for_the_dead(
    home: Home, opened: Opened, short: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    lease = guards_of(home).writer("w", lambda: None)
    lease.hold()
    stall(lease, monkeypatch)
    opened().close(A, DAY)
    with pytest.raises(Overloaded, match="lease"):
        lease.confirm()
    with pytest.raises(Overloaded, match="lease"):
        lease.hold()
    lease.close()


def test_a_removed_writer_is_another_one(home: Home, short: None, monkeypatch: pytest.MonkeyPatch) -> None:
    lease = guards_of(home).writer("w", lambda: None)
    name = lease.name
    lease.hold()
    with monkeypatch.context() as patch:
        stall(lease, patch)
        while home.execute("SELECT name FROM writers"):
            with guards_of(home).compacting():
                time.sleep(0.1)
    wait_for(lambda: lease.name != name)
    wait_for(lambda: bool(home.execute("SELECT name FROM writers")))
    with pytest.raises(Overloaded, match="lost over a commit"):
        lease.confirm()  # though it is fresh again: others may have taken its file meanwhile
    lease.hold()
    lease.confirm()
    assert lease.name.startswith("w@")
    lease.close()
    assert home.execute("SELECT name FROM writers") == []


def test_a_writer_that_is_only_late_is_not_removed(home: Home, short: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The database's clock jumps: all leases look run out, but their counts go on."""
    lease = guards_of(home).writer("w", lambda: None)
    name = lease.name
    monkeypatch.setattr(leases, "MARGIN_S", -10.0)  # everyone is late by the database's clock
    stood: dict[str, tuple[int, float]] = {}
    end = time.monotonic() + leases.OBSERVED_S + 2
    while time.monotonic() < end:
        guards_of(home)._remove_expired(stood)
        time.sleep(0.05)
    assert lease.name == name
    assert home.execute("SELECT name FROM writers") == [(name,)]
    lease.close()


def test_a_row_that_could_not_be_confirmed_is_told_so_and_taken_back(
    home: Home, short: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def main() -> None:
        journal = Journal(home.raw_folder, home.keys, home.clock, worker="w")
        assert await journal.append(A, DAY, row(1)) is None
        lease = journal._right
        assert isinstance(lease, Lease)

        def lost() -> None:
            raise Overloaded("lost")

        with monkeypatch.context() as patch:
            patch.setattr(lease, "confirm", lost)
            with pytest.raises(Overloaded):
                await journal.append(A, DAY, row(2))
        await asyncio.sleep(0.7)
        assert await journal.append(A, DAY, row(2)) is None  # sent again
        await asyncio.to_thread(journal.close)

    asyncio.run(main())
    assert home.tags() == [1, 2]


def test_secrets_in_memory_go_within_two_seconds_of_their_end(home: Home, opened: Opened) -> None:
    changes: list[float] = []
    lease = guards_of(home).writer("w", lambda: changes.append(time.monotonic()))
    wait_for(lambda: home.keys.find(A, DAY) is None)
    home.keys.visitor_secret(A, DAY)
    home.keys.visitor_secret(A, DAY)
    cache = home.keys._cache  # type: ignore[attr-defined]
    assert (A, DAY) in cache
    changes.clear()
    opened().keys.destroy(A, DAY)
    wait_for(lambda: bool(changes))
    assert home.keys._cache == {}  # type: ignore[attr-defined]
    assert home.keys.is_destroyed(A, DAY)
    lease.close()


def test_cached_secrets_carry_on_without_the_database(home: Home, opened: Opened, server: Server) -> None:
    async def main() -> None:
        journal = Journal(home.raw_folder, home.keys, home.clock, worker="w")
        secret = home.keys.visitor_secret(A, DAY)
        assert await journal.append(A, DAY, row(1)) is None
        server.stop()
        try:
            for tag in range(2, 30):
                assert home.keys.visitor_secret(A, DAY) == secret
                assert await journal.append(A, DAY, row(tag)) is None
                await asyncio.sleep(0.05)
            with pytest.raises(Overloaded, match="state database"):
                home.keys.visitor_secret("new.example", DAY)
        finally:
            server.start()
        assert await journal.append(A, DAY, row(30)) is None
        await asyncio.to_thread(journal.close)

    asyncio.run(main())
    assert opened().tags() == list(range(1, 31))


def test_without_the_database_for_long_rows_are_refused_until_it_is_back(
    home: Home, opened: Opened, server: Server, short: None
) -> None:
    async def main() -> None:
        journal = Journal(home.raw_folder, home.keys, home.clock, worker="w")
        stored = []
        assert await journal.append(A, DAY, row(0)) is None
        server.stop(signal.SIGQUIT)
        refused = 0
        try:
            for tag in range(1, 10_000):
                try:
                    await journal.append(A, DAY, row(tag))
                    stored.append(tag)
                except Overloaded:
                    refused += 1
                if refused > 5:
                    break
                await asyncio.sleep(0.05)
        finally:
            server.start()
        assert refused > 5
        for tag in range(10_000, 20_000):
            try:
                await journal.append(A, DAY, row(tag))
            except Overloaded:
                await asyncio.sleep(0.05)
            else:
                stored.append(tag)
                break
        await asyncio.to_thread(journal.close)
        assert opened().tags() == [0, *stored]

    asyncio.run(main())


def test_empty_folders_of_dead_writers_go(home: Home) -> None:
    async def main() -> None:
        journal = Journal(home.raw_folder, home.keys, home.clock, worker="w")
        await journal.append(A, DAY, row(1))
        await asyncio.to_thread(journal.close)

    asyncio.run(main())
    assert home.raw.compact() == 1
    assert list((home.raw_folder / "journal").iterdir()) == []


def test_a_database_that_hangs_keeps_no_one_waiting(home: Home, opened: Opened, server: Server) -> None:
    async def main() -> None:
        journal = Journal(home.raw_folder, home.keys, home.clock, worker="w")
        secret = home.keys.visitor_secret(A, DAY)
        assert await journal.append(A, DAY, row(1)) is None
        server.pause(is_paused=True)
        try:
            assert home.keys.visitor_secret(A, DAY) == secret
            for tag in (2, 3):
                with pytest.raises(Overloaded, match="state database"):
                    home.keys.visitor_secret(f"{tag}.example", DAY)
                assert await journal.append(A, DAY, row(tag)) is None
        finally:
            server.pause(is_paused=False)
        while True:
            try:
                home.keys.visitor_secret("new.example", DAY)
                break
            except Overloaded:
                await asyncio.sleep(0.05)
        assert await journal.append(A, DAY, row(4)) is None
        await asyncio.to_thread(journal.close)

    asyncio.run(main())
    assert opened().tags() == [1, 2, 3, 4]


def test_who_is_cut_off_forgets(home: Home, short: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would not hear of a day's end: what it holds in memory goes with its lease, in the collector, too."""
    forgotten: list[float] = []

    async def main() -> None:
        journal = Journal(
            home.raw_folder, home.keys, home.clock, worker="w", on_close=lambda: forgotten.append(time.monotonic())
        )
        home.keys.visitor_secret(A, DAY)
        assert await journal.append(A, DAY, row(1)) is None
        assert home.keys.answers()
        forgotten.clear()
        lease = journal._right
        assert isinstance(lease, Lease)
        stall(lease, monkeypatch)
        while not forgotten:
            await asyncio.sleep(0.05)
        assert not home.keys.answers()
        assert home.keys._cache == {}  # type: ignore[attr-defined]
        await asyncio.to_thread(journal.close)

    asyncio.run(main())
