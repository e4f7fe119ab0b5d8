"""Combinations of attributes from rows to answers: what is paid, released once, and estimated of what was released."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace
from release_samples import DAY, PLAIN, SOURCE, Home, view

from hubbub.core.combinations import LISTS, MOST_CELLS
from hubbub.core.keys import Measure
from hubbub.core.rows import Row
from hubbub.core.settings import Combinations, Settings, Tuning
from hubbub.publish.answers import answer
from hubbub.publish.intervals import Estimate
from hubbub.publish.marts import Marts
from hubbub.publish.query import Calendar, Filter, Query
from hubbub.release.budget import PICO, priced, variance_of
from hubbub.release.describe import describe
from hubbub.release.entries import Step
from hubbub.release.plan import Plan
from hubbub.release.site_plan import plan_of, tables_of
from hubbub.release.types import Gap

ASKED = Combinations(("device", "channel", "country", "language"), {"country": ("AT",), "language": ("de", "en")})
SITE = replace(PLAIN, combinations=ASKED)


def plan(asked: Combinations) -> Plan:
    site = replace(PLAIN, combinations=asked)
    return plan_of(site, Settings((site,)))


def crowd(units: int) -> list[Row]:
    """Half on phones, two thirds of those from Austria; the others on desktops from France, one in five in English."""
    rows = []
    for unit in range(units):
        is_mobile = unit % 2 == 0
        country = "AT" if is_mobile and unit % 3 else "FR"
        language = "en" if unit % 5 == 0 else "de"
        device = "Mobile" if is_mobile else "Desktop"
        rows.append(view(unit, 4 * unit, unit, device=device, country=country, language=language, channel="Direct"))
        rows.append(view(unit, 4 * unit + 2, 60_000 + unit, device="Tablet", country="AT", channel="Email"))  # no first
    return rows


def ask(marts: Marts, first: date, last: date, *filters: tuple[str, str]) -> Estimate:
    query = Query(
        sites=(SOURCE,), metrics=("visitors",), first=first, last=last, estimate="combined",
        filters=tuple(Filter(name, (value,)) for name, value in filters),
    )  # fmt: skip
    (found,) = answer(marts, query, Calendar(2_000_000_000_000)).rows[0].values
    assert found is not None
    return found


def test_a_closed_day_answers_several_filters_within_the_stated_error(tmp_path: Path) -> None:
    home = Home(tmp_path, site=SITE)
    days = [DAY, DAY + timedelta(1)]
    home.write(crowd(3_000))
    home.clock.ms += 2 * 86_400_000
    home.closer.close(SOURCE, days)  # the second one is empty
    stored = home.stored()
    home.closer.close(SOURCE, days)
    assert home.stored() == stored
    marts = Marts(tmp_path / "marts")
    marts.write(SOURCE, DAY, home.ledger.released(SOURCE, days[0], days[1]))
    share = home.closer.door.priced(SOURCE).shares[Measure.COMBINATIONS]
    for filters, true in (
        ((("device", "Mobile"), ("country", "AT")), 1_000),
        ((("device", "Mobile"), ("country", "AT"), ("language", "en")), 200),
        ((("device", "Desktop"), ("country", "AT"), ("channel", "Direct")), 0),
        ((("device", "Tablet"), ("channel", "Email")), 0),
        ((("device", "Desktop"), ("country", "rest")), 1_500),
    ):
        one = ask(marts, DAY, DAY, *filters)
        both = ask(marts, days[0], days[1], *filters)
        assert one.stderr < 2 * variance_of(share.scale) ** 0.5
        assert abs(one.value - true) < 6 * one.stderr  # false alarms: 1e-8
        assert abs(both.value - true) < 6 * both.stderr
        assert both.stderr == pytest.approx(2**0.5 * one.stderr)


def test_a_crash_after_the_debit_costs_the_tables_and_they_are_never_drawn_again(tmp_path: Path) -> None:
    class Killed(BaseException):
        pass

    def kill(step: str) -> None:
        if step == "drawn combinations":
            raise Killed

    home = Home(tmp_path, site=SITE)
    home.write(crowd(50))
    with pytest.raises(Killed):
        home.closer.close(SOURCE, [DAY], at=kill)
    report = home.closer.close(SOURCE, [DAY])
    assert report.forfeited == ((DAY, Measure.COMBINATIONS),)
    gaps = {each.measure: each.gap for each in home.ledger.released(SOURCE, DAY, DAY) if each.gap and each.slot is None}
    assert gaps == {Measure.COMBINATIONS: Gap.FORFEITED}
    marts = Marts(tmp_path / "marts")
    marts.write(SOURCE, DAY, home.ledger.released(SOURCE, DAY, DAY))
    query = Query(
        sites=(SOURCE,), metrics=("visitors",), first=DAY, last=DAY, estimate="combined",
        filters=(Filter("device", ("Mobile",)), Filter("country", ("AT",))),
    )  # fmt: skip
    found = answer(marts, query, Calendar(2_000_000_000_000))
    assert [(row.values, row.days) for row in found.rows] == [((None,), 0)]
    assert [gap.reason for gap in found.gaps] == ["forfeited"]


def test_a_unit_is_in_one_cell_of_each_table() -> None:
    measure = plan(ASKED)[Measure.COMBINATIONS]
    assert (measure.bound, measure.l2_squared, measure.new_keys) == (4, 4, 0)
    tables = tables_of(ASKED)
    assert tables.names == (
        ("channel", "country", "device"), ("channel", "country", "language"), ("channel", "device", "language"),
        ("country", "device", "language"),
    )  # fmt: skip
    assert len(measure.fixed) == tables.cells == 20 * 2 * 4 + 20 * 2 * 3 + 20 * 4 * 3 + 2 * 4 * 3


def test_it_is_paid_by_its_weight_and_the_day_costs_the_same(tmp_path: Path) -> None:
    with_, without = (priced(plan_of(site, Settings((site,))), "standard") for site in (SITE, PLAIN))
    assert with_.allowance == without.allowance
    share = with_.shares[Measure.COMBINATIONS]
    assert share.rho == with_.allowance.rho * 12 // with_.plan.weights
    assert 4 / (2 * float(share.scale) ** 2) <= share.rho / PICO <= 1.001 * 4 / (2 * float(share.scale) ** 2)
    assert sum(each.rho for each in with_.shares.values()) <= with_.allowance.rho
    grown = with_.shares[Measure.VISITORS].scale / without.shares[Measure.VISITORS].scale
    assert float(grown) == pytest.approx((with_.plan.weights / without.plan.weights) ** 0.5, rel=1e-3)
    home = Home(tmp_path, site=SITE)
    home.write(crowd(5))
    home.closer.close(SOURCE, [DAY])
    debits = [each for each in home.ledger.entries() if each.step is Step.DEBIT and each.slot is None]
    assert sum(each.measure == Measure.COMBINATIONS for each in debits) == 1
    assert sum(each.rho for each in debits) <= with_.allowance.rho


def test_the_order_in_the_settings_is_nobodys_matter() -> None:
    assert plan(ASKED) == plan(replace(ASKED, attributes=ASKED.attributes[::-1]))
    assert plan(replace(ASKED, depth=3)) == plan(ASKED)
    assert tables_of(replace(ASKED, attributes=("device", "channel"))).depth == 2
    assert len(tables_of(replace(ASKED, depth=2)).names) == 6
    assert len(tables_of(replace(ASKED, depth=4)).names) == 1


def test_no_bound_that_a_setting_could_bring_adds_a_cell() -> None:
    """The statements are cut at the bound, so that even one that no settings file may have costs what it says."""
    site = replace(SITE, plan=Tuning(bounds={"combinations": 1}))
    measure = plan_of(site, Settings((site,)))[Measure.COMBINATIONS]
    assert measure.l2_squared == 1
    site = replace(SITE, plan=Tuning(bounds={"combinations": 99}))
    assert plan_of(site, Settings((site,)))[Measure.COMBINATIONS].l2_squared == 4


def test_it_is_told_in_words() -> None:
    (told,) = [each for each in describe(priced(plan(ASKED), "standard")).measures if each.measure == "combinations"]
    assert told.counted == (
        "Visitors by every 3 of channel, country, device, language together, as the first page view says"
    )
    assert told.bound == "a device counts in one cell of each of 4 tables"
    assert told.sensitivity == 4


def test_the_widest_settings_are_within_the_limit_of_cells() -> None:
    assert tables_of(Combinations(("channel", "device", "os", "browser"))).cells < MOST_CELLS
    assert set(LISTS) >= {"channel", "device", "os", "browser", "country", "language"}
