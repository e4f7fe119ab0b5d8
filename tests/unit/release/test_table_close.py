"""Days of a declared table through the door: keys found in two looks, bounds that follow what was released, crashes."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from msgspec.structs import replace
from release_samples import SetClock

from hubbub.core.days import bounds
from hubbub.core.settings import Budget, Settings
from hubbub.core.tables import Column, Table, TableMeasure
from hubbub.release.close import Closer
from hubbub.release.fits import fitted
from hubbub.release.ledger import Ledger
from hubbub.release.plan import Keys
from hubbub.release.public_keys import PublicKeys
from hubbub.release.state import open_state
from hubbub.release.table_plan import default_bound, plan_of_table
from hubbub.release.types import Gap
from hubbub.store.columns import TABLE as MARK
from hubbub.store.engines.duckdb import DuckDB
from hubbub.store.keyfile import KeyFile
from hubbub.store.raw import RawStore

FIRST = date(2026, 5, 4)
SOURCE = "loans"
PAGES, UNITS = 30, 1_500
TABLE = Table(
    SOURCE,
    time="at",
    unit="card",
    columns={"title": Column(open="text"), "branch": Column(values=("east", "west"))},
    measures={
        "loans": TableMeasure("count", by=("title",)),
        "readers": TableMeasure("units", by=("title",)),
        "branches": TableMeasure("units", by=("branch", "hour"), bound=2),
    },
)


class Died(Exception):
    """Stands for a process that was killed."""


class Library:
    """A home with one table, in which readers borrow many titles."""

    def __init__(self, folder: Path) -> None:
        self.clock = SetClock(0)
        self.keys = KeyFile(folder / "keys" / "keys.db", self.clock)
        self.raw = RawStore(folder / "raw", self.keys, self.clock)
        self.ledger = Ledger(open_state(folder / "state.db"), self.clock)
        self.public = PublicKeys(self.ledger.engine)
        settings = Settings(tables=(TABLE,), budget=Budget(9.5))
        self.closer = Closer(
            self.raw, self.keys, self.ledger, self.public, settings, lambda *_: None, lambda: DuckDB(1 << 30, 1)
        )

    def open_day(self, day: date) -> None:
        self.clock.ms = bounds(day, "UTC").end_ms + 900_000
        random = np.random.default_rng(day.toordinal())
        unit = np.repeat(np.arange(UNITS), np.where(np.arange(UNITS) % 3, 2, 60))  # a third read nearly everything
        title = random.integers(0, PAGES, len(unit))
        rows = pa.table(
            {
                "unit": unit,
                "tag": 2 * np.arange(len(unit)),
                "ms": np.full(len(unit), bounds(day, "UTC").start_ms),
                "hour": np.zeros(len(unit), np.int8),
                "title": pa.array([f"title {n}" for n in title]),
                "branch": pa.array(["east" if n % 2 else "" for n in title]),
            }
        )
        self.raw.write(SOURCE, day, rows.replace_schema_metadata(MARK), {}, origin="table")

    def close_day(self, day: date) -> None:
        self.open_day(day)
        self.closer.close(SOURCE, [day])

    def cells(self, day: date, measure: str) -> dict[tuple[str, ...], float]:
        (one,) = self.ledger.released(SOURCE, day, day, [measure])
        return {key: value / one.parts for key, value in zip(one.keys, one.values, strict=True)}


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path)


def test_keys_are_found_in_two_looks_and_are_public_from_then_on(library: Library) -> None:
    library.close_day(FIRST)
    looks = [library.cells(FIRST, name) for name in ("new_title", "more_title")]
    titles = {(f"title {n}",) for n in range(PAGES)}
    assert set(looks[0]) | set(looks[1]) == titles
    assert not set(looks[0]) & set(looks[1])
    assert set(library.cells(FIRST, "loans")) == titles

    second = FIRST + timedelta(1)
    library.close_day(second)
    assert not library.cells(second, "new_title")
    assert not list(library.ledger.released(SOURCE, second, second, ["more_title"]))
    assert set(library.cells(second, "readers")) == titles
    assert library.ledger.verify().problems == ()


def test_all_first_looks_are_over_before_a_second_one_is_counted() -> None:
    """Rounds are counted in order: what is behind a later round's measure would be counted too early."""
    columns = {name: Column(open="text") for name in ("title", "author", "shelf")}
    plan = plan_of_table(
        replace(TABLE, columns=columns, measures={name: TableMeasure("units", by=(name,)) for name in columns}),
        unknown=("title", "shelf"),
    )
    rounds = [plan.round_of(each) for each in plan.measures if each.keys is Keys.NEW]
    assert rounds == [0, 0, 0, 1, 1]


def test_a_list_by_hour_has_the_hours_of_the_day(library: Library) -> None:
    library.close_day(FIRST)
    keys = set(library.cells(FIRST, "branches"))
    assert keys == {(branch, str(hour)) for branch in ("east", "west", "other") for hour in range(24)}


def test_bounds_follow_what_was_released_and_a_day_closed_again_has_the_same(library: Library) -> None:
    for offset in range(3):
        library.close_day(FIRST + timedelta(offset))
    day = FIRST + timedelta(3)
    before = fitted(library.closer.door, SOURCE, day).priced(SOURCE).plan
    assert before["readers"].bound > default_bound(
        TABLE.measures["readers"]
    )  # noise is small here, and units differ much
    assert before["branches"].bound == 2

    library.open_day(day)
    with pytest.raises(Died):
        library.closer.close(SOURCE, [day], at=die_after("drawn readers"))
    library.closer.close(SOURCE, [day])
    assert fitted(library.closer.door, SOURCE, day).priced(SOURCE).plan == before
    (readers,) = library.ledger.released(SOURCE, day, day, ["readers"])
    assert readers.gap is Gap.FORFEITED
    (loans,) = library.ledger.released(SOURCE, day, day, ["loans"])
    assert loans.bound == before["loans"].bound
    assert library.ledger.verify().problems == ()


def test_what_is_drawn_is_what_was_counted_and_noise_of_the_stated_size(library: Library) -> None:
    library.close_day(FIRST)
    (one,) = library.ledger.released(SOURCE, FIRST, FIRST, ["branches"])
    empty = [value for key, value in zip(one.keys, one.values, strict=True) if key[1] != "0"]
    deviation = float(np.std(empty)) / one.variance**0.5
    assert 0.7 < deviation < 1.3  # 69 cells: outside with probability below 1e-3


def die_after(step: str) -> Callable[[str], None]:
    def at(name: str) -> None:
        if name == step:
            raise Died

    return at
