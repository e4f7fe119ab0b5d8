import multiprocessing
import os
import random
import resource
import sqlite3
import stat
from datetime import date, timedelta
from pathlib import Path

import pytest
from store_samples import DAY, NEXT, NOON_MS, SetClock, bytes_under

from hubbub.core.errors import DayClosed, StoreError
from hubbub.store import keyfile
from hubbub.store.keyfile import KeyFile


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "keys.db"


@pytest.fixture
def keys(path: Path) -> KeyFile:
    return KeyFile(path, SetClock())


def test_a_secret_stays_and_is_its_own(keys: KeyFile, path: Path) -> None:
    first = keys.visitor_secret("a", DAY)
    assert len(first) == 32
    assert keys.visitor_secret("a", DAY) == first
    assert KeyFile(path, SetClock()).visitor_secret("a", DAY) == first
    others = {keys.visitor_secret("a", NEXT), keys.visitor_secret("b", DAY), keys.data_key("a", DAY)}
    assert len(others | {first}) == 4


def test_files_are_private(keys: KeyFile, path: Path) -> None:
    keys.data_key("a", DAY)
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()} == {0o600}


def test_a_key_never_made_is_not_made_by_looking(keys: KeyFile) -> None:
    assert keys.existing_data_key("a", DAY) is None
    assert keys.open_days() == []
    assert not keys.is_closed("a", DAY)


def test_what_each_end_takes_away(keys: KeyFile) -> None:
    keys.visitor_secret("a", DAY)
    data = keys.data_key("a", DAY)
    keys.destroy_visitor("a", DAY)
    with pytest.raises(DayClosed):
        keys.visitor_secret("a", DAY)
    assert keys.data_key("a", DAY) == data  # rows made before still land
    keys.mark_closed("a", DAY)
    assert keys.is_closed("a", DAY)
    with pytest.raises(DayClosed):
        keys.data_key("a", DAY)
    assert keys.existing_data_key("a", DAY) == data
    assert not keys.is_destroyed("a", DAY)
    keys.destroy("a", DAY)
    assert keys.existing_data_key("a", DAY) is None
    assert keys.is_closed("a", DAY)
    assert keys.is_destroyed("a", DAY)


def test_no_end_is_taken_back(keys: KeyFile) -> None:
    keys.destroy("a", DAY)
    keys.mark_closed("a", DAY)
    keys.destroy_visitor("a", DAY)
    assert keys.is_destroyed("a", DAY)
    keys.mark_closed("b", DAY)
    keys.destroy_visitor("b", DAY)
    assert keys.is_closed("b", DAY)
    for source in "ab":
        with pytest.raises(DayClosed):
            keys.visitor_secret(source, DAY)


def test_many_days_end_together(keys: KeyFile) -> None:
    days = [DAY, NEXT]
    for day in days:
        keys.data_key("a", day)
    keys.data_key("b", DAY)
    keys.mark_closed("a", *days)
    assert [keys.is_closed("a", day) for day in days] == [True, True]
    keys.destroy("a", *days)
    assert [keys.is_destroyed("a", day) for day in days] == [True, True]
    assert [source for source, _, _ in keys.open_days()] == ["b"]


def test_open_days_are_those_not_destroyed_by_the_hour(keys: KeyFile) -> None:
    keys.data_key("b", NEXT)
    keys.data_key("a", NEXT)
    keys.data_key("", DAY)
    keys.data_key("gone", DAY)
    keys.destroy("gone", DAY)
    keys.mark_closed("a", NEXT)
    hour = NOON_MS - NOON_MS % 3_600_000
    assert keys.open_days() == [("", DAY, hour), ("a", NEXT, hour), ("b", NEXT, hour)]


def test_another_process_closing_a_day_is_noticed_at_once(keys: KeyFile, path: Path) -> None:
    other = KeyFile(path, SetClock())
    keys.visitor_secret("a", DAY)
    epoch = keys.epoch()
    other.mark_closed("a", DAY)
    assert keys.epoch() != epoch
    with pytest.raises(DayClosed):
        keys.visitor_secret("a", DAY)


def _secret_of(path: Path, source: str) -> tuple[bytes, bytes]:
    keys = KeyFile(path, SetClock())
    return keys.visitor_secret(source, DAY), keys.data_key(source, DAY)


def test_processes_that_meet_at_first_use_see_the_same_secret(path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        for source in ("a", "b", "c"):
            assert len(set(pool.starmap(_secret_of, [(path, source)] * 8))) == 1


def test_destroyed_bytes_are_in_no_file(keys: KeyFile, path: Path) -> None:
    """Many records over many pages, ended in random order; none of the 64 bytes of any is left anywhere."""
    rng = random.Random(1)
    days = [DAY + timedelta(days=number) for number in range(50)]
    alive = {
        (source, day): (keys.visitor_secret(source, day), keys.data_key(source, day))
        for day in days
        for source in rng.sample(("a.example", "b.example", "a-much-longer-name.example"), 3)
    }
    before = bytes_under(path.parent)
    assert all(visitor in before and data in before for visitor, data in alive.values())
    ended = rng.sample(list(alive), 60)
    for key in ended[:30]:
        keys.destroy_visitor(*key)
        visitor, data = alive[key]
        now = bytes_under(path.parent)
        assert visitor not in now
        assert data in now
    for key in ended:
        keys.destroy(*key)
        now = bytes_under(path.parent)
        assert not any(secret in now for secret in alive[key])
    now = bytes_under(path.parent)
    for key, secrets in alive.items():
        assert all((secret in now) != (key in ended) for secret in secrets)
    assert not list(path.parent.glob("*-journal"))


def test_a_destroyed_day_keeps_no_time(keys: KeyFile, path: Path) -> None:
    keys.data_key("a", DAY)
    assert b"2026-03-02T12" in bytes_under(path.parent)
    keys.destroy("a", DAY)
    assert b"2026-03-02T12" not in bytes_under(path.parent)


def test_the_file_can_hold_nothing_of_a_visitor(keys: KeyFile, path: Path) -> None:
    keys.visitor_secret("a", DAY)
    with sqlite3.connect(path) as database:
        columns = [name for _, name, *_ in database.execute("PRAGMA table_info(secrets)")]
    database.close()
    assert columns == ["number", "source", "day", "state", "hour", "visitor", "data"]


def test_a_file_that_is_none_is_told(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"not a database" * 100)
    with pytest.raises(StoreError, match=r"keys\.db is not a key file"):
        KeyFile(path, SetClock())


def test_after_a_fork_the_child_uses_the_same_file(keys: KeyFile) -> None:
    secret = keys.visitor_secret("a", DAY)
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:  # pragma: no cover
        keys.mark_closed("b", DAY)
        os.write(writing, keys.visitor_secret("a", DAY))
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(reading, 32) == secret
    assert keys.is_closed("b", date(2026, 3, 2))
    os.close(reading)
    os.close(writing)


def test_who_holds_secrets_leaves_no_core_dump(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    limits: list[tuple[int, tuple[int, int]]] = []
    monkeypatch.setattr(resource, "setrlimit", lambda what, limit: limits.append((what, limit)))
    KeyFile(path, SetClock())
    assert limits == [(resource.RLIMIT_CORE, (0, 0))]


def test_a_process_that_dies_over_an_end_leaves_no_one_with_a_destroyed_secret(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys, dying = KeyFile(path, SetClock()), KeyFile(path, SetClock())
    keys.visitor_secret("a", DAY)
    keys.visitor_secret("b", DAY)
    keys.visitor_secret("a", DAY)  # from the cache

    class Killed(BaseException):
        pass

    new_epoch = keyfile._new_epoch

    def die(*, is_odd: bool) -> bytes:
        if not is_odd:
            raise Killed  # the change is durable, no one was told
        return new_epoch(is_odd=True)

    with monkeypatch.context() as patch:
        patch.setattr(keyfile, "_new_epoch", die)
        with pytest.raises(Killed):
            dying.destroy("a", DAY)
    with pytest.raises(DayClosed):
        keys.visitor_secret("a", DAY)
    keys.visitor_secret("b", DAY)
    KeyFile(path, SetClock())  # the next one that opens it settles that
    assert not keys._is_changing()
    with pytest.raises(DayClosed):
        keys.visitor_secret("a", DAY)
