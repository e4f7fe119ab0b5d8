"""Where the rows of sites are counted: in this process, part by part, or on a cluster, all at once."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Protocol, TypeVar

import pyarrow as pa

from hubbub.release.bench import Bench, LocalBench
from hubbub.release.tally import Parts
from hubbub.store.engines.duckdb import DuckDB
from hubbub.store.engines.spark import SparkApplication
from hubbub.store.engines.spark_bench import SparkBench
from hubbub.store.engines.spark_reader import Reader
from hubbub.store.memory import memory_limit
from hubbub.store.objects import Objects
from hubbub.store.parts import Parts as PartsInMemory
from hubbub.store.pieces import Pieces
from hubbub.store.raw import RawStore
from hubbub.store.types import SealedInput

P = TypeVar("P")


class Engine(Protocol[P]):
    """What counts rows: it cuts sealed inputs into parts of whole units, as many as it needs, and makes the bench of
    each.
    """

    def parts(self, raw: RawStore, sealed: Sequence[SealedInput], part_rows: int) -> Parts[P]:
        """The rows of some inputs, in parts of about `part_rows`. Raises `StoreError`."""
        ...

    def bench(self, part: P, first: date) -> Bench:
        """A part's rows, ready for statements; days are counted from `first`. Raises `StoreError`."""
        ...


class OnDuckDB:
    """In this process: rows are decrypted here, a part of them at a time goes into an engine made for it."""

    def __init__(self, engine: Callable[[], DuckDB]) -> None:
        self._engine = engine

    def parts(self, raw: RawStore, sealed: Sequence[SealedInput], part_rows: int) -> Parts[pa.Table]:
        """As many parts as memory asks for."""
        rows = sum(each.rows for each in sealed)
        return PartsInMemory(lambda: raw.blocks(sealed), rows, memory_limit(), part_rows)

    def bench(self, part: pa.Table, first: date) -> Bench:
        """A part in DuckDB."""
        return LocalBench(self._engine(), part, first)


class OnSpark:
    """On a cluster: rows are decrypted there and stay there; Spark has parts of its own.

    With `objects` the executors read sealed copies there; without, the raw folder, which they share.
    """

    def __init__(self, application: SparkApplication, objects: Objects | None = None) -> None:
        self._application, self._objects = application, objects

    def parts(self, raw: RawStore, sealed: Sequence[SealedInput], part_rows: int) -> Parts[Pieces]:  # noqa: ARG002
        """One part: where the rows are."""
        pieces = raw.pieces(sealed)
        return [pieces if self._objects is None else pieces.staged(self._objects)]

    def bench(self, part: Pieces, first: date) -> Bench:
        """All rows, by unit, on the executors."""
        return SparkBench(self._application.session(), Reader(part, first))
