import errno
import gc
import os
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest
from store_samples import DAY, NEXT, Home, bytes_under, table

from dying import begin, exit_code_of
from hubbub.core.errors import DayClosed, Refused, StoreError
from hubbub.core.reasons import DropReason
from hubbub.store import batch as batch_module
from hubbub.store import batches as batches_module
from hubbub.store import segments
from hubbub.store.batch import At
from hubbub.store.types import Counters

A, B = "a.example", "b.example"
DAYS = [DAY + timedelta(days=number) for number in range(3)]
MARK = Path("imports/a.example/0123")


class Killed(BaseException):
    """The process dies here; nothing may catch it."""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def silent(_: str) -> None:
    return


def store(home: Home, at: At = silent, days: list[date] = DAYS) -> None:
    """Ten rows and a drop a day, in one batch with a mark."""
    with home.raw.together(marks=[home.raw_folder / MARK], at=at) as batch:
        for place, day in enumerate(days):
            assert len(batch.visitor_secret(A, day)) == 32
            batch.write(A, day, table(range(10 * place, 10 * place + 10)), {DropReason.BOT: 1})


def seen(home: Home) -> list[tuple[str, date, int]]:
    return [(each.source, each.day, each.rows) for each in home.raw.days()]


def has_mark(home: Home) -> bool:
    return (home.raw_folder / MARK).exists()


def left(home: Home) -> list[Path]:
    return list((home.raw_folder / "batches").glob("*"))


def assert_nothing(home: Home) -> None:
    assert seen(home) == []
    assert home.raw.counters() == {}
    assert home.keys.open_days() == []
    assert not has_mark(home)
    assert left(home) == []


def assert_all(home: Home) -> None:
    assert seen(home) == [(A, day, 10) for day in DAYS]
    assert has_mark(home)
    assert left(home) == []
    assert home.raw.counters() == {(A, day): Counters(10, {DropReason.BOT: 1}) for day in DAYS}
    for place, day in enumerate(DAYS):
        assert home.tags(A, day) == list(range(10 * place, 10 * place + 10))


def test_rows_appear_at_the_end_with_the_mark_and_the_secrets(home: Home) -> None:
    with home.raw.together(marks=[home.raw_folder / MARK]) as batch:
        secret = batch.visitor_secret(A, DAY)
        assert batch.visitor_secret(A, DAY) == secret
        batch.write(A, DAY, table(range(10)), {})
        assert seen(home) == home.keys.open_days() == []
        assert not has_mark(home)
        assert secret not in bytes_under(home.folder)
    assert seen(home) == [(A, DAY, 10)]
    assert has_mark(home)
    assert home.keys.visitor_secret(A, DAY) == secret
    assert home.raw.days()[0].origins == {"log"}
    assert left(home) == []


def test_rows_join_those_that_are_there(home: Home) -> None:
    home.raw.write(A, DAYS[1], table(range(100, 103)), {}, origin="live")
    secret = home.keys.visitor_secret(A, DAYS[1])
    with home.raw.together() as batch:
        assert batch.visitor_secret(A, DAYS[1]) == secret
        batch.write(A, DAYS[0], table(range(3)), {})
        batch.write(A, DAYS[1], table(range(3, 6)), {})
        batch.write(A, DAYS[1], table(range(6, 9)), {})
        batch.write(B, DAYS[1], table(range(2)), {})
    assert home.tags(A, DAYS[0]) == [0, 1, 2]
    assert home.tags(A, DAYS[1]) == [3, 4, 5, 6, 7, 8, 100, 101, 102]
    assert home.tags(B, DAYS[1]) == [0, 1]


@pytest.mark.parametrize("is_first", [True, False], ids=["a new store", "a store with rows of the days"])
def test_killed_between_any_two_steps_all_is_there_or_nothing(tmp_path: Path, is_first: bool) -> None:
    def new_home(name: str) -> Home:
        home = Home(tmp_path / name)
        if not is_first:
            home.raw.write(B, DAY, table(range(2)), {})
            home.raw.write(A, DAYS[1], table(range(0)), {})
        return home

    steps: list[str] = []
    store(new_home("probe"), steps.append)
    assert steps[:7] == ["begun", *["written"] * 3, "synced", "checked", "committed"]
    assert steps[-2:] == ["moved", "removed"]
    assert steps.count("renamed") == (2 if is_first else 4)
    for number, step in enumerate(steps):
        home = new_home(str(number))
        count = [number]

        def die(_: str, count: list[int] = count) -> None:
            count[0] -= 1
            if count[0] < 0:
                raise Killed

        with pytest.raises(Killed):
            store(home, die)
        home = Home(home.folder)
        is_in = number >= steps.index("committed")
        assert has_mark(home) == is_in or step in ("committed", "renamed")
        rows = Counter({(source, day): rows for source, day, rows in seen(home) if rows and source == A})
        assert rows == (dict.fromkeys([(A, day) for day in DAYS], 10) if is_in else {}), step
        assert has_mark(home) == is_in
        assert left(home) == []
        assert {day for source, day, _ in home.keys.open_days() if source == A} == (
            set(DAYS) if is_in else set() if is_first else {DAYS[1]}
        )
        if is_in:
            with pytest.raises(Refused, match="nothing was stored twice"):
                store(home)
        else:
            store(home)
        assert [home.tags(A, day) for day in DAYS] == [list(range(10 * at, 10 * at + 10)) for at in range(3)]


@pytest.mark.parametrize("reader", ["days", "counters", "seal", "compact", "destroy", "next batch"])
def test_whoever_comes_next_settles(home: Home, reader: str) -> None:
    def die(step: str) -> None:
        if step == "committed":
            raise Killed

    with pytest.raises(Killed):
        store(home, die)
    assert not has_mark(home)
    if reader == "days":
        home.raw.days()
    elif reader == "counters":
        home.raw.counters()
    elif reader == "seal":
        assert home.raw.seal(A, DAYS[2]).rows == 10
    elif reader == "compact":
        home.raw.compact()
    elif reader == "destroy":
        home.keys.destroy(A, *DAYS)
        home.raw.destroy_files(A, *DAYS)
        assert list((home.raw_folder / "segments").rglob("*.segment")) == []
    else:
        with home.raw.together() as batch:
            batch.write(B, DAY, table(range(1)), {})
    assert has_mark(home)
    assert left(home) == []
    if reader not in ("destroy", "next batch"):
        assert_all(home)


@pytest.mark.parametrize("failing", ["sync_file", "sync_folder", "make_folder", "compose"])
def test_a_full_disk_stores_nothing_and_it_can_be_done_again(
    home: Home, failing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = segments if failing == "compose" else batch_module
    real = getattr(place, failing)
    calls = [0]
    for number in range(3):
        calls[0] = number

        def full(*args: object, **more: object) -> object:
            calls[0] -= 1
            if calls[0] < 0:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return real(*args, **more)

        with monkeypatch.context() as patch:
            patch.setattr(place, failing, full)
            with pytest.raises(StoreError, match=r"No space left on device.*none was stored"):
                store(home)
        assert_nothing(home)
    store(home)
    assert_all(home)


def test_a_disk_that_fills_after_the_commit_only_delays_the_move(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(batches_module, "sync_folder", full)
        store(home)
        assert len(left(home)) == 1
        with pytest.raises(OSError, match="No space"):
            home.raw.days()
    assert_all(home)


def test_an_error_in_the_block_stores_nothing(home: Home) -> None:
    def fail(step: str) -> None:
        if step == "written":
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        store(home, fail)
    assert_nothing(home)


def test_rows_that_are_refused_leave_no_file_in_the_batch(home: Home) -> None:
    with home.raw.together() as batch:
        batch.write(A, DAY, table(range(3)), {})
        with pytest.raises(StoreError, match="columns"):
            batch.write(A, NEXT, table(range(3)).drop_columns(["page"]), {})
    assert seen(home) == [(A, DAY, 3)]
    assert home.keys.open_days() == [(A, DAY, home.keys.open_days()[0][2])]


def test_an_empty_batch_leaves_nothing(home: Home) -> None:
    with home.raw.together(marks=[home.raw_folder / MARK]) as batch:
        batch.visitor_secret(A, DAY)
    assert_nothing(home)


def test_closed_days_are_told_one_by_one(home: Home) -> None:
    home.close(A, DAY)
    with home.raw.together() as batch:
        with pytest.raises(DayClosed):
            batch.visitor_secret(A, DAY)
        with pytest.raises(DayClosed):
            batch.write(A, DAY, table(range(1)), {})
        batch.write(A, NEXT, table(range(1)), {})
    assert seen(home) == [(A, NEXT, 1)]


@pytest.mark.parametrize("is_known", [True, False])
def test_a_day_closed_before_the_commit_takes_no_row_of_the_batch(home: Home, is_known: bool) -> None:
    if is_known:
        home.keys.data_key(A, NEXT)

    def close(step: str) -> None:
        if step == "synced":
            Home(home.folder).close(A, NEXT)

    with pytest.raises(DayClosed):
        store(home, close)
    assert seen(home) == []
    assert not has_mark(home)
    assert left(home) == []
    assert [day for _, day, _ in home.keys.open_days()] == [NEXT]  # by its close


def test_days_whose_visitor_secret_went_take_rows_that_were_made(home: Home) -> None:
    with home.raw.together() as batch:
        home.keys.visitor_secret(A, DAY)
        batch.write(A, DAY, table(range(3)), {})
        home.keys.destroy_visitor(A, DAY)
        with pytest.raises(DayClosed):
            batch.visitor_secret(A, DAY)
    assert home.tags() == [0, 1, 2]


def test_secrets_that_another_process_made_first_refuse_the_batch(home: Home) -> None:
    def begin(step: str) -> None:
        if step == "synced":
            Home(home.folder).raw.write(A, NEXT, table(range(1)), {}, origin="live")

    with pytest.raises(Refused, match="run it again"):
        store(home, begin)
    assert seen(home) == [(A, NEXT, 1)]
    assert not has_mark(home)


def test_of_two_batches_with_one_mark_the_second_is_refused(home: Home) -> None:
    other = Home(home.folder)

    def race(step: str) -> None:
        if step == "synced":
            store(other)

    with pytest.raises(Refused, match="nothing was stored twice"):
        store(home, race)
    assert_all(home)


def test_batches_side_by_side_keep_their_rows(home: Home) -> None:
    with home.raw.together() as one, home.raw.together() as two:
        one.write(A, DAY, table(range(3)), {})
        two.write(B, DAY, table(range(4)), {})
        assert len(left(home)) == 2
        assert seen(home) == []  # who looks takes nothing from those who write
        assert len(left(home)) == 2
    assert seen(home) == [(A, DAY, 3), (B, DAY, 4)]


def _die_at(folder: Path, wanted: str) -> None:
    def die(step: str) -> None:
        if step == wanted:
            os.kill(os.getpid(), 9)

    store(Home(folder), die)


@pytest.mark.parametrize("step", ["written", "synced", "checked", "committed", "renamed", "moved"])
def test_kill_9_stores_all_or_nothing(tmp_path: Path, step: str) -> None:
    assert exit_code_of(begin(_die_at, tmp_path, step)) == -9
    home = Home(tmp_path)
    if step in ("written", "synced", "checked"):
        assert_nothing(home)
        store(home)
    assert_all(home)


def test_everything_is_private(home: Home) -> None:
    store(home)
    for path in [home.raw_folder / "segments", home.raw_folder / "imports"]:
        assert {each.stat().st_mode & 0o077 for each in [path, *path.rglob("*")]} == {0}


def test_many_days_need_few_descriptors(home: Home) -> None:
    days = [DAY + timedelta(days=number) for number in range(300)]
    gc.collect()  # what earlier tests left open would be closed in the middle
    open_files: list[int] = []
    store(home, lambda _: open_files.append(len(os.listdir("/proc/self/fd"))), days)
    assert max(open_files) - min(open_files) <= 4
    assert len(seen(home)) == len(days)
