"""All released cells of a declared table as one file: a line a cell, its keys under the names of their columns."""

from collections.abc import Iterator
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.compute as pc

from hubbub.core.errors import QueryError
from hubbub.publish.declared import TABLE_MART_SCHEMA
from hubbub.publish.export import intervals, write_lines
from hubbub.publish.intervals import Z95
from hubbub.publish.marts import Marts
from hubbub.publish.table_sums import GRAIN

FIRST = (
    ("source", pa.string()), ("day", pa.date32()), ("measure", pa.string()), ("kind", pa.string()), ("of", pa.string()),
)  # fmt: skip
LAST = (
    ("value", pa.float64()), ("stderr", pa.float64()), ("low95", pa.float64()), ("high95", pa.float64()),
    ("is_new", pa.bool_()), ("gap", pa.string()), ("trial", pa.bool_()), ("low", pa.float64()), ("high", pa.float64()),
)  # fmt: skip
TAKEN = frozenset(name for name, _ in (*FIRST, *LAST))


def export_table(marts: Marts, source: str, file_format: str, measure: str | None, output: BinaryIO) -> int:
    """Write all released cells of a declared table, or those of one measure, and return how many lines that were.

    Cells are as released: a sum counts in parts of `high`, of a mean `units` is their number and `sum` that of their
    own means from the middle between `low` and `high`, in parts of half of what lies between. A column that is called
    like one of the others is headed `by_` and its name. Raises `QueryError` for what does not exist.
    """
    names, measures = dict[str, None](), set[str]()
    for table in marts.tables(source, TABLE_MART_SCHEMA):
        for distinct in pc.unique(pc.binary_join(table["dimensions"], "\x1f")).to_pylist():
            names |= dict.fromkeys(distinct.split("\x1f") if distinct else [])
        measures |= set(pc.unique(table["measure"]).to_pylist())
    if measure is not None and measure not in measures:
        raise QueryError("measure", repr(measure), ", ".join(sorted(measures)) or "nothing is released yet")
    heads = tuple((f"by_{name}" if name in TAKEN else name, pa.string()) for name in names)
    schema = pa.schema([*FIRST, *heads, *LAST])
    tables = (_lines(table, measure, tuple(names), schema) for table in marts.tables(source, TABLE_MART_SCHEMA))
    return write_lines(tables, schema, file_format, output)


def _lines(table: pa.Table, measure: str | None, names: tuple[str, ...], schema: pa.Schema) -> pa.Table:
    table = table.filter(pc.or_(table["value"].is_valid(), pc.not_equal(table["gap"], "")))
    if measure is not None:
        table = table.filter(pc.equal(table["measure"], measure))
    order = pc.sort_indices(table, [("day", "ascending"), ("measure", "ascending")])
    table = table.take(order).combine_chunks()
    stderr = pc.sqrt(table["variance"])
    half = pc.multiply(stderr, Z95)
    low, high = intervals(table, pc.subtract(table["value"], half), pc.add(table["value"], half), GRAIN)
    columns: list[Any] = [
        *(table[name] for name in ("source", "day", "measure", "tells", "of")),
        *_keys(table, names),
        *(table["value"], stderr, low, high),
        *(table[name] for name in ("is_new", "gap", "trial", "low", "high")),
    ]
    return pa.table(columns, schema=schema)


def _keys(table: pa.Table, names: tuple[str, ...]) -> Iterator[Any]:
    """A column a dimension: null where the measure has no such one, and in a gap."""
    distinct = pc.binary_join(table["dimensions"], "\x1f").combine_chunks().dictionary_encode()
    codes, has_keys = distinct.indices, pc.greater(pc.list_value_length(table["keys"]), 0)
    kinds = [text.split("\x1f") for text in distinct.dictionary.to_pylist()]
    for name in names:
        column = pa.nulls(table.num_rows, pa.string())
        for code, dimensions in enumerate(kinds):
            if name in dimensions:
                mine = pc.indices_nonzero(pc.and_(pc.equal(codes, code), has_keys))
                values = pc.list_element(table["keys"].take(mine), dimensions.index(name)).combine_chunks()
                mask = pc.is_in(pa.array(range(table.num_rows)), mine.cast(pa.int64()))
                column = pc.replace_with_mask(column, mask, values)
        yield column
