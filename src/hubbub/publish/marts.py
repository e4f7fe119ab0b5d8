"""Marts: released cells as Parquet, a file a (source, month), published atomically.

    marts/portal.example/manifest.json              names the files that are valid, by month, with their hashes
    marts/portal.example/2026-03.<hash>.parquet     never changed once named

A file's name carries its content's hash, so a reader who has the manifest has one consistent state, and caches
by name never go stale. Replacing the manifest is the moment of publication.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from fcntl import LOCK_EX, flock
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote, unquote

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
from msgspec import Struct

from hubbub.core.errors import StoreError
from hubbub.core.keys import Measure
from hubbub.publish.combined_shelf import CombinedMonth, combined_shelf
from hubbub.publish.declared import table_mart, table_mart_bytes
from hubbub.publish.shelf import Cells, MonthCells, Shelf, site_shelf
from hubbub.publish.table_shelf import TableMonth, table_shelf
from hubbub.publish.tables import MART_SCHEMA, mart_table, parquet_bytes
from hubbub.release.types import Released

MANIFEST = "manifest.json"
ATTEMPTS = 5


class Month(Struct, frozen=True):
    """One file of the manifest.

    first, last  days that have cells or gaps
    closed       the last of them that has cells or gaps for the whole day; None: only hours so far
    """

    file: str
    sha256: str
    rows: int
    first: date
    last: date
    closed: date | None


class Manifest(Struct, frozen=True):
    """The valid files of one source, by month ("2026-03")."""

    source: str
    months: dict[str, Month] = {}


class Span(Struct, frozen=True):
    """Which days of a source have been published: any cells (`first` to `last`), whole days until `closed`."""

    first: date
    last: date
    closed: date | None


class Marts:
    """All marts under one folder: written by whoever closes days, read by any number of processes and threads."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._sites, self._tables, self._combined = site_shelf(), table_shelf(), combined_shelf()

    def write(self, source: str, month: date, released: Iterable[Released]) -> None:
        """Publish all that was released for a source in the month of the day `month`, instead of what was there.

        Cells that are `hidden` stay out. The same releases give the same bytes; then nothing is written.
        """
        wanted = [one for one in released if (one.day.year, one.day.month) == (month.year, month.month)]
        strangers = {one.source for one in wanted} - {source}
        if strangers:
            raise StoreError(f"mart of {source}: got cells of {', '.join(sorted(strangers))}")
        if any(one.tells for one in wanted):
            self._write(source, month, table_mart(wanted), table_mart_bytes)
        else:
            self.write_table(source, month, mart_table(wanted))

    def write_table(self, source: str, month: date, table: pa.Table) -> None:
        """Publish a table of `tables.MART_SCHEMA` as the month's mart. No rows: the month goes."""
        self._write(source, month, table.select(MART_SCHEMA.names).cast(MART_SCHEMA), parquet_bytes)

    def _write(self, source: str, month: date, table: pa.Table, packed: Callable[[pa.Table], bytes]) -> None:
        folder = self._folder_of(source)
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / ".lock").open("w") as lock:
            flock(lock, LOCK_EX)
            self._publish(folder, source, f"{month:%Y-%m}", table, packed)

    def _publish(
        self, folder: Path, source: str, month: str, table: pa.Table, packed: Callable[[pa.Table], bytes]
    ) -> None:
        manifest = self.manifest(source)
        months = {name: entry for name, entry in manifest.months.items() if name != month}
        if table.num_rows:
            content = packed(table)
            digest = sha256(content).hexdigest()
            name = f"{month}.{digest[:16]}.parquet"
            days = table["day"].unique().to_pylist()
            whole = days
            if "hour" in table.column_names:
                whole = table.filter(table["hour"].is_null())["day"].unique().to_pylist()
            if not (folder / name).exists():
                _replace(folder / name, content)
            months[month] = Month(name, digest, table.num_rows, min(days), max(days), max(whole) if whole else None)
        renewed = Manifest(source, dict(sorted(months.items())))
        if renewed != manifest:
            _replace(folder / MANIFEST, msgspec.json.format(msgspec.json.encode(renewed)))
        valid = {entry.file for entry in months.values()}
        for path in folder.glob("*.parquet*"):
            if path.name not in valid:
                path.unlink()

    def manifest(self, source: str) -> Manifest:
        """The valid files of a source now; without months when nothing has been published."""
        path = self._folder_of(source) / MANIFEST
        try:
            return msgspec.json.decode(path.read_bytes(), type=Manifest)
        except FileNotFoundError:
            return Manifest(source)
        except msgspec.MsgspecError as error:
            raise StoreError(f"{path}: {error}; publish the source's months again") from error

    def sources(self) -> tuple[str, ...]:
        """The sources that have marts, sorted."""
        found = (unquote(path.parent.name) for path in self.folder.glob(f"*/{MANIFEST}"))
        return tuple(sorted(found))

    def span(self, source: str) -> Span | None:
        """Which days of the source are published; None when none is."""
        months = self.manifest(source).months.values()
        if not months:
            return None
        closed = [month.closed for month in months if month.closed]
        return Span(
            min(month.first for month in months),
            max(month.last for month in months),
            max(closed) if closed else None,
        )

    def version(self, source: str | None = None) -> str:
        """Name of the published state of a source (None: of all): changes exactly when its content does."""
        digest = sha256()
        for name in self.sources() if source is None else (source,):
            path = self._folder_of(name) / MANIFEST
            digest.update(path.read_bytes() if path.exists() else b"")
            digest.update(b"\0")
        return digest.hexdigest()[:16]

    def files(self, source: str, first: date, last: date) -> list[Path]:
        """Paths of the valid files that may hold days from `first` to `last`, by month."""
        folder = self._folder_of(source)
        months = self.manifest(source).months.values()
        return [folder / month.file for month in months if month.first <= last and month.last >= first]

    def cells(self, source: str, measures: Sequence[str], first: date, last: date) -> list[tuple[str, MonthCells]]:
        """What a site's files of this period hold of these measures, all of one published state."""
        return self._take(self._sites, source, measures, first, last)

    def table_cells(self, source: str, measure: str, first: date, last: date) -> list[TableMonth]:
        """The same of a declared table and one measure, by month."""
        return [cells for _, cells in self._take(self._tables, source, (measure,), first, last)]

    def combined(self, source: str, first: date, last: date) -> list[CombinedMonth]:
        """The tables of combinations in a site's files of this period, by month."""
        return [cells for _, cells in self._take(self._combined, source, (Measure.COMBINATIONS.value,), first, last)]

    def _take(
        self, shelf: Shelf[Cells], source: str, measures: Sequence[str], first: date, last: date
    ) -> list[tuple[str, Cells]]:
        for attempt in range(ATTEMPTS):
            try:
                return [
                    (measure, cells)
                    for path in self.files(source, first, last)
                    for measure in measures
                    if (cells := shelf.take(str(path), measure)) is not None
                ]
            except FileNotFoundError:  # replaced between reading the manifest and the file: look again
                if attempt == ATTEMPTS - 1:
                    raise
        return []

    def tables(self, source: str, schema: pa.Schema = MART_SCHEMA) -> Iterator[pa.Table]:
        """All that is published of a source, a month after the other: of a site as tables of `MART_SCHEMA`, of a
        declared table of `declared.TABLE_MART_SCHEMA`.
        """
        for month in self.manifest(source).months:
            table = self._table(source, month, schema)
            if table is not None:
                yield table

    def is_declared(self, source: str) -> bool:
        """Whether the source is a declared table, by the first of its files."""
        for attempt in range(ATTEMPTS):
            entry = next(iter(self.manifest(source).months.values()), None)
            if entry is None:
                return False
            try:
                return "keys" in pq.read_schema(self._folder_of(source) / entry.file).names
            except FileNotFoundError:
                if attempt == ATTEMPTS - 1:
                    raise
        return False

    def _table(self, source: str, month: str, schema: pa.Schema) -> pa.Table | None:
        for attempt in range(ATTEMPTS):
            entry = self.manifest(source).months.get(month)
            if entry is None:
                return None
            try:
                return pq.read_table(
                    self._folder_of(source) / entry.file, schema=schema, partitioning=None, use_threads=False
                )
            except FileNotFoundError:
                if attempt == ATTEMPTS - 1:
                    raise
        return None

    def _folder_of(self, source: str) -> Path:
        name = quote(source, safe="")
        return self.folder / (f"%2E{name[1:]}" if name.startswith(".") else name)


def _replace(path: Path, content: bytes) -> None:
    """Put `content` at `path` so that a crash leaves the old file or the new one, whole."""
    temporary = path.with_name(f"{path.name}.new")
    with temporary.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
