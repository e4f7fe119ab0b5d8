"""Rows of a few days on a Spark cluster, and the tables that statements make of them.

Rows cross the network once: they are put together by unit, and every statement of a close groups, orders or joins by
unit. What a table is made of is known, so a worker that dies takes nothing with it that is not made again, the same.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from hubbub.core.errors import StoreError
from hubbub.core.rows import SENT_ONCE
from hubbub.store.engines.spark_reader import SCHEMA, Reader, ddl
from hubbub.store.engines.spark_sql import Effect, translated

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

ROWS_A_PARTITION = 500_000
_STORE_ERROR = "hubbub.core.errors.StoreError: "


class SparkBench:
    """Rows of a few days as the table `rows`, with the columns of `store.engines.spark_reader.SCHEMA`.

    `session` is one of its own; `reader` reads the rows, on the executors.
    """

    def __init__(self, session: "SparkSession", reader: Reader) -> None:
        self._session, self._pieces = session, reader.pieces
        self._held: dict[str, list[DataFrame]] = {}
        parts = max(session.sparkContext.defaultParallelism, -(-reader.pieces.rows // ROWS_A_PARTITION))
        pieces = len(reader.pieces)
        with _told():
            session.conf.set("spark.sql.shuffle.partitions", str(parts))
            read = session.range(0, pieces, 1, max(pieces, 1)).mapInArrow(reader, ddl(SCHEMA))
            self._keep("rows", read.repartition(parts, "d", "u"))

    def keep_once(self, *, by_hour: bool = False) -> None:
        """Leave out rows that were sent again, as `release.coding.CodedRows.keep_once`."""
        same = "d, u, tag, hour" if by_hour else "d, u, tag"
        place = f"row_number() OVER (PARTITION BY {same} ORDER BY ms, rid) AS place"
        sent = f"SELECT d, u, rid, {place} FROM `rows` WHERE tag & {SENT_ONCE} = {SENT_ONCE}"  # noqa: S608
        with _told():
            self._keep("again", self._session.sql(f"SELECT d, u, rid FROM ({sent}) WHERE place > 1"))  # noqa: S608
            self._leave_out("again", "d, u, rid")

    def leave_out(self, units: str) -> bool:
        """Go on without the rows of the units (`d`, `u`) of a table; whether there were any."""
        with _told():
            return self._leave_out(units, "d, u")

    def register(self, name: str, table: pa.Table) -> None:
        """Make a table of this process readable everywhere: a small one, it goes to every executor."""
        from pyspark.sql.functions import broadcast

        with _told():
            self._view(name, broadcast(self._session.createDataFrame(table)))

    def match(self, name: str, query: str, matching: Callable[[Sequence[tuple[str, ...]]], pa.Table]) -> None:
        """Make a table of what `matching` finds in the rows of a query, a batch at a time, on the executors."""
        from pyspark.sql.functions import broadcast

        with _told():
            asked = self._session.sql(translated(query, {}).query)

            def matched(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
                for batch in batches:
                    rows = list(zip(*(column.to_pylist() for column in batch.columns), strict=True))
                    yield from matching(rows).to_batches()

            found = asked.mapInArrow(matched, ddl(matching([]).schema))
            self._view(name, broadcast(self._held_in_memory(name, found)))

    def execute(self, sql: str, parameters: Mapping[str, int]) -> None:
        """Run a statement for its effect. Raises `StoreError` that names the kind of failure, never a value."""
        effect, table, query = translated(sql, parameters)
        with _told():
            if effect is Effect.DROP:
                self._forget(table)
            else:
                self._keep(table, self._session.sql(query))

    def fetch(self, sql: str, parameters: Mapping[str, int]) -> dict[str, list[Any]]:
        """Run a query; its columns by name. Bounded counts come to the driver, nothing else does."""
        with _told():
            found = self._session.sql(translated(sql, parameters).query).toArrow()
        return {name: found[name].to_pylist() for name in found.column_names}

    def close(self) -> None:
        """Forget everything."""
        with _told():
            for name in list(self._held):
                self._forget(name)
        self._pieces.forget()

    def _leave_out(self, table: str, by: str) -> bool:
        if not self._session.table(table).count():
            return False
        left = f"SELECT * FROM `rows` LEFT ANTI JOIN `{table}` USING ({by})"  # noqa: S608
        self._view("rows", self._session.sql(left))
        return True

    def _keep(self, name: str, made: "DataFrame") -> None:
        self._view(name, self._held_in_memory(name, made))

    def _view(self, name: str, made: "DataFrame") -> None:
        made.createOrReplaceTempView(f"`{name}`")

    def _held_in_memory(self, name: str, made: "DataFrame") -> "DataFrame":
        """Kept by the executors, in memory and, encrypted, on their disks, from its first use until it is forgotten.

        Statements see what is kept and not what it was made of: plans that are made of plans would double with each
        step. What it was made of is still known where it is kept, so what a worker loses is made again.
        """
        from pyspark.sql import DataFrame

        held = made.persist()
        self._held.setdefault(name, []).append(held)
        java = self._session._jvm
        assert java is not None
        plan = held._jdf.queryExecution().withCachedData()
        leaf = java.org.apache.spark.sql.classic.Dataset.ofRows(self._session._jsparkSession, plan)
        return DataFrame(leaf, self._session)

    def _forget(self, name: str) -> None:
        self._session.catalog.dropTempView(name)
        for held in reversed(self._held.pop(name, [])):
            held.unpersist()


@contextmanager
def _told() -> Iterator[None]:
    """Errors without Spark's words, which may quote a value: of what the reader says, hubbub's own; else their kind."""
    try:
        yield
    except StoreError:
        raise
    except Exception as error:
        said = [line.partition(_STORE_ERROR)[2] for line in str(error).splitlines() if line.startswith(_STORE_ERROR)]
        if said:
            raise StoreError(said[0]) from None
        kind = getattr(error, "getCondition", lambda: None)() or type(error).__name__
        raise StoreError(f"Spark could not finish a statement ({kind})") from None
