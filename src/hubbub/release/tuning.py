"""Weights and bounds that make a stated error over released cells as small as can be, for the same budget.

The objective is Σ_m i_m · L_m: i_m is how important measure m is, L_m the mean over its shown cells of a loss of the
cell's expected error e = √(σ² + bias²) / size: min(1, e) (`error`), or whether e exceeds 20 % (`known`). σ² = Δ²(b) /
2ρ_m, so L_m is a function of the measure's own share of ρ and its own bound b. Measures share nothing but the budget:
for each number of grains of ρ the best bound is found first, then the budget is dealt out by dynamic programming over
grains, which is exact on that grid although min(1, e) is not convex. (Without the cap and without bias the answer is
in closed form: L_m = a_m / √ρ_m is least in sum at ρ_m ∝ a_m^⅔, to which a test compares.)

Of a declared table the budget is dealt out over what its settings name; what comes with a measure (its wide bound, its
loads, its part of finding new keys) follows its weight, so a grain buys it a part of a grain (`Carried`).

All of it looks at numbers that were released: it costs no budget.
"""

from collections.abc import Collection, Mapping, Sequence
from statistics import NormalDist
from typing import Literal

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from hubbub.core.settings import Tuning
from hubbub.release.budget import PICO, Priced
from hubbub.release.expectation import KNOWN_WITHIN
from hubbub.release.plan import MORE, MOST_WEIGHT, Bound, Keys, MeasurePlan, Plan
from hubbub.release.table_plan import BOUNDS
from hubbub.release.truncation import Truncation
from hubbub.release.volumes import Volumes

Floats = npt.NDArray[np.float64]
Objective = Literal["error", "known"]
GRAINS = 500  # the budget is dealt out in so many parts; weights sum to it
LEAST = 4  # no measure falls below this part of its share
MOST_CELLS = 400
TRIED = 30  # bounds of a measure
OF_ONE, OF_COLUMN = ("wide", "load"), ("new", MORE)
COMES_WITH = (*OF_ONE, *OF_COLUMN)
FINE = 2  # weights of a table are told twice as fine, for they pay for more than their own measure
NORMAL = NormalDist()


class Proposed(Struct, frozen=True):
    """One measure before and after. `share` is of ρ, `loss` the mean over its shown cells; None: no cell was shown, so
    that its share stays as it is.
    """

    measure: str
    importance: float
    share: float
    bound: int
    loss: float | None
    new_weight: int
    new_share: float
    new_bound: int
    new_loss: float | None


class Proposal(Struct, frozen=True):
    """A whole plan before and after: `before` and `after` are the objective, a mean weighed by importance."""

    measures: tuple[Proposed, ...]
    before: float
    after: float

    @property
    def tuning(self) -> Tuning:
        """What hubbub.yaml would say: all weights, and the bounds that change."""
        return Tuning(
            {each.measure: each.new_weight for each in self.measures},
            {each.measure: each.new_bound for each in self.measures if each.new_bound != each.bound},
        )


class Carried(Struct, frozen=True):
    """A measure that settings give a weight to; `whole` is the weight of it and of what comes with it."""

    measure: MeasurePlan
    whole: float

    @property
    def times(self) -> float:
        """How much of ρ it takes for 1 of the measure's own."""
        return self.whole / self.measure.weight


def carried(plan: Plan) -> tuple[Carried, ...]:
    """The measures that settings give weights to. Their wholes sum to the plan's weights."""
    mine = [each for each in plan.measures if each.tells not in COMES_WITH]
    found = []
    for measure in mine:
        whole = float(measure.weight)
        for each in plan.measures:
            if each.tells in OF_ONE and each.of == measure.measure:
                whole += each.weight
            elif each.tells in OF_COLUMN and each.dimension == measure.dimension:
                together = sum(one.weight for one in mine if one.dimension == each.dimension)
                whole += each.weight * measure.weight / together
        found.append(Carried(measure, whole))
    return tuple(found)


class Losses:
    """The loss of each measure by its share of ρ and its bound, over the cells that a month released."""

    def __init__(self, priced: Priced, volumes: Volumes, objective: Objective = "error") -> None:
        self._volumes, self._objective = volumes, objective
        self._cuts = Truncation(priced.plan, volumes)
        self._rho = priced.allowance.rho / PICO
        self._delta = priced.allowance.delta_thresholds / max(1, priced.plan.thresholded)

    def of(self, measure: MeasurePlan, shares: Floats, bound: int | None = None) -> Floats | None:
        """Mean loss at each share of ρ, at the measure's bound or another one; None where no cell was shown."""
        volume = self._volumes.measures.get(str(measure.measure))
        if volume is None or not volume.values:
            return None
        bound = measure.bound if bound is None else bound
        standing_cut = self._cuts.share(measure) or 0.0
        cut = self._cuts.share(measure, bound) or 0.0
        sizes = _thinned(np.array(volume.values)) / max(1e-9, 1 - standing_cut)
        sigmas = np.sqrt(measure.kind.l2_squared(bound) / (2 * self._rho * shares))
        errors = np.sqrt((sigmas[None, :] / sizes[:, None]) ** 2 + cut * cut)
        losses = np.minimum(1.0, errors) if self._objective == "error" else (errors > KNOWN_WITHIN).astype(np.float64)
        if measure.keys is Keys.NEW:
            losses = self._with_threshold(losses, sizes * (1 - cut), sigmas, bound)
        mean: Floats = losses.mean(axis=0)
        return mean

    def tells(self, measure: MeasurePlan) -> bool:
        """Whether what was released tells what a bound of the measure cuts off."""
        return self._cuts.share(measure) is not None

    def bounds(self, measure: MeasurePlan) -> list[int]:
        """The bounds worth looking at: from 1 to the most that settings may set, where their bias can be told."""
        if measure.most_bound == 1 or not self.tells(measure):
            return [measure.bound]
        if measure.kind is Bound.WEIGHTED:
            return sorted({measure.bound, *BOUNDS})
        steps = np.geomspace(1, measure.most_bound, TRIED)
        return sorted({measure.bound, *(round(each) for each in steps.tolist())})

    def _with_threshold(self, losses: Floats, sizes: Floats, sigmas: Floats, bound: int) -> Floats:
        """A new key that is not released is lost whole; its chance to pass is that of the normal curve."""
        thresholds = 1 - sigmas * NORMAL.inv_cdf(self._delta / bound)
        far = (sizes[:, None] - thresholds[None, :]) / sigmas[None, :]
        chances = np.vectorize(NORMAL.cdf)(far)
        lost: Floats = 1 - chances + chances * losses
        return lost


def propose(
    standing: Priced,
    volumes: Volumes,
    importance: Mapping[str, float],
    objective: Objective = "error",
    *,
    with_bounds: bool = True,
    following: Collection[str] = (),
) -> Proposal:
    """The best weights (and bounds) for this budget. `importance` of a measure that it does not name is 1; bounds of
    the measures in `following` stay, for they follow what is released from day to day.

    No measure falls below a quarter of its share, and one of which nothing stood out of the noise keeps its own.
    """
    losses = Losses(standing, volumes, objective)
    measures = carried(standing.plan)
    grains = np.arange(1, GRAINS + 1) / GRAINS
    rows, chosen, least = [], [], []
    for each in measures:
        measure, share = each.measure, each.whole / standing.plan.weights
        weight = importance.get(str(measure.measure), 1.0)
        may_move = with_bounds and measure.measure not in following
        row, bound = _best_bounds(losses, measure, grains / each.times, may_move)
        if row is None:
            fixed = max(1, round(share * GRAINS))
            row, bound = np.where(np.arange(1, GRAINS + 1) == fixed, 0.0, np.inf), np.full(GRAINS, measure.bound)
            least.append(fixed)
        else:
            row = row * weight
            least.append(max(1, int(share * GRAINS / LEAST)))
        rows.append(row)
        chosen.append(bound)
    dealt = deal(rows, least)
    return _proposal(standing.plan, measures, losses, importance, dealt, chosen)


def _best_bounds(
    losses: Losses, measure: MeasurePlan, shares: Floats, with_bounds: bool
) -> tuple[Floats | None, npt.NDArray[np.int64]]:
    """At each share of ρ the least loss over bounds, and the bound that has it; the smaller of equal ones."""
    bounds = losses.bounds(measure) if with_bounds else [measure.bound]
    found = [losses.of(measure, shares, bound) for bound in bounds]
    rows = [row for row in found if row is not None]
    if not rows:
        return None, np.array([], np.int64)
    table = np.array(rows)
    places = table.argmin(axis=0)
    return table.min(axis=0), np.array(bounds, np.int64)[places]


def deal(rows: list[Floats], least: list[int]) -> list[int]:
    """Whole numbers k_m ≥ least_m that sum to `GRAINS`, with the smallest Σ rows_m[k_m − 1].

    By dynamic programming over measures and grains spent: exact, O(measures · GRAINS²).
    """
    if sum(least) > GRAINS:
        raise ValueError(f"{len(least)} measures need more than {GRAINS} grains")
    best = np.full(GRAINS + 1, np.inf)
    best[0] = 0.0
    taken = []
    for row, start in zip(rows, least, strict=True):
        after, took = np.full(GRAINS + 1, np.inf), np.zeros(GRAINS + 1, np.int64)
        for grains in range(start, GRAINS + 1):
            if np.isinf(row[grains - 1]):
                continue
            candidate = best[: GRAINS + 1 - grains] + row[grains - 1]
            better = candidate < after[grains:]
            after[grains:][better] = candidate[better]
            took[grains:][better] = grains
        best = after
        taken.append(took)
    left, dealt = GRAINS, []
    for took in reversed(taken):
        dealt.append(int(took[left]))
        left -= dealt[-1]
    return dealt[::-1]


def _proposal(
    plan: Plan, measures: Sequence[Carried], losses: Losses, importance: Mapping[str, float], dealt: list[int],
    chosen: list[npt.NDArray[np.int64]],
) -> Proposal:  # fmt: skip
    proposed, before, after, whole = [], 0.0, 0.0, 0.0
    for each, grains, bounds in zip(measures, dealt, chosen, strict=True):
        measure = each.measure
        name, bound = str(measure.measure), int(bounds[grains - 1])
        share, new_share = measure.weight / plan.weights, grains / GRAINS / each.times
        old, new = (
            _one(losses.of(measure, np.array([part]), its))
            for part, its in ((share, measure.bound), (new_share, bound))
        )
        weight = importance.get(name, 1.0)
        if old is not None and new is not None:
            before, after, whole = before + weight * old, after + weight * new, whole + weight
        new_weight = grains if plan.table is None else min(MOST_WEIGHT, max(1, round(FINE * grains / each.times)))
        proposed.append(Proposed(name, weight, share, measure.bound, old, new_weight, new_share, bound, new))
    return Proposal(tuple(proposed), before / whole if whole else 0.0, after / whole if whole else 0.0)


def _one(found: Floats | None) -> float | None:
    return None if found is None else float(found[0])


def _thinned(values: Floats) -> Floats:
    """At most `MOST_CELLS` of them, evenly over their ranks."""
    if len(values) <= MOST_CELLS:
        return values
    return values[np.linspace(0, len(values) - 1, MOST_CELLS).round().astype(np.int64)]
