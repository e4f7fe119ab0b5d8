"""Closing: what is released, what is not, and that nothing changes afterwards."""

from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from release_by_hand import by_hand
from release_samples import DAY, FULL, PAGES, PLAIN, SOURCE, ZONE, Cells, Home, table_of, view

from hubbub.core.days import HOUR_MS, bounds
from hubbub.core.errors import DayClosed, StoreError
from hubbub.core.keys import Dimension, Measure
from hubbub.core.reasons import DropReason
from hubbub.core.rows import Kind, Row
from hubbub.core.settings import Budget, Settings
from hubbub.release.close import FIRST_DAYS
from hubbub.release.entries import Step
from hubbub.release.frozen import freeze
from hubbub.release.hours import release_hours
from hubbub.release.portal import PORTAL
from hubbub.release.site_plan import plan_of
from hubbub.release.types import Gap, Released
from hubbub.store.engines.duckdb import DuckDB

MINUTE = 60_000
MEASURES = len(plan_of(PLAIN, Settings((PLAIN,))).measures)


def crowd(units: int, page: str = "/a", first: int = 0) -> list[Row]:
    return [view(unit, 2 * unit, unit * 1000, page) for unit in range(first, first + units)]


def cells_of(home: Home, day: date = DAY) -> dict[str, Cells]:
    """Released cells by measure; hours under their slot."""
    found: dict[str, Cells] = {}
    for each in home.ledger.released(SOURCE, day, day):
        keys = each.keys if each.slot is None else [(str(each.slot),) for _ in each.keys]
        found.setdefault(each.measure, Counter()).update(dict(zip(keys, each.values, strict=True)))
    return found


def gaps_of(home: Home, day: date = DAY) -> Counter[tuple[str, Gap]]:
    return Counter((each.measure, each.gap) for each in home.ledger.released(SOURCE, day, day) if each.gap)


def one(home: Home, measure: str, day: date = DAY) -> Released:
    (found,) = [each for each in home.ledger.released(SOURCE, day, day) if each.measure == measure]
    return found


def test_a_trial_counts_a_busy_unit_exactly(tmp_path: Path) -> None:
    """A unit with 60 views of 40 pages in 5 visits over all hours, and smaller ones: every released cell is exact.

    Noise of scale 1/8 moves a cell with probability 2.6e-14; about 1,000 cells: false alarms under 1e-10.
    """
    home = Home(tmp_path, Budget(1e6), site=FULL)
    rows = [view(1, tag, tag * 24 * MINUTE - 24 * MINUTE * (tag % 3 == 2), f"/page/{tag % 40}") for tag in range(60)]
    rows += crowd(30) + crowd(9, "/unknown", 100)
    rows += [view(unit, 900 + unit, 5_000, "/a", Kind.EVENT, "Signup", detail="plan=pro") for unit in range(4)]
    rows += [view(unit, 800 + unit, 5_000, "/a", Kind.OUTLINK, "blog.example") for unit in range(3)]
    home.write(rows)
    home.closer.close(SOURCE, [DAY])
    plan = home.closer.door.priced(SOURCE).plan
    public = {*PAGES[:4], "/unknown"}
    frozen = freeze(home.closer.door, SOURCE, [DAY])
    expected = by_hand(rows, plan, set(PAGES[:4]), public, set(frozen.texts(Dimension.EVENT)), trial=True)
    released = cells_of(home)
    assert set(released) == set(Measure)
    assert expected[Measure.FUNNELS]
    assert expected[Measure.GOALS]
    for measure, cells in released.items():
        wanted = expected[measure]
        if measure in (Measure.NEW_PAGES, Measure.ENTRY_PAGES, Measure.EXIT_PAGES, Measure.PAGE_PAGEVIEWS):
            wanted = Counter({key: n for key, n in wanted.items() if key[0] in public})
        if measure == Measure.AMOUNTS:  # thousandths, with noise of a hundredth
            assert all(abs(value - wanted[key]) < 80 for key, value in cells.items())
        else:
            assert +cells == +wanted, measure
    assert released[Measure.PAGEVIEWS] == {(): 99}
    assert one(home, Measure.NEW_PAGES).keys == (("/unknown",),)
    assert all(each.trial for each in home.ledger.released(SOURCE, DAY, DAY))
    assert not any(any(each.hidden) for each in home.ledger.released(SOURCE, DAY, DAY))


def test_every_public_key_has_a_cell_and_noise(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.write(crowd(3))
    report = home.closer.close(SOURCE, [DAY])
    assert report.released == MEASURES
    assert not report.forfeited
    assert not report.kept_back
    assert one(home, Measure.PAGE_VISITORS).keys == tuple((page,) for page in sorted(PAGES[:4]))
    assert len(one(home, Measure.VISITS).keys) == 18
    assert one(home, Measure.NEW_PAGES).keys == ()
    assert {each.slot for each in home.ledger.released(SOURCE, DAY, DAY, [Measure.VISITORS_HOUR])} == set(range(24))
    everything = [value for each in home.ledger.released(SOURCE, DAY, DAY) for value in each.values]
    assert sum(value != 0 for value in everything) > 0.9 * len(everything)
    assert home.ledger.verify().is_sound
    assert home.published == [(SOURCE, (DAY,))]


def test_a_second_close_changes_no_byte(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.write(crowd(300, "/new"))
    home.closer.close(SOURCE, [DAY])
    before, cells = home.stored(), cells_of(home)
    report = home.closer.close(SOURCE, [DAY])
    assert (report.released, report.cells) == (0, 0)
    assert home.stored() == before
    assert cells_of(home) == cells


def test_closing_destroys_keys_and_files(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.write(crowd(3))
    steps: list[str] = []
    home.closer.close(SOURCE, [DAY], at=steps.append)
    assert steps[-3:] == ["published", "keys destroyed", "files destroyed"]
    assert home.keys.existing_data_key(SOURCE, DAY) is None
    assert home.raw.days() == []
    with pytest.raises(DayClosed):
        home.write(crowd(1))


def test_new_pages_of_live_days_wait_and_those_of_logs_do_not(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.write(crowd(500, "/posed"), origin="live")
    release_hours(home.closer, SOURCE, DAY, bounds(DAY, ZONE).start_ms + HOUR_MS)
    home.write(crowd(500, "/answered"), DAY + timedelta(1))
    home.closer.close(SOURCE, [DAY, DAY + timedelta(1)])
    new = one(home, Measure.NEW_PAGES)
    assert (new.keys, new.hidden, new.is_new) == ((("/posed",),), (True,), (True,))
    views = one(home, Measure.PAGE_PAGEVIEWS)
    assert [key for key, is_hidden in zip(views.keys, views.hidden, strict=True) if is_hidden] == [("/posed",)]
    assert not any(views.is_new)
    shown = one(home, Measure.NEW_PAGES, DAY + timedelta(1))
    assert (shown.keys, shown.hidden) == ((("/answered",),), (False,))
    home.public.approve(SOURCE, Dimension.PAGE, ["/posed"])
    assert one(home, Measure.NEW_PAGES).hidden == (False,)


def test_keys_learned_in_an_earlier_group_of_days_are_public_in_later_ones(tmp_path: Path) -> None:
    home = Home(tmp_path)
    days = [DAY + timedelta(offset) for offset in range(FIRST_DAYS + 1)]
    for day in (days[0], days[-1]):
        home.write(crowd(1_000, "/new"), day)
    home.closer.close(SOURCE, days)
    assert one(home, Measure.NEW_PAGES, days[0]).keys == (("/new",),)
    assert ("/new",) not in one(home, Measure.PAGE_VISITORS, days[0]).keys
    assert one(home, Measure.NEW_PAGES, days[-1]).keys == ()
    assert ("/new",) in one(home, Measure.PAGE_VISITORS, days[-1]).keys
    assert one(home, Measure.PAGE_VISITORS, days[-1]).entry != one(home, Measure.PAGE_VISITORS, days[0]).entry


def test_the_ledger_does_not_tell_how_many_rows_days_had(tmp_path: Path) -> None:
    """Which days share a list of keys, and the order of entries, are by the calendar alone."""

    def entries(name: str, visitors: int) -> list[tuple[date, str, str]]:
        home = Home(tmp_path / name)
        days = [DAY + timedelta(offset) for offset in range(9)]
        for day in days:
            home.write(crowd(visitors, "/"), day)
        home.closer.close(SOURCE, days)
        return [(each.day, each.measure, each.key_list) for each in home.ledger.entries()]

    (tmp_path / "few").mkdir()
    (tmp_path / "many").mkdir()
    assert entries("few", 5) == entries("many", 900)


def test_several_days_are_closed_together_and_each_has_its_own_cells(tmp_path: Path) -> None:
    home = Home(tmp_path, Budget(1e6))
    days = [DAY + timedelta(offset) for offset in range(4)]
    for place, day in enumerate(days[:3]):
        home.write(crowd(10 + place), day)
    home.closer.close(SOURCE, days)
    assert [cells_of(home, day)[Measure.VISITORS][()] for day in days] == [10, 11, 12, 0]
    assert home.published == [(SOURCE, tuple(days))]
    assert home.ledger.verify().is_sound


def test_a_day_without_rows_is_released_as_zeros(tmp_path: Path) -> None:
    home = Home(tmp_path, Budget(1e6))
    report = home.closer.close(SOURCE, [DAY])
    assert report.released == MEASURES
    assert set(+sum(cells_of(home).values(), Counter())) == set()


def test_a_day_whose_keys_died_is_kept_back(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.write(crowd(3))
    report = home.closer.give_up(SOURCE, DAY)
    assert len(report.kept_back) == MEASURES
    assert gaps_of(home)[Measure.VISITORS, Gap.KEPT_BACK] == 1
    assert gaps_of(home)[Measure.VISITORS_HOUR, Gap.KEPT_BACK] == 24
    assert not +sum(cells_of(home).values(), Counter())
    assert home.ledger.verify().is_sound
    before = home.stored()
    home.closer.close(SOURCE, [DAY])
    assert home.stored() == before


def test_a_measure_that_the_day_cannot_pay_any_more_is_kept_back(tmp_path: Path) -> None:
    rich = Home(tmp_path, "standard")
    door = rich.closer.door
    frozen = freeze(door, SOURCE, [DAY])
    entry = door.entry(PORTAL[Measure.PAGE_VISITORS], SOURCE, DAY, frozen.lists[Dimension.PAGE])
    rich.ledger.debit([entry], door.priced(SOURCE).allowance, [frozen.lists[Dimension.PAGE]])
    poor = Home(tmp_path, "strict")
    poor.write(crowd(3))
    report = poor.closer.close(SOURCE, [DAY])
    assert report.forfeited == ((DAY, Measure.PAGE_VISITORS),)
    assert report.kept_back
    assert report.released + len(report.kept_back) == MEASURES - 1
    spent = sum(each.rho for each in poor.ledger.entries() if each.measure != Measure.PAGE_VISITORS)
    assert spent + entry.rho <= poor.closer.door.priced(SOURCE).allowance.rho
    assert poor.ledger.verify().is_sound


def test_a_close_that_runs_out_of_memory_costs_nothing_and_can_be_run_again(tmp_path: Path) -> None:
    home = Home(tmp_path, engine=lambda: DuckDB(1 << 20, 1))
    home.write([view(unit, unit, unit, f"/{unit}") for unit in range(20_000)])
    with pytest.raises(StoreError, match="memory"):
        home.closer.close(SOURCE, [DAY])
    assert list(home.ledger.entries()) == []
    assert Home(tmp_path).closer.close(SOURCE, [DAY]).released == MEASURES


class Faulty(DuckDB):
    """An engine that runs out of memory over one table."""

    def __init__(self, table: str) -> None:
        super().__init__(1 << 30, 1)
        self._table = table

    def fetch(self, sql: str, parameters: dict[str, Any] | None = None) -> pa.Table:
        if f"FROM {self._table}" in sql:
            raise StoreError("DuckDB ran out of memory")
        return super().fetch(sql, parameters)


def test_counting_that_fails_after_others_were_counted_has_paid_for_nothing(tmp_path: Path) -> None:
    home = Home(tmp_path, engine=lambda: Faulty("unit_engagement"))
    home.write(crowd(300, "/new"))
    with pytest.raises(StoreError, match="memory"):
        home.closer.close(SOURCE, [DAY])
    assert list(home.ledger.entries()) == []
    home = Home(tmp_path, engine=lambda: Faulty("mine ANTI JOIN"))  # views by page, counted last
    with pytest.raises(StoreError, match="memory"):
        home.closer.close(SOURCE, [DAY])
    steps = Counter(each.step for each in home.ledger.entries())
    assert steps[Step.DEBIT] == steps[Step.DRAWN] > 0
    report = Home(tmp_path).closer.close(SOURCE, [DAY])
    assert not report.forfeited
    assert report.released + steps[Step.DRAWN] == MEASURES
    assert home.ledger.verify().is_sound


@pytest.mark.parametrize(("day", "slots"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25)])
def test_days_of_clock_changes_have_their_own_number_of_hours(tmp_path: Path, day: date, slots: int) -> None:
    home = Home(tmp_path, Budget(1e6))
    start = bounds(day, ZONE).start_ms
    home.write([Row(1, slot, start + slot * 3_600_000, slot, Kind.PAGEVIEW, "/") for slot in range(slots)], day)
    home.closer.close(SOURCE, [day])
    assert cells_of(home, day)[Measure.VISITORS_HOUR] == {(str(slot),): 1 for slot in range(slots)}
    assert cells_of(home, day)[Measure.PAGEVIEWS_HOUR] == {(str(slot),): 1 for slot in range(slots)}


def test_what_named_no_site_is_destroyed_and_never_released(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.raw.write("", DAY, table_of([]), {DropReason.UNKNOWN_SITE: 3}, origin="live")
    home.closer.close("", [DAY])
    assert list(home.ledger.entries()) == []
    assert home.published == []
    assert home.keys.existing_data_key("", DAY) is None
    assert home.raw.counters() == {}


def test_the_ledger_does_not_tell_that_a_day_was_empty(tmp_path: Path) -> None:
    inputs = set()
    for name in ("one", "other"):
        home = Home(tmp_path / name)
        home.closer.close(SOURCE, [DAY])
        inputs |= {entry.input for entry in home.ledger.entries() if entry.input}
    assert len(inputs) == 2
