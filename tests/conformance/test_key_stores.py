"""What every key store does, in an SQLite file or in PostgreSQL with a folder of wrapping keys."""

import resource
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path

import pytest
from cluster_samples import DAY, NEXT, NOON_MS, SetClock

from hubbub.core.errors import DayClosed, Refused
from hubbub.release.postgresql import open_shared_state
from hubbub.store.keyfile import KeyFile
from hubbub.store.keys import KeyStore, Secrets, State, draw_secrets
from hubbub.store.layout import Layout
from hubbub.store.shared_keys import SharedKeys

Opened = Callable[[], KeyStore]
A, B = "a.example", "b.example"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opened]:
    """Opens the same store each time, as another process would."""
    if request.param == "sqlite":
        yield lambda: KeyFile(tmp_path / "keys" / "keys.db", SetClock())
        return
    engine = open_shared_state(request.getfixturevalue("server").new_database())
    yield lambda: SharedKeys(engine, tmp_path / "keys", SetClock())
    engine.dispose()


@pytest.fixture
def keys(opened: Opened) -> KeyStore:
    return opened()


def test_a_secret_stays_and_is_its_own(keys: KeyStore, opened: Opened) -> None:
    first = keys.visitor_secret(A, DAY)
    assert len(first) == 32
    assert keys.visitor_secret(A, DAY) == first
    assert opened().visitor_secret(A, DAY) == first
    others = {keys.visitor_secret(A, NEXT), keys.visitor_secret(B, DAY), keys.data_key(A, DAY)}
    assert len(others | {first}) == 4


def test_files_are_private(keys: KeyStore, tmp_path: Path) -> None:
    keys.data_key(A, DAY)
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in (tmp_path / "keys").iterdir()} == {0o600}


def test_a_key_never_made_is_not_made_by_looking(keys: KeyStore) -> None:
    assert keys.existing_data_key(A, DAY) is None
    assert keys.open_days() == []
    assert not keys.is_closed(A, DAY)


def test_what_each_end_takes_away(keys: KeyStore) -> None:
    keys.visitor_secret(A, DAY)
    data = keys.data_key(A, DAY)
    keys.destroy_visitor(A, DAY)
    with pytest.raises(DayClosed):
        keys.visitor_secret(A, DAY)
    assert keys.data_key(A, DAY) == data  # rows made before still land
    keys.mark_closed(A, DAY)
    assert keys.is_closed(A, DAY)
    with pytest.raises(DayClosed):
        keys.data_key(A, DAY)
    assert keys.existing_data_key(A, DAY) == data
    assert not keys.is_destroyed(A, DAY)
    keys.destroy(A, DAY)
    assert keys.existing_data_key(A, DAY) is None
    assert keys.is_closed(A, DAY)
    assert keys.is_destroyed(A, DAY)


def test_no_end_is_taken_back(keys: KeyStore) -> None:
    keys.destroy(A, DAY)
    keys.mark_closed(A, DAY)
    keys.destroy_visitor(A, DAY)
    assert keys.is_destroyed(A, DAY)
    keys.mark_closed(B, DAY)
    keys.destroy_visitor(B, DAY)
    assert keys.is_closed(B, DAY)
    for source in (A, B):
        with pytest.raises(DayClosed):
            keys.visitor_secret(source, DAY)


def test_many_days_end_together(keys: KeyStore) -> None:
    days = [DAY, NEXT]
    for day in days:
        keys.data_key(A, day)
    keys.data_key(B, DAY)
    keys.mark_closed(A, *days)
    assert [keys.is_closed(A, day) for day in days] == [True, True]
    keys.destroy(A, *days)
    assert [keys.is_destroyed(A, day) for day in days] == [True, True]
    assert [source for source, _, _ in keys.open_days()] == [B]


def test_open_days_are_those_not_destroyed_by_the_hour(keys: KeyStore) -> None:
    keys.data_key(B, NEXT)
    keys.data_key(A, NEXT)
    keys.data_key("", DAY)
    keys.data_key("gone", DAY)
    keys.destroy("gone", DAY)
    keys.mark_closed(A, NEXT)
    hour = NOON_MS - NOON_MS % 3_600_000
    assert keys.open_days() == [("", DAY, hour), (A, NEXT, hour), (B, NEXT, hour)]


def test_an_end_of_another_process_is_seen_at_once_where_nothing_is_cached(keys: KeyStore, opened: Opened) -> None:
    keys.visitor_secret(A, DAY)
    opened().mark_closed(A, DAY)
    with pytest.raises(DayClosed):
        keys.visitor_secret(A, DAY)


def test_who_meets_at_first_use_sees_the_same_secret(opened: Opened) -> None:
    stores = [opened() for _ in range(6)]
    for source in (A, B, "ä b"):
        found: list[tuple[bytes, bytes]] = []

        def look(keys: KeyStore, source: str = source, found: list[tuple[bytes, bytes]] = found) -> None:
            found.append((keys.visitor_secret(source, DAY), keys.data_key(source, DAY)))

        threads = [threading.Thread(target=look, args=[keys]) for keys in stores]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(found) == len(stores)
        assert len(set(found)) == 1


def test_the_days_of_a_source_are_as_many_as_one_likes(keys: KeyStore) -> None:
    days = [DAY + timedelta(days=number) for number in range(40)]
    secrets = {day: keys.data_key(A, day) for day in days}
    keys.destroy(A, *days[:20])
    assert [keys.existing_data_key(A, day) for day in days] == [None] * 20 + [secrets[day] for day in days[20:]]
    assert keys.open_days() == [(A, day, keys.open_days()[0][2]) for day in days[20:]]


def committing(keys: KeyStore, batch: str, folder: Path) -> AbstractContextManager[None]:
    """What a batch holds while it is written."""
    layout = Layout(folder)
    return keys.guards(layout).new_batch(layout.batches / batch)


def test_secrets_of_other_rows_are_refused(keys: KeyStore, tmp_path: Path) -> None:
    with committing(keys, "00", tmp_path / "raw"):
        keys.commit("00", {(A, DAY): (mine := draw_secrets())})
    assert keys.find(A, DAY) == mine
    assert keys.is_committed("00")
    with committing(keys, "01", tmp_path / "raw"), pytest.raises(Refused, match="run it again"):
        keys.commit("01", {(B, DAY): draw_secrets(), (A, DAY): draw_secrets()})
    assert keys.find(B, DAY) is None  # all or nothing
    assert keys.is_committed("00")
    keys.mark_closed(A, DAY)
    with committing(keys, "02", tmp_path / "raw"), pytest.raises(DayClosed):
        keys.commit("02", {(A, DAY): mine})
    with committing(keys, "03", tmp_path / "raw"):
        keys.commit("03", {(B, DAY): Secrets(State.OPEN, b"v" * 32, b"d" * 32)})
    assert [keys.is_committed(batch) for batch in ("00", "03")] == [False, True]


def test_who_holds_secrets_leaves_no_core_dump(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    limits: list[tuple[int, tuple[int, int]]] = []
    monkeypatch.setattr(resource, "setrlimit", lambda what, limit: limits.append((what, limit)))
    opened()
    assert limits == [(resource.RLIMIT_CORE, (0, 0))]
