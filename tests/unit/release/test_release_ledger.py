"""The ledger: one debit and one end a slot, within the budget; any edit shows; only it makes `Released`."""

import ast
import threading
from datetime import date, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from msgspec.structs import replace
from release_samples import DAY, SOURCE, Home

import hubbub
from hubbub.core.errors import BudgetSpent, LedgerError
from hubbub.core.keys import Dimension, Measure
from hubbub.core.settings import Budget
from hubbub.release.entries import Cells, LedgerEntry, Step, hash_of
from hubbub.release.key_lists import key_list
from hubbub.release.ledger import missing
from hubbub.release.portal import PORTAL
from hubbub.release.state import (
    drawn_table,
    key_lists_table,
    known_keys_table,
    ledger_meta_table,
    ledger_table,
    plan_changes_table,
    plans_table,
)
from hubbub.release.types import Gap

KEPT = (ledger_table, drawn_table, key_lists_table, ledger_meta_table, plans_table, plan_changes_table)
LIST = key_list([("/a",), ("/b",)])


def debit_of(home: Home, measure: Measure, day: date = DAY) -> LedgerEntry:
    return home.closer.door.entry(PORTAL[measure], SOURCE, day, LIST, "0" * 64)


def pay(home: Home, measure: Measure, day: date = DAY) -> LedgerEntry:
    return home.ledger.debit([debit_of(home, measure, day)], home.closer.door.priced(SOURCE).allowance, [LIST])[0]


def filled(home: Home) -> Home:
    """A ledger with cells, a gap and an open debit."""
    for measure in (Measure.PAGE_VISITORS, Measure.ENTRY_PAGES):
        home.ledger.keep([(pay(home, measure), Cells((3, -4)))])
    home.ledger.give_up([pay(home, Measure.EXIT_PAGES)], Gap.FORFEITED)
    pay(home, Measure.PAGE_PAGEVIEWS)
    return home


def test_kept_cells_are_released_as_they_were_kept(tmp_path: Path) -> None:
    home = filled(Home(tmp_path))
    released = {each.measure: each for each in home.ledger.released(SOURCE, DAY, DAY)}
    assert set(released) == {Measure.PAGE_VISITORS, Measure.ENTRY_PAGES, Measure.EXIT_PAGES}
    cells = released[Measure.PAGE_VISITORS]
    assert cells.keys == (("/a",), ("/b",))
    assert list(cells.values) == [3, -4]
    assert cells.variance == pytest.approx(17.41**2, rel=0.001)
    assert not cells.gap
    assert not any(cells.is_new)
    gap = released[Measure.EXIT_PAGES]
    assert gap.gap is Gap.FORFEITED
    assert not gap.keys
    assert not gap.values
    assert home.ledger.verify().is_sound
    assert home.ledger.months(SOURCE) == [DAY.replace(day=1)]


def test_a_slot_is_debited_once_and_ends_once(tmp_path: Path) -> None:
    home = Home(tmp_path)
    paid = pay(home, Measure.PAGE_VISITORS)
    with pytest.raises(LedgerError, match="before"):
        pay(home, Measure.PAGE_VISITORS)
    home.ledger.keep([(paid, Cells((1, 2)))])
    with pytest.raises(LedgerError, match="before"):
        home.ledger.keep([(paid, Cells((9, 9)))])
    with pytest.raises(LedgerError, match="end twice"):
        home.ledger.give_up([paid], Gap.FORFEITED)
    report = home.ledger.verify()
    assert report.is_sound
    assert (report.entries, report.releases) == (2, 1)


def test_a_day_never_costs_more_than_its_budget(tmp_path: Path) -> None:
    home = Home(tmp_path)
    allowed = home.closer.door.priced(SOURCE).allowance
    dear = replace(debit_of(home, Measure.PAGE_VISITORS), rho=allowed.rho)
    cheap = replace(debit_of(home, Measure.ENTRY_PAGES), rho=1)
    home.ledger.debit([dear], allowed, [LIST])
    with pytest.raises(BudgetSpent, match=SOURCE):
        home.ledger.debit([cheap], allowed, [LIST])
    home.ledger.debit([replace(cheap, day=DAY + timedelta(1))], allowed, [LIST])
    home.ledger.debit([replace(cheap, source="other.example")], allowed, [LIST])
    wide = replace(debit_of(home, Measure.NEW_PAGES, DAY + timedelta(2)), delta=allowed.delta_thresholds * 1.01)
    with pytest.raises(BudgetSpent):
        home.ledger.debit([wide], allowed, [LIST])
    assert home.ledger.verify().entries == 3


def test_a_whole_batch_is_refused_when_one_debit_is(tmp_path: Path) -> None:
    home = Home(tmp_path)
    pay(home, Measure.PAGE_VISITORS)
    head = home.ledger.head()
    with pytest.raises(LedgerError):
        home.ledger.debit(
            [debit_of(home, Measure.ENTRY_PAGES), debit_of(home, Measure.PAGE_VISITORS)],
            home.closer.door.priced(SOURCE).allowance,
        )
    assert home.ledger.head() == head


def columns_of(table: sa.Table) -> list[tuple[sa.Table, str]]:
    return [(table, column.name) for column in table.columns]


def edited(value: object) -> object:
    match value:
        case bool():
            return not value
        case int() | float():
            return value + 100
        case bytes():
            return value + b"x"
    return f"{value}0"


@pytest.mark.parametrize(
    ("table", "column"),
    [each for table in KEPT for each in columns_of(table)],
    ids=lambda each: each if isinstance(each, str) else each.name,
)
def test_verify_finds_an_edit_of_any_column_of_any_row(tmp_path: Path, table: sa.Table, column: str) -> None:
    home = filled(Home(tmp_path))
    with home.engine.connect() as connection:
        rows = connection.execute(sa.select(table)).mappings().all()
    assert rows
    key = next(iter(table.primary_key)).name
    for row in rows:
        value = row[column]
        changed = edited(value)
        with home.engine.begin() as connection:
            where = table.c[key] == row[key]
            connection.execute(sa.update(table).where(where).values({column: changed}))
        assert not home.ledger.verify().is_sound, (column, row[key])
        with home.engine.begin() as connection:
            where = table.c[key] == (changed if column == key else row[key])
            connection.execute(sa.update(table).where(where).values({column: value}))
        assert home.ledger.verify().is_sound


@pytest.mark.parametrize("table", KEPT, ids=str)
def test_verify_finds_the_deletion_of_any_row(tmp_path: Path, table: sa.Table) -> None:
    home = filled(Home(tmp_path))
    key = next(iter(table.primary_key)).name
    with home.engine.connect() as connection:
        rows = [dict(row) for row in connection.execute(sa.select(table)).mappings()]
    for row in rows:
        with home.engine.begin() as connection:
            connection.execute(sa.delete(table).where(table.c[key] == row[key]))
        assert not home.ledger.verify().is_sound
        with home.engine.begin() as connection:
            connection.execute(sa.insert(table), row)
        assert home.ledger.verify().is_sound


def test_verify_finds_reordered_and_rewritten_entries(tmp_path: Path) -> None:
    home = filled(Home(tmp_path))
    entries = list(home.ledger.entries())
    noted = entries[3].hash
    assert home.ledger.verify(noted).is_sound
    for entry in entries:
        assert hash_of(entry) == entry.hash
    with home.engine.begin() as connection:
        for seq, to in ((1, -1), (3, 1), (-1, 3)):
            connection.execute(sa.update(ledger_table).where(ledger_table.c.seq == seq).values(seq=to))
    assert not home.ledger.verify().is_sound
    with home.engine.begin() as connection:  # a forger who rewrites the whole chain consistently
        connection.execute(sa.delete(ledger_table))
        previous = "0" * 64
        for entry in entries:
            forged = replace(entry, previous=previous, bound="as one likes").sealed()
            previous = forged.hash
            connection.execute(sa.insert(ledger_table), forged.to_row())
        connection.execute(sa.update(ledger_meta_table).values(value=f"{len(entries)} {previous}"))
    assert "the head noted earlier is not in this ledger" in home.ledger.verify(noted).problems


def test_cells_that_no_entry_paid_for_are_found(tmp_path: Path) -> None:
    home = filled(Home(tmp_path))
    with home.engine.begin() as connection:
        connection.execute(sa.insert(drawn_table), {"entry": "ab" * 32, "cells": b"x"})
    assert home.ledger.verify().problems == ("cells of abababababab: no entry paid for them",)


def test_a_home_that_was_a_trial_stays_one(tmp_path: Path) -> None:
    trial = Home(tmp_path, Budget(1e6))
    assert not trial.ledger.is_trial()
    trial.ledger.keep([(pay(trial, Measure.PAGE_VISITORS), Cells((1, 2)))])
    later = Home(tmp_path, "standard")
    assert later.ledger.is_trial()
    day = DAY + timedelta(1)
    later.ledger.keep([(pay(later, Measure.PAGE_VISITORS, day), Cells((1, 2)))])
    later.ledger.give_up([missing(SOURCE, day, Measure.VISITORS)], Gap.KEPT_BACK)
    assert [each.trial for each in later.ledger.released(SOURCE, DAY, day)] == [True, True, True]


def test_times_stand_to_the_hour_only(tmp_path: Path) -> None:
    home = filled(Home(tmp_path))
    assert {each.hour[13:] for each in home.ledger.entries()} == {":00Z"}


def test_two_at_once_leave_one_chain(tmp_path: Path) -> None:
    homes = [Home(tmp_path), Home(tmp_path)]
    refused: list[LedgerError] = []

    def work(home: Home) -> None:
        for offset in range(20):
            try:
                pay(home, Measure.PAGE_VISITORS, DAY + timedelta(offset))
            except LedgerError as error:
                refused.append(error)

    threads = [threading.Thread(target=work, args=(home,)) for home in homes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 20
    assert homes[0].ledger.verify().entries == 20
    assert homes[0].ledger.verify().is_sound
    assert {each.step for each in homes[0].ledger.entries()} == {Step.DEBIT}


def test_released_is_made_in_one_place() -> None:
    """Nothing in the package calls `Released(...)`, copies or decodes one, but what the ledger uses."""
    makers = []
    callers = []
    for path in sorted(Path(next(iter(hubbub.__path__))).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == "Released":
                makers.append((path.name, "call"))
            if isinstance(node, ast.Call) and any(
                isinstance(arg, ast.Name) and arg.id == "Released"
                for arg in [*node.args, *(keyword.value for keyword in node.keywords)]
            ):
                makers.append((path.name, "passed on"))
            if isinstance(node, ast.Name) and node.id == "released_of":
                callers.append(path.name)
    assert makers == [("releasing.py", "call")]
    assert callers == ["ledger.py"]


def test_errors_of_the_database_quote_no_values(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.public.add(SOURCE, Dimension.PAGE, ["/"], "import", DAY)
    row = {"source": SOURCE, "dimension": "page", "key": "/", "origin": "/secret", "standing": "", "since": ""}
    with home.engine.connect() as connection, pytest.raises(sa.exc.IntegrityError) as failed:
        connection.execute(sa.insert(known_keys_table), row)
    assert "/secret" not in str(failed.value)
