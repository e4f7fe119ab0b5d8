"""A close that is killed between any two steps: what was kept stays as it is, what was only paid for is lost."""

import os
import signal
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from dying import begin, exit_code_of
from hubbub.core.days import bounds
from hubbub.core.keys import Measure
from hubbub.core.rows import COLUMNS
from hubbub.core.settings import Settings, Site
from hubbub.release.close import Closer
from hubbub.release.entries import Step
from hubbub.release.ledger import Ledger
from hubbub.release.plan import Keys
from hubbub.release.public_keys import PublicKeys
from hubbub.release.site_plan import plan_of
from hubbub.release.state import open_state
from hubbub.release.types import Gap, Released
from hubbub.store.engines.duckdb import engine_of
from hubbub.store.keyfile import KeyFile
from hubbub.store.raw import RawStore

SOURCE = "portal.example"
DAY = date(2026, 5, 4)
UNITS = 400
SITE = Site(SOURCE, pages=("/", "/a"), campaigns=("spring",))
PLAN = plan_of(SITE, Settings((SITE,)))
NAMES = [str(each.measure) for each in PLAN.measures]
BY_PAGE = next(str(each.measure) for each in PLAN.measures if each.keys is Keys.DAY)
BEFORE = ["settled", "days ended", "sealed", "keys frozen", "counted, round 0"]
AFTER = ["published", "keys destroyed", "files destroyed"]
DRAWN = [f"{step} {name}" for name in NAMES for step in ("debited", "drawn", "kept")]
DRAWN.insert(DRAWN.index(f"debited {BY_PAGE}"), "counted, round 2")
STEPS = [*BEFORE, *DRAWN, *AFTER]


class DayAfter:
    """A clock that stands a quarter of an hour after the day."""

    def now_ms(self) -> int:
        return bounds(DAY, "UTC").end_ms + 900_000


class Home:
    """The parts of a home as the command line puts them together."""

    def __init__(self, folder: Path) -> None:
        clock = DayAfter()
        settings = Settings((SITE,))
        self.folder = folder
        self.keys = KeyFile(folder / "keys" / "keys.db", clock)
        self.raw = RawStore(folder / "raw", self.keys, clock)
        engine = open_state(folder / "state.db")
        self.ledger = Ledger(engine, clock)
        self.closer = Closer(
            self.raw, self.keys, self.ledger, PublicKeys(engine), settings, self.publish, engine_of(folder)
        )

    def publish(self, source: str, days: Sequence[date]) -> None:
        """Write what readers would see."""
        cells = [repr(each) for each in self.ledger.released(source, min(days), max(days))]
        (self.folder / "published").write_text("\n".join(cells))

    def released(self) -> dict[tuple[str, int | None], Released]:
        return {(each.measure, each.slot): each for each in self.ledger.released(SOURCE, DAY, DAY)}


def fill(home: Home) -> None:
    """Two visitors of public pages, many of a new one."""
    start = bounds(DAY, "UTC").start_ms
    pages = ["/", "/a"] + ["/new"] * (UNITS - 2)
    values: dict[str, list[object]] = {
        name: [{"string": "", "int64": 0}.get(kind, 0)] * UNITS for name, kind in COLUMNS
    }
    values |= {
        "unit": list(range(UNITS)),
        "tag": list(range(UNITS)),
        "ms": [start + unit for unit in range(UNITS)],
        "kind": [1] * UNITS,
        "page": list(pages),
    }
    types = {"int64": pa.int64(), "int32": pa.int32(), "int16": pa.int16(), "int8": pa.int8(), "string": pa.string()}
    table = pa.table({name: pa.array(values[name], types[kind]) for name, kind in COLUMNS})
    home.raw.write(SOURCE, DAY, table, {}, origin="log")


def close_until(folder: str, step: str) -> None:
    """Close in this process, which is killed as `step` is over."""
    Home(Path(folder)).closer.close(SOURCE, [DAY], at=lambda over: _die_after(over, step))


def test_the_steps_are_those_that_are_killed_here(tmp_path: Path) -> None:
    home = Home(tmp_path)
    fill(home)
    seen: list[str] = []
    home.closer.close(SOURCE, [DAY], at=seen.append)
    assert seen == STEPS


@pytest.mark.parametrize("step", STEPS)
def test_killed_after_a_step_and_run_again(tmp_path: Path, step: str) -> None:
    home = Home(tmp_path)
    fill(home)
    assert exit_code_of(begin(close_until, str(tmp_path), step)) == -signal.SIGKILL
    before = home.released()
    entries = list(home.ledger.entries())
    debited = {each.measure for each in entries if each.step is Step.DEBIT}
    kept = {each.measure for each in entries if each.step is Step.DRAWN}
    lost = debited - kept
    assert len(lost) == (1 if step.startswith(("debited", "drawn")) else 0)

    report = home.closer.close(SOURCE, [DAY])

    after = home.released()
    assert {key: after[key] for key in before} == before
    assert {measure for _, measure in report.forfeited} == lost
    assert {each.measure for each in after.values() if each.gap is Gap.FORFEITED} == lost
    assert not any(each.gap for each in after.values() if each.measure not in lost)
    assert {measure for measure, _ in after} == set(map(Measure, NAMES))
    assert home.ledger.verify().is_sound
    assert sum(each.rho for each in home.ledger.entries()) <= home.closer.door.priced(SOURCE).allowance.rho
    assert home.keys.existing_data_key(SOURCE, DAY) is None
    assert home.raw.days() == []
    published = (tmp_path / "published").read_bytes()
    home.closer.close(SOURCE, [DAY])
    assert home.released() == after
    assert (tmp_path / "published").read_bytes() == published


def test_a_second_close_waits_for_the_first_and_finds_all_done(tmp_path: Path) -> None:
    fill(Home(tmp_path))
    both = [begin(close_until, str(tmp_path), "never") for _ in range(2)]
    assert [exit_code_of(each) for each in both] == [0, 0]
    home = Home(tmp_path)
    assert not any(each.gap for each in home.released().values())
    assert len(list(home.ledger.entries())) == 2 * len(NAMES)
    assert home.ledger.verify().is_sound


def _die_after(step: str, wanted: str) -> None:
    if step == wanted:
        os.kill(os.getpid(), signal.SIGKILL)
