"""What the clock does to a home: at its time, whatever else fails, and the same whether visitors come or not."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from msgspec.structs import astuple

from hubbub.cli.closing import close_days
from hubbub.cli.due import run_due
from hubbub.cli.home import Home
from hubbub.core.days import HOUR_MS, bounds
from hubbub.core.errors import DayClosed, StoreError
from hubbub.core.keys import Measure
from hubbub.core.rows import Row
from hubbub.core.settings import Settings, Site
from hubbub.release.types import Gap
from hubbub.store.columns import RowColumns
from hubbub.store.types import Origin

A, B = "a.example", "b.example"
DAY = date(2026, 5, 4)
NEXT = DAY + timedelta(1)
MINUTE_MS = 60_000


class SetClock:
    """A clock that stands where it is put."""

    def __init__(self) -> None:
        self.ms = bounds(DAY, "UTC").start_ms

    def now_ms(self) -> int:
        return self.ms


class Clocked:
    """A home and its clock."""

    def __init__(self, folder: Path) -> None:
        self.clock = SetClock()
        self.home = Home(folder, Settings((Site(A), Site(B))), self.clock)

    def write(self, source: str, origin: Origin, day: date = DAY) -> None:
        rows = RowColumns()
        rows.extend([astuple(Row(1, 1, bounds(day, "UTC").start_ms, 0, 1, "/"))])
        self.home.raw.write(source, day, rows.table(), {}, origin=origin)

    def tick(self, day: date, after_ms: int) -> None:
        self.clock.ms = bounds(day, "UTC").start_ms + after_ms
        run_due(self.home, lambda _stage, _done, _total: None)


@pytest.fixture
def its(tmp_path: Path) -> Clocked:
    return Clocked(tmp_path)


def test_a_live_day_begins_with_the_clock_and_not_with_its_first_visitor(its: Clocked) -> None:
    its.write(A, "live")
    its.write(B, "log")
    its.tick(DAY, HOUR_MS + MINUTE_MS)
    for hour in range(4):
        its.tick(NEXT, hour * HOUR_MS + MINUTE_MS)
    assert {source for source, day, _ in its.home.keys.open_days() if day == NEXT} == {A}
    hours = its.home.ledger.released(A, NEXT, NEXT, [Measure.VISITORS_HOUR])
    assert [(each.slot, each.gap) for each in hours] == [(0, Gap.NONE), (1, Gap.NONE), (2, Gap.NONE)]


def test_a_closed_today_is_not_begun_again(its: Clocked) -> None:
    its.write(A, "live")
    its.tick(DAY, HOUR_MS + MINUTE_MS)
    with its.home.raw.exclusive():
        its.home.keys.mark_closed(A, NEXT)
    its.tick(NEXT, MINUTE_MS)
    assert its.home.keys.existing_data_key(A, NEXT) is None


def test_overdue_keys_die_even_if_their_rows_are_damaged(its: Clocked) -> None:
    its.write(A, "log")
    (segment,) = its.home.raw_folder.rglob("*.segment")
    segment.write_bytes(segment.read_bytes()[:-9])
    with pytest.raises(StoreError):
        its.tick(NEXT, HOUR_MS)
    assert its.home.keys.existing_data_key(A, DAY) is not None
    its.tick(NEXT, 48 * HOUR_MS)
    assert its.home.keys.existing_data_key(A, DAY) is None
    gaps = {each.gap for each in its.home.ledger.released(A, DAY, DAY)}
    assert gaps == {Gap.KEPT_BACK}
    assert not list(its.home.raw_folder.rglob("*.segment"))


def test_one_close_that_fails_keeps_no_other_from_its_time(its: Clocked, monkeypatch: pytest.MonkeyPatch) -> None:
    its.write(A, "live")
    its.write(B, "live")

    def close_or_fail(home: Home, source: str, *more: object) -> object:
        if source == A:
            raise StoreError("a disk failed")
        return close_days(home, source, *more)  # type: ignore[arg-type]

    monkeypatch.setattr("hubbub.cli.due.close_days", close_or_fail)
    with pytest.raises(StoreError, match="a disk failed"):
        its.tick(NEXT, 16 * MINUTE_MS)
    assert its.home.keys.existing_data_key(B, DAY) is None
    with pytest.raises(DayClosed):
        its.home.keys.visitor_secret(A, DAY)


def test_the_markers_of_logs_go_with_their_last_day(its: Clocked, tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    log.write_text("a line\n")
    its.write(A, "log")
    (mark,) = its.home.seen_files(A).marks_of([log])
    mark.parent.mkdir(parents=True)
    mark.touch()
    its.tick(NEXT, 47 * HOUR_MS)
    assert mark.exists()
    its.tick(NEXT, 48 * HOUR_MS)
    assert not mark.exists()


def test_a_damaged_segment_delays_no_other_source(its: Clocked) -> None:
    its.write(A, "live")
    its.write(B, "live")
    (segment,) = (its.home.raw_folder / "segments" / "s-a.example").rglob("*.segment")
    segment.write_bytes(segment.read_bytes()[:-20] + bytes(20))
    with pytest.raises(StoreError, match="damaged"):
        its.tick(NEXT, HOUR_MS)
    assert its.home.keys.is_destroyed(B, DAY)
    assert any(its.home.ledger.released(B, DAY, DAY))
    assert not its.home.keys.is_destroyed(A, DAY)
    its.tick(NEXT + timedelta(2), HOUR_MS)  # its time is over
    assert its.home.keys.is_destroyed(A, DAY)


def test_a_journal_file_that_cannot_be_compacted_delays_no_other_source(
    its: Clocked, monkeypatch: pytest.MonkeyPatch
) -> None:
    its.write(A, "live")

    def fail(*_: object, **__: object) -> int:
        raise StoreError("a damaged file")

    monkeypatch.setattr("hubbub.store.raw.compact", fail)
    with pytest.raises(StoreError, match="a damaged file"):
        its.tick(NEXT, HOUR_MS)
    assert any(its.home.ledger.released(A, DAY, DAY))
