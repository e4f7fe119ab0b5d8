"""A site's bounds that follow what was released: chosen a day ahead, fixed by a day's first debit; settings win."""

import shutil
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace
from release_samples import DAY, PLAIN, SOURCE, ZONE, Home, labelled, view

from hubbub.core.days import HOUR_MS, bounds
from hubbub.core.keys import Measure
from hubbub.core.rows import Row
from hubbub.core.settings import Budget, Site, Tuning
from hubbub.release.counting import Counting
from hubbub.release.fits import fitted
from hubbub.release.hours import release_hours
from hubbub.release.plan import Bound
from hubbub.release.portal import PORTAL
from hubbub.release.site_fits import FITTED, STEPS, open_bounds
from hubbub.release.types import Gap
from hubbub.store.engines.duckdb import DuckDB

UNITS, VIEWS = 150, 40
BUDGET = Budget(9.5)  # noise is small, and it is no trial
DEFAULT = {str(name): PORTAL[name].bound for name in FITTED}


class Died(Exception):
    """Stands for a process that was killed."""


def die_after(step: str) -> Callable[[str], None]:
    def at(here: str) -> None:
        if here == step:
            raise Died(step)

    return at


def rows_of(day: date) -> list[Row]:
    """Each third device views much more than any default bound, the others twice."""
    shift = bounds(day, ZONE).start_ms - bounds(DAY, ZONE).start_ms
    rows = []
    for unit in range(UNITS):
        for place in range(VIEWS if unit % 3 == 0 else 2):
            page = f"/{'abc'[place % 3]}"
            each = view(unit, 2 * (unit * VIEWS + place), 60_000 * place + 500 * unit, page)
            rows.append(replace(each, ms=each.ms + shift))
    return rows


def home_of(folder: Path, site: Site = PLAIN, budget: str | Budget = BUDGET) -> Home:
    return Home(folder, budget, pages=("/a", "/b", "/c"), site=site, engine=lambda: DuckDB(256 << 20, 1))


def open_day(home: Home, day: date) -> None:
    home.clock.ms = bounds(day, ZONE).end_ms + 900_000
    home.write(rows_of(day), day)


def close_days(home: Home, count: int, first: date = DAY) -> None:
    for offset in range(count):
        open_day(home, first + timedelta(offset))
        home.closer.close(SOURCE, [first + timedelta(offset)])


def bounds_of(home: Home, day: date) -> dict[str, int]:
    plan = fitted(home.closer.door, SOURCE, day).priced(SOURCE).plan
    return {name: plan[name].bound for name in FITTED}


def paid(home: Home, day: date) -> dict[str, int]:
    return {one.measure: one.bound for one in home.ledger.released(SOURCE, day, day, FITTED) if one.values}


def begin(home: Home, day: date) -> None:
    """Release the first hour of a running day."""
    start = bounds(day, ZONE).start_ms
    home.clock.ms = start + HOUR_MS + 10_000
    home.write([row for row in rows_of(day) if row.ms < start + HOUR_MS], day, origin="live")
    release_hours(home.closer, SOURCE, day, home.clock.ms)


def plans_of(home: Home, day: date) -> set[str]:
    return {entry.plan for entry in home.ledger.entries() if entry.day == day}


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    """Folders of homes with two, three and four days closed; to be copied, not used."""
    found: dict[int, Path] = {}
    home = home_of(tmp_path_factory.mktemp("first"))
    folder = home.state.parent
    for count in range(1, 5):
        close_days(home, 1, DAY + timedelta(count - 1))
        home.engine.dispose()
        found[count] = tmp_path_factory.mktemp("after") / "home"
        shutil.copytree(folder, found[count])
    return found


@pytest.fixture
def after(homes: dict[int, Path], tmp_path: Path) -> Callable[..., Home]:
    """A home with so many days closed."""

    def made(days: int, site: Site = PLAIN, budget: str | Budget = BUDGET) -> Home:
        shutil.copytree(homes[days], tmp_path / "home")
        return home_of(tmp_path / "home", site, budget)

    return made


def test_bounds_follow_after_three_days_with_a_whole_day_between(after: Callable[..., Home]) -> None:
    home = after(4)
    assert paid(home, DAY + timedelta(3)) == DEFAULT  # of the third day nothing was looked at yet
    day = DAY + timedelta(4)
    found = bounds_of(home, day)
    assert found[Measure.PAGEVIEWS] == 20  # noise doubles at most
    assert found[Measure.PAGE_PAGEVIEWS] == 64
    close_days(home, 1, day)
    assert paid(home, day) == found
    assert home.ledger.verify().problems == ()

    for each, bound in ((DAY, 10), (day, 20)):
        (one,) = home.ledger.released(SOURCE, each, each, [Measure.PAGEVIEWS])
        wanted = UNITS // 3 * bound + (UNITS - UNITS // 3) * 2
        assert abs(one.values[0] - wanted) < 8 * one.variance**0.5
        (entry,) = (e for e in home.ledger.entries() if (e.day, e.measure, e.step) == (each, "pageviews", "debit"))
        assert entry.l2_squared == bound**2
        assert entry.bound == f"with at most {bound} views"

    costs: Counter[date] = Counter()
    for entry in home.ledger.entries():
        costs[entry.day] += entry.rho if entry.step == "debit" else 0
    assert len(set(costs.values())) == 1

    first, second = home.ledger.plan_versions(SOURCE)
    assert (first.day, second.day) == (DAY, day)
    assert second.is_kept
    told = {(each.subject, each.before, each.after) for each in second.changes}
    assert ("Page views of the day", "with at most 10 views", "with at most 20 views") in told


def test_hours_and_close_of_a_day_have_one_plan_whatever_is_released_meanwhile(after: Callable[..., Home]) -> None:
    """Without its first debit the day would have other bounds at its close: the third day that it could look at is
    closed late.
    """
    home = after(2)
    late, day = DAY + timedelta(2), DAY + timedelta(4)
    open_day(home, late)
    begin(home, day)
    home.closer.close(SOURCE, [late])
    assert bounds_of(home, day) == DEFAULT
    assert bounds_of(home, day + timedelta(1)) != DEFAULT
    home.clock.ms = bounds(day, ZONE).end_ms + 900_000
    home.closer.close(SOURCE, [day])
    assert len(plans_of(home, day)) == 1
    assert paid(home, day) == DEFAULT
    assert home.ledger.verify().problems == ()


def test_a_close_that_died_goes_on_with_the_same_bounds(after: Callable[..., Home]) -> None:
    home = after(4)
    day = DAY + timedelta(4)
    before = bounds_of(home, day)
    assert before != DEFAULT
    open_day(home, day)
    with pytest.raises(Died):
        home.closer.close(SOURCE, [day], at=die_after("drawn pageviews"))
    home.closer.close(SOURCE, [day])
    (views,) = home.ledger.released(SOURCE, day, day, [Measure.PAGEVIEWS])
    assert views.gap is Gap.FORFEITED
    assert paid(home, day) == {name: before[name] for name in FITTED if name != Measure.PAGEVIEWS}
    assert len(plans_of(home, day)) == 1
    stored = home.stored()
    home.closer.close(SOURCE, [day])
    assert home.stored() == stored


def test_days_that_began_with_other_bounds_are_closed_apart(after: Callable[..., Home]) -> None:
    """One call closes three days; the first began under the plan's bounds, the others under better ones."""
    home = after(4)
    days = [DAY + timedelta(offset) for offset in (3, 4, 5)]
    for day in days[1:]:
        begin(home, day)
    began = [plans_of(home, day) for day in days]
    assert began[0] != began[1]
    home.clock.ms = bounds(days[-1], ZONE).end_ms + 900_000
    home.closer.close(SOURCE, days)
    assert [plans_of(home, day) for day in days] == began


def test_days_of_a_log_are_closed_by_what_was_closed_before_them(tmp_path: Path) -> None:
    home = home_of(tmp_path)
    days = [DAY + timedelta(offset) for offset in range(9)]
    for day in days:
        open_day(home, day)
    home.closer.close(SOURCE, days)
    assert paid(home, days[6]) == DEFAULT
    assert paid(home, days[7])[Measure.PAGEVIEWS] == 20


@pytest.mark.parametrize(
    ("tuning", "kept"),
    [(Tuning(fit=False), FITTED), (Tuning(bounds={"pageviews": 10}), ("pageviews",)),
     (Tuning(bounds={"pageviews": 7, "page_pageviews": 9}), ("pageviews", "page_pageviews"))],
)  # fmt: skip
def test_what_the_settings_say_wins(after: Callable[..., Home], tuning: Tuning, kept: tuple[str, ...]) -> None:
    home = after(4, replace(PLAIN, plan=tuning))
    found = bounds_of(home, DAY + timedelta(4))
    assert {name: found[name] for name in kept} == {name: tuning.bounds.get(name, DEFAULT[name]) for name in kept}
    assert set(open_bounds(replace(PLAIN, plan=tuning))) == set(FITTED) - set(kept)
    assert (found == DEFAULT) == (kept == FITTED)


def test_a_trial_keeps_its_own_wide_bounds(after: Callable[..., Home]) -> None:
    home = after(4, budget=Budget(1e6))
    door = home.closer.door
    assert fitted(door, SOURCE, DAY + timedelta(4)) is door


def test_where_noise_is_all_that_there_is_bounds_stay(tmp_path: Path) -> None:
    home = home_of(tmp_path, budget=Budget(0.01))
    for offset in range(4):
        day = DAY + timedelta(offset)
        home.clock.ms = bounds(day, ZONE).end_ms + 900_000
        home.write(rows_of(day)[:5], day)
        home.closer.close(SOURCE, [day])
    assert bounds_of(home, DAY + timedelta(4)) == DEFAULT


def test_one_device_moves_counts_within_every_bound_that_is_chosen_from() -> None:
    rows = rows_of(DAY)
    fewer = [row for row in rows if row.unit != 0]
    found: dict[tuple[str, int], list[Counter[tuple[str, ...]]]] = {}
    for its in (rows, fewer):
        with Counting(DuckDB(256 << 20, 1), labelled(its), [DAY]) as counting:
            counting.prepare(PORTAL, ["/a", "/b", "/c"], [])
            counting.list_keys("page", {DAY: ["/a", "/b", "/c"]})
            for name in FITTED:
                for step in STEPS:
                    bound = step * step if PORTAL[name].kind is Bound.SQUARES else step
                    counted = counting.count(replace(PORTAL[name], bound=bound))[DAY]
                    found.setdefault((name, bound), []).append(Counter(counted))
    for (measure, bound), (whole, without) in found.items():
        moved = sum((whole[key] - without[key]) ** 2 for key in whole | without)
        assert 0 < moved <= PORTAL[measure].kind.l2_squared(bound), (measure, bound)
