"""The plan of the days at hand, fitted to what is known before them: only what was released of earlier days is read."""

from collections.abc import Sequence
from datetime import date, timedelta

from msgspec.structs import replace

from hubbub.core.sizes import ONE_IN_EACH, Sizes, growth_of, kept, sizes_of_octaves
from hubbub.core.tables import Table, TableMeasure
from hubbub.release.budget import priced
from hubbub.release.door import Door
from hubbub.release.fitting import best_bound, usual
from hubbub.release.plan import MeasurePlan
from hubbub.release.site_fits import fitted_site
from hubbub.release.table_plan import BOUNDS, LOADS, load_of, plan_of_table, wide_of
from hubbub.release.types import Released

DAYS = 7  # bounds follow the median of so many days
FEWEST = 3  # … of at least so many with a histogram
FITTED = ("units", "count")  # kinds whose cells are counts, which a histogram of loads tells of
STEP = 2  # a bound becomes its double or its half at most from one close to the next
LEAST_SIGMAS = 4.0  # octaves above the last one that stands out of the noise are left out


def fitted(door: Door, source: str, day: date) -> Door:
    """The door with the source's plan as it holds for `day` and the days that are closed with it.

    It depends on the settings, on the keys that were public before `day` and on cells of earlier days alone, so a close
    that is run again has the same plan. Of a site it also is the same for its hours and its close (`site_fits`).
    """
    table = door.settings.table(source)
    if table is None:
        return fitted_site(door, source, day)
    opened = [name for name, column in table.columns.items() if column.open]
    unknown = [name for name in opened if not table.columns[name].known and not door.public.has_any(source, name, day)]
    plan = plan_of_table(table, _bounds(door, source, table, day), unknown)
    return replace(door, known={**door.known, source: priced(plan, door.settings.budget)})


def is_fitted(measure: TableMeasure) -> bool:
    """Whether the bound of a table's measure follows what was released."""
    return not measure.bound and measure.kind in FITTED


def _bounds(door: Door, source: str, table: Table, day: date) -> dict[str, int]:
    """The bound that fits each measure whose bound the settings leave open, where enough is released to tell."""
    standing = priced(plan_of_table(table), door.settings.budget)
    names = [name for name, each in table.measures.items() if is_fitted(each)]
    names = [name for name in names if load_of(name) in standing.plan]
    wanted = [each for name in names for each in (name, wide_of(name), load_of(name))]
    found: dict[str, list[Released]] = {name: [] for name in wanted}
    if names:
        for one in door.ledger.released(source, day - timedelta(DAYS), day - timedelta(1), wanted):
            if one.values:
                found[one.measure].append(one)
    bounds = {}
    for name in names:
        share = standing.shares[name].rho
        bound = _bound(standing.plan[name], found[name], found[wide_of(name)], found[load_of(name)], share)
        if bound is not None:
            bounds[name] = bound
    return bounds


def _bound(
    measure: MeasurePlan, tight: Sequence[Released], wide: Sequence[Released], loads: Sequence[Released], rho: int
) -> int | None:
    """The bound with the least error predicted of the measure's cells; None where too little is known."""
    if min(len(tight), len(wide), len(loads)) < FEWEST:
        return None
    current = tight[-1].bound
    try:
        sizes = _sizes(measure, tight, wide, loads)
        levels = _levels(tight, kept(sizes, current).share)
        near = [bound for bound in BOUNDS if current <= STEP * bound and bound <= STEP * current]
        return best_bound(sizes, levels, rho, near, current=current).bound
    except ValueError:  # a histogram that is noise, or no cell over 0
        return None


def _sizes(
    measure: MeasurePlan, tight: Sequence[Released], wide: Sequence[Released], loads: Sequence[Released]
) -> Sizes:
    """The sizes of units, by the median day. How many rows a unit of a size has is told by what two bounds keep."""
    by_day = [dict(zip(one.keys, one.values, strict=True)) for one in loads]
    units = [[float(cells.get((low,), 0)) for low in LOADS] for cells in by_day]
    noise = sum(one.variance for one in loads)
    sums = [sum(each) for each in zip(*units, strict=True)]
    last = max((place for place, total in enumerate(sums) if total > LEAST_SIGMAS * noise**0.5), default=0)
    lows = [int(low) for low in LOADS[: last + 1]]
    growth = ONE_IN_EACH
    if measure.tells == "count":
        kept_of = [(float(each[-1].bound), sum(sum(one.values) / one.parts for one in each)) for each in (tight, wide)]
        growth = growth_of(sums[: last + 1], lows, kept_of[0], kept_of[1])
    days = zip(units, loads, strict=True)
    return usual([sizes_of_octaves(each[: last + 1], one.variance, lows, growth) for each, one in days])


def _levels(tight: Sequence[Released], share: float) -> list[float]:
    """Each cell's mean over the days, unbounded: what the bound keeps of all is put back."""
    sums: dict[tuple[str, ...], float] = {}
    for one in tight:
        for key, value in zip(one.keys, one.values, strict=True):
            sums[key] = sums.get(key, 0.0) + value / one.parts
    return [total / len(tight) / share for total in sums.values()]
