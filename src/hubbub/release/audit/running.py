"""An audit from its first case to its last.

Risk: each of the M sound mechanisms gets one bound at `RISK`/M, so by Bonferroni all bounds together are right with
probability 1 − `RISK`, whatever depends on what. Broken copies are held to the same risk at each try.
"""

import platform
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from datetime import date
from functools import partial
from importlib.metadata import version
from multiprocessing import get_context

from hubbub.core.audit_text import AuditedMechanism, AuditText, BrokenCopy
from hubbub.release.audit.broken import Broken
from hubbub.release.audit.cases import EVERY, Case, ThresholdCase
from hubbub.release.audit.lower_bound import LowerBound, Rate, epsilon_at_least, rate_of
from hubbub.release.audit.sampling import Draw, outputs, sample
from hubbub.release.drawing import draw

RUNS = 200_000
LEAST_RUNS = 10_000
BROKEN_RUNS = (8_000, 40_000)  # what is broken shows sooner: more runs where these do not suffice
RISK = 1e-6
RISK_OF_ONE = RISK / len(EVERY)

Progress = Callable[[str, int, int], None]


def audit(
    today: date,
    runs: int = RUNS,
    broken_runs: Sequence[int] = BROKEN_RUNS,
    progress: Progress = lambda _stage, _done, _total: None,
    released_by: Draw = draw,
    workers: int = 1,
) -> AuditText:
    """Run everything. `progress` hears (stage, how many mechanisms are done, of how many).

    released_by  the function that releases: a stand-in in tests, for which there is one worker
    workers      processes that share the mechanisms
    """
    if runs < LEAST_RUNS:
        raise ValueError(f"an audit needs {LEAST_RUNS:,} runs to tell anything")
    total = len(EVERY)
    one = partial(_audit_one, runs=runs, broken_runs=broken_runs, released_by=released_by)
    mechanisms: list[AuditedMechanism] = []
    with ExitStack() as stack:
        outcomes: Iterable[AuditedMechanism] = map(one, range(total))
        if workers > 1:
            pool = stack.enter_context(ProcessPoolExecutor(workers, get_context("spawn")))
            outcomes = pool.map(one, range(total))
        for outcome in outcomes:
            progress("auditing", len(mechanisms), total)
            mechanisms.append(outcome)
    progress("auditing", total, total)
    return AuditText(
        day=today,
        hubbub=version("hubbub"),
        opendp=version("opendp"),
        python=platform.python_version(),
        runs=runs,
        risk=RISK,
        mechanisms=tuple(mechanisms),
    )


def _audit_one(place: int, runs: int, broken_runs: Sequence[int], released_by: Draw) -> AuditedMechanism:
    case = EVERY[place]
    if isinstance(case, ThresholdCase):
        return audit_threshold(case, runs, broken_runs, released_by)
    return audit_case(case, runs, broken_runs, released_by)


def audit_case(case: Case, runs: int, broken_runs: Sequence[int], released_by: Draw) -> AuditedMechanism:
    """The lower bound on a mechanism's ε and on that of each broken copy."""
    found = bound_of(case, None, runs, released_by)
    copies = [
        _tried(copy, case.epsilon, broken_runs, lambda its, many: bound_of(case, its, many, released_by).epsilon)
        for copy in case.broken
    ]
    return AuditedMechanism(
        name=case.name,
        says=case.says,
        bounds="epsilon",
        runs=runs,
        declared=case.epsilon,
        delta=case.delta,
        lowest=found.epsilon,
        highest=0.0,
        holds=found.epsilon <= case.epsilon,
        event=str(found.event),
        broken=tuple(copies),
    )


def audit_threshold(case: ThresholdCase, runs: int, broken_runs: Sequence[int], released_by: Draw) -> AuditedMechanism:
    """Between what limits the rate lies at which a threshold fails, and that of each broken copy."""
    found = failing_of(case, None, runs, released_by)
    copies = [
        _tried(copy, case.delta, broken_runs, lambda its, many: failing_of(case, its, many, released_by).lowest)
        for copy in case.broken
    ]
    return AuditedMechanism(
        name=case.name,
        says=case.says,
        bounds="delta",
        runs=runs,
        declared=case.delta,
        delta=case.delta,
        lowest=found.lowest,
        highest=found.highest,
        holds=found.lowest <= case.delta,
        event="a new key is shown",
        broken=tuple(copies),
    )


def bound_of(case: Case, copy: Broken | None, runs: int, released_by: Draw) -> LowerBound:
    """What many runs of a case, or of a broken copy of it, show that it costs."""
    inputs = (copy and copy.inputs) or case.inputs
    sides = sample(inputs(case.priced), case.priced, _sabotaged(copy, released_by), runs)
    return epsilon_at_least(sides, case.delta, RISK_OF_ONE)


def failing_of(case: ThresholdCase, copy: Broken | None, runs: int, released_by: Draw) -> Rate:
    """How often a key that one unit alone has is shown. All runs count: nothing is chosen."""
    inputs = (copy and copy.inputs) or case.inputs
    (alone,) = inputs(case.priced)
    share = case.priced.shares[alone.measure.measure]
    drawn = outputs(alone, alone.present, share, _sabotaged(copy, released_by), runs)
    shown = drawn[:, len(alone.cells) + 1 :: 2]  # of the two columns a new key the second one
    return rate_of(int(shown.any(axis=1).sum()), runs, RISK_OF_ONE / 2)


def _tried(copy: Broken, declared: float, tries: Sequence[int], found: Callable[[Broken, int], float]) -> BrokenCopy:
    """A broken copy with as many runs as it takes to catch it, or with the most; fresh ones each time."""
    lowest, runs = 0.0, 0
    for runs in tries:
        lowest = found(copy, runs)
        if lowest > declared:
            break
    return BrokenCopy(copy.says, runs, lowest, lowest > declared)


def _sabotaged(copy: Broken | None, released_by: Draw) -> Draw:
    return copy.sabotage(released_by) if copy and copy.sabotage else released_by
