"""What each kind of a declared table's measure answers: the parts of its cells, and estimates of their sums."""

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from hubbub.core.tables import Kind, Table, TableMeasure
from hubbub.publish.histograms import Bin, quantile
from hubbub.publish.intervals import (
    SHARE_SHOWN,
    Estimate,
    FirstRelease,
    Fraction,
    Total,
    estimate,
    ratio_of,
    share,
    total_of,
)
from hubbub.publish.shelf import Floats, Ints
from hubbub.publish.table_shelf import TableCells

LOOKS = ("new", "more")  # what looks for new keys of an open column: `new_<column>`, and a second look
POINTS = {"p50": 0.5, "p90": 0.9, "p95": 0.95}
SPAN_SHOWN = 1 / 20


class Shape(Struct, frozen=True):
    """A measure as questions see it.

    kind        a `core.tables.Kind`; one of `LOOKS` for keys of an open column on the day of their first release
    of          the number that it is of; "" without one
    by          what its cells may be told apart by, in the order of the settings
    dimension   what its kind tells apart by itself ("bin" or "step" rows stand in every answer); "" for none
    parts       the keys of that last dimension, in order; () for none
    metrics     name → unit: "count", "number" (of the column's own), "percent"
    """

    name: str
    kind: Kind | str
    of: str
    by: tuple[str, ...]
    dimension: str
    parts: tuple[str, ...]
    metrics: Mapping[str, str]

    @property
    def unfolds(self) -> bool:
        """Whether each part has a row of its own."""
        return self.kind in ("histogram", "funnel")


class Sums(Struct, frozen=True):
    """Cells added up: `value` and `variance` by part; `covariance` of the two of a mean."""

    value: Floats
    variance: Floats
    covariance: float = 0.0
    first_releases: tuple[FirstRelease, ...] = ()

    def total(self, place: int) -> Total:
        """One part."""
        return Total(float(self.value[place]), float(self.variance[place]), self.first_releases)

    def from_on(self, place: int) -> Total:
        """A part and all after it."""
        return Total(float(self.value[place:].sum()), float(self.variance[place:].sum()))


def shapes_of(table: Table) -> dict[str, Shape]:
    """All measures of a table that can be asked, by name: those of the settings, then new keys by open column."""
    found = {name: _shape(table, name, measure) for name, measure in table.measures.items()}
    for name, column in table.columns.items():
        if column.open and any(name in measure.by for measure in table.measures.values()):
            for look in LOOKS:
                found[f"{look}_{name}"] = Shape(f"{look}_{name}", look, "", (name,), "", (), {"units": "count"})
    return found


def _shape(table: Table, name: str, measure: TableMeasure) -> Shape:
    dimension, parts = "", tuple[str, ...]()
    if measure.kind in ("quantiles", "histogram"):
        edges = table.columns[measure.of].edges
        dimension, parts = "bin", tuple(f"{low:g}..{high:g}" for low, high in pairwise(edges))
    elif measure.kind == "funnel":
        dimension, parts = "step", tuple(str(step) for step in range(1, len(measure.steps) + 1))
    elif measure.kind in ("mean", "share"):
        dimension, parts = "part", ("units", "sum") if measure.kind == "mean" else ("yes", "no")
    return Shape(name, measure.kind, measure.of, measure.by, dimension, parts, METRICS[measure.kind])


METRICS: dict[str, dict[str, str]] = {
    "units": {"units": "count"},
    "count": {"count": "count"},
    "sum": {"sum": "number"},
    "mean": {"mean": "number", "units": "count"},
    "quantiles": {**dict.fromkeys(POINTS, "number"), "units": "count"},
    "histogram": {"units": "count", "share": "percent"},
    "share": {"share": "percent", "units": "count"},
    "funnel": {"units": "count", "rate": "percent"},
}


class Entries(Struct, frozen=True):
    """What cells add to sums: `cell` says which cell each comes from, `part` to which part it is added."""

    cell: Ints
    part: Ints
    value: Floats
    variance: Floats
    covariance: Floats


def entries(shape: Shape, cells: TableCells, chosen: Ints, part: Ints) -> Entries:
    """What the chosen cells add to sums. `part` is the place of each chosen cell's own part.

    A sum counts in parts of `high`, so a cell adds value · high. A mean has the cells N, units, and S, each unit's own
    mean from the middle m of the range in parts of half of it, h. So the units' own means add up to A = m·N + h·S, and
    A / N is their mean: Var A = m²·Var N + h²·Var S and Cov(A, N) = m·Var N, for the noise of N and S is independent.
    """
    value, variance = cells.value[chosen], cells.variance[chosen]
    places, none = np.arange(len(chosen)), np.zeros(len(chosen))
    low, high = cells.definition.low, cells.definition.high
    if shape.kind == "sum":
        return Entries(places, part, value * high, variance * high**2, none)
    if shape.kind != "mean":
        return Entries(places, part, value, variance, none)
    middle, half = (low + high) / 2, (high - low) / 2
    is_units = part == 0
    factor = np.where(is_units, middle, half)
    units = np.flatnonzero(is_units)
    return Entries(
        np.concatenate([places[units], places]),
        np.concatenate([np.zeros(len(units), np.int64), np.ones(len(places), np.int64)]),
        np.concatenate([value[units], value * factor]),
        np.concatenate([variance[units], variance * factor**2]),
        np.concatenate([np.zeros(len(units)), np.where(is_units, middle * variance, 0.0)]),
    )


Estimating = Callable[[Shape, Sums, tuple[float, float]], tuple[Estimate, ...]]


def estimates(shape: Shape, sums: Sums, reach: tuple[float, float]) -> tuple[Estimate, ...]:
    """One estimate a metric, in their order. `reach` is the range of the number that the measure is of."""
    return _ESTIMATING[shape.kind](shape, sums, reach)


def unfolded(shape: Shape, sums: Sums) -> list[tuple[Estimate, ...]]:
    """The estimates of each part of a histogram or funnel, in their order."""
    if shape.kind == "funnel":
        began = sums.from_on(0)
        tails = [sums.from_on(place) for place in range(len(shape.parts))]
        return [(estimate(tail), _share(tail, began)) for tail in tails]
    whole = sums.from_on(0)
    bins = [sums.total(place) for place in range(len(shape.parts))]
    return [(estimate(each), _share(each, whole)) for each in bins]


def _share(part: Total, whole: Total) -> Estimate:
    """In percent: a part of the same cells, whose noise it shares."""
    return share(Fraction(part.value, part.variance, whole.value, whole.variance, part.variance), "units")


def _counted(_shape: Shape, sums: Sums, _reach: tuple[float, float]) -> tuple[Estimate, ...]:
    return (estimate(sums.total(0)),)


def _sum(_shape: Shape, sums: Sums, _reach: tuple[float, float]) -> tuple[Estimate, ...]:
    """A sum may be negative: it carries by its size."""
    total = sums.total(0)
    if total.value >= 0:
        return (estimate(total),)
    found = estimate(Total(-total.value, total.variance))
    return (replace(found, value=total.value, low95=-found.high95, high95=-found.low95),)


def _mean(_shape: Shape, sums: Sums, reach: tuple[float, float]) -> tuple[Estimate, ...]:
    units, added = sums.total(0), sums.total(1)
    fraction = Fraction(added.value, added.variance, units.value, units.variance, sums.covariance)
    return _within(ratio_of(fraction, "units"), reach), estimate(units)


def _quantiles(shape: Shape, sums: Sums, reach: tuple[float, float]) -> tuple[Estimate, ...]:
    ends = [tuple(map(float, label.split(".."))) for label in shape.parts]
    bins = {label: Bin(low, high, (low + high) / 2) for label, (low, high) in zip(shape.parts, ends, strict=True)}
    totals = {label: sums.total(place) for place, label in enumerate(shape.parts)}
    found = (quantile(totals, bins, point, "units") for point in POINTS.values())
    return (*(_within(one, reach) for one in found), estimate(total_of(totals.values())))


def _rate(_shape: Shape, sums: Sums, _reach: tuple[float, float]) -> tuple[Estimate, ...]:
    return _share(sums.total(0), sums.from_on(0)), estimate(sums.from_on(0))


_ESTIMATING: dict[str, Estimating] = {
    "units": _counted,
    "count": _counted,
    **dict.fromkeys(LOOKS, _counted),
    "sum": _sum,
    "mean": _mean,
    "quantiles": _quantiles,
    "share": _rate,
}


def _within(found: Estimate, reach: tuple[float, float]) -> Estimate:
    """A number of a known range, not shown when its interval says little: half of it is over a third of the number and
    over a twentieth of the range.
    """
    half = (found.high95 - found.low95) / 2
    if not found.shown or half <= max(abs(found.value) * SHARE_SHOWN, (reach[1] - reach[0]) * SPAN_SHOWN):
        return found
    why = f"noise (± {half:,.3g}) is larger than a third of the value and than a twentieth of the range"
    return replace(found, shown=False, why_not=why)


def reach_of(definitions: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """The range that holds all of these."""
    lows, highs = zip(*definitions, strict=True) if definitions else ((0.0,), (0.0,))
    return min(lows), max(highs)
