"""What counting works at: the rows of a few days on an engine, and the tables that its statements make of them.

Two engines have a bench: DuckDB here, in this process, and Spark (`store.engines.spark_bench`), on a cluster. The
statements are the same and so are the counts (tests/conformance/test_engines.py).
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Protocol

import pyarrow as pa

from hubbub.release.coding import CodedRows
from hubbub.store.engines.duckdb import DuckDB

Columns = dict[str, list[Any]]
Matching = Callable[[Sequence[tuple[str, ...]]], pa.Table]


class Bench(Protocol):
    """Rows of a few days. All of it raises `StoreError` that names the kind of failure, never a value.

    The table "rows" has the columns of `core.rows.COLUMNS` but for `unit`, which is `u`, and `rid` (the place of the
    row in the sealed inputs) and `d` (days after the first one). How an engine holds texts is its own matter:
    statements may compare them, put them in order and pass them on.
    """

    def keep_once(self, *, by_hour: bool = False) -> None:
        """Before any statement: leave out rows that were sent again, see `CodedRows.keep_once`."""
        ...

    def leave_out(self, units: str) -> bool:
        """Go on without the rows of the units (`d`, `u`) of a table; whether there were any."""
        ...

    def register(self, name: str, table: pa.Table) -> None:
        """Make a table readable in statements; pages in it are texts."""
        ...

    def match(self, name: str, query: str, matching: Matching) -> None:
        """Make a table of what `matching` finds in the texts that a query of distinct rows gives. It is called any
        number of times, each time with some of them, and with none to see which columns it answers.
        """
        ...

    def execute(self, sql: str, parameters: Mapping[str, int]) -> None:
        """Run a statement of DuckDB's dialect for its effect."""
        ...

    def fetch(self, sql: str, parameters: Mapping[str, int]) -> Columns:
        """Run a query of DuckDB's dialect; its columns by name, texts as texts."""
        ...

    def close(self) -> None:
        """Forget everything."""
        ...


class LocalBench:
    """The bench of DuckDB: rows coded in memory, a fresh engine. `rows` has the columns that `CodedRows` takes; their
    days are counted from `first`.
    """

    def __init__(self, engine: DuckDB, rows: pa.Table, first: date) -> None:
        self._engine = engine
        self._rows = CodedRows(rows, first)

    def keep_once(self, *, by_hour: bool = False) -> None:
        """Leave out rows that were sent again."""
        self._rows.keep_once(by_hour=by_hour)
        self._engine.register("rows", self._rows.table)

    def leave_out(self, units: str) -> bool:
        """Go on without the rows of these units; there hardly ever are any."""
        theirs = self._engine.fetch(f'SELECT rid FROM "rows" SEMI JOIN {units} USING (d, u)')  # noqa: S608
        if not theirs.num_rows:
            return False
        self._rows.leave_out(theirs["rid"].to_numpy())
        self._engine.register("rows", self._rows.table)
        return True

    def register(self, name: str, table: pa.Table) -> None:
        """Make a table readable, its pages as their numbers; those that no row has are left out."""
        self._engine.register(name, self._rows.coded(table))

    def match(self, name: str, query: str, matching: Matching) -> None:
        """Make a table of what is found, here and at once."""
        self.register(name, matching(list(zip(*self.fetch(query, {}).values(), strict=True))))

    def execute(self, sql: str, parameters: Mapping[str, int]) -> None:
        """Run a statement."""
        self._engine.execute(sql, dict(parameters))

    def fetch(self, sql: str, parameters: Mapping[str, int]) -> Columns:
        """Run a query."""
        found = self._engine.fetch(sql, dict(parameters))
        return {name: self._rows.decoded(found, name) for name in found.column_names}

    def close(self) -> None:
        """Forget everything."""
        self._engine.close()
