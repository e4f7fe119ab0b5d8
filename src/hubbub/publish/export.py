"""All released cells of sites as one file: CSV, Parquet or JSON, a line a cell, month by month."""

from collections.abc import Iterator
from typing import Any, BinaryIO, Literal, get_args

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from hubbub.core.errors import QueryError
from hubbub.core.keys import Dimension, Measure
from hubbub.publish.intervals import Z95, FirstRelease, first_release_interval
from hubbub.publish.marts import Marts
from hubbub.publish.tables import KEYS_OF

Format = Literal["csv", "parquet", "json"]
FORMATS: tuple[str, ...] = get_args(Format)
LATER = tuple(Dimension)[tuple(Dimension).index(Dimension.TOPIC) :]  # columns keep their place: later ones come last
SCHEMA = pa.schema(
    [
        ("source", pa.string()),
        ("day", pa.date32()),
        ("hour", pa.int8()),  # slot of the local day, 0 to 24; null: the whole day
        ("measure", pa.string()),
        *((each.value, pa.string()) for each in Dimension if each not in LATER),  # null where there is none
        ("value", pa.int64()),  # null in a gap
        ("stderr", pa.float64()),
        ("low95", pa.float64()),
        ("high95", pa.float64()),
        ("is_new", pa.bool_()),
        ("gap", pa.string()),
        ("trial", pa.bool_()),
        *((dimension.value, pa.string()) for dimension in LATER),
    ]
)
ORDER = [(name, "ascending") for name in ("day", "measure", "hour", "key1", "key2")]
LINES_AT_ONCE = 10_000


def export(marts: Marts, file_format: str, measure: str | None, output: BinaryIO) -> int:
    """Write all released cells of sites, or those of one measure, and return how many lines that were.

    Cells are as released, ordered by source, day, measure, hour and key; gaps are lines without a value. Months
    are read and written one at a time. Raises `QueryError` for a format or measure that does not exist.
    """
    if measure is not None and measure not in list(Measure):
        raise QueryError("measure", repr(measure), ", ".join(Measure))
    sites = [source for source in marts.sources() if not marts.is_declared(source)]
    tables = (_lines(table, measure) for source in sites for table in marts.tables(source))
    return write_lines(tables, SCHEMA, file_format, output)


def write_lines(tables: Iterator[pa.Table], schema: pa.Schema, file_format: str, output: BinaryIO) -> int:
    """Write tables of one schema as one file, and return how many lines that were. Raises `QueryError`."""
    if file_format == "csv":
        return _write_csv(tables, schema, output)
    if file_format == "parquet":
        return _write_parquet(tables, schema, output)
    if file_format == "json":
        return _write_json(tables, output)
    raise QueryError("format", repr(file_format), ", ".join(FORMATS))


def _lines(table: pa.Table, measure: str | None) -> pa.Table:
    """The lines of one month's mart."""
    # A release in which no key passed its threshold leaves a row without value or gap: nothing to export.
    table = table.filter(pc.or_(table["value"].is_valid(), pc.not_equal(table["gap"], "")))
    if measure is not None:
        table = table.filter(pc.equal(table["measure"], measure))
    table = table.sort_by(ORDER)
    stderr = pc.sqrt(table["variance"])
    half = pc.multiply(stderr, Z95)
    values = table["value"].cast(pa.float64())
    low, high = intervals(table, pc.subtract(values, half), pc.add(values, half))
    columns = {
        **{name: table[name] for name in ("source", "day", "hour", "measure", "value", "is_new", "gap", "trial")},
        **{dimension.value: _keys(table, dimension) for dimension in Dimension},
        "stderr": stderr,
        "low95": low,
        "high95": high,
    }
    return pa.table([columns[name] for name in SCHEMA.names], schema=SCHEMA)


def _keys(table: pa.Table, dimension: Dimension) -> Any:
    """The dimension's keys, null in measures that have none."""
    column = pa.nulls(table.num_rows, pa.string())
    for place, name in enumerate(("key1", "key2")):
        measures = [str(one) for one, dimensions in KEYS_OF.items() if dimensions[place : place + 1] == (dimension,)]
        here = pc.and_(pc.is_in(table["measure"], pa.array(measures, pa.string())), table["value"].is_valid())
        column = pc.if_else(here, table[name], column)
    return column


def intervals(table: pa.Table, low: Any, high: Any, grain: float = 1.0) -> tuple[Any, Any]:
    """The ends of the intervals, with those of first releases put right. `grain`: the step between two values."""
    news = pc.indices_nonzero(pc.and_(table["is_new"], pc.greater(table["threshold"], 0))).to_pylist()
    if not news:
        return low, high
    lows, highs = low.to_pylist(), high.to_pylist()
    for row in news:
        cell = FirstRelease(
            table["value"][row].as_py(), table["variance"][row].as_py(), table["threshold"][row].as_py(), grain
        )
        lows[row], highs[row] = first_release_interval(cell)
    return pa.array(lows, pa.float64()), pa.array(highs, pa.float64())


def _write_csv(tables: Iterator[pa.Table], schema: pa.Schema, output: BinaryIO) -> int:
    lines = 0
    options = pa_csv.WriteOptions(quoting_style="needed", quoting_header="none")
    with pa_csv.CSVWriter(output, schema, write_options=options) as writer:
        for table in tables:
            writer.write_table(table)
            lines += table.num_rows
    return lines


def _write_parquet(tables: Iterator[pa.Table], schema: pa.Schema, output: BinaryIO) -> int:
    lines = 0
    with pq.ParquetWriter(output, schema, compression="zstd") as writer:
        for table in tables:
            writer.write_table(table)
            lines += table.num_rows
    return lines


def _write_json(tables: Iterator[pa.Table], output: BinaryIO) -> int:
    """One JSON array, one object a line."""
    lines = 0
    output.write(b"[")
    for table in tables:
        for batch in table.to_batches(max_chunksize=LINES_AT_ONCE):
            for line in batch.to_pylist():
                output.write(b",\n" if lines else b"\n")
                output.write(msgspec.json.encode(line))
                lines += 1
    output.write(b"\n]\n")
    return lines
