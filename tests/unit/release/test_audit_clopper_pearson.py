"""Confidence limits: another's code agrees, and they cover as often as they say."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.stats import beta, binom

from hubbub.release.audit.clopper_pearson import at_least, at_most


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 5_000), st.floats(0, 1), st.floats(1e-9, 0.2))
@example(100_000, 0.0, 1e-8)
@example(100_000, 1.0, 1e-8)
@example(100_000, 1e-4, 1e-8)
def test_limits_are_those_of_the_beta_distribution(runs: int, share: float, risk: float) -> None:
    happened = round(runs * share)
    low = beta.ppf(risk, happened, runs - happened + 1) if happened else 0.0
    high = beta.ppf(1 - risk, happened + 1, runs - happened) if happened < runs else 1.0
    assert at_least(happened, runs, risk) == pytest.approx(low, rel=1e-6, abs=1e-12)
    assert at_most(happened, runs, risk) == pytest.approx(high, rel=1e-6, abs=1e-12)


@pytest.mark.parametrize("p", [0.003, 0.2, 0.5, 0.99])
def test_limits_are_wrong_as_seldom_as_they_say(p: float) -> None:
    """Exactly, by adding up the binomial probabilities of all outcomes at which a limit is wrong."""
    runs, risk = 150, 0.02
    outcomes = np.arange(runs + 1)
    chances = binom.pmf(outcomes, runs, p)
    assert chances[[at_least(int(k), runs, risk) > p for k in outcomes]].sum() <= risk
    assert chances[[at_most(int(k), runs, risk) < p for k in outcomes]].sum() <= risk


def test_more_than_all_cannot_happen() -> None:
    with pytest.raises(ValueError, match="3 of 2"):
        at_least(3, 2, 0.1)
    assert at_least(0, 10, 0.1) == 0.0
    assert at_most(10, 10, 0.1) == 1.0
