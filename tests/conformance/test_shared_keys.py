"""Secrets on PostgreSQL: wrapped there, and gone from everywhere once their files are destroyed."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from cluster_samples import DAY, NEXT, A, B, Home, bytes_under

from hubbub.core.errors import Overloaded, StoreError
from hubbub.store import wrapping
from hubbub.store.wrapping import WrappingFolder
from postgresql_server import Server

pytestmark = pytest.mark.postgresql
HOUR_MS = 3_600_000


@pytest.fixture
def url(server: Server) -> str:
    return server.new_database()


@pytest.fixture
def home(url: str, tmp_path: Path) -> Iterator[Home]:
    home = Home(tmp_path, url)
    yield home
    home.end()


def wrapping_bytes(home: Home) -> list[bytes]:
    return [path.read_bytes() for path in sorted((home.folder / "keys").glob("*.*.*"))]


def files(home: Home) -> list[str]:
    return sorted(path.name.split(".")[2] for path in (home.folder / "keys").glob("*.*.*"))


def test_no_secret_is_in_the_database_and_none_survives_its_file(home: Home, server: Server) -> None:
    """In no file of the server, its log of changes included, stands a secret in clear, alive or destroyed, nor what
    opens it; in the wrapping folder nothing of the destroyed.
    """
    rng = random.Random(1)
    days = [DAY + timedelta(days=number) for number in range(20)]
    secrets = {(each, day): (home.keys.visitor_secret(each, day), home.keys.data_key(each, day))
               for day in days for each in rng.sample((A, B, "a-much-longer-name.example"), 2)}  # fmt: skip
    keys_before = wrapping_bytes(home)
    assert len(keys_before) == 2 * len(secrets)
    ended = rng.sample(list(secrets), 30)
    for key in ended[:15]:
        home.keys.destroy_visitor(*key)
    for key in ended:
        home.keys.mark_closed(*key)
        home.keys.destroy(*key)
    server.execute("CHECKPOINT")
    in_server = bytes_under(server.data)
    in_folder = bytes_under(home.folder / "keys")
    for plain in [*keys_before, *(each for both in secrets.values() for each in both)]:
        assert plain not in in_server
        assert plain.hex().encode() not in in_server
    kept = wrapping_bytes(home)
    assert len(kept) == 2 * (len(secrets) - len(ended))
    assert all((key in in_folder) == (key in kept) for key in keys_before)
    for key, (visitor, data) in secrets.items():
        assert home.keys.existing_data_key(*key) == (None if key in ended else data)
        if key not in ended:
            assert home.keys.visitor_secret(*key) == visitor


def test_what_is_destroyed_is_overwritten_before_it_is_removed(home: Home) -> None:
    home.keys.data_key(A, DAY)
    links = []
    for path in list((home.folder / "keys").glob("*.*.*")):
        link = home.folder / f"link-{path.name}"
        link.hardlink_to(path)
        links.append(link)
    home.keys.destroy(A, DAY)
    assert [link.read_bytes() for link in links] == [bytes(32)] * 2


def test_each_secret_goes_at_its_time(home: Home) -> None:
    home.keys.data_key(A, DAY)
    home.keys.data_key(B, DAY)
    assert files(home) == ["data"] * 2 + ["visitor"] * 2
    home.keys.destroy_visitor(A, DAY)
    assert files(home) == ["data"] * 2 + ["visitor"]
    home.keys.destroy(B, DAY)
    assert files(home) == ["data"]
    assert home.keys.existing_data_key(A, DAY) is not None


@pytest.mark.parametrize("end", ["destroy_visitor", "destroy"])
def test_a_process_that_dies_over_a_destruction_is_finished_by_the_next(
    home: Home, url: str, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    home.keys.data_key(A, DAY)
    home.keys.data_key(B, DAY)

    class Killed(BaseException):
        pass

    def die(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(WrappingFolder, "destroy", die)
        with pytest.raises(Killed):
            getattr(home.keys, end)(A, DAY)
    assert len(files(home)) == 4
    other = Home(home.folder, url)
    assert other.keys.is_destroyed(A, DAY) == (end == "destroy")  # no one uses it any more
    other.keys.finish_ends()
    assert len(files(home)) == (2 if end == "destroy" else 3)
    assert other.keys.existing_data_key(B, DAY) is not None
    other.end()


def test_files_that_wrap_nothing_go_after_an_hour(home: Home) -> None:
    folder = WrappingFolder(home.folder / "keys")
    folder.make(DAY, "ab" * 16, wrapping.DATA)
    (made,) = folder.files()
    home.clock.ms = made.made_ms + HOUR_MS // 2
    home.keys.finish_ends()
    assert files(home) == ["data"]
    home.clock.ms = made.made_ms + 2 * HOUR_MS
    home.keys.finish_ends()
    assert files(home) == []


def test_without_the_database_what_is_overdue_dies_all_the_same(home: Home, server: Server, url: str) -> None:
    home.keys.data_key(A, DAY)
    (home.folder / "hubbub.yaml").write_text(f"sites: [{{name: {A}}}]\nstate: {url}\n")
    server.stop(signal.SIGQUIT)
    try:
        for hours, left in ((47, 2), (49, 0)):
            for path in (home.folder / "keys").glob("*.*.*"):
                os.utime(path, (made_s := time.time() - hours * 3600, made_s))
            assert tick(home) == 1
            assert len(files(home)) == left
    finally:
        server.start()
    with pytest.raises(StoreError, match="missing"):
        home.keys.existing_data_key(A, DAY)
    assert tick(home) == 0
    assert home.keys.is_destroyed(A, DAY)


def tick(home: Home) -> int:
    """`hubbub tick` as the server runs it; its exit code."""
    command = [sys.executable, "-m", "hubbub.cli.main", "--home", str(home.folder), "tick"]
    return subprocess.run(command, check=False).returncode


def test_a_folder_that_is_not_mounted_is_not_taken_for_the_clusters(home: Home, url: str, tmp_path: Path) -> None:
    home.keys.data_key(A, DAY)
    with pytest.raises(StoreError, match="is it mounted"):
        Home(tmp_path / "elsewhere", url)
    mounted = home.folder / "keys"
    mounted.rename(home.folder / "away")
    mounted.mkdir()
    other: list[Callable[[], object]] = [
        lambda: home.keys.existing_data_key(A, DAY),
        lambda: home.keys.data_key(A, NEXT),
    ]
    for use in other:
        with pytest.raises((StoreError, Overloaded), match="mounted"):
            use()
    assert list(mounted.iterdir()) == []
    mounted.rmdir()
    (home.folder / "away").rename(mounted)
    assert home.keys.existing_data_key(A, DAY) is not None


def test_a_raw_folder_that_is_not_mounted_is_not_taken_for_the_clusters(home: Home, url: str) -> None:
    mounted = home.raw_folder
    mounted.rename(home.folder / "away")
    with pytest.raises(StoreError, match="is it mounted"):
        Home(home.folder, url)


def test_secrets_do_not_open_under_another_name(home: Home) -> None:
    home.keys.data_key(A, DAY)
    home.keys.data_key(B, DAY)
    home.execute(
        f"UPDATE secrets SET wrapping = mine.wrapping, data = mine.data, visitor = mine.visitor "
        f"FROM secrets AS mine WHERE mine.source = '{A}' AND secrets.source = '{B}'"
    )
    with pytest.raises(StoreError, match="does not open"):
        home.keys.existing_data_key(B, DAY)


def test_lost_connections_cost_nothing(home: Home, server: Server, url: str) -> None:
    name = url.rsplit("/", 1)[1]
    secret = home.keys.data_key(A, DAY)
    again: list[Callable[[], object]] = [
        lambda: home.keys.existing_data_key(A, DAY),
        lambda: home.keys.destroy_visitor(A, DAY),
        lambda: home.keys.open_days(),
        lambda: home.raw.days(),
    ]
    for use in again:
        server.kill_connections(name)
        use()
    assert home.keys.existing_data_key(A, DAY) == secret
