from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from store_samples import DAY, NEXT, bytes_under, table

from hubbub.core.errors import StoreError
from hubbub.core.reasons import DropReason
from hubbub.store import columns, segments
from hubbub.store.sealing import Seal
from hubbub.store.segments import Segments

SEAL = Seal(bytes(range(32)))


@pytest.fixture
def store(tmp_path: Path) -> Segments:
    return Segments(tmp_path / "segments", tmp_path / "aside")


def write(store: Segments, *tables: pa.Table, source: str = "a.example", name: str = "w-1") -> Path:
    return store.write(name, source, DAY, tables, SEAL, {DropReason.BOT: 3}, "log")


def test_blocks_come_back_in_order(store: Segments) -> None:
    path = write(store, table(range(5), 3), table(range(5, 8), 24))
    meta = segments.read_meta(path, "a.example", DAY, SEAL)
    assert (meta.rows, meta.slots[3], meta.slots[24], sum(meta.slots)) == (8, 5, 3, 8)
    assert (meta.dropped, meta.origin) == ({DropReason.BOT: 3}, "log")
    first, second = segments.read(path, "a.example", DAY, SEAL)
    assert first.schema == second.schema == columns.SCHEMA
    assert first["tag"].to_pylist() + second["tag"].to_pylist() == list(range(8))
    assert first["detail"].to_pylist() == ["Grün\x1fja"] * 5
    assert first["engaged_ms"].to_pylist() == [2**31 - 1] * 5


def test_nothing_stands_in_clear_or_is_left_aside(store: Segments, tmp_path: Path) -> None:
    write(store, table(range(50)))
    everything = bytes_under(tmp_path)
    for word in (b"permits", b"search.example", b"ARROW1", b"bot"):
        assert word not in everything
    assert list((tmp_path / "aside").iterdir()) == []


@pytest.mark.parametrize("source", ["", ".", "..", "a/b", "ä b.example", "%2F", "s-x"])
def test_any_source_has_a_folder_of_its_own(store: Segments, source: str) -> None:
    path = write(store, table(range(2)), source=source)
    write(store, table(range(1)), source="other.example")
    assert path.is_relative_to(store.folder / path.parent.parent.name)
    assert sorted(store.days()) == sorted([(source, DAY), ("other.example", DAY)])
    assert store.of(source, DAY) == [path]


def test_moved_segments_do_not_open(store: Segments) -> None:
    path = write(store, table(range(2)))
    for source, day in (("b.example", DAY), ("a.example", NEXT)):
        with pytest.raises(StoreError, match="seal does not open"):
            segments.read_meta(path, source, day, SEAL)
    renamed = path.rename(path.with_name("w-2.segment"))
    with pytest.raises(StoreError, match="seal does not open"):
        segments.read_meta(renamed, "a.example", DAY, SEAL)


def test_damaged_bytes_are_found_wherever_they_are(store: Segments) -> None:
    path = write(store, table(range(3)), table(range(3, 5)))
    whole = path.read_bytes()
    for at in [*range(4, 40, 3), *range(40, len(whole), 131), *range(len(whole) - 8, len(whole))]:
        damaged = bytearray(whole)
        damaged[at] ^= 1
        path.write_bytes(damaged)
        with pytest.raises(StoreError):
            list(segments.read(path, "a.example", DAY, SEAL))
    for size in (0, 3, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:size])
        with pytest.raises(StoreError):
            segments.read_meta(path, "a.example", DAY, SEAL)


def test_rows_of_any_arrow_source_conform() -> None:
    plain = pa.table(
        {
            field.name: table(range(4))[field.name].cast(
                pa.large_string() if field.type == columns.TEXT else pa.int64()
            )
            for field in columns.SCHEMA
        }
    )
    con = duckdb.connect()
    con.register("plain", plain)
    for source in (plain, con.sql("SELECT * FROM plain"), plain.select(plain.column_names[::-1])):
        (piece,) = columns.pieces(source, 100)
        assert piece.schema == columns.SCHEMA
        assert sorted(piece["tag"].to_pylist()) == [0, 1, 2, 3]
        assert piece["page"].to_pylist() == ["/permits"] * 4


def test_long_tables_are_cut_and_empty_ones_are_tables() -> None:
    cut = list(columns.pieces(table(range(25)), 10))
    assert [piece.num_rows for piece in cut] == [10, 10, 5]
    assert pa.concat_tables(cut)["tag"].to_pylist() == list(range(25))
    assert [piece.num_rows for piece in columns.pieces(columns.SCHEMA.empty_table(), 10)] == [0]
    no_batches = pa.RecordBatchReader.from_batches(columns.SCHEMA, [])
    assert [piece.num_rows for piece in columns.pieces(no_batches, 10)] == [0]


def test_rows_that_do_not_fit_are_refused() -> None:
    good = table(range(3))
    with_address = good.append_column("address", pa.array(["192.0.2.1"] * 3))
    with pytest.raises(StoreError, match=r"unknown or doubled: \['address'\]"):
        columns.conform(with_address)
    with pytest.raises(StoreError, match=r"\['page'\]"):
        columns.conform(good.drop_columns(["page"]))
    at = good.column_names.index("hour")
    with pytest.raises(StoreError, match="column hour has nulls"):
        columns.conform(good.set_column(at, "hour", pa.array([1, None, 2], pa.int8())))
    with pytest.raises(StoreError, match="column hour is int64 and does not fit"):
        columns.conform(good.set_column(at, "hour", pa.array([1, 2, 1000])))
    with pytest.raises(StoreError, match=r"outside 0\.\.24"):
        columns.slot_counts(good.set_column(at, "hour", pa.array([1, 25, 2], pa.int8())))
