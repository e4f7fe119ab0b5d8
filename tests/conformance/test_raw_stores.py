"""The raw store, its journals and its batches: by file locks on one machine, by leases over many."""

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from cluster_samples import DAY, NEXT, A, B, Home, Opened, bytes_under, row, table

from hubbub.core.errors import DayClosed, Refused, StoreError
from hubbub.core.reasons import DropReason
from hubbub.store.journal import Journal
from hubbub.store.types import Counters


class Killed(BaseException):
    """The process dies here; nothing may catch it."""


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opened]:
    """Opens the same home each time, as another process would."""
    url = request.getfixturevalue("server").new_database() if request.param == "postgresql" else ""
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


def run(home: Home, work: Callable[[Journal], Coroutine[None, None, None]]) -> None:
    async def main() -> None:
        journal = Journal(home.raw_folder, home.keys, home.clock, limit=20_000)
        try:
            await work(journal)
        finally:
            journal.close()

    asyncio.run(main())


def journals(home: Home) -> list[Path]:
    return sorted((home.raw_folder / "journal").rglob("*.journal"))


def test_an_acknowledged_row_is_stored_and_sealed(home: Home, opened: Opened) -> None:
    async def work(journal: Journal) -> None:
        assert await journal.append(A, DAY, row(1, page="/consultation")) is None
        assert opened().tags() == [1]  # another reader sees it while the journal is open
        assert b"consultation" not in bytes_under(home.folder)

    run(home, work)
    assert home.tags() == [1]


def test_rows_and_drops_of_a_closed_day_are_dropped_and_counted(home: Home, opened: Opened) -> None:
    async def work(journal: Journal) -> None:
        await journal.append(A, DAY, row(1))
        await asyncio.to_thread(opened().close, A, DAY)
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


def test_no_row_slips_past_a_close(home: Home, opened: Opened) -> None:
    """Many rows are under way while the day closes: what is acknowledged is in the seal, the rest is told late."""
    sealed: list[int] = []
    closer = opened()

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
            closer.close(A, DAY)
            sealed.extend(closer.raw.read(closer.raw.seal(A, DAY))["tag"].to_pylist())

        await asyncio.gather(asyncio.to_thread(close), *(send_until_late(number * 1_000_000) for number in range(20)))
        assert len(late) == 20
        assert len(stored) > 20
        assert sorted(sealed) == sorted(stored)

    run(home, work)
    assert home.tags() == sorted(sealed)


def test_files_of_a_living_writer_stay_and_what_it_ended_goes(home: Home, opened: Opened) -> None:
    async def work(journal: Journal) -> None:
        await journal.append(A, DAY, row(1))
        assert opened().raw.compact() == 0
        assert len(journals(home)) == 1
        home.clock.ms += 3_600_000
        await journal.append(A, DAY, row(2))
        assert len(journals(home)) == 2
        assert opened().raw.compact() == 1
        await journal.append(A, DAY, row(3))
        assert home.tags() == [1, 2, 3]

    run(home, work)
    assert home.raw.compact() == 1
    assert home.tags() == [1, 2, 3]
    assert journals(home) == []


def test_an_idle_journal_lets_go_of_what_is_over(home: Home, opened: Opened) -> None:
    other = opened()

    async def work(journal: Journal) -> None:
        await journal.append(A, DAY, row(1))
        await asyncio.to_thread(other.close, A, DAY)
        other.keys.destroy(A, DAY)
        await asyncio.sleep(2.5)
        await asyncio.to_thread(other.raw.destroy_files, A, DAY)
        assert journals(home) == []
        await journal.append(A, NEXT, row(2))

    run(home, work)
    assert home.tags(A, NEXT) == [2]


def test_what_a_destroyed_day_left_is_in_no_file(home: Home) -> None:
    home.raw.write(A, DAY, table(range(50)), {DropReason.BOT: 3})
    home.raw.write(A, NEXT, table(range(50, 60)), {})
    assert home.raw.days()[0].rows == 50
    home.keys.destroy(A, DAY)
    with pytest.raises(StoreError, match="destroyed"):
        home.raw.seal(A, DAY)
    home.raw.destroy_files(A, DAY)
    assert [(each.source, each.day) for each in home.raw.days()] == [(A, NEXT)]
    assert home.tags(A, NEXT) == list(range(50, 60))


def test_a_batch_is_there_at_its_end_or_not_at_all(home: Home, opened: Opened) -> None:
    other = opened()
    mark = home.raw_folder / "imports" / A / "0123"
    with home.raw.together(marks=[mark]) as batch:
        secret = batch.visitor_secret(A, DAY)
        batch.write(A, DAY, table(range(10)), {DropReason.BOT: 1})
        batch.write(B, NEXT, table(range(3)), {})
        assert (other.raw.days(), other.keys.open_days()) == ([], [])
        assert other.raw.compact() == 0
    assert [(each.source, each.day, each.rows) for each in other.raw.days()] == [(A, DAY, 10), (B, NEXT, 3)]
    assert mark.exists()
    assert other.keys.visitor_secret(A, DAY) == secret
    with pytest.raises(Refused, match="nothing was stored twice"), other.raw.together(marks=[mark]) as batch:
        batch.write(A, DAY, table(range(10, 12)), {})
    assert home.tags() == list(range(10))
    assert list((home.raw_folder / "batches").glob("*")) == []


def test_a_day_closed_before_the_commit_takes_no_row_of_the_batch(home: Home, opened: Opened) -> None:
    home.keys.data_key(A, NEXT)

    def close(step: str) -> None:
        if step == "synced":
            opened().close(A, NEXT)

    def store() -> None:
        with home.raw.together(at=close) as batch:
            batch.write(A, DAY, table(range(3)), {})
            batch.write(A, NEXT, table(range(3)), {})

    with pytest.raises(DayClosed):
        store()
    assert home.raw.days() == []


def test_batches_side_by_side_keep_their_rows(home: Home, opened: Opened) -> None:
    other = opened()
    with home.raw.together() as one, other.raw.together() as two:
        one.write(A, DAY, table(range(3)), {})
        two.write(B, DAY, table(range(4)), {})
        assert home.raw.days() == []  # who looks takes nothing from those who write
        assert len(list((home.raw_folder / "batches").glob("*"))) == 2
    assert [(each.source, each.rows) for each in home.raw.days()] == [(A, 3), (B, 4)]


@pytest.mark.parametrize("step", ["written", "synced", "checked", "committed", "renamed", "moved"])
def test_a_batch_cut_short_is_whole_or_gone(home: Home, opened: Opened, step: str) -> None:
    def die(reached: str) -> None:
        if reached == step:
            raise Killed

    def store() -> None:
        with home.raw.together(at=die) as batch:
            for place in range(3):
                batch.write(A, DAY + timedelta(days=place), table(range(10 * place, 10 * place + 10)), {})

    with pytest.raises(Killed):
        store()
    other = opened()
    is_in = step in ("committed", "renamed", "moved")
    assert [each.rows for each in other.raw.days()] == ([10, 10, 10] if is_in else [])
    assert len(other.keys.open_days()) == (3 if is_in else 0)
    assert list((home.raw_folder / "batches").glob("*")) == []
