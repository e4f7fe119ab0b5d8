"""What runs on the executors: sealed pieces become rows, decrypted in the executor's memory only."""

from collections.abc import Iterator
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hubbub.core.rows import COLUMNS
from hubbub.store.pieces import Pieces

BATCH_ROWS = 65_536
_ARROW = {"int64": pa.int64(), "int32": pa.int32(), "int16": pa.int16(), "int8": pa.int8(), "string": pa.string()}
_SPARK = {"int64": "BIGINT", "int32": "INT", "int16": "SMALLINT", "int8": "TINYINT", "string": "STRING"}
_TYPES = [("rid", pa.int64()), ("d", pa.int16()), ("u", pa.int64())]
_TYPES += [(name, _ARROW[kind]) for name, kind in COLUMNS if name != "unit"]
SCHEMA = pa.schema([pa.field(name, kind, nullable=False) for name, kind in _TYPES])


def ddl(schema: pa.Schema) -> str:
    """An Arrow schema of integers and texts in Spark's words."""
    return ", ".join(
        f"`{field.name}` {_SPARK[str(field.type)]}{'' if field.nullable else ' NOT NULL'}" for field in schema
    )


class Reader:
    """Reads the pieces whose numbers it is given: the columns of `SCHEMA`.

    It travels to the executors with the data keys of its days, over Spark's encrypted channels; where Spark puts it on
    a disk, it is encrypted there (`store.engines.spark.PRIVATE`).
    """

    def __init__(self, pieces: Pieces, first: date) -> None:
        self.pieces, self._first = pieces, first

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Rows of the pieces numbered in the column `id`."""
        for batch in batches:
            for place in batch["id"].to_pylist():
                yield from self._read(place)

    def _read(self, place: int) -> Iterator[pa.RecordBatch]:
        for piece, first, table in self.pieces.read(place):
            d = (piece.day - self._first).days
            for start in range(0, table.num_rows, BATCH_ROWS):
                part = table.slice(start, BATCH_ROWS)
                yield from numbered(part, d, first + start, piece.before_slot).to_batches()


def numbered(rows: pa.Table, d: int, first: int, before_slot: int | None) -> pa.Table:
    """Rows as `SCHEMA`: numbered from `first`, of day `d`; then without those of slots from `before_slot` on."""
    count = rows.num_rows
    columns = {
        "rid": pa.array(np.arange(first, first + count, dtype=np.int64)),
        "d": pa.array(np.full(count, d, np.int16)),
        "u": rows["unit"],
    }
    arrays = [_plain(columns[name] if name in columns else rows[name], kind) for name, kind in _TYPES]
    table = pa.Table.from_arrays(arrays, schema=SCHEMA)
    return table if before_slot is None else table.filter(pc.less(table["hour"], before_slot))


def _plain(array: pa.Array | pa.ChunkedArray, kind: pa.DataType) -> pa.Array | pa.ChunkedArray:
    """Spark reads no dictionaries."""
    return array if array.type == kind else array.cast(kind)
