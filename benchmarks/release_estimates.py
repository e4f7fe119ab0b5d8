"""Hubbub's estimates of the unbounded figures of a day, from released cells alone: what a reader of the marts could do.

Cells under the plan's bound are multiplied by each page's factor (`publish.correction`): the wide bound over the tight
one, summed over the days that are there, by bands of popularity and by section; then what the wide bound still loses,
by the histogram of loads. Where the wide cells are noise one factor for all pages is left, where the histogram is, the
cells stay as they are.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import numpy.typing as npt

from hubbub.core.sizes import ONE_IN_EACH, Sizes, growth_of, kept, sizes_of_octaves
from hubbub.publish.correction import PageFactors, Sums, bands, corrected, page_factors, plain_factor
from hubbub.publish.smoothing import filtered
from hubbub.release.ledger import Ledger
from hubbub.release.table_plan import LOADS, load_of, wide_of
from hubbub.release.types import Released

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Day:
    """A day's cells of a measure in units of one, in the order of some pages; NaN where a page had none; its bounds."""

    tight: Floats
    wide: Floats
    variance: float
    wide_variance: float
    loads: dict[str, float]
    loads_variance: float
    bound: int
    wide_bound: int

    def under(self, sizes: Sizes, bound: int, wide_bound: int) -> "Day":
        """As it would have been under other bounds, for what all pages have in common."""
        tight = _share(sizes, bound) / _share(sizes, self.bound)
        wide = _share(sizes, wide_bound) / _share(sizes, self.wide_bound)
        return replace(
            self,
            tight=self.tight * tight,
            wide=self.wide * wide,
            variance=self.variance * tight**2,
            wide_variance=self.wide_variance * wide**2,
            bound=bound,
            wide_bound=wide_bound,
        )


Before = Callable[[Sequence[str]], list[Day]]
CUTS = ("tight", "wide")
LEAST_DAYS = 3  # a past that is worth filtering


def estimates(
    ledger: Ledger, source: str, measure: str, days: Sequence[date], before: Before = lambda _pages: []
) -> dict[str, float]:
    """Page → corrected figure of the last of `days`; those and the days `before` lend their cells.

    With a past, each page's corrected series is filtered up to the last day (`publish.smoothing`).
    """
    names = (measure, wide_of(measure), load_of(measure))
    found = {(one.day, one.measure): one for one in ledger.released(source, days[0], days[-1], names)}
    today = found[days[-1], measure]
    pages = [key[0] for key in today.keys]
    past = before(pages) + [_day(found, day, names, pages) for day in days if (day, measure) in found]
    last = past[-1]
    sizes = _sizes(measure, past)
    try:
        beyond, whole = plain_factor(sizes, last.wide_bound), plain_factor(sizes, last.bound)
        past = [day.under(sizes, last.bound, last.wide_bound) for day in past]
    except ValueError:
        return dict(zip(pages, last.tight.tolist(), strict=True))
    tight = Sums(*_sum([(day.tight, day.variance) for day in past]))
    wide = Sums(*_sum([(day.wide, day.wide_variance) for day in past]))
    level = whole.value * tight.values / np.maximum(1, sum(~np.isnan(day.tight) for day in past))
    sections = np.unique([page.split("/")[1] for page in pages], return_inverse=True)[1]
    try:
        factors = page_factors(tight, wide, [bands(level), sections.astype(np.int64)]).times(beyond)
    except ValueError:
        factors = PageFactors(np.full(len(pages), whole.value), np.full(len(pages), whole.variance), 0.0)
    if len(past) < LEAST_DAYS:
        values = corrected(last.tight, last.variance, factors, whole.heterogeneity).values
        return dict(zip(pages, values.tolist(), strict=True))
    sampled = whole.heterogeneity * np.maximum(level * factors.values / whole.value, 0.0)
    cells = np.array([day.tight * factors.values for day in past]).T
    spreads = np.array([day.variance * factors.values**2 + sampled for day in past]).T
    weekday = (days[-1].weekday() - len(past) + 1) % 7
    smooth = filtered(cells, spreads, weekday=weekday, together=True)
    return dict(zip(pages, smooth.estimate.tolist(), strict=True))


def _day(found: dict[tuple[date, str], Released], day: date, names: tuple[str, str, str], pages: Sequence[str]) -> Day:
    tight, wide, loads = (found[day, name] for name in names)
    return Day(
        _cells(tight, pages),
        _cells(wide, pages),
        tight.variance / tight.parts**2,
        wide.variance / wide.parts**2,
        {key[0]: value / loads.parts for key, value in zip(loads.keys, loads.values, strict=True)},
        loads.variance / loads.parts**2,
        tight.bound,
        wide.bound,
    )


def _share(sizes: Sizes, bound: int) -> float:
    return kept(sizes, bound).share


def _cells(one: Released, pages: Sequence[str]) -> Floats:
    values = {key[0]: value / one.parts for key, value in zip(one.keys, one.values, strict=True)}
    return np.array([values.get(page, np.nan) for page in pages])


def _sum(days: Sequence[tuple[Floats, float]]) -> tuple[Floats, Floats]:
    """Values and variances of the days' sums, of the days on which a page had a cell."""
    values = np.nansum([cells for cells, _ in days], axis=0)
    return values, np.sum([~np.isnan(cells) * variance for cells, variance in days], axis=0)


def _sizes(measure: str, past: Sequence[Day]) -> Sizes:
    """The units' sizes over the days; how rows go with squares, of a count, is told by what both bounds kept.

    Octaves above the last one that stands out of the noise are left out: noise there would weigh as much as all rows.
    """
    variance = sum(day.loads_variance for day in past)
    units = [float(np.sum([day.loads.get(low, 0.0) for day in past])) for low in LOADS]
    last = max((place for place, count in enumerate(units) if count > 4 * math.sqrt(variance)), default=0)
    units, lows = units[: last + 1], [int(low) for low in LOADS[: last + 1]]
    growth = ONE_IN_EACH
    if measure == "views":
        like = [day for day in past if day.bound == past[-1].bound]
        tight, wide = (float(np.nansum([getattr(day, cut) for day in like])) * len(past) / len(like) for cut in CUTS)
        growth = growth_of(units, lows, (float(like[-1].bound), tight), (float(like[-1].wide_bound), wide))
    return sizes_of_octaves(units, variance, lows, growth)
