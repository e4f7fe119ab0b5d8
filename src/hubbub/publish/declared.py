"""Marts of declared tables: one long table of released cells with as many keys as a measure has."""

from collections.abc import Sequence
from io import BytesIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from hubbub.publish.tables import ROWS_A_GROUP
from hubbub.release.types import Gap, Released

TEXTS = pa.list_(pa.string())
TABLE_MART_SCHEMA = pa.schema(
    [
        ("source", pa.string()),
        ("day", pa.date32()),
        ("measure", pa.string()),
        ("tells", pa.string()),  # a `core.tables.Kind`, or what comes with those: "new", "load", "wide"
        ("of", pa.string()),  # the number, the measure or the column that it is about
        ("low", pa.float64()),  # range of that number; 0 and 0 without one
        ("high", pa.float64()),
        ("dimensions", TEXTS),  # what its keys are
        ("keys", TEXTS),
        ("value", pa.float64()),  # null: a gap, or a release in which no key passed its threshold
        ("variance", pa.float64()),
        ("is_new", pa.bool_()),
        ("threshold", pa.float64()),  # what a new key had to exceed; 0 where it did not have to
        ("gap", pa.string()),
        ("trial", pa.bool_()),
        ("bound", pa.int64()),  # the squared norm within which a unit counted; 0: not told
    ]
)


def table_mart(released: Sequence[Released]) -> pa.Table:
    """The cells of a declared table's releases that may be seen. Values are in units of one: parts are made whole.

    A release without a visible cell leaves one row without a value, so that the day is known to be released.
    """
    columns: dict[str, list[object]] = {name: [] for name in TABLE_MART_SCHEMA.names}
    for one in released:
        seen = [] if one.gap is not Gap.NONE else [i for i in range(len(one.keys)) if not one.hidden[i]]
        rows = max(1, len(seen))
        for name, value in (
            ("source", one.source),
            ("day", one.day),
            ("measure", one.measure),
            ("tells", one.tells),
            ("of", one.of),
            ("low", one.low),
            ("high", one.high),
            ("dimensions", list(one.dimensions)),
            ("variance", one.variance / one.parts**2),
            ("gap", one.gap.value),
            ("trial", one.trial),
            ("bound", one.bound),
        ):
            columns[name] += [value] * rows
        columns["keys"] += [list(one.keys[i]) for i in seen] or [[]]
        columns["value"] += [one.values[i] / one.parts for i in seen] or [None]
        columns["is_new"] += [one.is_new[i] for i in seen] or [False]
        columns["threshold"] += [one.threshold / one.parts if one.is_new[i] else 0.0 for i in seen] or [0.0]
    return pa.table(columns, TABLE_MART_SCHEMA)


def table_mart_bytes(table: pa.Table) -> bytes:
    """The table as Parquet, by measure and day, each measure in row groups of its own. Equal cells give equal bytes."""
    flat = table.append_column("order", pc.binary_join(table["keys"], "\x1f"))
    ordered = flat.sort_by([(name, "ascending") for name in ("measure", "day", "order")]).drop_columns("order")
    buffer = BytesIO()
    with pq.ParquetWriter(buffer, TABLE_MART_SCHEMA, compression="zstd", store_schema=False) as writer:
        start = 0
        measures = ordered["measure"].combine_chunks()
        for run in pc.run_end_encode(measures).run_ends.to_pylist():
            writer.write_table(ordered.slice(start, run - start), row_group_size=ROWS_A_GROUP)
            start = run
    return buffer.getvalue()
