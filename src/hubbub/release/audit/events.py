"""Events: what an attacker looks for in the output, and the search for the one that tells most.

The attacker knows everything but whether the device was there: all other counts, the keys, the scales, the code. So a
statistic may be any weighed sum of the output. Those tried are: the sum weighed by what the device changes (for
Gaussian noise the best there is), the sum that separates the two sides best by their means and covariances (Fisher's
discriminant), how many new keys are shown, each number by itself, and each difference of two.
"""

from collections.abc import Iterator
from enum import StrEnum
from itertools import combinations

import numpy as np
import numpy.typing as npt
from msgspec import Struct

Output = npt.NDArray[np.int64]  # a line a run; columns as in `sampling`
Numbers = npt.NDArray[np.float64]
Weights = tuple[float, ...]

MOST_LIMITS = 2_000  # limits tried of a statistic
MOST_PAIRS = 10  # differences tried
_GRAIN = float(1 << 20)  # weights are whole parts of it, so that sums of integers are exact in floating point
_SPREAD = 5.5  # standard errors taken off while choosing; nothing but the choice depends on it


class Relation(StrEnum):
    """How a statistic stands to a limit when the event happens."""

    AT_LEAST = "at least"
    AT_MOST = "at most"
    IS = "just"
    IS_NOT = "not"


class Statistic(Struct, frozen=True):
    """A weighed sum of the output, and what it is in words."""

    says: str
    weights: Weights

    def of(self, output: Output) -> Numbers:
        """Its value in each run."""
        found: Numbers = output @ np.array(self.weights)
        return found


class Event(Struct, frozen=True):
    """That a statistic is at least, at most, just, or not `limit`.

    present  the event speaks for the device's presence; False: for its absence
    """

    statistic: Statistic
    relation: Relation
    limit: float
    present: bool

    def __str__(self) -> str:
        return f"{self.statistic.says}: {self.relation.value} {self.limit:.6g}"

    def count(self, output: Output) -> int:
        """In how many runs it happened."""
        found = self.statistic.of(output)
        if self.relation is Relation.AT_LEAST:
            return int((found >= self.limit).sum())
        if self.relation is Relation.AT_MOST:
            return int((found <= self.limit).sum())
        same = int((found == self.limit).sum())
        return same if self.relation is Relation.IS else len(found) - same


def choose(without: Output, present: Output, change: Weights, shown: tuple[bool, ...], delta: float) -> Event:
    """The event that seems to tell most at `delta` on these runs, which may bound nothing afterwards.

    `change` is what the device changes in units of the noise's variance, `shown` says which columns tell whether a new
    key is shown.
    """
    best, chosen = -np.inf, Event(Statistic("nothing", (0.0,) * len(shown)), Relation.AT_LEAST, 0.0, True)
    for statistic in _statistics(without, present, change, shown):
        absent, there = np.sort(statistic.of(without)), np.sort(statistic.of(present))
        for relation, limits, in_absent, in_there in _candidates(absent, there):
            for is_present, often, seldom in ((True, in_there, in_absent), (False, in_absent, in_there)):
                scores = _scores(often, seldom, len(absent), delta)
                place = int(np.argmax(scores))
                if scores[place] > best:
                    best, chosen = scores[place], Event(statistic, relation, float(limits[place]), is_present)
    return chosen


def _statistics(without: Output, present: Output, change: Weights, shown: tuple[bool, ...]) -> Iterator[Statistic]:
    columns = np.eye(len(shown))
    if any(change):
        yield Statistic("sum weighed by what the device changes", _exact(np.array(change)))
    yield Statistic("sum that separates best", _exact(_discriminant(without, present)))
    if any(shown):
        yield Statistic("new keys shown", tuple(map(float, shown)))
    for place, column in enumerate(columns):
        yield Statistic(f"column {place + 1}", tuple(column))
    numbers = [place for place, is_shown in enumerate(shown) if not is_shown]
    for one, other in list(combinations(numbers, 2))[:MOST_PAIRS]:
        yield Statistic(f"column {one + 1} less column {other + 1}", tuple(columns[one] - columns[other]))


def _discriminant(without: Output, present: Output) -> Numbers:
    """Fisher's: the inverse of the pooled covariance times the difference of the means."""
    spread = np.atleast_2d(np.cov(without.T)) + np.atleast_2d(np.cov(present.T))
    ridge = np.eye(len(spread)) * (1e-6 * max(1.0, float(np.trace(spread))))
    found: Numbers = np.linalg.solve(spread + ridge, present.mean(axis=0) - without.mean(axis=0))
    return found


def _exact(weights: Numbers) -> Weights:
    """The weights relative to the largest, as multiples of one grain."""
    largest = float(np.abs(weights).max())
    return tuple(np.round(weights / largest * _GRAIN) / _GRAIN) if largest > 0 else (0.0,) * len(weights)


def _candidates(absent: Numbers, there: Numbers) -> Iterator[tuple[Relation, Numbers, Numbers, Numbers]]:
    """Limits of each relation with how often they hold on either side; both samples are sorted."""
    values, times = np.unique(np.concatenate([absent, there]), return_counts=True)
    limits = values[np.unique(np.linspace(0, len(values) - 1, MOST_LIMITS).astype(np.int64))]
    common = values[np.argsort(-times)[:MOST_LIMITS]]
    runs = len(absent)
    under = [_under(each, limits) for each in (absent, there)]
    up_to = [_up_to(each, limits) for each in (absent, there)]
    same = [_up_to(each, common) - _under(each, common) for each in (absent, there)]
    yield Relation.AT_LEAST, limits, runs - under[0], runs - under[1]
    yield Relation.AT_MOST, limits, up_to[0], up_to[1]
    yield Relation.IS, common, same[0], same[1]
    yield Relation.IS_NOT, common, runs - same[0], runs - same[1]


def _under(sample: Numbers, limits: Numbers) -> Numbers:
    return np.searchsorted(sample, limits, "left").astype(np.float64)


def _up_to(sample: Numbers, limits: Numbers) -> Numbers:
    return np.searchsorted(sample, limits, "right").astype(np.float64)


def _scores(often: Numbers, seldom: Numbers, runs: int, delta: float) -> Numbers:
    """About what the bounds would be: Clopper–Pearson's limits are near to these, and only the order matters."""
    low = (often - _SPREAD * np.sqrt(often * (1 - often / runs))) / runs - delta
    high = (seldom + _SPREAD * np.sqrt(seldom * (1 - seldom / runs)) + _SPREAD**2 / 2) / runs
    return np.where(low > 0, np.log(np.maximum(low, 1e-300) / high), -np.inf)
