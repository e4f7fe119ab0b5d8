"""The state database of earlier releases is brought up to date, and nothing in it changes."""

import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from hubbub.cli.clock import SystemClock
from hubbub.cli.migrations.running import steps
from hubbub.cli.upgrading import FIRST, NEWEST, VERSION, upgrade
from hubbub.core.errors import Refused
from hubbub.core.keys import Measure
from hubbub.operate.state import metadata as of_operators
from hubbub.release.ledger import Ledger
from hubbub.release.state import metadata, open_state

RELEASES = Path(__file__).parents[2] / "releases"


def old_state(folder: Path, release: str) -> Path:
    """The state database that a release left, in a file."""
    path = folder / "state.db"
    with closing(sqlite3.connect(path)) as database:
        database.executescript((RELEASES / release / "state.sql").read_text("utf-8"))
    return path


def differences(path: Path) -> list[object]:
    """How a database's tables differ from those of this release."""
    with open_state(path).connect() as connection:
        both: Any = [metadata, of_operators]
        found = compare_metadata(MigrationContext.configure(connection), both)
    return [each for each in found if not (each[0] == "remove_table" and each[1].name == VERSION.name)]


def test_the_newest_step_is_the_last_one() -> None:
    assert (steps()[0], steps()[-1]) == (FIRST, NEWEST)


def test_a_new_database_stands_at_the_newest_step(tmp_path: Path) -> None:
    upgrade(open_state(tmp_path / "state.db"))
    assert differences(tmp_path / "state.db") == []
    assert not list(tmp_path.glob("state.db.at-*"))


def test_the_state_of_0_1_0_keeps_every_entry(tmp_path: Path) -> None:
    path = old_state(tmp_path, "0.1.0")
    upgrade(open_state(path))
    assert differences(path) == []
    ledger = Ledger(open_state(path), SystemClock())
    report = ledger.verify()
    assert report.problems == ()
    assert ledger.count() == 80
    (version,) = ledger.plan_versions("portal.example")
    assert (version.day, version.seq, version.is_kept) == (date(2026, 3, 1), 1, False)
    cells = list(ledger.released("portal.example", date(2026, 3, 1), date(2026, 3, 2), [Measure.VISITORS]))
    assert len(cells) == 2
    assert (tmp_path / f"state.db.at-{FIRST}").stat().st_mode & 0o777 == 0o600


def test_steps_that_were_cut_short_are_taken_again(tmp_path: Path) -> None:
    path = old_state(tmp_path, "0.1.0")
    upgrade(open_state(path))
    with open_state(path).begin() as connection:
        connection.execute(sa.update(VERSION).values(version_num=FIRST))
    upgrade(open_state(path))
    assert differences(path) == []


def test_a_database_of_a_later_release_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    upgrade(open_state(path))
    with open_state(path).begin() as connection:
        connection.execute(sa.update(VERSION).values(version_num="9999"))
    with pytest.raises(Refused, match="later release"):
        upgrade(open_state(path))
