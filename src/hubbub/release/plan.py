"""The plan: what is counted, by which keys, within which bounds, at which share of the budget."""

from enum import StrEnum
from math import isqrt

from msgspec import Struct
from msgspec.structs import replace

from hubbub.core.keys import Dimension
from hubbub.core.settings import Amount, Condition, Tuning
from hubbub.core.tables import Table
from hubbub.core.vocabulary import AMOUNT_PARTS

MOST_ROWS = 1_000  # the widest that a trial's bounds go
MORE = "more"  # what a measure tells that looks for new keys among what an earlier one left
PARTS = 1_000  # of a weighted count; what scaling rounds off is under one of them a cell
MOST_TUNED = 100  # the widest that settings may ask for; noise grows with it, and hardly anyone has more
MOST_WEIGHT = 1_000
AMOUNT_GRAIN = 80  # in a trial: how much more noise a sum of amounts takes than a count; 1 % of the most at 1/8


class Keys(StrEnum):
    """Where a measure's keys come from. Only `NEW` ones need a threshold; all others are public beforehand."""

    SINGLE = "single"  # one number
    HOURS = "hours"  # the hour slots of the day
    FIXED = "fixed"  # a list of the plan; what is not on it counts under `other`, or nowhere
    PUBLIC = "public"  # the frozen list of the source
    PUBLIC_OR_NEW = "public_or_new"  # the frozen list, and new keys above a threshold
    NEW = "new"  # only what is not on the frozen list, above a threshold
    DAY = "day"  # the frozen list and the new keys released for this very day; each with every one of `fixed`


class Bound(StrEnum):
    """What a bound of k limits, of one unit; with it the squared L2 norm of a unit's share of the counts."""

    KEYS = "keys"  # at most k cells, 1 in each: k
    VIEWS = "views"  # one cell, at most k in it: k²
    SQUARES = "squares"  # any cells, the squares of its counts sum to at most k: k
    AMOUNTS = "amounts"  # at most k cells, at most `AMOUNT_PARTS` in each: k times its square
    WEIGHTED = "weighted"  # any cells, in `PARTS`-ths: a unit's are scaled down until their squares sum to at most k

    def l2_squared(self, bound: int) -> int:
        """The most by which the squared L2 norm of the counts can change with one unit."""
        if self is Bound.AMOUNTS:
            return bound * AMOUNT_PARTS**2
        if self is Bound.WEIGHTED:
            return bound * PARTS**2
        return bound * bound if self is Bound.VIEWS else bound

    def bound_of(self, l2_squared: int) -> int:
        """The bound that has this squared L2 norm, the inverse of `l2_squared`."""
        if self is Bound.VIEWS:
            return isqrt(l2_squared)
        return l2_squared // self.l2_squared(1)

    @property
    def grain(self) -> int:
        """How much more noise than on a count a trial bears."""
        if self is Bound.WEIGHTED:
            return PARTS
        return AMOUNT_GRAIN if self is Bound.AMOUNTS else 1

    @property
    def parts(self) -> int:
        """What a cell's 1 stands for: 1 / `parts`."""
        return PARTS if self is Bound.WEIGHTED else 1


class MeasurePlan(Struct, frozen=True):
    """One measure: adding or removing all rows of one unit moves its counts by at most `l2_squared` (squared L2).

    measure     its name
    weight      its share of the day's rho, relative to the plan's other measures
    keys        where its keys come from
    kind, bound the unit's limit (see `Bound`)
    widest      the largest `bound` that a trial takes (for `SQUARES` and `WEIGHTED`: of its root)
    says        what is counted, one sentence
    limit       the bound in words; `{}` is its number
    dimensions  what its keys are, in order
    dimension   the key list it reads, for public and new keys
    fixed       the keys of a `FIXED` measure; of a `DAY` one, what follows its first key, () alone when nothing does
    other       the key that counts what is not on `fixed`; () drops it
    tells       of a declared table: what it measures, a `core.tables.Kind`, or what comes with those: "new", "load"
    of          of a declared table: the number that it is of, or the measure that its loads are of
    low, high   the range of that number
    online      hours are released while the day runs; then the earliest rows are kept, not random ones
    """

    measure: str
    weight: int
    keys: Keys
    kind: Bound
    bound: int
    widest: int
    says: str
    limit: str
    dimensions: tuple[str, ...] = ()
    dimension: str | None = None
    fixed: tuple[tuple[str, ...], ...] = ()
    other: tuple[str, ...] = ()
    online: bool = False
    tells: str = ""
    of: str = ""
    low: float = 0.0
    high: float = 0.0

    def __post_init__(self) -> None:
        if self.bound < 1 or self.weight < 1:
            raise ValueError(f"{self.measure}: bound and weight start at 1")
        if (self.keys is Keys.FIXED) != bool(self.fixed) and self.keys is not Keys.DAY:
            raise ValueError(f"{self.measure}: a fixed measure has keys, no other has")
        if self.new_keys and self.kind not in (Bound.KEYS, Bound.WEIGHTED):
            raise ValueError(f"{self.measure}: thresholds are on distinct units")
        if self.other and self.other not in self.fixed:
            raise ValueError(f"{self.measure}: `other` is one of the fixed keys")
        if self.other and self.bound > 1:
            raise ValueError(f"{self.measure}: what is gathered under `other` would add up, so a unit has one key")
        if self.bound > (self.widest**2 if self.kind in (Bound.SQUARES, Bound.WEIGHTED) else self.widest):
            raise ValueError(f"{self.measure}: its statement keeps no bound over {self.widest}")

    @property
    def l2_squared(self) -> int:
        """Squared L2 sensitivity of the counts to one unit, an integer."""
        return self.kind.l2_squared(self.bound)

    @property
    def fixed_keys(self) -> tuple[tuple[str, ...], ...]:
        """The fixed keys within the bound: a measure told apart by visit has as many visits as it bounds."""
        if Dimension.VISIT not in self.dimensions:
            return self.fixed
        place = self.dimensions.index(Dimension.VISIT)
        return tuple(key for key in self.fixed if int(key[place]) <= self.bound)

    @property
    def new_keys(self) -> int:
        """How many new keys one unit can be the only one to have; 0 where all keys are public."""
        return self.bound if self.keys in (Keys.NEW, Keys.PUBLIC_OR_NEW) else 0

    @property
    def most_bound(self) -> int:
        """The largest `bound` that settings may ask for. The measure's SQL enforces each one from 1 to this: it is the
        parameter that the statement cuts at, and it is within `widest`, up to which a trial takes it.
        """
        reach = min(MOST_TUNED, self.widest)
        return max(self.bound, reach * reach if self.kind is Bound.SQUARES else reach)

    def tuned(self, tuning: Tuning) -> "MeasurePlan":
        """The measure with the weight and the bound that the settings ask for; the bound within `most_bound`, so that
        a bound over more keys than there are (any more) costs no noise.
        """
        bound = tuning.bounds.get(str(self.measure), self.bound)
        weight = tuning.weights.get(str(self.measure), self.weight)
        return replace(self, bound=min(bound, self.most_bound), weight=weight)

    def widened(self, rows: int) -> "MeasurePlan":
        """The measure as a trial takes it: its bound as wide as `rows` rows a unit need, never narrower than now,
        and its weight in proportion to its sensitivity, so that all measures get the same noise.
        """
        reach = min(rows, self.widest)
        bound = max(self.bound, reach * reach if self.kind in (Bound.SQUARES, Bound.WEIGHTED) else reach)
        return replace(self, bound=bound, weight=self.kind.l2_squared(bound) // self.kind.grain**2)


class Asked(Struct, frozen=True):
    """What the settings ask to be counted of a site, by name: it is part of the plan, and so of the plan's hash.

    topics   name → patterns of this site's paths
    goals    name → what counts
    funnels  name → steps, in order
    amounts  event → the most of a device, and the currency
    """

    topics: dict[str, tuple[str, ...]] = {}
    goals: dict[str, Condition] = {}
    funnels: dict[str, tuple[Condition, ...]] = {}
    amounts: dict[str, Amount] = {}


class Plan(Struct, frozen=True):
    """All measures of a source. `name` and `version` stand in every ledger entry, with a hash of all of it.

    asked  of a site; table  of a declared table: what its measures' names mean
    """

    name: str
    version: int
    measures: tuple[MeasurePlan, ...]
    asked: Asked = Asked()
    table: Table | None = None

    def __post_init__(self) -> None:
        names = [measure.measure for measure in self.measures]
        if len(set(names)) != len(names):
            raise ValueError(f"{self.name}: a measure stands twice in the plan")

    @property
    def weights(self) -> int:
        """Sum of the measures' weights: the whole of rho."""
        return sum(measure.weight for measure in self.measures)

    @property
    def thresholded(self) -> int:
        """How many measures share the delta of thresholds."""
        return sum(1 for measure in self.measures if measure.new_keys)

    def round_of(self, measure: MeasurePlan) -> int:
        """When it is drawn: 0 at once, 1 once the first new keys of the day are released, 2 once all of them are."""
        if measure.tells == MORE:
            return 1
        if measure.tells == "load":
            measure = self[measure.of]
        return 2 if measure.keys is Keys.DAY else 0

    def counted_in(self, measure: MeasurePlan) -> int:
        """The round that it is counted in: its own, but for what bounds a unit's keys whatever they are (entry pages).
        Such counts need no list, only their cells are the day's keys; they are counted at once, with the others.
        """
        return 0 if measure.kind is Bound.KEYS and measure.keys is Keys.DAY else self.round_of(measure)

    def tuned(self, tuning: Tuning) -> "Plan":
        """The plan with the weights and bounds that the settings ask for, see `MeasurePlan.tuned`."""
        return replace(self, measures=tuple(measure.tuned(tuning) for measure in self.measures))

    def widened(self, rows: int) -> "Plan":
        """The plan as a trial takes it, see `MeasurePlan.widened`."""
        return replace(self, measures=tuple(measure.widened(rows) for measure in self.measures))

    def __contains__(self, name: object) -> bool:
        return any(measure.measure == name for measure in self.measures)

    def __getitem__(self, name: str) -> MeasurePlan:
        return next(measure for measure in self.measures if measure.measure == name)
