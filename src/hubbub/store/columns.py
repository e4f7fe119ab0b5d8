"""Rows as Arrow tables with the columns of `core.rows.COLUMNS`, strings as dictionaries."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hubbub.core.errors import StoreError
from hubbub.core.ports import ArrowStream
from hubbub.core.rows import COLUMNS
from hubbub.store.frames import RowTuple

SLOTS = 25
TEXT = pa.dictionary(pa.int32(), pa.string())
_NUMBERS = {"int64": pa.int64(), "int32": pa.int32(), "int16": pa.int16(), "int8": pa.int8()}
SCHEMA = pa.schema([pa.field(name, _NUMBERS.get(kind, TEXT), nullable=False) for name, kind in COLUMNS])


TABLE = {b"hubbub": b"table"}
"""Schema metadata of a declared table's rows: they bring their own columns, after those of `TABLE_SCHEMA`."""
TABLE_SCHEMA = pa.schema(
    [pa.field(name, _NUMBERS[kind], nullable=False) for name, kind in COLUMNS if name in ("unit", "tag", "ms", "hour")]
)


READING = b"reading"
"""Schema metadata of a declared table's rows: how they were read (`core.readings`)."""


def table_schema(columns: Mapping[str, Literal["text", "number"]], reading: str = "") -> pa.Schema:
    """The schema of a declared table's rows with these columns, read so."""
    own = [pa.field(name, TEXT if kind == "text" else pa.int64(), nullable=False) for name, kind in columns.items()]
    return pa.schema([*TABLE_SCHEMA, *own], TABLE | ({READING: reading.encode()} if reading else {}))


def reading_of(schema: pa.Schema) -> str:
    """How rows of this schema were read; "" when it does not tell."""
    return bytes((schema.metadata or {}).get(READING, b"")).decode()


def is_of_table(schema: pa.Schema) -> bool:
    """Whether rows of this schema are a declared table's."""
    return bool(schema.metadata and schema.metadata.get(b"hubbub") == b"table")


class RowColumns:
    """Decoded rows of many frames, gathered by column: turning each frame at once is faster than all at the end."""

    def __init__(self) -> None:
        self._values: list[list[int | str]] = [[] for _ in SCHEMA]

    def __len__(self) -> int:
        return len(self._values[0])

    def extend(self, rows: Sequence[RowTuple]) -> None:
        """Add the rows of a frame."""
        for values, more in zip(self._values, zip(*rows, strict=True), strict=False):  # no columns without rows
            values += more

    def table(self) -> pa.Table:
        """All rows so far, as `SCHEMA`."""
        return pa.Table.from_arrays(
            [_column(values, field) for values, field in zip(self._values, SCHEMA, strict=True)], schema=SCHEMA
        )


def _column(values: list[int | str], field: pa.Field) -> pa.Array:
    if field.type != TEXT:
        return pa.array(values, field.type)
    return pa.array(values, pa.string()).dictionary_encode()  # faster than pa.array(values, TEXT)


def completed(table: pa.Table) -> pa.Table:
    """A table that was stored, with the columns that came later: 0 or "" in each row."""
    if is_of_table(table.schema):
        return table
    for field in SCHEMA:
        if field.name not in table.column_names:
            table = table.append_column(field, _or_empty(table, field))
    return table


def conform(table: pa.Table) -> pa.Table:
    """The same rows with exactly the columns and types of `SCHEMA`, or of the table that they say they are of. Raises
    `StoreError` when they cannot be had.
    """
    if is_of_table(table.schema):
        return _conform_table(table)
    names = set(table.column_names)
    wrong = sorted(names ^ set(SCHEMA.names))
    if wrong or len(table.column_names) != len(SCHEMA):
        raise StoreError(
            f"raw rows have exactly the columns of core.rows.COLUMNS; missing, unknown or doubled: {wrong}"
        )
    return pa.Table.from_arrays([_conform_column(table[field.name], field) for field in SCHEMA], schema=SCHEMA)


def _conform_table(table: pa.Table) -> pa.Table:
    if table.schema.names[: len(TABLE_SCHEMA)] != TABLE_SCHEMA.names:
        raise StoreError(f"rows of a table begin with the columns {', '.join(TABLE_SCHEMA.names)}")
    own: dict[str, Literal["text", "number"]] = {
        field.name: "number" if pa.types.is_integer(field.type) else "text"
        for field in list(table.schema)[len(TABLE_SCHEMA) :]
    }
    schema = table_schema(own, reading_of(table.schema))
    return pa.Table.from_arrays([_conform_column(table[field.name], field) for field in schema], schema=schema)


def _conform_column(column: pa.ChunkedArray, field: pa.Field) -> pa.ChunkedArray:
    if column.null_count:
        raise StoreError(f"raw rows: column {field.name} has nulls; every field of a row has a value")
    if column.type == field.type:
        return column
    try:
        if field.type != TEXT:
            return column.cast(field.type)
        if pa.types.is_dictionary(column.type):
            return column.cast(TEXT)
        return column.cast(pa.string()).dictionary_encode()
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise StoreError(f"raw rows: column {field.name} is {column.type} and does not fit {field.type}") from error


def pieces(rows: ArrowStream, size: int) -> Iterator[pa.Table]:
    """The stream cut into conforming tables of `size` to twice `size` rows, the last one fewer. At least one table
    comes, which may be empty.
    """
    reader = pa.RecordBatchReader.from_stream(rows)
    waiting: list[pa.RecordBatch] = []
    count, is_first = 0, True
    for batch in reader:
        for start in range(0, batch.num_rows, size):
            waiting.append(batch.slice(start, size))
            count += waiting[-1].num_rows
            if count >= size:
                yield conform(pa.Table.from_batches(waiting))
                waiting, count, is_first = [], 0, False
    if waiting or is_first:
        yield conform(pa.Table.from_batches(waiting, reader.schema))


def slot_counts(table: pa.Table) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Rows an hour slot, `SLOTS` numbers. Raises `StoreError` for a slot outside 0..24."""
    hours = table["hour"].to_numpy()
    if len(hours) and not (hours.min() >= 0 and hours.max() < SLOTS):
        raise StoreError("raw rows: an hour slot is outside 0..24")
    return np.bincount(hours, minlength=SLOTS)


def before(table: pa.Table, slot: int | None) -> pa.Table:
    """The rows of hour slots below `slot`; all for None."""
    return table if slot is None else table.filter(pc.less(table["hour"], slot))


def joined(tables: Iterable[pa.Table]) -> pa.Table:
    """One table of many, without copying: each keeps its dictionaries as chunks of its own."""
    return pa.concat_tables([SCHEMA.empty_table(), *tables])


def dated(table: pa.Table, day: date, schema: pa.Schema) -> pa.Table:
    """The rows of a declared table with the column `day` in front and then those of `schema` (`table_schema`): what it
    does not have, or has of another kind, is 0 or "", what the schema does not name is left out.
    """
    days = pa.array(np.full(table.num_rows, np.datetime64(day, "D")))
    whole = pa.schema([LABELS.field("day"), *schema])
    return pa.Table.from_arrays([days, *(_or_empty(table, field) for field in schema)], schema=whole)


def _or_empty(table: pa.Table, field: pa.Field) -> pa.ChunkedArray:
    """The column; where there is none, or one of another kind (settings may have changed), nothing in each row."""
    if field.name in table.column_names and (field.type == TEXT) != pa.types.is_integer(table.field(field.name).type):
        return table[field.name].cast(field.type) if table[field.name].type != field.type else table[field.name]
    if field.type != TEXT:
        return pa.repeat(pa.scalar(0, field.type), table.num_rows)
    return pa.repeat(pa.scalar("", pa.string()), table.num_rows).dictionary_encode()


def labelled(table: pa.Table, source: str, day: date) -> pa.Table:
    """The table with the columns `source` and `day` in front."""
    count = table.num_rows
    sources = pa.DictionaryArray.from_arrays(np.zeros(count, np.int32), pa.array([source], pa.string()))
    days = pa.array(np.full(count, np.datetime64(day, "D")))
    labels = pa.Table.from_arrays([sources, days], schema=LABELS)
    return pa.Table.from_arrays([*labels.columns, *table.columns], schema=LABELLED_SCHEMA)


LABELS = pa.schema([pa.field("source", TEXT, nullable=False), pa.field("day", pa.date32(), nullable=False)])
LABELLED_SCHEMA = pa.schema([*LABELS, *SCHEMA])
