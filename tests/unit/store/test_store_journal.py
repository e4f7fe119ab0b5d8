import asyncio
import errno
import os
import threading
import time
from collections.abc import Callable, Coroutine
from datetime import timedelta
from pathlib import Path

import pytest
from store_samples import DAY, NEXT, Home, bytes_under, row

from hubbub.core.errors import Overloaded
from hubbub.core.reasons import DropReason
from hubbub.store.disk import Disk
from hubbub.store.journal import Journal
from hubbub.store.journal_file import LARGEST
from hubbub.store.types import Counters

A = "a.example"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def run(
    home: Home, work: Callable[[Journal], Coroutine[None, None, None]], disk: Disk | None = None, limit: int = 100
) -> None:
    async def main() -> None:
        journal = Journal(home.raw_folder, home.keys, home.clock, limit=limit, disk=disk)
        try:
            await work(journal)
        finally:
            journal.close()

    asyncio.run(main())


def journals(home: Home) -> list[Path]:
    return sorted((home.raw_folder / "journal").rglob("*.journal"))


def test_an_acknowledged_row_is_stored_and_sealed(home: Home) -> None:
    async def work(journal: Journal) -> None:
        assert await journal.append(A, DAY, row(1, page="/consultation")) is None
        assert home.tags() == [1]  # another reader sees it while the journal is open
        assert b"consultation" not in bytes_under(home.folder)

    run(home, work)
    assert home.tags() == [1]


def test_rows_of_many_days_commit_together(home: Home) -> None:
    async def work(journal: Journal) -> None:
        keys = [(source, day) for source in (A, "b.example") for day in (DAY, NEXT)]
        futures = [journal.append(*keys[tag % 4], row(tag)) for tag in range(40)]
        assert await asyncio.gather(*futures) == [None] * 40

    run(home, work)
    assert home.tags(A, DAY) == list(range(0, 40, 4))
    assert home.tags("b.example", NEXT) == list(range(3, 40, 4))


def test_rows_of_one_request_are_queued_together_or_not_at_all(home: Home) -> None:
    async def work(journal: Journal) -> None:
        rows = [(source, DAY, row(tag)) for tag, source in enumerate((A, "b.example", A), start=1)]
        assert await asyncio.gather(*journal.append_all(rows)) == [None] * 3
        with pytest.raises(Overloaded):
            journal.append_all([(A, DAY, row(tag)) for tag in range(10, 15)])
        home.close("b.example", DAY)
        late = [(A, DAY, row(4)), ("b.example", DAY, row(5))]
        assert await asyncio.gather(*journal.append_all(late)) == [None, DropReason.DAY_CLOSED]
        assert journal.append_all([]) == []

    run(home, work, limit=4)
    assert home.tags(A, DAY) == [1, 3, 4]


class FullOnce(Disk):
    """No room for the first commit."""

    def __init__(self) -> None:
        self.failures = 1

    def append(self, descriptor: int, data: bytes, offset: int) -> None:
        self.failures -= 1
        if self.failures >= 0:
            raise OSError(errno.ENOSPC, "no room")
        super().append(descriptor, data, offset)


def test_of_rows_of_one_request_none_is_stored_when_the_disk_fails(home: Home) -> None:
    async def work(journal: Journal) -> None:
        rows = [(source, DAY, row(tag)) for tag, source in enumerate((A, "b.example"), start=1)]
        told = await asyncio.gather(*journal.append_all(rows), return_exceptions=True)
        assert [type(each) for each in told] == [Overloaded, Overloaded]
        assert not journal.takes_rows
        while not journal.takes_rows:
            await asyncio.sleep(0.01)
        assert await asyncio.gather(*journal.append_all(rows)) == [None, None]

    run(home, work, disk=FullOnce())
    assert home.tags(A, DAY) == [1]
    assert home.tags("b.example", DAY) == [2]


def test_drops_are_durable_within_a_second_without_any_row(home: Home) -> None:
    async def work(journal: Journal) -> None:
        journal.drop(A, DAY, DropReason.BOT)
        journal.drop(A, DAY, DropReason.BOT)
        journal.drop("", DAY, DropReason.BAD_JSON)
        await asyncio.sleep(1.3)
        assert home.raw.counters() == {
            (A, DAY): Counters(0, {DropReason.BOT: 2}),
            ("", DAY): Counters(0, {DropReason.BAD_JSON: 1}),
        }

    run(home, work)
    assert [each.source for each in home.raw.days()] == [A]


def test_counters_add_up_over_journals_restarts_and_segments(home: Home) -> None:
    async def work(journal: Journal) -> None:
        journal.drop(A, DAY, DropReason.BOT)
        await journal.append(A, DAY, row(1))

    for expected in (1, 2, 3):
        run(home, work)
        assert home.raw.counters() == {(A, DAY): Counters(expected, {DropReason.BOT: expected})}
        home.raw.compact()
        assert home.raw.counters() == {(A, DAY): Counters(expected, {DropReason.BOT: expected})}


def test_rows_and_drops_of_a_closed_day_are_dropped_and_counted(home: Home) -> None:
    async def work(journal: Journal) -> None:
        await journal.append(A, DAY, row(1))
        home.close(A, DAY)
        late = [journal.append(A, DAY, row(tag)) for tag in (2, 3)]
        fine = journal.append(A, NEXT, row(4))
        journal.drop(A, DAY, DropReason.BOT)
        assert await asyncio.gather(*late) == [DropReason.DAY_CLOSED] * 2
        assert await fine is None

    run(home, work)
    assert home.tags(A, DAY) == [1]
    assert home.tags(A, NEXT) == [4]
    counters = home.raw.counters()
    assert counters["", DAY] == Counters(0, {DropReason.DAY_CLOSED: 2, DropReason.BOT: 1})
    assert counters[A, DAY] == Counters(1, {})


def test_late_rows_are_counted_even_when_todays_counter_is_closed(home: Home) -> None:
    home.close(A, DAY)
    home.close("", DAY)

    async def work(journal: Journal) -> None:
        assert await journal.append(A, DAY, row(1)) == DropReason.DAY_CLOSED

    run(home, work)
    assert home.raw.counters()["", DAY + timedelta(days=1)] == Counters(0, {DropReason.DAY_CLOSED: 1})


def test_no_row_slips_past_a_close(home: Home) -> None:
    """Many rows are under way while the day closes: what is acknowledged is in the seal, the rest is told late."""
    sealed: list[int] = []

    async def work(journal: Journal) -> None:
        stored: list[int] = []
        late: list[int] = []

        async def send_until_late(start: int) -> None:
            for tag in range(start, start + 1_000_000):
                if await journal.append(A, DAY, row(tag)) is not None:
                    late.append(tag)
                    return
                stored.append(tag)

        def close() -> None:
            while len(stored) < 100:
                time.sleep(0.001)
            home.close(A, DAY)
            sealed.extend(home.raw.read(home.raw.seal(A, DAY))["tag"].to_pylist())

        await asyncio.gather(asyncio.to_thread(close), *(send_until_late(number * 1_000_000) for number in range(20)))
        assert len(late) == 20
        assert len(stored) > 20
        assert sorted(sealed) == sorted(stored)

    run(home, work, limit=20_000)
    assert home.tags() == sorted(sealed)


def test_a_full_queue_refuses_at_once(home: Home) -> None:
    release = threading.Event()

    class StuckDisk(Disk):
        def append(self, descriptor: int, data: bytes, offset: int) -> None:
            release.wait()
            super().append(descriptor, data, offset)

    async def work(journal: Journal) -> None:
        futures = [journal.append(A, DAY, row(tag)) for tag in range(10)]
        assert not journal.takes_rows
        with pytest.raises(Overloaded, match="too many rows wait for the disk"):
            journal.append(A, DAY, row(10))
        release.set()
        assert await asyncio.gather(*futures) == [None] * 10
        assert journal.takes_rows
        await journal.append(A, DAY, row(11))

    run(home, work, StuckDisk(), limit=10)
    assert home.tags() == [*range(10), 11]


class FailingDisk(Disk):
    """Fails the appends of the given numbers, after `kept` bytes have reached the file."""

    def __init__(self, failing: set[int], code: int, kept: int, *, can_cut: bool = True) -> None:
        self.failing, self.code, self.kept, self.can_cut = failing, code, kept, can_cut
        self.appends = 0

    def append(self, descriptor: int, data: bytes, offset: int) -> None:
        self.appends += 1
        if self.appends in self.failing:
            super().append(descriptor, data[: self.kept], offset)
            raise OSError(self.code, os.strerror(self.code))
        super().append(descriptor, data, offset)

    def cut(self, descriptor: int, size: int) -> None:
        if not self.can_cut:
            raise OSError(errno.EIO, "cannot cut")
        super().cut(descriptor, size)


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
@pytest.mark.parametrize("kept", [0, 40, 10**9])
def test_a_failing_disk_loses_nothing_acknowledged(home: Home, code: int, kept: int) -> None:
    async def work(journal: Journal) -> None:
        await journal.append(A, DAY, row(1))
        journal.drop(A, DAY, DropReason.BOT)
        with pytest.raises(Overloaded, match="rows cannot be stored"):
            await journal.append(A, DAY, row(2))
        with pytest.raises(Overloaded):  # not hammered: refused at once for a moment
            journal.append(A, DAY, row(3))
        assert not journal.takes_rows
        await asyncio.sleep(0.7)
        assert await journal.append(A, DAY, row(4)) is None

    run(home, work, FailingDisk({2}, code, kept))
    assert home.tags() == [1, 4]
    assert home.raw.counters() == {(A, DAY): Counters(2, {DropReason.BOT: 1})}
    assert len(journals(home)) == 2  # after a failed sync no one knows what a file holds: a new one


def test_a_tail_that_could_not_be_cut_is_cut_by_the_next_start(home: Home) -> None:
    async def work(journal: Journal) -> None:
        await journal.append(A, DAY, row(1))
        with pytest.raises(Overloaded):
            await journal.append(A, DAY, row(2))

    run(home, work, FailingDisk({2}, errno.EIO, 100, can_cut=False))
    (file,) = journals(home)
    torn = file.stat().st_size
    assert home.tags() == [1]

    async def again(journal: Journal) -> None:
        await journal.append(A, DAY, row(3))

    run(home, again)
    assert file.stat().st_size == torn - 100
    assert home.tags() == [1, 3]


def test_a_waiter_that_gives_up_does_not_take_the_others_along(home: Home) -> None:
    async def work(journal: Journal) -> None:
        async def wait() -> DropReason | None:
            return await journal.append(A, DAY, row(1))

        first, second = asyncio.create_task(wait()), asyncio.create_task(wait())
        await asyncio.sleep(0)
        first.cancel()
        assert await second is None
        with pytest.raises(asyncio.CancelledError):
            await first

    run(home, work)


def test_a_new_file_each_hour_and_after_a_close(home: Home) -> None:
    async def work(journal: Journal) -> None:
        await journal.append(A, DAY, row(1))
        await journal.append(A, DAY, row(2))
        assert len(journals(home)) == 1
        home.clock.ms += 3_600_000
        await journal.append(A, DAY, row(3))
        assert len(journals(home)) == 2
        home.close("b.example", DAY)
        await journal.append(A, DAY, row(4))
        assert len(journals(home)) == 3

    run(home, work)
    assert home.tags() == [1, 2, 3, 4]


def test_an_idle_journal_lets_go_of_what_is_over(home: Home) -> None:
    """A day destroyed while the journal sleeps: within a second its frames can be removed with their file."""

    async def work(journal: Journal) -> None:
        await journal.append(A, DAY, row(1))
        home.close(A, DAY)
        home.keys.destroy(A, DAY)
        await asyncio.sleep(1.3)
        home.raw.destroy_files(A, DAY)
        assert journals(home) == []
        await journal.append(A, NEXT, row(2))

    run(home, work)
    assert home.tags(A, NEXT) == [2]


def test_a_closed_journal_refuses_and_has_written_all(home: Home) -> None:
    async def work(journal: Journal) -> None:
        future = journal.append(A, DAY, row(1))
        journal.drop(A, DAY, DropReason.BOT)
        journal.close()
        assert await future is None
        with pytest.raises(Overloaded, match="closed"):
            journal.append(A, DAY, row(2))

    run(home, work)
    assert home.raw.counters() == {(A, DAY): Counters(1, {DropReason.BOT: 1})}


def test_a_large_file_is_ended(home: Home) -> None:
    async def work(journal: Journal) -> None:
        big = "/" + "x" * (LARGEST // 64)
        for tag in range(66):
            await journal.append(A, DAY, row(tag, page=big))

    run(home, work)
    assert len(journals(home)) == 2
    assert max(file.stat().st_size for file in journals(home)) < LARGEST * 1.1
