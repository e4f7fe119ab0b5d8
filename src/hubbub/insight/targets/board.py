"""Evaluations that are made once for each published state and list of targets."""

from collections.abc import Sequence
from threading import Lock

from hubbub.core.targets import Target
from hubbub.insight.targets.evaluate import evaluate
from hubbub.insight.targets.months import Months
from hubbub.insight.targets.results import Evaluation
from hubbub.insight.targets.series import Released, sources_of

KEPT = 4


class Board:
    """Remembers the last evaluations; any number of threads may ask."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._months = Months()
        self._kept: dict[str, tuple[Evaluation, ...]] = {}

    def standings(self, targets: Sequence[Target], released: Released) -> tuple[Evaluation, ...]:
        """How each target stands, in their order. Raises `QueryError`."""
        state = state_of(targets, released)
        with self._lock:
            if state not in self._kept:
                found = evaluate(targets, released, self._months)
                self._kept = dict([*self._kept.items(), (state, found)][-KEPT:])
            return self._kept[state]


def state_of(targets: Sequence[Target], released: Released) -> str:
    """A name of everything that standings depend on: the targets, and what is published of their sources."""
    sources = sorted({name for target in targets for name in sources_of(target, released.settings)})
    return ";".join([*(f"{name}={released.marts.version(name)}" for name in sources), repr(targets)])
