"""The hours of today: in sequence, once, in time, and never drawn again at the close."""

import fcntl
from collections import Counter
from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
from release_samples import DAY, SOURCE, ZONE, Home, view

from hubbub.core.days import HOUR_MS, bounds
from hubbub.core.keys import Measure
from hubbub.core.settings import Budget
from hubbub.release.budget import Share
from hubbub.release.drawing import draw
from hubbub.release.entries import Cells
from hubbub.release.hours import GRACE_MS, HoursReport, finish_hours, release_hours
from hubbub.release.plan import MeasurePlan
from hubbub.release.portal import PORTAL
from hubbub.release.types import Gap

START = bounds(DAY, ZONE).start_ms
HOURLY = (Measure.VISITORS_HOUR, Measure.PAGEVIEWS_HOUR)


def at(slot: int, late_ms: int = 10_000) -> int:
    """A moment after the hour `slot` is over."""
    return START + (slot + 1) * HOUR_MS + late_ms


def hours_of(home: Home, measure: str, day: date = DAY) -> dict[int | None, int | Gap]:
    return {each.slot: each.gap or each.values[0] for each in home.ledger.released(SOURCE, day, day, [measure])}


def test_each_hour_is_released_once_it_is_over(tmp_path: Path) -> None:
    home = Home(tmp_path, Budget(1e6))
    home.write([view(unit, unit, 0) for unit in range(5)], origin="live")
    home.write([view(9, 90 + n, HOUR_MS + n) for n in range(3)], origin="live")
    assert release_hours(home.closer, SOURCE, DAY, START + HOUR_MS - 1) == HoursReport()
    assert release_hours(home.closer, SOURCE, DAY, at(0)).released == (0,)
    assert hours_of(home, Measure.PAGEVIEWS_HOUR) == {0: 5}
    assert release_hours(home.closer, SOURCE, DAY, at(0)) == HoursReport()
    assert release_hours(home.closer, SOURCE, DAY, at(1)).released == (1,)
    assert release_hours(home.closer, SOURCE, DAY, at(2)).released == (2,)
    assert hours_of(home, Measure.VISITORS_HOUR) == {0: 5, 1: 1, 2: 0}
    assert hours_of(home, Measure.PAGEVIEWS_HOUR) == {0: 5, 1: 3, 2: 0}
    assert len(home.published) == 3
    assert home.ledger.verify().is_sound


def test_an_hour_that_was_not_released_in_time_is_late_for_ever(tmp_path: Path) -> None:
    home = Home(tmp_path, Budget(1e6))
    home.write([view(1, 1, 0), view(2, 2, HOUR_MS)], origin="live")
    report = release_hours(home.closer, SOURCE, DAY, at(0, GRACE_MS + 1))
    assert (report.late, report.released) == ((0,), (1,))
    assert hours_of(home, Measure.VISITORS_HOUR) == {0: Gap.LATE, 1: 1}
    assert home.ledger.verify().is_sound


def test_a_late_row_moves_no_hour(tmp_path: Path) -> None:
    home = Home(tmp_path, Budget(1e6))
    home.write([view(1, 1, 0)], origin="live")
    release_hours(home.closer, SOURCE, DAY, at(0))
    home.write([view(2, 2, 5)], origin="live")
    release_hours(home.closer, SOURCE, DAY, at(1))
    assert hours_of(home, Measure.VISITORS_HOUR) == {0: 1, 1: 0}


def test_the_whole_vector_is_paid_at_once_and_hours_are_free(tmp_path: Path) -> None:
    home = Home(tmp_path)
    for slot in range(3):
        release_hours(home.closer, SOURCE, DAY, at(slot))
    paid = Counter({each.measure: 0 for each in PORTAL.measures})
    for entry in home.ledger.entries():
        paid[entry.measure] += entry.rho
    for measure in HOURLY:
        assert paid[measure] == home.closer.door.priced(SOURCE).shares[measure].rho


def test_the_close_draws_no_hour_again_and_gives_up_what_was_missed(tmp_path: Path) -> None:
    home = Home(tmp_path, Budget(1e6))
    home.write([view(1, tag, tag * HOUR_MS) for tag in range(24)], origin="live")
    for slot in range(5):
        release_hours(home.closer, SOURCE, DAY, at(slot))
    before = hours_of(home, Measure.VISITORS_HOUR)
    home.closer.close(SOURCE, [DAY])
    after = hours_of(home, Measure.VISITORS_HOUR)
    assert before == dict.fromkeys(range(5), 1)
    assert after == before | dict.fromkeys(range(5, 24), Gap.LATE)
    assert home.ledger.verify().is_sound
    assert release_hours(home.closer, SOURCE, DAY, at(23)) == HoursReport()


def test_hours_that_the_close_has_drawn_stay(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.write([view(1, 1, 0)])
    home.closer.close(SOURCE, [DAY])
    before = home.stored()
    assert release_hours(home.closer, SOURCE, DAY, at(23)) == HoursReport()
    assert home.stored() == before


@pytest.mark.parametrize("day", [date(2026, 3, 29), date(2026, 10, 25)])
def test_days_of_clock_changes_are_released_to_their_last_hour(tmp_path: Path, day: date) -> None:
    home = Home(tmp_path)
    its = bounds(day, ZONE)
    slots = its.hours
    for slot in range(slots):
        assert release_hours(home.closer, SOURCE, day, its.start_ms + (slot + 1) * HOUR_MS).released == (slot,)
    assert sorted(map(int, filter(lambda slot: slot is not None, hours_of(home, Measure.VISITORS_HOUR, day)))) == list(  # type: ignore[arg-type]
        range(slots)
    )


def test_an_hour_debited_and_not_drawn_is_forfeited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = Home(tmp_path)

    def crash(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(home.ledger, "keep", crash)
        with pytest.raises(KeyboardInterrupt):
            release_hours(home.closer, SOURCE, DAY, at(0))
    report = release_hours(home.closer, SOURCE, DAY, at(0))
    assert (report.forfeited, report.released) == ((0,), (0,))
    assert hours_of(home, Measure.VISITORS_HOUR) == {0: Gap.FORFEITED}
    assert isinstance(hours_of(home, Measure.PAGEVIEWS_HOUR)[0], int)
    assert home.ledger.verify().is_sound


def test_a_close_in_mid_hour_first_releases_the_hour_that_runs(tmp_path: Path) -> None:
    home = Home(tmp_path, Budget(1e6))
    home.write([view(1, 1, 0), view(2, 2, HOUR_MS), view(3, 3, HOUR_MS)], origin="live")
    release_hours(home.closer, SOURCE, DAY, at(0))
    assert finish_hours(home.closer, SOURCE, DAY, START + HOUR_MS + HOUR_MS // 2).released == (1,)
    home.closer.close(SOURCE, [DAY])
    hours = hours_of(home, Measure.VISITORS_HOUR)
    assert (hours[0], hours[1], hours[2]) == (1, 2, Gap.LATE)


def test_the_last_hour_is_released_before_the_close_after_midnight(tmp_path: Path) -> None:
    home = Home(tmp_path, Budget(1e6))
    for slot in range(23):
        release_hours(home.closer, SOURCE, DAY, at(slot))
    home.write([view(1, 1, 23 * HOUR_MS)], origin="live")
    assert finish_hours(home.closer, SOURCE, DAY, at(23)).released == (23,)


def test_a_day_never_released_by_hours_is_left_to_its_close(tmp_path: Path) -> None:
    home = Home(tmp_path, Budget(1e6))
    home.write([view(1, 1, 5 * HOUR_MS)], origin="live")
    assert finish_hours(home.closer, SOURCE, DAY, at(5)) == HoursReport()
    home.closer.close(SOURCE, [DAY])
    assert hours_of(home, Measure.VISITORS_HOUR)[5] == 1


@pytest.mark.parametrize("later", [Budget(1e6), Budget(0.01)])
def test_hours_are_drawn_as_their_day_was_paid_whatever_the_settings_say_since(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, later: Budget
) -> None:
    drawn: list[tuple[str, int, Fraction]] = []

    def watched(measure: MeasurePlan, share: Share, *more: object) -> list[Cells]:
        drawn.append((measure.measure, measure.bound, share.scale))
        return draw(measure, share, *more)  # type: ignore[arg-type]

    monkeypatch.setattr("hubbub.release.hours.draw", watched)
    home = Home(tmp_path, "standard")
    home.write([view(1, 1, 0)], origin="live")
    release_hours(home.closer, SOURCE, DAY, at(0))
    changed = Home(tmp_path, later)
    assert release_hours(changed.closer, SOURCE, DAY, at(1)).released == (1,)
    assert drawn[2:] == drawn[:2]
    scales = {entry.measure: Fraction(entry.scale) for entry in home.ledger.entries() if entry.slots}
    assert {(measure, scale) for measure, _, scale in drawn} == set(scales.items())


def test_hours_are_published_before_another_close_may_go_on(tmp_path: Path) -> None:
    """Who publishes later must not write what it read earlier: a key might have been hidden meanwhile."""
    seen: list[str] = []

    class Watching(Home):
        def _publish(self, source: str, days: Sequence[date]) -> None:
            with open(f"{self.state}.claim", "a") as claim:
                try:
                    fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    seen.append("free")
                except BlockingIOError:
                    seen.append("claimed")

    home = Watching(tmp_path)
    release_hours(home.closer, SOURCE, DAY, at(0))
    assert seen == ["claimed"]
