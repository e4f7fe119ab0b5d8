"""Files of a declared table to rows: read, checked, keyed, written by local days. `import_table` is the way in."""

import os
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from msgspec import Struct

from hubbub.collect.records.files import Batch, read_batches
from hubbub.collect.records.open_values import clean_open
from hubbub.collect.records.times import NO_TIME, instants, local_days
from hubbub.collect.visitors import unit_key
from hubbub.core.errors import InputError, Refused
from hubbub.core.ports import BulkSink, KeyRing
from hubbub.core.readings import check_reading, reading_of
from hubbub.core.reasons import DropReason
from hubbub.core.tables import ROW, Column, Table

Bools = npt.NDArray[np.bool_]
EPOCH = date(1970, 1, 1)
BAD_SHOWN = 10
MOST_DAYS = 3_660  # that an import spans; more is a stray date
MARK = {b"hubbub": b"table"}  # how the store tells a table's rows from a site's
READING = b"reading"  # where it keeps how they were read
_NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)$"


class BadRow(Struct, frozen=True):
    """A row that was left out: where it stands, and why; never what it says."""

    file: str
    row: int
    problem: str


class TableSummary(Struct, frozen=True):
    """What became of the rows: `rows` is `accepted` and all of `dropped` together.

    days      local days from the first to the last row, but those that were closed before
    partial   the first and the last of them
    bad_rows  the first ten
    """

    rows: int
    accepted: int
    dropped: dict[DropReason, int]
    days: list[date]
    partial: list[date]
    bad_rows: list[BadRow]


def import_table(
    files: Sequence[Path],
    table: Table,
    zone: str,
    keyring: KeyRing,
    sink: BulkSink,
    is_closed: Callable[[date], bool],
    latest_ms: int,
    progress: Callable[[str, int, int], None] = lambda _stage, _done, _total: None,
    readings: Mapping[date, Collection[str]] = MappingProxyType({}),
) -> TableSummary:
    """Import files of one table: their rows become rows of its local days. Days between them that have no row are days,
    too: otherwise the days that are released would tell that somebody came.

    `readings` says how what is there of open days was read. Raises InputError when a file cannot be read, lacks a
    column or has no row, or rows lie over `MOST_DAYS` apart; Refused when all days of the rows are closed, or one has
    rows that were read under other settings. Then nothing was written, for the sink keeps all or nothing.
    """
    reading = _Reading(table, zone, keyring, sink, is_closed, latest_ms, readings)
    for place, path in enumerate(files):
        progress("read", place, len(files))
        for batch in read_batches(path, reading.headers):
            reading.take(batch)
    if not reading.rows:
        raise InputError(str(files[0]) if files else "import table", "there is no row in it", "Name a file with rows.")
    if not reading.days and reading.dropped[DropReason.DAY_CLOSED]:
        raise Refused(f"nothing was imported: all days of these rows of {table.name} are closed and take no more")
    reading.fill_days(str(files[-1]))
    days = sorted(reading.days)
    return TableSummary(
        reading.rows,
        reading.rows - sum(reading.dropped.values()),
        {reason: reading.dropped[reason] for reason in DropReason if reading.dropped[reason]},
        days,
        sorted({days[0], days[-1]}) if days else [],
        reading.bad,
    )


class _Reading:
    """Rows of one table on their way."""

    def __init__(
        self,
        table: Table,
        zone: str,
        keyring: KeyRing,
        sink: BulkSink,
        is_closed: Callable[[date], bool],
        latest_ms: int,
        readings: Mapping[date, Collection[str]],
    ) -> None:
        self._table, self._zone, self._keyring, self._sink = table, zone, keyring, sink
        self._is_closed, self._latest_ms = is_closed, latest_ms
        self._before, self._now = readings, reading_of(table, zone)
        units = () if table.unit == ROW else (table.unit,)
        self._sources = {name: column.header or name for name, column in table.columns.items()}
        self.headers = tuple(dict.fromkeys((table.time, *units, *self._sources.values())))
        self.rows = 0
        self.dropped: Counter[DropReason] = Counter()
        self.bad: list[BadRow] = []
        self.days: set[date] = set()
        self._no_rows = pa.table({})

    def take(self, batch: Batch) -> None:
        """Check a batch, and write what is right by days."""
        self.rows += batch.count
        good: Bools = np.ones(batch.count, np.bool_)
        ms = instants(batch.columns[self._table.time], self._zone)
        self._leave_out(batch, good, ms <= NO_TIME, DropReason.BAD_TIME, "its time cannot be read")
        self._leave_out(batch, good, ms > self._latest_ms, DropReason.BAD_TIME, "its time is in the future")
        if self._table.unit != ROW:
            units = batch.columns[self._table.unit]
            empty = np.asarray(pc.equal(units.dictionary, ""))[np.asarray(units.indices)]
            self._leave_out(batch, good, empty, DropReason.NO_UNIT, "it names no unit")
        columns: dict[str, pa.Array] = {}
        for name, column in self._table.columns.items():
            texts = batch.columns[self._sources[name]]
            if column.most is None:
                columns[name] = _cleaned(texts, column)
                continue
            numbers, wrong = _numbers(texts, column)
            self._leave_out(batch, good, wrong, DropReason.BAD_NUMBER, f"{name} is no number")
            columns[name] = pa.array(numbers)
        self._write(batch, good, ms, columns)

    def _write(self, batch: Batch, good: Bools, ms: npt.NDArray[np.int64], columns: dict[str, pa.Array]) -> None:
        kept = np.flatnonzero(good)
        days, hours = local_days(ms[kept], self._zone)
        order = np.argsort(days, kind="stable")
        kept, days, hours = kept[order], days[order], hours[order]
        starts = np.flatnonzero(np.diff(days, prepend=-1)).tolist()
        for start, end in zip(starts, [*starts[1:], len(days)][: len(starts)], strict=True):
            day = EPOCH + timedelta(days=int(days[start]))
            if self._is_closed(day):
                self.dropped[DropReason.DAY_CLOSED] += int(end - start)
                continue
            check_reading(self._table.name, day, self._before.get(day, ()), self._now)
            places = pa.array(kept[start:end])
            rows = {
                "unit": self._units(batch, places, day),
                "tag": pa.array(np.frombuffer(os.urandom(8 * len(places)), np.int64) & ~1),
                "ms": pa.array(ms[kept[start:end]]),
                "hour": pa.array(hours[start:end].astype(np.int8)),
                **{name: column.take(places) for name, column in columns.items()},
            }
            written = pa.table(rows).replace_schema_metadata(MARK | {READING: self._now.encode()})
            self._sink.write(self._table.name, day, written, {})
            self._no_rows = written.slice(0, 0)
            self.days.add(day)

    def fill_days(self, place: str) -> None:
        """Begin the days between the first and the last one that have no row, and are not closed."""
        first, last = min(self.days, default=EPOCH), max(self.days, default=EPOCH)
        if (last - first).days >= MOST_DAYS:
            raise InputError(
                place,
                "times of its rows lie more than ten years apart",
                "Correct them, or import a few years at a time. Nothing was imported.",
            )
        for after in range(1, (last - first).days):
            day = first + timedelta(after)
            if day not in self.days and not self._is_closed(day):
                self._sink.write(self._table.name, day, self._no_rows, {})
                self.days.add(day)

    def _units(self, batch: Batch, places: pa.Array, day: date) -> pa.Array:
        """Each row's unit: a keyed hash under the day's secret, or a number of its own."""
        secret = self._keyring.visitor_secret(self._table.name, day)
        if self._table.unit == ROW:
            return pa.array(np.frombuffer(os.urandom(8 * len(places)), np.int64))
        units = batch.columns[self._table.unit]
        indices = np.asarray(units.indices)[np.asarray(places)]
        here, back = np.unique(indices, return_inverse=True)
        texts = units.dictionary.take(pa.array(here)).to_pylist()
        keys = np.array([unit_key(secret, self._table.name, text) for text in texts], np.int64)
        return pa.array(keys[back])

    def _leave_out(self, batch: Batch, good: Bools, wrong: Bools, reason: DropReason, problem: str) -> None:
        fresh = np.flatnonzero(good & wrong)
        good[fresh] = False
        self.dropped[reason] += len(fresh)
        room = BAD_SHOWN - len(self.bad)
        self.bad += [BadRow(batch.file, batch.first + place, problem) for place in fresh[:room].tolist()]


def _cleaned(texts: pa.DictionaryArray, column: Column) -> pa.Array:
    """A column's values as rows keep them: those of a list as they are, open ones without what could name a person."""
    found = texts.dictionary.to_pylist()
    if column.open:
        found = [clean_open(text, column) for text in found]
    else:
        listed = frozenset(column.values)
        found = [text if text in listed else "" for text in found]
    distinct = pa.array(found, pa.string()).dictionary_encode()
    return pa.DictionaryArray.from_arrays(distinct.indices.take(texts.indices), distinct.dictionary)


def _numbers(texts: pa.DictionaryArray, column: Column) -> tuple[npt.NDArray[np.int64], Bools]:
    """A column's numbers, cut to its range, in units of its last decimal; and which rows have none."""
    wrong = ~np.asarray(pc.match_substring_regex(texts.dictionary, _NUMBER))
    read = np.asarray(pc.if_else(pa.array(wrong), "0", texts.dictionary).cast(pa.float64()))
    assert column.most is not None
    cut = np.rint(np.clip(read, column.least, column.most) * column.scale).astype(np.int64)
    places = np.asarray(texts.indices)
    return cut[places], wrong[places]
