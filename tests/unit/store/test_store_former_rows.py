"""Rows written by hubbub 0.1, whose rows ended with `scroll`, are read as rows of today."""

from pathlib import Path

import msgspec
import pyarrow as pa
import pytest
from store_samples import DAY, Home, row, table

from hubbub.core.rows import COLUMNS
from hubbub.store import columns, frames, segments
from hubbub.store.disk import make_folder
from hubbub.store.sealing import Seal
from hubbub.store.segments import Segments

FORMER = 18
SEAL = Seal(bytes(range(32)))
FILE = "worker-1/20260302T12-0.journal"


FormerRow = msgspec.defstruct(
    "FormerRow",
    [(name, str if kind == "string" else int) for name, kind in COLUMNS[:FORMER]],
    frozen=True,
    array_like=True,
)


def former(tag: int) -> object:
    return FormerRow(*msgspec.structs.astuple(row(tag))[:FORMER])


def former_frame(start: int, tags: range, seal: Seal) -> bytes:
    rows = [former(tag) for tag in tags]
    return frames.encode(FILE, start, "a.example", DAY, rows, {}, seal)  # type: ignore[arg-type]


def test_frames_of_the_release_before_are_read() -> None:
    (frame,) = frames.scan(former_frame(0, range(3), SEAL))
    content = frames.open_frame(frame, FILE, SEAL)
    assert content is not None
    found = frames.decode_rows(content)
    assert [each[1] for each in found] == [0, 1, 2]
    assert [each[FORMER:] for each in found] == [(0, "")] * 3
    assert {len(each) for each in found} == {len(COLUMNS)}


def test_segments_of_the_release_before_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Segments(tmp_path / "segments", tmp_path / "aside")
    with monkeypatch.context() as patch:
        patch.setattr(columns, "SCHEMA", pa.schema(list(columns.SCHEMA)[:FORMER]))
        narrow = table(range(5)).select(columns.SCHEMA.names)
        path = store.write("w-1", "a.example", DAY, [narrow], SEAL, {}, "log")
    (found,) = segments.read(path, "a.example", DAY, SEAL)
    assert found.schema == columns.SCHEMA
    assert found["tag"].to_pylist() == [0, 1, 2, 3, 4]
    assert found["amount"].to_pylist() == [0] * 5
    assert found["returning"].to_pylist() == [""] * 5


def test_a_day_begun_before_the_upgrade_ends_after_it(tmp_path: Path) -> None:
    """A journal left by the release before, a segment of it, and rows of today are one day."""
    home = Home(tmp_path)
    seal = Seal(home.keys.data_key("a.example", DAY))
    first = former_frame(0, range(2), seal)
    path = home.raw_folder / "journal" / FILE
    make_folder(path.parent)
    path.write_bytes(first + former_frame(len(first), range(2, 4), seal))
    home.raw.write("a.example", DAY, table(range(4, 6)), {}, origin="live")
    assert home.tags() == [0, 1, 2, 3, 4, 5]
    assert home.raw.compact() == 1
    assert home.tags() == [0, 1, 2, 3, 4, 5]
    assert home.raw.seal("a.example", DAY, before_slot=13).rows == 6
