"""Rows of a simulated day as an Arrow table with the columns of `core.rows.COLUMNS`."""

import os
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from hubbub.core.rows import COLUMNS

Numbers = npt.NDArray[np.int64]
Marks = npt.NDArray[np.bool_]
TYPES = {"int64": pa.int64(), "int32": pa.int32(), "int16": pa.int16(), "int8": pa.int8(), "string": pa.string()}
SCHEMA = pa.schema([(name, TYPES[kind]) for name, kind in COLUMNS])


class Coded(NamedTuple):
    """A text column: for each row the place of its value in `values`."""

    places: Numbers
    values: tuple[str, ...]


Columns = dict[str, Numbers | Coded]
"""Columns by name, all of one length."""


def random_words(count: int) -> Numbers:
    """`count` signed 64-bit numbers from the operating system's random source."""
    return np.frombuffer(os.urandom(8 * count), np.int64)


def table_of(columns: Columns) -> pa.Table:
    """A table of the named columns, in the order of time; every column of a row but `tag`, which is drawn here."""
    ms = columns["ms"]
    assert not isinstance(ms, Coded)
    order = np.argsort(ms, kind="stable")
    drawn = columns | {"tag": random_words(len(order))}
    return pa.Table.from_arrays([_array(drawn[field.name], order, field.type) for field in SCHEMA], schema=SCHEMA)


def _array(column: Numbers | Coded, order: Numbers, kind: pa.DataType) -> pa.Array:
    if isinstance(column, Coded):
        places = pa.array(column.places[order].astype(np.int32))
        return pa.DictionaryArray.from_arrays(places, pa.array(column.values, kind)).dictionary_decode()
    return pa.array(column[order].astype(kind.to_pandas_dtype()))
