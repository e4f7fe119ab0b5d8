"""Pieces are the rows of `read_many`, each with the same number, whoever reads them and how often."""

import asyncio
import pickle
from pathlib import Path

import pyarrow as pa
import pytest
from store_samples import DAY, NEXT, Home, row, table

from hubbub.core.errors import StoreError
from hubbub.store import batch, raw
from hubbub.store.engines.spark_reader import SCHEMA, Reader, ddl
from hubbub.store.journal import Journal
from hubbub.store.pieces import Pieces

A = "a.example"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """Two days: segments of several blocks, a journal that is still written to, a day of a journal alone."""
    for module in (raw, batch):
        monkeypatch.setattr(module, "BLOCK_ROWS", 4)
    home = Home(tmp_path)
    home.raw.write(A, DAY, pa.concat_tables([table(range(4), 3), table(range(4, 11), 9)]), {})
    home.raw.write(A, NEXT, table(range(20, 23)), {})

    async def write() -> None:
        journal = Journal(home.raw_folder, home.keys, home.clock)
        for tag in range(30, 36):
            await journal.append(A, DAY, row(tag, hour=tag % 2))
        journal.close()

    asyncio.run(write())
    return home


def read(pieces: Pieces, order: list[int]) -> pa.Table:
    """All rows as an executor reads them, in this order of pieces, put in the order of their numbers."""
    batches = Reader(pieces, DAY)(iter([pa.record_batch({"id": order})]))
    return pa.Table.from_batches(batches, SCHEMA).sort_by("rid")


def test_pieces_are_the_rows_with_the_same_numbers(home: Home) -> None:
    inputs = [home.raw.seal(A, day) for day in (DAY, NEXT)]
    whole = home.raw.read_many(inputs)
    pieces = home.raw.pieces(inputs)
    assert pieces.rows == whole.num_rows == 20
    assert len(pieces) > len(inputs) + 1  # blocks are pieces
    travelled = pickle.loads(pickle.dumps(pieces))
    rows = read(travelled, list(reversed(range(len(pieces)))))
    assert rows["rid"].to_pylist() == list(range(20))
    assert rows["d"].to_pylist() == [(day - DAY).days for day in whole["day"].to_pylist()]
    for name in ("tag", "ms", "hour", "page", "detail", "engaged_ms"):
        assert rows[name].to_pylist() == whole[name].to_pylist()
    assert rows["u"].to_pylist() == whole["unit"].to_pylist()


def test_a_journal_that_became_a_segment_meanwhile_reads_alike(home: Home) -> None:
    inputs = [home.raw.seal(A, DAY)]
    pieces = home.raw.pieces(inputs)
    before = read(pieces, list(range(len(pieces))))
    assert home.raw.compact() == 1
    assert read(pieces, list(range(len(pieces)))) == before
    again = home.raw.pieces(inputs)
    assert read(again, list(range(len(again)))) == before


def test_rows_of_later_hours_leave_gaps_and_no_other_order(home: Home) -> None:
    sealed = home.raw.seal(A, DAY, before_slot=4)
    pieces = home.raw.pieces([sealed])
    rows = read(pieces, list(range(len(pieces))))
    assert rows["tag"].to_pylist() == home.raw.read(sealed)["tag"].to_pylist()
    assert pieces.rows > rows.num_rows == sealed.rows


def test_what_was_changed_since_is_refused(home: Home) -> None:
    sealed = home.raw.seal(A, DAY)
    pieces = home.raw.pieces([sealed])
    journal = next((home.raw_folder / "journal").rglob("*.journal"))
    journal.write_bytes(journal.read_bytes()[:-30])
    with pytest.raises(StoreError, match="no longer what was sealed"):
        read(pieces, list(range(len(pieces))))


def test_keys_are_in_no_text(home: Home) -> None:
    pieces = home.raw.pieces([home.raw.seal(A, DAY)])
    key = home.keys.existing_data_key(A, DAY)
    assert key is not None
    assert repr(key)[2:-1] not in repr(pieces) + repr(Reader(pieces, DAY)) + str(vars(Reader(pieces, DAY)))


def test_spark_is_told_the_columns() -> None:
    assert ddl(SCHEMA).startswith("`rid` BIGINT NOT NULL, `d` SMALLINT NOT NULL, `u` BIGINT NOT NULL, `tag` BIGINT")
