"""What a plan's noise and bounds mean for numbers of a given size: relative errors to be expected."""

from math import sqrt
from statistics import NormalDist

from msgspec import Struct

from hubbub.core.keys import Dimension, Measure
from hubbub.core.vocabulary import AMOUNT_PARTS
from hubbub.release.budget import Priced, variance_of
from hubbub.release.plan import Bound, Keys, MeasurePlan, Plan
from hubbub.release.truncation import Truncation
from hubbub.release.volumes import Volume, Volumes

KNOWN_WITHIN = 0.2
RANK = 10
VIEWS_A_VISITOR = 3.0
TOP_KEY, OPEN_KEYS = 1 / 3, 300
NEW_KEY = 0.02
PEAK_HOUR, QUIET_HOUR, HOURS = 0.08, 0.0033, 24
RARE: dict[str, float] = {Measure.SET_ASIDE: 0.01, Measure.GOALS: 0.1, Measure.EVENTS: 0.15, Measure.SEARCH_TERMS: 0.1}
PAID, OF_THE_MOST = 0.05, 0.2
ASSUMED = (
    "each visitor views 3 pages; a third of the visitors see the first page, half of those the second one, a third of "
    "them the third one, and so on (Zipf); 8 % come in the busiest hour; of lists that a visitor is in once (channel, "
    "device …) shares fall as 1/rank; 10 % reach the first goal or search for the first term, 15 % do the first event; "
    "the first new page has 2 %; 5 % pay, a fifth of the most"
)


class Expected(Struct, frozen=True):
    """What to expect of one measure.

    cells     how many are known or assumed to stand out; 0: nothing is known of its size
    largest   the largest cell, a day, in counts
    error     standard error of that one, noise and bound together, relative to what it is without a bound
    rank      which one `tenth` is: the tenth, or the last of fewer
    tenth, tenth_error  as `largest` and `error`
    within    how many cells are known within 20 %
    cut       estimated share that the bound cuts off; None when what was released does not tell
    """

    cells: int = 0
    largest: float = 0.0
    error: float = 0.0
    rank: int = 0
    tenth: float = 0.0
    tenth_error: float = 0.0
    within: int = 0
    cut: float | None = None


def expect(priced: Priced, volumes: Volumes, cuts: Truncation | None) -> dict[str, Expected]:
    """What to expect of each measure, by name."""
    found = {}
    for measure in priced.plan.measures:
        name = str(measure.measure)
        cut = cuts.share(measure) if cuts else None
        volume = volumes.measures.get(name)
        values = volume.values if volume else ()
        if not values:
            found[name] = Expected(cut=cut)
            continue
        share = priced.shares[measure.measure]
        sigma = sqrt(variance_of(share.scale))
        errors = [relative_error(value, sigma, cut or 0.0) for value in values]
        if measure.keys is Keys.NEW:
            errors = [error if value > share.threshold else 1.0 for value, error in zip(values, errors, strict=True)]
        rank = min(RANK, len(values))
        within = sum(error <= KNOWN_WITHIN for error in errors)
        largest, tenth = (value / measure.kind.parts for value in (values[0], values[rank - 1]))
        found[name] = Expected(len(values), largest, errors[0], rank, tenth, errors[rank - 1], within, cut)  # fmt: skip
    return found


def relative_error(value: float, sigma: float, cut: float) -> float:
    """√(σ² + bias²) over the true size, of a bounded cell of this size whose bound cuts off the share `cut`."""
    return sqrt((sigma * (1 - cut) / value) ** 2 + cut * cut)


def passing(value: float, sigma: float, threshold: float) -> float:
    """The chance that a new key of this size passes its threshold, by the normal curve."""
    return NormalDist().cdf((value - threshold) / sigma)


def assumed(plan: Plan, visitors: float, like: Volumes) -> Volumes:
    """Numbers as `ASSUMED` says, for so many visitors a day; dates as those of `like`."""
    return Volumes(like.first, like.last, {str(each.measure): _assumed(each, visitors) for each in plan.measures})


def _assumed(measure: MeasurePlan, visitors: float) -> Volume:
    views = VIEWS_A_VISITOR if measure.kind in (Bound.VIEWS, Bound.SQUARES) else 1.0
    values = tuple(visitors * views * share for share in _shares(measure))
    return Volume(values, sum(values))


def _shares(measure: MeasurePlan) -> list[float]:
    """Of the visitors (amounts: of thousandths), the share in each cell, largest first."""
    first = RARE.get(str(measure.measure))
    if measure.keys is Keys.SINGLE:
        return [first or 1.0]
    if measure.keys is Keys.HOURS:
        step = (PEAK_HOUR - QUIET_HOUR) / (HOURS - 1)
        return [PEAK_HOUR - step * hour for hour in range(HOURS)]
    count = len(measure.fixed_keys) or OPEN_KEYS
    if measure.kind is Bound.AMOUNTS:
        return [PAID * OF_THE_MOST * AMOUNT_PARTS / rank for rank in range(1, count + 1)]
    is_in_one = measure.keys is Keys.FIXED and (measure.widest == 1 or Dimension.VISIT in measure.dimensions)
    if is_in_one:
        whole = sum(1 / rank for rank in range(1, count + 1))
        return [1 / rank / whole for rank in range(1, count + 1)]
    first = first or (NEW_KEY if measure.keys is Keys.NEW else TOP_KEY)
    return [first / rank for rank in range(1, count + 1)]
