"""Two processes close one day at once: one wins, one waits, there is one draw.

On SQLite they share a home; on PostgreSQL each is a machine with a home of its own, and they share the database, the
rows and the keys.
"""

import hashlib
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import msgspec
import pyarrow as pa
import pytest
from msgspec import Struct

from hubbub.cli.home import Home
from hubbub.core.days import bounds
from hubbub.core.rows import COLUMNS
from hubbub.core.settings import Settings, Site
from hubbub.release.entries import Step
from hubbub.release.site_plan import plan_of

SOURCE = "portal.example"
DAY = date(2026, 5, 4)
UNITS = 400
SITE = Site(SOURCE, pages=("/", "/a"))
NAMES = [each.measure for each in plan_of(SITE, Settings((SITE,))).measures]
TYPES = {"int64": pa.int64(), "int32": pa.int32(), "int16": pa.int16(), "int8": pa.int8(), "string": pa.string()}
HELD = "counted, round 0"  # a close under way is held here, before its first debit
PATIENCE_S = 120.0


class DayAfter:
    """A clock that stands a quarter of an hour after the day."""

    def now_ms(self) -> int:
        return bounds(DAY, "UTC").end_ms + 900_000


class Told(Struct):
    """What a closing process says at its end."""

    steps: list[str]
    released: int
    forfeited: int
    cells: str


class Place:
    """Where two processes close a day: their homes, and the files by which they hear of each other."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder, self.url = folder, url
        self.go = folder / "go"
        self.homes = [self.home(name) for name in ("one", "two")]

    def home(self, name: str) -> Home:
        path = self.folder / (name if self.url else "both")
        path.mkdir(exist_ok=True)
        shared = {each: str(self.folder / each) if self.url else "" for each in ("raw", "keys")}
        settings = Settings((SITE,), state=self.url, raw_folder=shared["raw"], keys_folder=shared["keys"])
        return Home(path, settings, DayAfter())

    def begin(self, name: str, hold: str = "") -> subprocess.Popen[str]:
        """A process of its own that closes the day; one that is told to holds at a step until `go` is there."""
        command = [sys.executable, __file__, str(self.folder), self.url, name, hold]
        return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)

    def wait_for(self, name: str) -> None:
        """Until a process has come as far as it says by a file of this name."""
        began = time.monotonic()
        while not (self.folder / name).exists():
            assert time.monotonic() - began < PATIENCE_S
            time.sleep(0.02)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    on_postgresql = request.param == "postgresql"
    place = Place(tmp_path, str(request.getfixturevalue("server").new_database()) if on_postgresql else "")
    fill(place.homes[0])
    yield place
    for home in place.homes:
        home.database.dispose()


def fill(home: Home) -> None:
    """Visitors of public pages, and many of a new one."""
    values: dict[str, list[object]] = {
        name: [{"string": "", "int64": 0}.get(kind, 0)] * UNITS for name, kind in COLUMNS
    }
    values |= {
        "unit": list(range(UNITS)),
        "tag": [2 * unit for unit in range(UNITS)],
        "ms": [bounds(DAY, "UTC").start_ms + unit for unit in range(UNITS)],
        "kind": [1] * UNITS,
        "page": [*["/", "/a"] * 20, *["/new"] * (UNITS - 40)],
    }
    home.ledger  # noqa: B018  makes the tables
    home.raw.write(SOURCE, DAY, pa.table({name: pa.array(values[name], TYPES[kind]) for name, kind in COLUMNS}), {})


def ended(process: subprocess.Popen[str]) -> Told:
    said, _ = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0
    return msgspec.json.decode(said, type=Told)


def digest(home: Home) -> str:
    return hashlib.sha256(repr(list(home.ledger.released(SOURCE, DAY, DAY))).encode()).hexdigest()


def check(place: Place, told: list[Told]) -> None:
    """One of them drew everything, the other nothing; both see the same cells, and so does the ledger."""
    assert sorted(each.released for each in told) == [0, len(NAMES)]
    assert [each.forfeited for each in told] == [0, 0]
    winner, other = sorted(told, key=lambda each: -each.released)
    for name in NAMES:
        assert winner.steps.count(f"drawn {name}") == 1
    assert not any(step.startswith(("counted", "debited", "drawn")) for step in other.steps)
    ledger = place.homes[0].ledger
    assert ledger.verify().is_sound
    steps = [(each.measure, each.step) for each in ledger.entries()]
    assert sorted(steps) == sorted((name, step) for name in NAMES for step in (Step.DEBIT, Step.DRAWN))
    assert {each.cells for each in told} == {digest(home) for home in place.homes}
    assert place.homes[0].keys.existing_data_key(SOURCE, DAY) is None
    assert place.homes[0].raw.days() == []


def test_the_second_waits_while_the_first_counts_and_then_finds_all_done(place: Place) -> None:
    first = place.begin("one", HELD)
    place.wait_for("one holds")
    second = place.begin("two")
    place.wait_for("two begins")
    time.sleep(0.5)
    assert second.poll() is None
    assert list(place.homes[0].ledger.entries()) == []
    place.go.touch()
    told = [ended(first), ended(second)]
    assert told[0].released == len(NAMES)
    check(place, told)


def test_whoever_of_two_comes_first_wins(place: Place) -> None:
    both = [place.begin("one"), place.begin("two")]
    check(place, [ended(each) for each in both])


def _close(place: Place, name: str, hold: str) -> Told:
    home = place.home(name)
    steps: list[str] = []

    def at(step: str) -> None:
        steps.append(step)
        if step == hold:
            (place.folder / f"{name} holds").touch()
            place.wait_for("go")

    closer = home.closer()
    (place.folder / f"{name} begins").touch()
    report = closer.close(SOURCE, [DAY], at=at)
    return Told(steps, report.released, len(report.forfeited), digest(home))


if __name__ == "__main__":
    _told = _close(Place(Path(sys.argv[1]), sys.argv[2]), sys.argv[3], sys.argv[4])
    print(msgspec.json.encode(_told).decode())
