"""Sealed copies in object storage: the same rows, unreadable without the key, gone when they are forgotten."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pyarrow.fs import S3FileSystem
from store_samples import DAY, Home
from test_store_pieces import A, home, read

from hubbub.core.errors import InputError, StoreError
from hubbub.store.objects import Objects

__all__ = ["home"]


@pytest.fixture
def url(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A bucket on an S3 server of this process, on 127.0.0.1."""
    from moto.server import ThreadedMotoServer

    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"{host}:{port}"
    S3FileSystem(endpoint_override=endpoint, scheme="http", region="us-east-1", allow_bucket_creation=True).create_dir(
        "city"
    )
    yield f"s3://city/raw?scheme=http&endpoint_override={endpoint}&region=us-east-1"
    server.stop()


def test_copies_are_the_same_rows_and_go_when_they_are_forgotten(home: Home, url: str) -> None:
    pieces = home.raw.pieces([home.raw.seal(A, DAY)])
    here = read(pieces, list(range(len(pieces))))
    objects = Objects(url)
    there = pieces.staged(objects)
    assert read(there, list(range(len(there)))) == here
    files, base = objects._files()
    from pyarrow.fs import FileSelector

    names = [each.path for each in files.get_file_info(FileSelector(base, recursive=True)) if each.is_file]
    assert len(names) == 2  # the segment, and the journal as one
    for name in names:
        assert b"/permits" not in files.open_input_file(name).read()
    there.forget()
    assert not [each for each in files.get_file_info(FileSelector("city", recursive=True)) if each.is_file]


def test_objects_of_another_key_do_not_open(home: Home, url: str, tmp_path: Path) -> None:
    pieces = home.raw.pieces([home.raw.seal(A, DAY)])
    there = pieces.staged(Objects(url))
    there._keys = dict.fromkeys(there._keys, bytes(32))
    with pytest.raises(StoreError, match="does not open"):
        read(there, [0])


@pytest.mark.parametrize("url", ["", "bucket", "http://host/x", "s3://", "s3://key:secret@bucket/x"])
def test_urls_that_are_none_or_tell_secrets_are_refused(url: str) -> None:
    with pytest.raises(InputError, match="--objects"):
        Objects(url)


def test_a_server_that_is_not_there_is_told_without_its_words(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    pieces = home.raw.pieces([home.raw.seal(A, DAY)])
    with pytest.raises(StoreError, match="object storage"):
        pieces.staged(Objects("s3://city/raw?scheme=http&endpoint_override=127.0.0.1:1&region=us-east-1"))
