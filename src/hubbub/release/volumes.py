"""How large a source's numbers are, from what was released: the ground on which plans are explained and tuned.

Nothing here reads a row: it looks at kept cells, as everyone may.
"""

from collections import defaultdict
from datetime import date, timedelta
from math import sqrt

import sqlalchemy as sa
from msgspec import Struct

from hubbub.core import vocabulary
from hubbub.core.keys import Dimension
from hubbub.release.entries import Step
from hubbub.release.ledger import Ledger
from hubbub.release.plan import Plan
from hubbub.release.state import WHOLE_DAY, ledger_table
from hubbub.release.types import Gap

MONTH_DAYS = 30
SHOWN_SIGMAS = 2.0  # a mean under so many of its own standard errors is taken for noise
LOAD_SIGMAS = 4.0  # a far octave that is noise would pass for units that have nearly all rows
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
    """The released numbers of a source's last `days` days; None when nothing was released yet."""
    last = last_released(ledger, source)
    if last is None:
        return None
    first = last - timedelta(days - 1)
    sums: dict[str, dict[tuple[str, ...], _Sum]] = defaultdict(lambda: defaultdict(_Sum))
    names = [each.measure for each in plan.measures]
    for one in ledger.released(source, first, last, names):
        if one.gap is not Gap.NONE:
            continue
        its = sums[str(one.measure)]
        for key, value, is_hidden in zip(one.keys, one.values, one.hidden, strict=True):
            if not is_hidden:
                part = its[key if one.slot is None else (str(one.slot),)]
                part.value += value
                part.variance += one.variance
                part.days += 1
    return Volumes(
        first, last, {name: _volume(its) for name, its in sums.items()}, _contributions(plan, sums),
        _visits(plan, sums), _loads(plan, sums),
    )  # fmt: skip


def _volume(its: dict[tuple[str, ...], _Sum]) -> Volume:
    shown = sorted((part.mean for part in its.values() if part.stands_out), reverse=True)
    return Volume(tuple(shown), sum(part.mean for part in its.values()))


def _contributions(plan: Plan, sums: dict[str, dict[tuple[str, ...], _Sum]]) -> tuple[tuple[float, float], ...]:
    name = next((str(each.measure) for each in plan.measures if each.dimensions == (Dimension.VIEWS,)), "")
    found = {key[0]: part.mean for key, part in sums.get(name, {}).items() if part.stands_out}
    return tuple((views, found[label]) for label, views in MIDDLES.items() if found.get(label))


def _loads(plan: Plan, sums: dict[str, dict[tuple[str, ...], _Sum]]) -> dict[str, tuple[tuple[int, float], ...]]:
    """Of each measure that has a histogram of loads, the bins that stand out: far ones would weigh their noise much."""
    found = {}
    for measure in plan.measures:
        if measure.tells == "load" and (its := sums.get(str(measure.measure))):
            found[measure.of] = tuple(
                sorted((int(low), part.mean) for (low,), part in its.items() if part.is_over(LOAD_SIGMAS))
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
