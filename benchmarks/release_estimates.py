"""Hubbub's estimates of the unbounded figures of a day, as its API gives them: from released cells in marts alone.

The cells of the days that hubbub closed itself are published as marts and read by `publish.unbounded_days`; those of
days that were drawn cheaply (`release_history`) are put beside them. Estimates are `smoothed` ones where there is a
past, else `unbounded` ones.
"""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt
from msgspec.structs import replace

from hubbub.core.tables import Table
from hubbub.publish.marts import Marts
from hubbub.publish.table_kinds import shapes_of
from hubbub.publish.unbounded import course, total
from hubbub.publish.unbounded_days import Past, read_past
from hubbub.publish.unbounded_smoothing import smoothed
from hubbub.release.ledger import Ledger
from hubbub.release.table_plan import load_of, more_of, new_of, wide_of

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


Before = Callable[[Sequence[str]], list[Day]]


def estimates(
    ledger: Ledger, table: Table, measure: str, days: Sequence[date], before: Before = lambda _pages: []
) -> dict[str, float]:
    """Page → unbounded figure of the last of `days`; those and the days `before` lend their cells."""
    shape = shapes_of(table)[measure]
    names = (measure, wide_of(measure), load_of(measure), new_of("page"), more_of("page"))
    released = list(ledger.released(table.name, days[0], days[-1], names))
    with tempfile.TemporaryDirectory() as folder:
        marts = Marts(Path(folder))
        for month in {one.day.replace(day=1) for one in released}:
            marts.write(table.name, month, released)
        past = read_past(marts, table, shape, days[-1], days[-1])
    assert past is not None
    pages = [key[0] for key in past.keys]
    past = _with(past, before(pages))
    by_day = course(past, shape.kind)
    if by_day.why_not:
        return dict(zip(pages, past.tight[-1].tolist(), strict=True))
    if np.isfinite(past.tight).any(axis=1).sum() > 1:
        told = smoothed(past, by_day, shape.kind)
    else:
        told = total(by_day, slice(past.days - 1, past.days))
    return dict(zip(pages, told.values.tolist(), strict=True))


def _with(past: Past, cheap: Sequence[Day]) -> Past:
    """The cells with those of days that were drawn cheaply, which are the oldest ones."""
    rows = len(cheap)
    if not rows:
        return past

    def put(column: Floats, values: Sequence[Floats] | Sequence[float]) -> Floats:
        return np.concatenate([np.asarray(values, np.float64), column[rows:]])

    return replace(
        past,
        tight=put(past.tight, [day.tight for day in cheap]),
        variances=put(past.variances, [day.variance for day in cheap]),
        bounds=put(past.bounds, [day.bound for day in cheap]),
        wide=put(past.wide, [day.wide for day in cheap]),
        wide_variances=put(past.wide_variances, [day.wide_variance for day in cheap]),
        wide_bounds=put(past.wide_bounds, [day.wide_bound for day in cheap]),
        loads=put(past.loads, [np.array([day.loads[str(low)] for low in past.lows]) for day in cheap]),
        load_variances=put(past.load_variances, [day.loads_variance for day in cheap]),
    )
