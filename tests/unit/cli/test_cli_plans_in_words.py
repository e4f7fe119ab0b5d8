"""The plans that pages tell: of tables as they were last paid, while the settings ask for the same."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from hubbub.cli.commands.import_table import import_rows
from hubbub.cli.home import Home
from hubbub.cli.plans_in_words import PlansInWords
from hubbub.cli.reading import read_side
from hubbub.core.settings import Settings, Tuning
from hubbub.release.budget import priced
from hubbub.release.door import SINGLE
from hubbub.release.entries import LedgerEntry, Step
from hubbub.release.key_lists import key_list
from hubbub.release.plan_texts import record_of
from hubbub.release.site_plan import plan_of

SETTINGS = """
tables:
  - name: desk
    time: at
    unit: row
    columns: {form: {open: text}}
    measures: {forms: {kind: units, by: [form]}}
"""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    (tmp_path / "hubbub.yaml").write_text(SETTINGS)
    return Home.open(tmp_path)


def test_a_table_is_told_as_it_was_paid(home: Home) -> None:
    plans = PlansInWords(home.settings, home.ledger)
    before = {each.measure for each in plans["desk"].measures}
    assert "more_form" not in before  # two looks are for days on which nothing is known of a column
    day = date.today() - timedelta(days=2)
    (home.folder / "rows.csv").write_text("at,form\n" + f"{day}T12:00,a\n" * 20)
    import_rows([home.folder / "rows.csv"], "desk", final=True, home=home.folder)
    assert {each.measure for each in plans["desk"].measures} == before | {"more_form"}
    assert list(plans) == ["desk"]
    assert len(plans) == 1


def test_other_settings_are_told_as_they_are(home: Home) -> None:
    day = date.today() - timedelta(days=2)
    (home.folder / "rows.csv").write_text("at,form\n" + f"{day}T12:00,a\n" * 20)
    import_rows([home.folder / "rows.csv"], "desk", final=True, home=home.folder)
    table = home.settings.tables[0]
    weights = {"forms": replace(table.measures["forms"], weight=20)}
    for changed in (
        replace(home.settings, tables=(replace(table, measures=weights),)),
        replace(home.settings, budget="strict"),
    ):
        measures = {each.measure for each in PlansInWords(changed, home.ledger)["desk"].measures}
        assert "more_form" not in measures


def test_a_home_of_tables_alone_has_a_read_side(home: Home) -> None:
    side = read_side(home)
    assert side.plan_of("desk").name.startswith("table")
    assert side.calendar().zone_of("desk") == "UTC"


def test_a_site_is_told_with_the_bounds_that_follow(tmp_path: Path) -> None:
    """As its newest release was paid, while the settings ask for the same; else as they say."""
    (tmp_path / "hubbub.yaml").write_text("sites: [{name: portal.example, pages: [/]}]")
    home = Home.open(tmp_path)
    site, source = home.settings.sites[0], "portal.example"
    asked = plan_of(site, home.settings)
    followed = asked.tuned(Tuning(bounds={"pageviews": 40}))
    record = record_of(priced(followed, "standard"))
    home.ledger.note_plan(record)
    entry = LedgerEntry(
        seq=0, step=Step.DEBIT, source=source, day=date(2026, 5, 4), measure="visitors", plan=record.name, rho=1,
        scale="1", l2_squared=1, key_list=key_list(SINGLE).hash,
    )  # fmt: skip
    home.ledger.debit([entry], priced(asked, "standard").allowance, [key_list(SINGLE)])

    def bound(settings: Settings) -> str:
        plan = PlansInWords(settings, home.ledger)[source]
        return next(each.bound for each in plan.measures if each.measure == "pageviews")

    assert bound(home.settings) == "a device counts with at most 40 views"
    for tuning in (Tuning(fit=False), Tuning(bounds={"pageviews": 10}), Tuning({"pageviews": 7})):
        changed = replace(home.settings, sites=(replace(site, plan=tuning),))
        assert bound(changed) == "a device counts with at most 10 views"
