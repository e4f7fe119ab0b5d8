"""Bounded counts of a declared table's sealed rows; as `counting` does for sites.

Everything here is before the noise: nothing leaves the process, is logged, or is looked at by a check.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from types import TracebackType
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hubbub.core.tables import HOUR, Column, Table, Where
from hubbub.release import table_sql
from hubbub.release.coding import code_texts
from hubbub.release.counting import Counts
from hubbub.release.plan import MORE, Keys, MeasurePlan
from hubbub.release.table_plan import (
    BIN,
    LOAD,
    LOADS,
    NO,
    PART,
    STEP,
    SUM,
    UNITS,
    YES,
    bin_labels,
    values_of,
)
from hubbub.store.engines.duckdb import DuckDB


class TableCounting:
    """Several days of one table, prepared once, counted a measure at a time.

    `rows` has `day` (date32), `unit`, `tag`, `ms`, `hour` and a column a column of the table: texts or int64. Raises
    `StoreError` when the engine runs out of memory.
    """

    def __init__(self, engine: DuckDB, rows: pa.Table, days: Sequence[date], table: Table) -> None:
        self._engine, self._table = engine, table
        self._first = min(days)
        self._days = {(day - self._first).days: day for day in days}
        self._texts: dict[str, list[str]] = {}
        self._shared: dict[tuple[tuple[str, ...], str], str] = {}
        self._rows = self._coded(rows)

    def prepare(self, public: Mapping[str, Iterable[str]]) -> None:
        """Make rows and lists readable, with the frozen lists of public keys of each open column."""
        self._engine.register("rows", self._rows)
        for column, keys in public.items():
            codes = pa.array(self._codes(column, tuple(keys)), pa.int32())
            self._engine.register(f"public_{column}", pa.table({table_sql.column_of(column): codes}))

    def list_keys(self, column: str, keys: Mapping[date, Iterable[str]]) -> None:
        """Set the keys of an open column by day: those that are public and the new ones released for it."""
        days: list[int] = []
        codes: list[int] = []
        for day, texts in keys.items():
            mine = self._codes(column, tuple(texts))
            codes += mine
            days += [(day - self._first).days] * len(mine)
        listed = {"d": pa.array(days, pa.int16()), table_sql.column_of(column): pa.array(codes, pa.int32())}
        self._engine.register(f"day_{column}", pa.table(listed))

    def count_all(self, measures: Iterable[MeasurePlan]) -> dict[str, Counts]:
        """The bounded counts of measures, by day and key. Nobody has paid for them yet: they stay in memory, unseen.

        What comes with a measure is counted with it, from the same cells.
        """
        counted: dict[str, Counts] = {}
        by_cells: dict[str, list[MeasurePlan]] = {}
        for each in measures:
            by_cells.setdefault(each.of if each.tells in ("wide", "load") else each.measure, []).append(each)
        for name, together in by_cells.items():
            self._make_cells(name, together[0])
            for each in together:
                keys = [table_sql.column_of(dimension) for dimension in each.dimensions]
                if each.tells == "load":
                    sql = table_sql.histogram_of_loads(name)
                else:
                    limit = table_sql.NEW_LIMIT if each.keys is Keys.NEW else table_sql.LOAD_LIMIT
                    sql = table_sql.counts(name, keys, each.bound, limit)
                counted[each.measure] = self._fetch(sql, each.dimensions, name)
            self._engine.execute(f"DROP TABLE cells_{name}; DROP TABLE loads_{name}")
        return counted

    def close(self) -> None:
        """Let go of the rows."""
        self._engine.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _make_cells(self, name: str, measure: MeasurePlan) -> None:
        if measure.keys is Keys.NEW:
            assert measure.dimension is not None
            shared = self._gathered((table_sql.column_of(measure.dimension),), {})
            is_later = measure.tells == MORE
            self._engine.execute(table_sql.new_cells(name, measure.dimension, shared, is_later))
            self._engine.execute(table_sql.loads(name))
            return
        asked = self._table.measures[name]
        shared = ""
        if asked.kind in ("units", "count"):
            shared = self._gathered(table_sql.keys_of(self._table, asked), asked.where)
        self._engine.execute(table_sql.cells(name, self._table, asked, self._codes, shared))
        self._engine.execute(table_sql.loads(name))

    def _gathered(self, keys: tuple[str, ...], where: Where) -> str:
        """The name of what measures of the same keys and rows share, made at first use."""
        place = (keys, repr(sorted(where.items())))
        if place not in self._shared:
            self._shared[place] = f"shared_{len(self._shared)}"
            self._engine.execute(table_sql.gathered(self._shared[place], keys, where, self._codes))
        return self._shared[place]

    def _fetch(self, sql: str, dimensions: Sequence[str], name: str) -> Counts:
        found = self._engine.fetch(sql)
        keys = [self._texts_of(each, found[table_sql.column_of(each)], name) for each in dimensions]
        counts: Counts = {day: {} for day in self._days.values()}
        for d, n, *key in zip(found["d"].to_pylist(), found["n"].to_pylist(), *keys, strict=True):
            counts[self._days[d]][tuple(key)] = n
        return counts

    def _texts_of(self, dimension: str, codes: pa.ChunkedArray, name: str) -> list[str]:
        if dimension == HOUR:
            return [str(each) for each in codes.to_pylist()]
        return [self._labels(dimension, name)[code] for code in codes.to_pylist()]

    def _labels(self, dimension: str, name: str) -> Sequence[str]:
        """What the numbers of a dimension stand for."""
        if dimension == LOAD:
            return LOADS
        if dimension in self._texts:
            return self._texts[dimension]
        asked = self._table.measures[name]
        if dimension == PART:
            return (UNITS, SUM) if asked.kind == "mean" else (YES, NO)
        if dimension == BIN:
            return bin_labels(self._table.columns[asked.of].edges)
        assert dimension == STEP
        return [str(step) for step in range(1, len(asked.steps) + 1)]

    def _codes(self, column: str, texts: Sequence[str]) -> list[int]:
        wanted = frozenset(texts)
        return [code for code, text in enumerate(self._texts[column]) if text in wanted]

    def _coded(self, rows: pa.Table) -> pa.Table:
        """The rows as statements read them: days and texts as numbers. A column that a file did not have is empty."""
        since = pa.scalar(self._first.toordinal() - date(1970, 1, 1).toordinal(), pa.int32())
        columns: dict[str, Any] = {
            "rid": pa.array(np.arange(rows.num_rows, dtype=np.int64)),
            "d": pc.subtract(rows["day"].cast(pa.int32()), since).cast(pa.int16()),
            "u": rows["unit"],
            **{name: rows[name] for name in ("tag", "ms", "hour")},
        }
        for name, column in self._table.columns.items():
            columns[table_sql.column_of(name)] = self._coded_column(name, column, rows)
        return pa.table(columns)

    def _coded_column(self, name: str, column: Column, rows: pa.Table) -> Any:
        there = name in rows.column_names
        if column.most is not None:
            return rows[name] if there else pa.nulls(rows.num_rows, pa.int64()).fill_null(0)
        texts = rows[name] if there else pa.nulls(rows.num_rows, pa.string()).fill_null("")
        if column.open:
            self._texts[name], codes = code_texts(texts)
            if self._texts[name][:1] == [""]:  # nothing stands there: no key
                codes = pc.if_else(pc.equal(codes, 0), -1, codes)
            return codes
        self._texts[name] = list(values_of(column))
        return _placed(texts, self._texts[name])


def _placed(texts: pa.ChunkedArray, values: Sequence[str]) -> pa.Array:
    """The place of each text in the list; of what is not on it the last one."""
    names, codes = code_texts(texts)
    places = {value: place for place, value in enumerate(values)}
    table = np.array([places.get(text, len(values) - 1) for text in names], np.int32)
    return pa.array(table[codes.to_numpy()] if len(codes) else np.array([], np.int32))
