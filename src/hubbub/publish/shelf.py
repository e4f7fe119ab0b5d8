"""Cells of a mart file in memory, a measure at a time, as NumPy columns; the last used ones are kept.

Measured with 5 years of 20 sites: reading one measure of one month costs under a millisecond this way, a tenth of
what planning a query over the same files costs an SQL engine.
"""

from collections import OrderedDict
from collections.abc import Callable
from datetime import date, timedelta
from threading import Lock
from typing import Any, Generic, Protocol, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from msgspec import Struct

from hubbub.core.errors import StoreError
from hubbub.core.keys import Measure
from hubbub.publish.amounts import in_currency

EPOCH = date(1970, 1, 1)
WHOLE_DAY = -1
KEPT_BYTES = 96 * 2**20
KEPT_FILES = 512
DICTIONARIES = ("key1", "key2", "gap")
COLUMNS = ("day", "hour", "key1", "key2", "value", "variance", "is_new", "threshold", "gap", "trial")
Ints = npt.NDArray[np.int64]
Small = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]


class MonthCells(Struct, frozen=True):
    """One measure of one month of one source: parallel columns, a place a cell that has a value.

    day         days since 1970
    hour        slot, or `WHOLE_DAY`
    key1, key2  places in `names1`, `names2`
    news        places of cells that are first releases of a key, with `thresholds` beside
    presences   (day, slot or None, gap) of every release, gaps included
    """

    day: Small
    hour: npt.NDArray[np.int8]
    key1: Small
    key2: Small
    names1: tuple[str, ...]
    names2: tuple[str, ...]
    value: Floats
    variance: Floats
    news: Ints
    thresholds: Ints
    presences: tuple[tuple[date, int | None, str], ...]
    trial: bool

    @property
    def size(self) -> int:
        """Bytes in memory, about."""
        return 29 * len(self.day) + 120 * (len(self.presences) + len(self.names1) + len(self.names2)) + 500


class Kept(Protocol):
    """What a shelf keeps."""

    @property
    def size(self) -> int:
        """Bytes in memory, about."""
        ...


Cells = TypeVar("Cells", bound=Kept)
Load = Callable[[Any, list[int], str], Cells]


class Shelf(Generic[Cells]):
    """Reads measures of mart files; files never change under their names, so what was read stays valid.

    `load` makes cells of an open Parquet file, the row groups that hold the measure, and its name; `dictionaries` are
    columns that are read as dictionaries.
    """

    def __init__(self, load: Load[Cells], dictionaries: tuple[str, ...] = (), kept_bytes: int = KEPT_BYTES) -> None:
        self._load, self._dictionaries, self._kept_bytes = load, dictionaries, kept_bytes
        self._bytes = 0
        self._cells: OrderedDict[tuple[str, str], Cells | None] = OrderedDict()
        self._files: OrderedDict[str, tuple[Any, dict[str, list[int]]]] = OrderedDict()
        self._lock = Lock()

    def take(self, path: str, measure: str) -> Cells | None:
        """The measure's cells in the file; None when it has none. Raises `FileNotFoundError`."""
        name = (path, measure)
        with self._lock:
            if name in self._cells:
                self._cells.move_to_end(name)
                return self._cells[name]
        cells = self._read(path, measure)
        with self._lock:
            if name not in self._cells:
                self._cells[name] = cells
                self._bytes += cells.size if cells else 0
            while self._bytes > self._kept_bytes and len(self._cells) > 1:
                _, dropped = self._cells.popitem(last=False)
                self._bytes -= dropped.size if dropped else 0
        return cells

    def _read(self, path: str, measure: str) -> Cells | None:
        metadata, groups = self._groups(path)
        if measure not in groups:
            return None
        with pq.ParquetFile(path, metadata=metadata, read_dictionary=list(self._dictionaries)) as file:
            return self._load(file, groups[measure], measure)

    def _groups(self, path: str) -> tuple[Any, dict[str, list[int]]]:
        """The file's footer, and which row groups hold which measure (none holds two)."""
        with self._lock:
            if path in self._files:
                self._files.move_to_end(path)
                return self._files[path]
        metadata = pq.read_metadata(path)
        place = metadata.schema.to_arrow_schema().names.index("measure")
        groups: dict[str, list[int]] = {}
        for group in range(metadata.num_row_groups):
            measures = metadata.row_group(group).column(place).statistics
            if measures.min != measures.max:
                raise StoreError(f"{path}: row group {group} mixes measures; publish the month again")
            groups.setdefault(measures.min, []).append(group)
        with self._lock:
            self._files[path] = (metadata, groups)
            if len(self._files) > KEPT_FILES:
                self._files.popitem(last=False)
        return metadata, groups


def site_shelf() -> Shelf[MonthCells]:
    """A shelf of the cells of sites."""
    return Shelf(load_site, DICTIONARIES)


def load_site(file: Any, groups: list[int], measure: str) -> MonthCells:
    """The cells of a measure in some row groups of an open file of a site."""
    table = file.read_row_groups(groups, COLUMNS, use_threads=False)
    return _month_cells(in_currency(table) if measure == Measure.AMOUNTS else table)


def _month_cells(table: pa.Table) -> MonthCells:
    table = table.combine_chunks()
    days = _numbers(table, "day", pa.int32())
    hours = np.asarray(table["hour"].fill_null(WHOLE_DAY), np.int8)
    gaps, gap_names = _coded(table["gap"])
    is_seen = np.asarray(table["value"].is_valid())
    seen = np.flatnonzero(is_seen) if not is_seen.all() else slice(None)
    key1, names1 = _coded(table["key1"])
    key2, names2 = _coded(table["key2"])
    thresholds = _numbers(table, "threshold", pa.int64())[seen]
    news = np.flatnonzero(np.asarray(table["is_new"])[seen] & (thresholds > 0))
    return MonthCells(
        day=days[seen],
        hour=hours[seen],
        key1=key1[seen],
        key2=key2[seen],
        names1=names1,
        names2=names2,
        value=np.asarray(table["value"].fill_null(0), np.float64)[seen],
        variance=np.asarray(table["variance"], np.float64)[seen],
        news=news,
        thresholds=thresholds[news],
        presences=_presences(days, hours, gaps, gap_names),
        trial=pc.any(table["trial"]).as_py() or False,
    )


def _presences(
    days: Small, hours: npt.NDArray[np.int8], gaps: Small, gap_names: tuple[str, ...]
) -> tuple[tuple[date, int | None, str], ...]:
    """Each release's day, slot and gap, once; days are far apart in the packed numbers, slots and gaps within."""
    packed = np.unique((days.astype(np.int64) * 128 + hours + 1) * 64 + gaps).tolist()
    return tuple(
        (day_at(number // 8192), None if number // 64 % 128 == 0 else number // 64 % 128 - 1, gap_names[number % 64])
        for number in packed
    )


def _numbers(table: pa.Table, name: str, kind: pa.DataType) -> Any:
    return np.asarray(table[name].cast(kind))


def _coded(column: pa.ChunkedArray) -> tuple[Small, tuple[str, ...]]:
    """A dictionary column as places and the names they stand for."""
    array = column.unify_dictionaries().combine_chunks()
    if isinstance(array, pa.ChunkedArray):
        array = array.chunk(0)
    return np.asarray(array.indices, np.int32), tuple(array.dictionary.to_pylist())


def day_number(day: date) -> int:
    """Days since 1970."""
    return (day - EPOCH).days


def day_at(number: int) -> date:
    """The day that is `number` days after 1970 began."""
    return EPOCH + timedelta(days=number)
