"""A year of somebody who comes every day: what it costs by the plan and as paid, over days and over sites."""

from datetime import date, timedelta

import pytest
from msgspec.structs import replace
from page_samples import PLAN, TODAY, SampleLedger, sample_read_side

from hubbub.core.plan_text import PlanDifference, PlanVersion
from hubbub.core.spending import DaySpent
from hubbub.core.zcdp import epsilon_of
from hubbub.serve.charts.spending import draw_spending
from hubbub.serve.pages.device_year import view_device_year
from hubbub.serve.pages.measures import view_measures
from hubbub.serve.pages.plan_changes import WORDS, tell_change, tell_changes
from hubbub.serve.reading import ReadSide
from hubbub.serve.texts import texts_in

TEXTS = texts_in("en")
LAST = TODAY - timedelta(1)


class Paid(SampleLedger):
    """A ledger of these days."""

    def __init__(self, spent: list[DaySpent]) -> None:
        super().__init__()
        self.days = spent

    def spent(self, limit: int) -> list[DaySpent]:
        return sorted(self.days, key=lambda one: one.day, reverse=True)[:limit]

    def spent_since(self, first: date) -> list[DaySpent]:
        return [one for one in self.days if one.day >= first]


@pytest.fixture(scope="module")
def marts(tmp_path_factory: pytest.TempPathFactory) -> ReadSide:
    return sample_read_side(tmp_path_factory.mktemp("marts"), days=2)


def reading(marts: ReadSide, spent: list[DaySpent]) -> ReadSide:
    return replace(marts, ledger=Paid(spent), plans={})


def test_it_is_the_sum_of_days_and_of_sites(marts: ReadSide) -> None:
    sites = [site.name for site in marts.settings.sites]
    spent = [
        DaySpent(site, LAST - timedelta(back), 22, 0.05 if back else 0.04, 5e-10)
        for back in range(500)
        for site in sites
        if site == sites[0] or back < 3
    ]
    found = view_device_year(reading(marts, spent), sites[0], TEXTS)
    assert found.last == LAST
    here, everywhere = found.groups
    assert [line.period for line in here.lines] == ["a day", "a week", "a month", "a year"]
    assert [line.planned.rho for line in here.lines] == pytest.approx([0.05, 0.35, 1.5, 18.25])
    assert [line.planned.rho for line in everywhere.lines] == pytest.approx([0.15, 1.05, 4.5, 54.75])
    assert here.lines[0].planned.epsilon == pytest.approx(PLAN.epsilon, abs=0.03)
    assert here.lines[0].planned.delta == pytest.approx(PLAN.delta)
    assert here.lines[3].planned.delta == pytest.approx(5e-10 + 365 * 5e-10)
    paid = [line.paid for line in here.lines]
    assert [one.days for one in paid if one] == [1, 7, 30, 365]
    assert [one.rho for one in paid if one] == pytest.approx([0.05, 0.34, 1.49, 18.24])
    assert paid[3] is not None
    assert paid[3].epsilon == pytest.approx(epsilon_of(18.24, 5e-10))
    assert paid[3].delta == pytest.approx(5e-10 + 365 * 5e-10)
    rho = [line.paid.rho for line in everywhere.lines if line.paid]
    assert rho == pytest.approx([0.15, 0.34 + 2 * 0.14, 1.49 + 2 * 0.14, 18.24 + 2 * 0.14])
    assert "365 of the last 365 days were paid for, none with more than ρ = 0.05" in found.sentence


def test_days_that_were_not_released_cost_nothing(marts: ReadSide) -> None:
    name = marts.settings.sites[0].name
    spent = [DaySpent(name, LAST - timedelta(back), 22, 0.05, 0.0) for back in (0, 40)]
    here = view_device_year(reading(marts, spent), name, TEXTS).groups[0]
    assert [line.paid.days for line in here.lines if line.paid] == [1, 1, 1, 2]


def test_before_the_first_release_there_is_the_plan(marts: ReadSide) -> None:
    found = view_device_year(reading(marts, []), marts.settings.sites[0].name, TEXTS)
    assert (found.last, found.charts, found.sentence) == (None, (), "")
    assert all(line.paid is None for group in found.groups for line in group.lines)


def test_one_site_is_one_group(marts: ReadSide) -> None:
    alone = replace(marts.settings, sites=marts.settings.sites[:1])
    found = view_device_year(replace(reading(marts, []), settings=alone), alone.sites[0].name, TEXTS)
    assert len(found.groups) == 1


def test_the_chart_has_a_column_a_day_and_what_the_plan_allows() -> None:
    spent = [DaySpent("a", LAST - timedelta(back), 22, 0.05, 0.0) for back in range(0, 365, 5)]
    wide, narrow = draw_spending(spent, LAST, 0.05, "ρ a day", TEXTS)
    assert wide.count('fill="var(--accent-soft)"') == 73
    assert wide.count("var(--before)") == 1
    whole = [DaySpent("a", LAST - timedelta(back), 22, 0.05, 0.0) for back in range(365)]
    assert draw_spending(whole, LAST, 0.05, "x", TEXTS)[0].count('fill="var(--accent-soft)"') == 1
    assert ">0.05<" in wide
    assert ">Jan 2026<" in wide
    assert 'class="chart chart-narrow"' in narrow
    assert draw_spending(spent, LAST, 0.05, "ρ a day", TEXTS) == (wide, narrow)


def test_every_difference_is_told_in_words() -> None:
    for what in ("budget", "added", "removed", "weight", "bound", "keys", "meaning", "counting", "program"):
        assert what in WORDS
        told = tell_change(PlanDifference(what, "Visits", "x", "y"), TEXTS)
        assert "{" not in told
    assert tell_change(PlanDifference("keys", "Topics", "Bins", ""), TEXTS) == "Topics: without Bins"
    assert tell_change(PlanDifference("keys", "Topics", "", "Bins"), TEXTS) == "Topics: with Bins"


def test_many_weights_are_one_sentence() -> None:
    weights = [PlanDifference("weight", f"M{number}", "1 %", "2 %") for number in range(5)]
    version = PlanVersion(
        2, "portal/2/ab", LAST, "", 1, True, changes=(*weights, PlanDifference("added", "N", "", "x"))
    )
    assert tell_changes(version, TEXTS) == (
        "new: N (x)",
        f"shares of the budget: {'; '.join(f'M{number} 1 % → 2 %' for number in range(5))}",
    )
    few = replace(version, changes=tuple(weights[:3]))
    assert len(tell_changes(few, TEXTS)) == 3


def test_a_page_shows_the_newest_versions_and_leads_to_all(marts: ReadSide) -> None:
    class Changed(SampleLedger):
        def plan_versions(self, source: str) -> list[PlanVersion]:
            return [PlanVersion(number, f"portal/2/{number:032x}", LAST, "", number, True) for number in range(1, 31)]

    view = view_measures(replace(marts, ledger=Changed()), {}, TEXTS)
    assert [one.number for one in view.versions] == list(range(30, 18, -1))
    assert view.version_count == 30


def test_a_version_without_a_text_says_so() -> None:
    first = PlanVersion(1, "portal/1/ab", LAST, "", 1, False)
    assert tell_changes(first, TEXTS) == ("the first plan",)
    second = replace(first, number=2)
    assert "only the hash was kept" in tell_changes(second, TEXTS)[0]
    again = replace(first, number=3, same_as=1, changes=(PlanDifference("removed", "Goals"),))
    assert tell_changes(again, TEXTS) == ("the same as version 1", "no more: Goals")
