"""What is audited: every kind of mechanism that plans have, on inputs that differ by as much as a device may."""

import pytest
from audit_noise import SeededNoise

from hubbub.core.zcdp import epsilon_of
from hubbub.release import drawing
from hubbub.release.audit.broken import Broken
from hubbub.release.audit.cases import CASES, EVERY, THRESHOLDS, Case, ThresholdCase
from hubbub.release.audit.running import BROKEN_RUNS, RISK, RISK_OF_ONE, bound_of, failing_of
from hubbub.release.audit.sampling import sample
from hubbub.release.budget import PICO
from hubbub.release.drawing import draw
from hubbub.release.plan import Bound, Keys

REAL_RUNS = 4_000
FULLY_MOVED = frozenset(
    ("count", "views", "public_keys", "squares", "amounts", "combinations", "hours", "hours_squares", "new_alone",
     "new_shared", "public_or_new", "weighted", "weighted_day", "weighted_shared")
)  # fmt: skip
names = [case.name for case in EVERY]


def test_every_kind_of_key_and_bound_is_audited() -> None:
    measures = [measure for case in CASES for measure in case.priced.plan.measures]
    assert {measure.keys for measure in measures} == set(Keys)
    assert {measure.kind for measure in measures} == set(Bound)
    assert {each.priced.plan.measures[0].new_keys for each in THRESHOLDS} == {1, 2, 3}
    assert len(set(names)) == len(names)
    assert RISK_OF_ONE * len(names) == pytest.approx(RISK)


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_inputs_are_neighbours_as_far_apart_as_may_be(case: Case) -> None:
    moved = {each.measure.measure: each.moved for each in case.inputs(case.priced)}
    declared = {each.measure: each.l2_squared for each in case.priced.plan.measures}
    assert set(moved) == set(declared)
    assert all(moved[name] <= declared[name] for name in moved)
    assert moved == declared or case.name not in FULLY_MOVED


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_what_is_declared_follows_from_rho(case: Case) -> None:
    rho = sum(share.rho for share in case.priced.shares.values())
    assert rho <= case.priced.allowance.rho
    assert case.epsilon == epsilon_of(case.priced.allowance.rho / PICO, 0.01)
    assert case.delta == pytest.approx(0.02 if case.priced.plan.thresholded else 0.01)


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_no_mechanism_costs_more_than_it_declares(case: Case) -> None:
    """With the real sampler, in short; false-alarm rate 1e-6 over all mechanisms (Bonferroni)."""
    found = bound_of(case, None, REAL_RUNS, draw).epsilon
    assert found <= case.epsilon
    assert found > 0.2 or case.name == "new_alone"  # the test sees something


@pytest.mark.parametrize("case", THRESHOLDS, ids=[case.name for case in THRESHOLDS])
def test_no_threshold_fails_more_often_than_it_declares(case: ThresholdCase) -> None:
    """With the real sampler, in short; false-alarm rate as above."""
    assert failing_of(case, None, REAL_RUNS, draw).lowest <= case.delta


@pytest.mark.parametrize(
    ("case", "copy"),
    [(case, copy) for case in CASES for copy in (None, *case.broken)],
    ids=lambda each: each.name if isinstance(each, Case) else each.says if each else "sound",
)
def test_every_broken_copy_is_caught_and_the_sound_one_is_not(
    case: Case, copy: Broken | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With seeded noise: always the same outcome."""
    monkeypatch.setattr(drawing, "add_noise", SeededNoise(1))
    costs_more = any(bound_of(case, copy, runs, draw).epsilon > case.epsilon for runs in BROKEN_RUNS)
    assert costs_more is (copy is not None)


@pytest.mark.parametrize("case", THRESHOLDS, ids=[case.name for case in THRESHOLDS])
def test_every_broken_threshold_is_caught_and_the_sound_one_is_not(
    case: ThresholdCase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drawing, "add_noise", SeededNoise(2))
    found = failing_of(case, None, BROKEN_RUNS[1], draw)
    assert 0 < found.lowest < case.delta
    for copy in case.broken:
        assert failing_of(case, copy, BROKEN_RUNS[1], draw).lowest > case.delta, copy.says


def test_runs_are_drawn_apart_and_stand_in_their_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    case = next(each for each in CASES if each.name == "public_or_new")
    monkeypatch.setattr(drawing, "add_noise", lambda counts, *_: list(counts))
    sides = sample(case.inputs(case.priced), case.priced, draw, 3)
    (inputs,) = case.inputs(case.priced)
    least = case.priced.shares[inputs.measure.measure].threshold
    assert inputs.new == (("alone",), ("shared",))
    assert sides.without.tolist() == [[0, 0, least, 0, least, 0]] * 3
    assert sides.present.tolist() == [[1, 0, least, 0, least + 1, 1]] * 3
    assert sides.shown == (False, False, False, True, False, True)
    variance = float(case.priced.shares[inputs.measure.measure].scale) ** 2
    assert sides.change == pytest.approx((1 / variance, 0, 1 / variance, 0, 1 / variance, 0))
    monkeypatch.setattr(drawing, "add_noise", SeededNoise(3))
    noised = sample(case.inputs(case.priced), case.priced, draw, 1_000)
    assert len({tuple(line) for line in noised.present.tolist()}) > 100
