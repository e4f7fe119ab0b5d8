"""Versions of a plan: dated by the first debit under them, told in words, their texts bound to the chain."""

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from msgspec.structs import replace
from release_samples import DAY, FULL, PLAIN, SOURCE, Home, view

from hubbub.core.errors import LedgerError
from hubbub.core.keys import Measure
from hubbub.core.plan_text import PlanDifference
from hubbub.core.settings import Amount, Condition, Site, Tuning
from hubbub.release.key_lists import key_list
from hubbub.release.plan_texts import has_text, is_text_of, record_of
from hubbub.release.state import plan_changes_table, plans_table

ROWS = [view(unit, 2 * unit, unit * 1000, "/a") for unit in range(20)]
GOAL = {"sent": Condition(page="/a")}


def closed(folder: Path, *sites: Site, budget: str = "standard") -> Home:
    """A home that closed a day under each of these settings, one day after the other."""
    home = Home(folder, budget, site=sites[0])
    for place, site in enumerate(sites):
        home = Home(folder, budget, site=site)
        day = DAY + timedelta(place)
        home.write(ROWS, day)
        home.closer.close(SOURCE, [day])
    return home


def changed(folder: Path, before: Site, after: Site) -> tuple[PlanDifference, ...]:
    versions = closed(folder, before, after).ledger.plan_versions(SOURCE)
    assert [each.number for each in versions] == [1, 2]
    assert versions[0].changes == ()
    return versions[1].changes


def test_a_plan_that_stays_is_one_version(tmp_path: Path) -> None:
    home = closed(tmp_path, PLAIN, PLAIN, PLAIN)
    (only,) = home.ledger.plan_versions(SOURCE)
    assert (only.number, only.day, only.seq, only.is_kept, only.same_as) == (1, DAY, 1, True, 0)
    assert only.name == home.closer.door.plan_name(SOURCE)
    assert (only.measures, only.delta) == (len(home.closer.door.priced(SOURCE).plan.measures), 1e-9)
    assert only.hour == next(iter(home.ledger.entries())).hour
    assert home.ledger.plan_versions("other.example") == []


def test_each_change_is_a_version_and_going_back_is_one_too(tmp_path: Path) -> None:
    tuned = replace(PLAIN, plan=Tuning({"page_visitors": 30}, {"pageviews": 3}))
    home = closed(tmp_path, PLAIN, tuned, tuned, replace(PLAIN, plan=Tuning(fit=False)))
    first, second, third = home.ledger.plan_versions(SOURCE)
    assert [each.day for each in (first, second, third)] == [DAY, DAY + timedelta(1), DAY + timedelta(3)]
    assert (third.name, third.same_as) == (first.name, 1)
    assert second.changes == (
        PlanDifference("bound", "Page views of the day", "with at most 10 views", "with at most 3 views", "pageviews"),
        PlanDifference("weight", "Visitors of each page known beforehand", "16.5 %", "25.9 %"),
    )
    assert third.changes[0] == PlanDifference(
        "bound", "Page views of the day", "with at most 3 views", "with at most 10 views", "pageviews"
    )
    assert home.ledger.verify().is_sound


def test_measures_that_come_and_go_are_told(tmp_path: Path) -> None:
    (added,) = changed(tmp_path, PLAIN, replace(PLAIN, goals=GOAL))
    assert added == PlanDifference("added", "Devices that reached each goal", "", "in at most 1 goals")
    (removed,) = changed(tmp_path / "other", replace(PLAIN, goals=GOAL), PLAIN)
    assert (removed.what, removed.subject) == ("removed", "Devices that reached each goal")


def test_what_a_name_means_is_told(tmp_path: Path) -> None:
    before, after = replace(PLAIN, goals=GOAL), replace(PLAIN, goals={"sent": Condition(page="/b")})
    assert changed(tmp_path, before, after) == (PlanDifference("meaning", "sent"),)
    dear = changed(
        tmp_path / "other", replace(PLAIN, amounts={"Fee": Amount(5)}), replace(PLAIN, amounts={"Fee": Amount(6)})
    )
    assert dear[0].what == "keys"
    assert (dear[0].before, dear[0].after) == ("Fee · 5", "Fee · 6")
    assert PlanDifference("meaning", "Fee") in dear


def test_another_budget_is_told(tmp_path: Path) -> None:
    Home(tmp_path).closer.close(SOURCE, [DAY])
    strict = Home(tmp_path, "strict")
    strict.closer.close(SOURCE, [DAY + timedelta(1)])
    (change,) = strict.ledger.plan_versions(SOURCE)[1].changes
    assert (change.what, change.before) == ("budget", "ρ = 0.05, ε = 1.92, δ = 1e-09")
    assert change.after.startswith("ρ = 0.0144, ε = 1,")


def test_the_text_is_the_whole_plan_and_what_the_name_says(tmp_path: Path) -> None:
    home = closed(tmp_path, FULL)
    (only,) = home.ledger.plan_versions(SOURCE)
    plan, budget = json.loads(home.ledger.plan_text(only.name))
    assert [each["measure"] for each in plan["measures"]] == [
        str(each.measure) for each in home.closer.door.priced(SOURCE).plan.measures
    ]
    assert plan["asked"]["amounts"]["Signup"]["most"] == 100
    assert budget["rho"] == home.closer.door.priced(SOURCE).allowance.rho
    assert home.ledger.plan_text("portal/1/0b368331d9318620") == b""


def test_equal_plans_of_two_sources_are_one_text(tmp_path: Path) -> None:
    home = closed(tmp_path, PLAIN)
    visitors = home.closer.door.priced(SOURCE).plan[Measure.VISITORS]
    entry = home.closer.door.entry(visitors, SOURCE, DAY, key_list([()]))
    home.ledger.debit([replace(entry, source="other.example")], home.closer.door.priced(SOURCE).allowance)
    with home.engine.connect() as connection:
        assert len(connection.execute(sa.select(plans_table)).all()) == 1
        assert len(connection.execute(sa.select(plan_changes_table)).all()) == 2
    assert home.ledger.verify().is_sound


def test_nothing_is_debited_under_a_plan_that_is_not_kept(tmp_path: Path) -> None:
    home = closed(tmp_path, PLAIN)
    debit = next(iter(home.ledger.entries()))
    other = replace(debit, day=DAY + timedelta(9), plan=f"portal/2/{'ab' * 16}")
    with pytest.raises(LedgerError, match="is not kept"):
        home.ledger.debit([other], home.closer.door.priced(SOURCE).allowance)
    assert home.ledger.verify().is_sound


def test_a_plan_that_was_forged_or_lost_is_found(tmp_path: Path) -> None:
    home = closed(tmp_path, PLAIN)
    (only,) = home.ledger.plan_versions(SOURCE)
    forged = record_of(replace(home.closer.door.priced(SOURCE), allowance=replace(
        home.closer.door.priced(SOURCE).allowance, rho=1)))  # fmt: skip
    assert not is_text_of(only.name, forged.packed)
    with home.engine.begin() as connection:
        connection.execute(sa.update(plans_table).values(packed=forged.packed))
    assert home.ledger.verify().problems == (f"plan {only.name}: its text was changed",)
    with pytest.raises(LedgerError, match="was changed"):
        home.ledger.plan_versions(SOURCE)
    with home.engine.begin() as connection:
        connection.execute(sa.delete(plans_table))
    assert home.ledger.verify().problems == (f"plan {only.name}: its text is missing",)


def test_the_date_of_a_version_cannot_be_moved(tmp_path: Path) -> None:
    home = closed(tmp_path, PLAIN, FULL)
    with home.engine.begin() as connection:
        connection.execute(
            sa.update(plan_changes_table).where(plan_changes_table.c.seq > 1).values(day=str(date(2020, 1, 1)))
        )
    assert home.ledger.verify().problems == ("the versions of plans that were noted are not those of the entries",)


def test_names_of_before_have_no_text() -> None:
    assert not has_text("portal/1/0b368331d9318620")
    assert not has_text("")
