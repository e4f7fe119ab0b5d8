"""Settings and plans change; what was released before stays what it was."""

from pathlib import Path

import pytest
from msgspec.structs import replace
from release_samples import DAY, FULL, PLAIN, SOURCE, Home, view

from hubbub.core.days import HOUR_MS, bounds
from hubbub.core.keys import Dimension, Measure
from hubbub.core.rows import Kind, Row
from hubbub.core.settings import Amount, Budget, Condition, Settings, Site
from hubbub.release import door
from hubbub.release.hours import release_hours
from hubbub.release.plan import Plan
from hubbub.release.portal import PORTAL
from hubbub.release.site_plan import plan_of
from hubbub.release.types import Gap, Released

ROWS = [view(unit, 2 * unit, unit * 1000, "/a") for unit in range(40)]


def old_plan(_site: Site | None, _settings: Settings) -> Plan:
    """The plan of the first release: twenty measures, the same for every site."""
    return replace(PORTAL, version=1)


def one(home: Home, measure: Measure) -> Released:
    (found,) = [each for each in home.ledger.released(SOURCE, DAY, DAY) if each.measure == measure]
    return found


def searches(term: str, units: int, first: int = 0) -> list[Row]:
    return [view(unit, 2 * unit, 0, "/", Kind.SEARCH, term) for unit in range(first, first + units)]


def test_a_ledger_of_the_plan_before_is_read_and_verified(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as before:
        before.setattr(door, "plan_of", old_plan)
        old = Home(tmp_path)
        old.write(ROWS)
        old.closer.close(SOURCE, [DAY])
        released = list(old.ledger.released(SOURCE, DAY, DAY))
        stored = old.stored()
    assert {entry.plan.split("/")[1] for entry in old.ledger.entries()} == {"1"}
    new = Home(tmp_path, site=FULL)
    assert list(new.ledger.released(SOURCE, DAY, DAY)) == released
    assert {each.measure for each in released} == {each.measure for each in PORTAL.measures}
    assert new.ledger.verify().is_sound
    assert new.stored() == stored
    assert new.closer.door.plan_name(SOURCE).startswith("portal/2/")


def test_a_day_that_was_begun_under_another_plan_never_costs_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The hours of a day were paid before an upgrade: what no longer fits into the day's budget is kept back."""
    with monkeypatch.context() as before:
        before.setattr(door, "plan_of", old_plan)
        old = Home(tmp_path)
        old.write(ROWS, origin="live")
        release_hours(old.closer, SOURCE, DAY, bounds(DAY, "Europe/Vienna").start_ms + HOUR_MS)
    new = Home(tmp_path, site=FULL)
    report = new.closer.close(SOURCE, [DAY])
    assert report.released > 20
    assert sum(entry.rho for entry in new.ledger.entries()) <= new.closer.door.priced(SOURCE).allowance.rho
    assert {each.gap for each in new.ledger.released(SOURCE, DAY, DAY)} <= {Gap.NONE, Gap.LATE, Gap.KEPT_BACK}
    assert new.ledger.verify().is_sound


def test_what_was_debited_and_is_asked_for_no_more_is_forfeited(tmp_path: Path) -> None:
    """A close dies over a goal, and the goal leaves the settings before it is run again."""

    def dies(step: str) -> None:
        if step == "debited goals":
            raise KeyboardInterrupt

    old = Home(tmp_path, site=FULL)
    old.write(ROWS)
    with pytest.raises(KeyboardInterrupt):
        old.closer.close(SOURCE, [DAY], at=dies)
    new = Home(tmp_path, site=PLAIN)
    assert new.closer.close(SOURCE, [DAY]).forfeited == ((DAY, Measure.GOALS),)
    assert one(new, Measure.GOALS).gap is Gap.FORFEITED
    assert new.ledger.verify().is_sound


def test_the_hash_of_a_plan_tells_what_was_asked_for() -> None:
    """What a goal means is part of the plan, not its name alone."""
    sites = [
        PLAIN,
        replace(PLAIN, goals={"sent": Condition(page="/a")}),
        replace(PLAIN, goals={"sent": Condition(page="/b")}),
        replace(PLAIN, amounts={"Fee": Amount(5)}),
        replace(PLAIN, amounts={"Fee": Amount(6)}),
    ]
    plans = [plan_of(site, Settings((site,))) for site in sites]
    assert len({repr(plan) for plan in plans}) == len(sites)


def test_each_site_has_the_name_of_its_own_plan(tmp_path: Path) -> None:
    home = Home(tmp_path)
    settings = replace(home.settings, sites=(*home.settings.sites, replace(FULL, name="other.example")))
    mine = replace(home.closer.door, settings=settings, known={})
    assert mine.plan_name(SOURCE) != mine.plan_name("other.example")
    assert mine.plan_name(SOURCE) == home.closer.door.plan_name(SOURCE)


def test_the_most_of_a_day_stands_with_its_cells(tmp_path: Path) -> None:
    before = Home(tmp_path, Budget(1e6), site=replace(PLAIN, amounts={"Fee": Amount(50, "EUR")}))
    before.write([view(1, 2, 0, "/", Kind.EVENT, "Fee", amount=2_500)])
    before.closer.close(SOURCE, [DAY])
    after = Home(tmp_path, Budget(1e6), site=replace(PLAIN, amounts={"Fee": Amount(900, "CHF")}))
    cells = one(after, Measure.AMOUNTS)
    assert cells.keys == (("Fee", "50 EUR"),)
    assert abs(cells.values[0] - 500) < 80
    assert cells.dimensions == (Dimension.EVENT, Dimension.MOST)


@pytest.mark.parametrize("origin", ["live", "log"])
def test_new_terms_wait_for_an_editor_whoever_tells_of_them(tmp_path: Path, origin: str) -> None:
    home = Home(tmp_path, site=FULL)
    home.write(searches("bus strike", 900), origin=origin)
    home.closer.close(SOURCE, [DAY])
    found = one(home, Measure.SEARCH_TERMS)
    assert found.keys == (("bus strike",), ("passport",))  # the second is on the public list
    assert (found.is_new, found.hidden) == ((True, False), (True, False))
    assert [(each.dimension, each.key) for each in home.public.waiting(SOURCE)] == [(Dimension.TERM, "bus strike")]
    home.public.approve(SOURCE, Dimension.TERM, ["bus strike"])
    assert one(home, Measure.SEARCH_TERMS).hidden == (False, False)
    home.public.revoke(SOURCE, Dimension.TERM, ["bus strike"])
    assert one(home, Measure.SEARCH_TERMS).hidden == (True, False)


def test_forms_of_live_days_wait_too(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.write([view(unit, 2 * unit, 0, "/f", Kind.FORM, "/f") for unit in range(900)], origin="live")
    home.closer.close(SOURCE, [DAY])
    assert [each.key for each in home.public.waiting(SOURCE)] == ["form:/f"]


def test_a_unit_that_is_set_aside_counts_there_alone(tmp_path: Path) -> None:
    home = Home(tmp_path, Budget(9.9))
    robots = [view(unit, 2 * n, n * 100, f"/{n}") for unit in range(1_000, 3_000) for n in range(30)]
    home.write([*ROWS, *robots])
    home.closer.close(SOURCE, [DAY])
    assert abs(one(home, Measure.SET_ASIDE).values[0] - 2_000) < 200
    assert abs(one(home, Measure.VISITORS).values[0] - 40) < 200
    assert not one(home, Measure.NEW_PAGES).keys
