"""Backups: what was released and what it cost, the settings, the marts, and what operators did. Never keys, never raw
rows, and nobody is signed in after a restore.

A backup is one .tar.gz. Its state is an SQLite file whatever database the home has, so that a home can move from one to
the other. A ledger that is older than the releases which were made does not know them, and what it does not know it
would draw again: so a restored ledger releases no day up to that of the restore, unless someone says that nothing was
released since the backup was made.
"""

import io
import os
import tarfile
import tempfile
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path, PurePosixPath

import msgspec
import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy import Engine

from hubbub.cli.config import FILE, parse_settings
from hubbub.cli.home import Home
from hubbub.cli.upgrading import upgrade
from hubbub.core.errors import InputError, Refused
from hubbub.operate.state import PASSING
from hubbub.operate.state import metadata as of_operators
from hubbub.release.entries import Step
from hubbub.release.ledger import Ledger
from hubbub.release.settling import end_hours
from hubbub.release.state import FLOOR, claim, ledger_meta_table, metadata, open_state, writing

LABEL, STATE, MARTS = "backup.json", "state.db", "marts"
ROWS_AT_ONCE = 5_000


class Label(Struct, frozen=True):
    """What a backup says of itself: the release that made it, when (to the hour), how far its ledger goes."""

    release: str
    made: str
    entries: int
    head: str


def back_up(home: Home, target: Path) -> Label:
    """Write a backup of the home as it stands between two closes; the file appears whole or not at all.

    Raises Refused when the file is there already, InputError when it cannot be written.
    """
    if target.exists():
        raise Refused(f"{target} is there already; name another file")
    now = datetime.fromtimestamp(home.clock.now_ms() / 1000, UTC)
    temporary = target.with_name(f"{target.name}.new")
    try:
        with claim(home.ledger.engine), tempfile.TemporaryDirectory() as scratch:
            copy = open_state(Path(scratch) / STATE)
            upgrade(copy)
            copy_tables(home.ledger.engine, copy)
            copy.dispose()
            label = Label(version("hubbub"), f"{now:%Y-%m-%dT%H:00Z}", home.ledger.count(), home.ledger.head())
            descriptor = os.open(temporary, os.O_CREAT | os.O_TRUNC | os.O_WRONLY | os.O_CLOEXEC, 0o600)
            with open(descriptor, "wb") as file, tarfile.open(fileobj=file, mode="w:gz") as archive:
                _add(archive, LABEL, msgspec.json.format(msgspec.json.encode(label)))
                _add(archive, FILE, (home.folder / FILE).read_bytes())
                _add(archive, STATE, _whole(Path(scratch) / STATE))
                for path in sorted(home.marts.folder.glob("*/*")):
                    if path.suffix in (".parquet", ".json"):
                        _add(archive, str(PurePosixPath(MARTS, path.parent.name, path.name)), path.read_bytes())
                archive.close()
                file.flush()
                os.fsync(descriptor)
        temporary.rename(target)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise InputError(str(target), f"cannot be written: {error.strerror}", "Name another place.") from None
    return label


def restore(archive: Path, folder: Path, *, today: date, was_stopped: bool) -> Home:
    """Make the home `folder` from a backup. `today` is the last day, anywhere on earth, that has begun.

    was_stopped  nothing was released since the backup was made, so that its ledger knows everything

    Raises InputError for what is no backup, Refused when the folder holds a home, Refused or ConfigError for settings
    that do not fit this release.
    """
    if (folder / FILE).exists() or (folder / STATE).exists():
        raise Refused(f"{folder} holds a home already; name another folder")
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        members = dict(_members(archive))
        if not {LABEL, FILE, STATE} <= members.keys():
            raise InputError(str(archive), "is no whole backup of hubbub", "Name a file that `hubbub backup` wrote.")
        parse_settings(members[FILE].decode("utf-8", "replace"))
        (Path(scratch) / STATE).write_bytes(members.pop(STATE))
        kept = open_state(Path(scratch) / STATE)
        upgrade(kept)
        for name, content in members.items():
            if name != LABEL:
                path = folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
        home = Home.open(folder)
        if home.ledger.count():
            raise Refused("the state database holds a ledger already; restore into an empty one")
        # Before the copy, so that there is no ledger without it, wherever this dies.
        if was_stopped:
            _end_begun_hours(Ledger(kept, home.clock))
        else:
            with writing(kept) as connection:
                connection.execute(sa.delete(ledger_meta_table).where(ledger_meta_table.c.name == FLOOR))
                connection.execute(sa.insert(ledger_meta_table), {"name": FLOOR, "value": today.isoformat()})
        copy_tables(kept, home.ledger.engine)
        kept.dispose()
    report = home.ledger.verify()
    if not report.is_sound:
        raise InputError(str(archive), f"its ledger does not verify: {report.problems[0]}", "Use another backup.")
    for source in home.ledger.sources():
        home.republish(source)
    return home


def copy_tables(source: Engine, target: Engine) -> None:
    """Copy every table of the release room, and of operators all but who is signed in, into empty ones."""
    with source.connect() as reading, writing(target) as connection:
        kept = [table for table in of_operators.sorted_tables if table not in PASSING]
        for table in (*metadata.sorted_tables, *kept):
            rows = reading.execute(sa.select(table)).mappings()
            while batch := rows.fetchmany(ROWS_AT_ONCE):
                connection.execute(sa.insert(table), [dict(row) for row in batch])


def _end_begun_hours(ledger: Ledger) -> None:
    """Give up what is left of days that were released by hours. The secrets that tell who was there in earlier hours
    are in no backup: a device would count in its first hours a second time.
    """
    left: Counter[tuple[str, date, str]] = Counter()
    for entry in ledger.entries():
        is_end = entry.slot is not None and entry.step is not Step.DEBIT
        left[entry.source, entry.day, entry.measure] += entry.slots * (entry.step is Step.DEBIT) - is_end
    for source, day in sorted({(source, day) for (source, day, _), slots in left.items() if slots > 0}):
        end_hours(ledger, source, day)


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(content), 0o600
    archive.addfile(member, io.BytesIO(content))


def _whole(path: Path) -> bytes:
    """The SQLite file with all that was committed: of the write-ahead log nothing is left once no one has it open."""
    if path.with_name(f"{path.name}-wal").exists():
        raise InputError(str(path), "is still open", "Try again.")
    return path.read_bytes()


def _members(archive: Path) -> Iterator[tuple[str, bytes]]:
    """The files of a backup that are ours by name; no other is even read."""
    try:
        with tarfile.open(archive, "r:gz") as opened:
            for member in opened:
                parts = PurePosixPath(member.name).parts
                is_mart = len(parts) == 3 and parts[0] == MARTS and ".." not in parts
                if member.isfile() and (member.name in (LABEL, FILE, STATE) or is_mart):
                    content = opened.extractfile(member)
                    assert content is not None
                    yield member.name, content.read()
    except (OSError, tarfile.TarError, EOFError) as error:
        raise InputError(str(archive), f"cannot be read ({type(error).__name__})", "Name a backup of hubbub.") from None
