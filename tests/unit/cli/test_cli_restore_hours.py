"""A home that is moved in the middle of a day, and a restore that dies: nothing is released a second time."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine

from hubbub.cli import backup
from hubbub.cli.backup import back_up, restore
from hubbub.cli.home import Home
from hubbub.core.days import HOUR_MS, bounds
from hubbub.core.keys import Measure
from hubbub.release.hours import release_hours
from hubbub.release.types import Gap

SITE, DAY = "portal.example", date(2026, 3, 2)
START = bounds(DAY, "UTC").start_ms
HOURLY = (Measure.VISITORS_HOUR, Measure.PAGEVIEWS_HOUR)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home that has released the first three hours of the day."""
    folder = tmp_path / "home"
    folder.mkdir()
    (folder / "hubbub.yaml").write_text(f"sites:\n  - name: {SITE}\n", "utf-8")
    made = Home.open(folder)
    assert released(made, 0, 1, 2) == (0, 1, 2)
    return made


def released(home: Home, *slots: int) -> tuple[int, ...]:
    """Those of the hours that are released when each one's time has come."""
    reports = [release_hours(home.closer(), SITE, DAY, START + (slot + 1) * HOUR_MS + 1) for slot in slots]
    return sum((report.released for report in reports), ())


def test_the_hours_left_are_given_up_for_earlier_visitors_would_count_again(home: Home, tmp_path: Path) -> None:
    back_up(home, tmp_path / "b.tar.gz")
    made = restore(tmp_path / "b.tar.gz", tmp_path / "new", today=DAY, was_stopped=True)
    assert released(made, 3, 4, 23) == ()
    for measure in HOURLY:
        gaps = {each.slot: each.gap for each in made.ledger.released(SITE, DAY, DAY, [measure])}
        assert gaps == dict.fromkeys(range(3), Gap.NONE) | dict.fromkeys(range(3, 24), Gap.LATE)
    assert made.ledger.verify().is_sound


def test_a_day_whose_hours_are_all_over_is_left_alone(home: Home, tmp_path: Path) -> None:
    assert released(home, *range(3, 24)) == tuple(range(3, 24))
    label = back_up(home, tmp_path / "b.tar.gz")
    made = restore(tmp_path / "b.tar.gz", tmp_path / "new", today=DAY, was_stopped=True)
    assert (made.ledger.count(), made.ledger.head()) == (label.entries, label.head)


def test_a_restore_that_dies_leaves_no_ledger_without_its_floor(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    back_up(home, tmp_path / "b.tar.gz")
    whole = backup.copy_tables

    def dies(source: Engine, target: Engine) -> None:
        whole(source, target)
        raise KeyboardInterrupt

    monkeypatch.setattr(backup, "copy_tables", dies)
    with pytest.raises(KeyboardInterrupt):
        restore(tmp_path / "b.tar.gz", tmp_path / "new", today=DAY, was_stopped=False)
    left = Home.open(tmp_path / "new")
    assert left.ledger.count() > 0
    assert left.ledger.floor() == DAY
    assert released(left, 3) == ()
