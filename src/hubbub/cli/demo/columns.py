"""Rows of a simulated day as an Arrow table with the columns of `core.rows.COLUMNS`, text as dictionaries."""

import os
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from hubbub.core.rows import COLUMNS, SENT_ONCE

Numbers = npt.NDArray[np.int64]
Marks = npt.NDArray[np.bool_]
TEXT = pa.dictionary(pa.int32(), pa.string())
TYPES = {"int64": pa.int64(), "int32": pa.int32(), "int16": pa.int16(), "int8": pa.int8(), "string": TEXT}
SCHEMA = pa.schema([pa.field(name, TYPES[kind], nullable=False) for name, kind in COLUMNS])


class Coded(NamedTuple):
    """A text column: for each row the place of its value in `values`, which may hold a value more than once."""

    places: Numbers
    values: tuple[str, ...]


Columns = dict[str, Numbers | Coded]
"""Columns by name, all of one length."""


def random_words(count: int) -> Numbers:
    """`count` signed 64-bit numbers from the operating system's random source."""
    return np.frombuffer(os.urandom(8 * count), np.int64)


def table_of(columns: Columns, keep: Marks) -> pa.Table:
    """A table of the rows marked in `keep`; every column of a row is given but `tag`, which is drawn here."""
    rows = np.flatnonzero(keep)
    drawn: dict[str, pa.Array] = {"tag": pa.array(random_words(len(rows)) & ~SENT_ONCE)}
    for name, column in columns.items():
        drawn[name] = _array(column, rows, SCHEMA.field(name).type)
    return pa.Table.from_arrays([drawn[field.name] for field in SCHEMA], schema=SCHEMA)


def _array(column: Numbers | Coded, rows: Numbers, kind: pa.DataType) -> pa.Array:
    if not isinstance(column, Coded):
        return pa.array(column[rows].astype(kind.to_pandas_dtype()))
    once = {value: place for place, value in enumerate(dict.fromkeys(column.values))}
    places = np.array([once[value] for value in column.values], np.int32)[column.places[rows]]
    return pa.DictionaryArray.from_arrays(pa.array(places), pa.array(list(once), pa.string()))
