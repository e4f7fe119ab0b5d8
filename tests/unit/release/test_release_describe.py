"""The plan in words says every measure, and its figures are those that are drawn with."""

import pytest
from release_samples import FULL, TOPICS

from hubbub.core.keys import Measure
from hubbub.core.settings import Budget, Settings
from hubbub.release.budget import priced
from hubbub.release.describe import describe
from hubbub.release.portal import PORTAL
from hubbub.release.site_plan import plan_of


def test_every_measure_is_described() -> None:
    plan = plan_of(FULL, Settings((FULL,), topics=TOPICS))
    text = describe(priced(plan, "standard"))
    assert [each.measure for each in text.measures] == [each.measure for each in plan.measures]
    assert {each.measure for each in text.measures} == {each.value for each in Measure}
    assert sum(each.weight for each in text.measures) == pytest.approx(100)
    assert sum(each.rho for each in text.measures) == pytest.approx(text.rho)
    assert all(each.counted and each.bound and "{" not in each.bound for each in text.measures)
    assert {each.measure for each in text.measures if each.threshold} == {
        "new_pages", "referrers", "campaigns", "events", "search_terms"
    }  # fmt: skip
    assert not text.trial


def test_a_trial_says_so() -> None:
    text = describe(priced(PORTAL, Budget(1e6)))
    assert text.trial
    assert "100 views" in next(each.bound for each in text.measures if each.measure == "pageviews")
