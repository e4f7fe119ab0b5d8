from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from store_samples import DAY, NEXT, Home, bytes_under, table

from hubbub.core.errors import DayClosed, StoreError
from hubbub.core.reasons import DropReason
from hubbub.store import columns
from hubbub.store.types import Counters, RawDay


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def test_imported_rows_are_counted_sealed_and_read(home: Home) -> None:
    home.raw.write("a.example", DAY, table(range(10), 3), {DropReason.BOT: 2})
    home.raw.write("a.example", DAY, table(range(10, 15), 9), {DropReason.BOT: 1}, origin="simulated")
    home.raw.write("b.example", NEXT, table(range(4)), {})
    assert home.raw.days() == [
        RawDay("a.example", DAY, 15, frozenset({"log", "simulated"})),
        RawDay("b.example", NEXT, 4, frozenset({"log"})),
    ]
    assert home.raw.counters() == {
        ("a.example", DAY): Counters(15, {DropReason.BOT: 3}),
        ("b.example", NEXT): Counters(4, {}),
    }
    assert home.raw.counters()["a.example", DAY].received == 18
    assert home.tags() == list(range(15))


def test_a_seal_before_a_slot_reads_those_hours_only(home: Home) -> None:
    home.raw.write("a.example", DAY, table(range(10), 3), {})
    home.raw.write("a.example", DAY, table(range(10, 15), 9), {})
    assert [home.raw.seal("a.example", DAY, slot).rows for slot in (3, 4, 9, 10, 25)] == [0, 10, 10, 15, 15]
    assert home.tags(before_slot=4) == list(range(10))
    hashes = {home.raw.seal("a.example", DAY, slot).sha256 for slot in (None, 3, 4)}
    assert len(hashes) == 3
    assert home.raw.seal("a.example", DAY).sha256 in hashes


def test_what_comes_after_the_seal_is_not_read(home: Home) -> None:
    home.raw.write("a.example", DAY, table(range(3)), {})
    sealed = home.raw.seal("a.example", DAY)
    home.raw.write("a.example", DAY, table(range(3, 6)), {})
    assert sorted(home.raw.read(sealed)["tag"].to_pylist()) == [0, 1, 2]
    assert home.raw.seal("a.example", DAY).sha256 != sealed.sha256


def test_an_empty_day_is_an_empty_table(home: Home) -> None:
    sealed = home.raw.seal("a.example", DAY)
    assert (sealed.rows, sealed.ranges) == (0, ())
    assert home.raw.read(sealed).schema == columns.SCHEMA
    assert home.keys.open_days() == []  # looking makes no key
    home.raw.write("a.example", DAY, columns.SCHEMA.empty_table(), {DropReason.ASSET: 9})
    assert home.raw.days() == [RawDay("a.example", DAY, 0, frozenset({"log"}))]
    assert home.tags() == []


def test_many_days_are_one_table_for_the_engine(home: Home) -> None:
    inputs = []
    for source in ("a.example", "b.example"):
        for day, tags in ((DAY, range(5)), (NEXT, range(5, 8))):
            home.raw.write(source, day, table(tags), {})
            inputs.append(home.raw.seal(source, day))
    many = home.raw.read_many([*inputs, home.raw.seal("c.example", DAY)])
    assert many.schema == columns.LABELLED_SCHEMA
    con = duckdb.connect()
    con.register("many", many)
    counted = con.sql("SELECT source, day, page, sum(tag)::BIGINT FROM many GROUP BY ALL ORDER BY ALL").fetchall()
    assert counted == [
        (source, day, "/permits", total)
        for source in ("a.example", "b.example")
        for day, total in ((DAY, 10), (NEXT, 18))
    ]
    assert home.raw.read_many([]).schema == columns.LABELLED_SCHEMA


def test_blocks_come_one_by_one_and_an_empty_one_first(home: Home) -> None:
    home.raw.write("a.example", DAY, table(range(3)), {})
    home.raw.write("a.example", DAY, table(range(3, 5)), {})
    found = list(home.raw.blocks([home.raw.seal("a.example", DAY)]))
    assert found[0].num_rows == 0
    assert sorted(each.num_rows for each in found[1:]) == [2, 3]
    assert all(each.schema == columns.LABELLED_SCHEMA for each in found)
    assert [each.num_rows for each in home.raw.blocks([])] == [0]


def test_blocks_of_a_table_have_the_columns_that_are_asked_for(home: Home) -> None:
    """One import had no `spent`, and one a column that nobody asks for any more."""
    first = {"unit": [1], "tag": [2], "ms": [3], "hour": pa.array([4], pa.int8())}
    north, south = {"area": ["north"], "gone": [9]}, {"area": ["south"], "spent": [7]}
    for more in (north, south):
        rows = pa.table(first | more)
        home.raw.write("t", DAY, rows.replace_schema_metadata(columns.TABLE), {})
    wanted = columns.table_schema({"area": "text", "spent": "number"})
    empty, *found = home.raw.table_blocks([home.raw.seal("t", DAY)], wanted)
    assert empty.num_rows == 0
    assert empty.schema.names == ["day", "unit", "tag", "ms", "hour", "area", "spent"]
    assert all(each.schema == empty.schema for each in found)
    assert sorted((row for each in found for row in each.select(["day", "area", "spent"]).to_pylist()), key=str) == [
        {"day": DAY, "area": "north", "spent": 0},
        {"day": DAY, "area": "south", "spent": 7},
    ]


def test_a_column_that_became_another_kind_is_empty_and_told_by_no_error(home: Home) -> None:
    """Settings may change between import and close; a value that does not fit any more is in no message."""
    rows = pa.table(
        {"unit": [1], "tag": [2], "ms": [3], "hour": pa.array([4], pa.int8()), "area": ["north"], "spent": [612345678]}
    )
    home.raw.write("t", DAY, rows.replace_schema_metadata(columns.TABLE), {})
    wanted = columns.table_schema({"area": "number", "spent": "text"})
    _, found = home.raw.table_blocks([home.raw.seal("t", DAY)], wanted)
    assert found.select(["area", "spent"]).to_pylist() == [{"area": 0, "spent": ""}]


def test_a_closed_day_takes_no_import_but_can_be_read(home: Home) -> None:
    home.raw.write("a.example", DAY, table(range(3)), {})
    home.close("a.example", DAY)
    with pytest.raises(DayClosed):
        home.raw.write("a.example", DAY, table(range(3)), {})
    assert home.tags() == [0, 1, 2]


def test_destruction_leaves_no_file_and_no_way_to_read(home: Home) -> None:
    home.raw.write("a.example", DAY, table(range(3)), {})
    home.raw.write("b.example", DAY, table(range(2)), {})
    sealed = home.raw.seal("a.example", DAY)
    home.close("a.example", DAY)
    with pytest.raises(StoreError, match="destroy the data key before"):
        home.raw.destroy_files("a.example", DAY)
    home.keys.destroy("a.example", DAY)
    with pytest.raises(StoreError, match="cannot be read any more"):
        home.raw.read(sealed)
    with pytest.raises(StoreError, match="cannot be read any more"):
        home.raw.seal("a.example", DAY)
    home.raw.destroy_files("a.example", DAY)
    home.raw.destroy_files("a.example", DAY)
    assert b"a.example/2026-03-02" not in bytes_under(home.raw_folder)
    assert [each.source for each in home.raw.days()] == ["b.example"]
    assert list(home.raw.counters()) == [("b.example", DAY)]


def test_an_import_that_fails_half_way_leaves_nothing(home: Home) -> None:
    good = table(range(3))

    def batches() -> Iterator[pa.RecordBatch]:
        yield from good.to_batches()
        raise OSError("the log's disk is gone")

    reader = pa.RecordBatchReader.from_batches(columns.SCHEMA, batches())
    with pytest.raises(OSError, match="disk is gone"):
        home.raw.write("a.example", DAY, reader, {})
    assert home.tags() == []
    home.raw.compact()
    assert list((home.raw_folder / "aside").iterdir()) == []


def test_no_one_can_tell_an_empty_input_by_its_hash(tmp_path: Path) -> None:
    homes = [Home(tmp_path / name) for name in ("one", "other")]
    without_key = {home.raw.seal("a.example", DAY).sha256 for home in homes}
    for home in homes:
        home.keys.data_key("a.example", DAY)
    with_key = {home.raw.seal("a.example", DAY).sha256 for home in homes}
    assert len(without_key) == len(with_key) == 2
    assert homes[0].raw.seal("a.example", DAY).sha256 == homes[0].raw.seal("a.example", DAY).sha256
