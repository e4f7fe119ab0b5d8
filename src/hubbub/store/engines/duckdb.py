"""The default engine: SQL over Arrow tables in an in-memory DuckDB that never writes to a disk.

DuckDB's spill files are plain, so they may only go to a folder that lives in memory (tmpfs); without one,
spilling is off and a query that needs more than its memory fails instead.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import duckdb
import pyarrow as pa

from hubbub.core.errors import StoreError
from hubbub.store.memory import memory_limit

# Orders by a and then by b (0 ≤ b < 2⁶³), at half the cost of a struct. Every engine knows it.
IN_ORDER = "CREATE MACRO in_order(a, b) AS a::HUGEINT * 9223372036854775808 + b"
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108  the point is that it is not a disk


def spill_folder(name: str, parent: Path = SHARED_MEMORY) -> Path | None:
    """An empty folder in memory, readable by this user alone, or None where there is no tmpfs.

    It is wiped of what a killed run left behind, so `name` must be unique to one home.
    Raises `StoreError` when the folder belongs to someone else.
    """
    if not is_in_memory(parent):
        return None
    folder = parent / name
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        if folder.is_symlink() or folder.stat().st_uid != os.getuid():
            raise StoreError(f"{folder}: belongs to someone else; remove it or set another home") from None
        folder.chmod(0o700)
        wipe(folder)
    return folder


def engine_of(home: Path) -> Callable[[], "DuckDB"]:
    """What makes the engine of one home, one at a time: its spill folder is in memory and wiped before and after."""
    name = f"hubbub-{os.getuid()}-{hashlib.sha256(str(home.absolute()).encode()).hexdigest()[:16]}"
    return lambda: DuckDB(spill=spill_folder(name))


def wipe(folder: Path) -> None:
    """Remove everything in a spill folder."""
    for entry in folder.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def is_in_memory(folder: Path) -> bool:
    """True when `folder` lies on a tmpfs."""
    if not sys.platform.startswith("linux") or not folder.is_dir():
        return False
    kind = subprocess.run(  # noqa: S603
        ["/usr/bin/stat", "-f", "-c", "%T", str(folder)], capture_output=True, text=True, check=False
    )
    return kind.stdout.strip() == "tmpfs"


class DuckDB:
    """One in-memory database; give it tables, ask it SQL. Closing it forgets everything.

    memory   limit in bytes for DuckDB's own memory, or None: `memory_limit`; Arrow tables are not counted
    threads  at most this many, or None: one a core
    spill    a folder in memory (see `spill_folder`), or None: never spill
    """

    def __init__(self, memory: int | None = None, threads: int | None = None, spill: Path | None = None) -> None:
        memory = memory or memory_limit()
        self._spill = spill
        config: dict[str, str | int | bool | float | list[str]] = {
            "memory_limit": f"{memory // (1 << 20)}MiB",
            "threads": threads or len(os.sched_getaffinity(0)),
            "temp_directory": str(spill) if spill else "",
            "preserve_insertion_order": False,
            "autoinstall_known_extensions": False,
        }
        try:
            self._con = duckdb.connect(":memory:", config=config)
            self._con.execute("SET enable_external_access = false")  # no file but the spill's
            self._con.execute("SET enable_progress_bar = false")
            self._con.execute(IN_ORDER)
        except duckdb.Error as error:
            raise StoreError(f"DuckDB does not start: {type(error).__name__}") from None

    def register(self, name: str, table: pa.Table) -> None:
        """Make an Arrow table readable as `name`, without a copy."""
        self._con.register(name, table)

    def unregister(self, name: str) -> None:
        """Let go of a registered table."""
        self._con.unregister(name)

    def execute(self, sql: str, parameters: dict[str, Any] | None = None) -> None:
        """Run a statement for its effect. Raises `StoreError` that names the kind of failure, never a value."""
        try:
            self._con.execute(sql, parameters)
        except duckdb.Error as error:
            raise StoreError(_kind(error)) from None

    def fetch(self, sql: str, parameters: dict[str, Any] | None = None) -> pa.Table:
        """Run a query and return its rows as an Arrow table. Raises `StoreError` as `execute`."""
        try:
            return self._con.sql(sql, params=parameters).to_arrow_table()
        except duckdb.Error as error:
            raise StoreError(_kind(error)) from None

    def close(self) -> None:
        """Forget everything."""
        self._con.close()
        if self._spill:
            shutil.rmtree(self._spill, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _kind(error: duckdb.Error) -> str:
    """What went wrong without DuckDB's message, which may quote a value."""
    if isinstance(error, duckdb.OutOfMemoryException):
        return "DuckDB ran out of memory; give the close more memory or more room in /dev/shm"
    return f"DuckDB refused a statement ({type(error).__name__})"
