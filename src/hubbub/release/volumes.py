"""How large a source's numbers are, from what was released: the ground on which plans are explained and tuned.

Nothing here reads a row: it looks at kept cells, as everyone may.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from math import pi, sqrt
from statistics import median

import sqlalchemy as sa
from msgspec import Struct

from hubbub.core import vocabulary
from hubbub.core.keys import Dimension
from hubbub.release.entries import Step
from hubbub.release.ledger import Ledger
from hubbub.release.plan import Plan
from hubbub.release.state import WHOLE_DAY, ledger_table
from hubbub.release.types import Gap, Released

MONTH_DAYS = 30
SHOWN_SIGMAS = 2.0  # a mean under so many of its own standard errors is taken for noise
BIN_SIGMAS = 4.0  # a far bin of sizes that is noise would pass for units that have nearly all rows
MEDIAN_SIGMAS = 3.0  # … and of the median day, which one odd draw does not move
OPEN_BIN_VIEWS = 75  # what a visitor of the last, open bin is taken to view
MIDDLES: dict[str, float] = {
    label: (low + high - 1) / 2
    for (label, low), (_, high) in zip(
        vocabulary.CONTRIBUTION_BINS, (*vocabulary.CONTRIBUTION_BINS[1:], ("", 2 * OPEN_BIN_VIEWS - 50)), strict=True
    )
}


class Volume(Struct, frozen=True):
    """One measure's cells on a usual day.

    values  means a day of the keys that stand out of their noise, largest first, in counts
    total   mean sum a day over all keys
    """

    values: tuple[float, ...]
    total: float


class Volumes(Struct, frozen=True):
    """A source's released numbers over some days.

    measures       by name; a measure of which nothing was released is not in it
    contributions  (page views, units with so many a day), of the released histogram of contributions, where it stands
                   out of its noise (the rest would be taken for visitors with a great many views); () without one
    visits         units a day with a first, a second … visit, as far as visits are bounded
    loads          of a declared table, by measure: (lower end of the octave, units a day whose squared norm is in it)
    """

    first: date
    last: date
    measures: dict[str, Volume]
    contributions: tuple[tuple[float, float], ...] = ()
    visits: tuple[float, ...] = ()
    loads: dict[str, tuple[tuple[int, float], ...]] = {}


class _Sum(Struct):
    value: float = 0.0
    variance: float = 0.0
    days: int = 0

    def add(self, value: float, variance: float) -> None:
        self.value += value
        self.variance += variance
        self.days += 1

    @property
    def mean(self) -> float:
        return self.value / self.days

    @property
    def stands_out(self) -> bool:
        return self.is_over(SHOWN_SIGMAS)

    def is_over(self, sigmas: float) -> bool:
        return self.value > sigmas * sqrt(self.variance)


def last_released(ledger: Ledger, source: str) -> date | None:
    """The last day of which whole-day cells were kept; None before the first."""
    columns = ledger_table.c
    query = sa.select(sa.func.max(columns.day)).where(
        columns.source == source, columns.step == Step.DRAWN, columns.slot == WHOLE_DAY
    )
    with ledger.engine.connect() as connection:
        found = connection.execute(query).scalar()
    return None if found is None else date.fromisoformat(found)


def read_volumes(ledger: Ledger, plan: Plan, source: str, days: int = MONTH_DAYS) -> Volumes | None:
    """The released numbers of a source's last `days` days; None when nothing was released yet.

    Of a site's measure those since its bound last changed, for what a bound keeps is estimated by that one bound.
    """
    last = last_released(ledger, source)
    if last is None:
        return None
    first = last - timedelta(days - 1)
    sums: dict[str, dict[tuple[str, ...], _Sum]] = defaultdict(lambda: defaultdict(_Sum))
    names = [each.measure for each in plan.measures]
    bounds: dict[str, int] = {}
    for one in ledger.released(source, first, last, names):
        if one.gap is not Gap.NONE:
            continue
        its = sums[str(one.measure)]
        if plan.table is None and bounds.setdefault(one.measure, one.bound) != one.bound:
            its.clear()
            bounds[one.measure] = one.bound
        for key, value, is_hidden in zip(one.keys, one.values, one.hidden, strict=True):
            if not is_hidden:
                its[key if one.slot is None else (str(one.slot),)].add(value, one.variance)
    return Volumes(
        first, last, {name: _volume(its) for name, its in sums.items()}, _contributions(plan, sums),
        _visits(plan, sums), _loads(plan, sums),
    )  # fmt: skip


def usual_volume(days: Sequence[Released]) -> Volume:
    """The volume of a measure over some days of its cells, hidden ones too; its total is the median day's.

    Its values are those that stand out of one day's noise: the number of days does not choose which cells count.
    """
    its: dict[tuple[str, ...], _Sum] = defaultdict(_Sum)
    for one in days:
        for key, value in zip(one.keys, one.values, strict=True):
            its[key].add(value, one.variance)
    shown = (part.mean for part in its.values() if part.mean > SHOWN_SIGMAS * sqrt(part.variance / part.days))
    return Volume(tuple(sorted(shown, reverse=True)), median(float(sum(one.values)) for one in days))


def usual_contributions(days: Sequence[Released]) -> tuple[tuple[float, float], ...]:
    """The median of each bin over some days' histograms of contributions, as `Volumes.contributions` has them: one odd
    day does not move it. The variance of a median of normal values is at most π/2 of that of their mean.
    """
    values: dict[str, list[int]] = defaultdict(list)
    for one in days:
        for (label,), value in zip(one.keys, one.values, strict=True):
            values[label].append(value)
    noise = sqrt(pi / 2 * sum(one.variance for one in days)) / len(days)
    found = {label: float(median(each)) for label, each in values.items()}
    return tuple(
        (views, found[label]) for label, views in MIDDLES.items() if found.get(label, 0) > MEDIAN_SIGMAS * noise
    )


def _volume(its: dict[tuple[str, ...], _Sum]) -> Volume:
    shown = sorted((part.mean for part in its.values() if part.stands_out), reverse=True)
    return Volume(tuple(shown), sum(part.mean for part in its.values()))


def _contributions(plan: Plan, sums: dict[str, dict[tuple[str, ...], _Sum]]) -> tuple[tuple[float, float], ...]:
    name = next((str(each.measure) for each in plan.measures if each.dimensions == (Dimension.VIEWS,)), "")
    found = {key[0]: part.mean for key, part in sums.get(name, {}).items() if part.is_over(BIN_SIGMAS)}
    return tuple((views, found[label]) for label, views in MIDDLES.items() if found.get(label))


def _loads(plan: Plan, sums: dict[str, dict[tuple[str, ...], _Sum]]) -> dict[str, tuple[tuple[int, float], ...]]:
    """Of each measure that has a histogram of loads, the bins that stand out: far ones would weigh their noise much."""
    found = {}
    for measure in plan.measures:
        if measure.tells == "load" and (its := sums.get(str(measure.measure))):
            found[measure.of] = tuple(
                sorted((int(low), part.mean) for (low,), part in its.items() if part.is_over(BIN_SIGMAS))
            )
    return found


def _visits(plan: Plan, sums: dict[str, dict[tuple[str, ...], _Sum]]) -> tuple[float, ...]:
    """Sums by the number of the visit, from the first one on."""
    measure = next((each for each in plan.measures if Dimension.VISIT in each.dimensions), None)
    if measure is None:
        return ()
    place = measure.dimensions.index(Dimension.VISIT)
    found: dict[int, float] = defaultdict(float)
    for key, part in sums.get(str(measure.measure), {}).items():
        found[int(key[place])] += part.mean
    return tuple(found[number] for number in sorted(found))
