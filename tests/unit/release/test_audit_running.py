"""An audit from end to end, with few runs: whether it tells the truth about what it is given."""

from datetime import date

import pytest
from audit_noise import SeededNoise
from msgspec.structs import replace

from hubbub.release import drawing
from hubbub.release.audit import running
from hubbub.release.audit.broken import EMPTY_LEFT_OUT, EMPTY_WITHOUT_NOISE, HALF_SCALE, NO_THRESHOLD
from hubbub.release.audit.cases import CASES, THRESHOLDS
from hubbub.release.audit.running import LEAST_RUNS, audit
from hubbub.release.drawing import draw

DAY = date(2026, 5, 18)
COST = replace(CASES[0], broken=(EMPTY_WITHOUT_NOISE, EMPTY_LEFT_OUT))
RATE = replace(THRESHOLDS[0], broken=(NO_THRESHOLD,))


@pytest.fixture(autouse=True)
def few_cases(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "add_noise", SeededNoise(4))
    monkeypatch.setattr(running, "EVERY", (COST, RATE))


def test_an_audit_says_what_it_did_and_found() -> None:
    heard: list[tuple[str, int, int]] = []
    found = audit(DAY, 2 * LEAST_RUNS, (1_000, 8_000), lambda *step: heard.append(step))
    assert (found.day, found.runs) == (DAY, 2 * LEAST_RUNS)
    assert {copy.runs for each in found.mechanisms for copy in each.broken} <= {1_000, 8_000}
    assert [each.name for each in found.mechanisms] == ["count", "threshold_1"]
    assert found.holds
    assert found.caught == found.broken == 3
    assert heard[0] == ("auditing", 0, 2)
    assert heard[-1] == ("auditing", 2, 2)
    cost, rate = found.mechanisms
    assert (cost.bounds, cost.declared, cost.delta) == ("epsilon", CASES[0].epsilon, CASES[0].delta)
    assert 0 < cost.lowest < cost.declared
    assert (rate.bounds, rate.declared) == ("delta", 1e-3)
    assert rate.lowest < rate.highest


def test_a_broken_hubbub_does_not_pass() -> None:
    """Were the release itself the broken copy, the audit would say so."""
    assert HALF_SCALE.sabotage
    assert NO_THRESHOLD.sabotage
    found = audit(DAY, 2 * LEAST_RUNS, (1_000,), released_by=NO_THRESHOLD.sabotage(HALF_SCALE.sabotage(draw)))
    assert not found.holds
    assert [each.holds for each in found.mechanisms] == [False, False]


def test_an_audit_of_too_few_runs_is_refused() -> None:
    with pytest.raises(ValueError, match="10,000"):
        audit(DAY, LEAST_RUNS - 1)
