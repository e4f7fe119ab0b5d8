"""The plan of a declared table: its measures as `hubbub.yaml` asks for them, and what they need besides.

Every measure is an integer vector, a cell a key: one unit's cells are scaled down together until their squares sum to
at most the bound (`Bound.WEIGHTED`), so a unit of many cells counts a little in each instead of fully in some.

For each open column that a measure is told apart by there is one more measure, `new_<column>`: which new keys pass the
threshold. While nothing is known of the column a first look finds what is seen most, and `more_<column>` looks among
the rest, where a unit's weight is not spent on what is found already.

With each measure that a bound can bind come two: `wide_<measure>`, the same under a wide bound at a small share of the
budget, which tells of groups of keys what the narrow bound takes away; and `load_<measure>`, how much units would count
unbounded, in powers of two, from which the next days' bounds are chosen.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise, product

from msgspec.structs import replace

from hubbub.core.tables import HOUR, OTHER, Column, Table, TableMeasure
from hubbub.release.plan import MORE, Bound, Keys, MeasurePlan, Plan

SLOTS = 25
BOUNDS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024)
"""The bounds that are chosen from; the last one is the hard limit."""
PART, BIN, STEP, LOAD = "part", "bin", "step", "load"
UNITS, SUM = "units", "sum"
YES, NO = "yes", "no"
NEW_SHARE = 3  # finding new keys weighs a third of what is told apart by them
FIRST_SHARES = (1, 6)  # while nothing is known: a first look and a second one, beside 3 for all that is told apart
ROUGHLY = 10  # … and then a plain count of units, which the second look gives already, weighs a tenth
WIDER = {"count": 40}  # how much wider the wide bound is, and else 20
WIDE_SHARE, LOAD_SHARE = 20, 40  # which part of the weight it and the histogram have
SCALE = 100  # weights of a plan are hundredths of what the settings say
LOADS = tuple(str(2**power) for power in range(15))
"""Bins of a unit's load by their lower ends: the sum of its cells' squares, in units of one; the last one is open."""

_SAYS = {
    "units": "Units",
    "count": "Rows",
    "sum": "Sum of {of}, of each unit in parts of {most}",
    "mean": "Units, and the sum of each one's mean {of} as a part of half its range, from the middle",
    "quantiles": "Units by {of}, of one row of each drawn by chance",
    "histogram": "Units by {of}, of one row of each drawn by chance",
    "share": "Units with and without a row that meets the condition",
    "funnel": "Units by the deepest step that they reached",
}


def new_of(column: str) -> str:
    """The name of the measure that says which new keys of an open column are released."""
    return f"new_{column}"


def more_of(column: str) -> str:
    """The name of the measure that looks for further new keys among what the first one left."""
    return f"more_{column}"


def load_of(measure: str) -> str:
    """The name of the measure that says how much units would count in another one."""
    return f"load_{measure}"


def wide_of(measure: str) -> str:
    """The name of the measure that counts the same as another one under a wide bound."""
    return f"wide_{measure}"


def plan_of_table(table: Table, bounds: Mapping[str, int] | None = None, unknown: Collection[str] = ()) -> Plan:
    """The plan of a table. `bounds` are those that fit, by measure, where the settings leave them open; of the open
    columns in `unknown` no key is public yet.
    """
    fits = bounds or {}
    measures = [
        _measure(table, name, each, each.bound or fits.get(name) or default_bound(each), unknown)
        for name, each in table.measures.items()
    ]
    opened = dict.fromkeys(each.dimension for each in measures if each.dimension)
    looks = [tuple(_new(column, measures, column in unknown)) for column in opened]  # first ones first: see `round_of`
    return Plan(
        "table",
        1,
        (
            *(first for first, *_ in looks),
            *(later for _, *rest in looks for later in rest),
            *measures,
            *(_wide(each) for each in measures if _can_bind(table.measures[each.measure])),
            *(_loads(each) for each in measures if _can_bind(table.measures[each.measure])),
        ),
        table=table,
    )


def open_column(table: Table, measure: TableMeasure) -> str | None:
    """The open column that a measure is told apart by."""
    return next((name for name in measure.by if name != HOUR and table.columns[name].open), None)


def default_bound(measure: TableMeasure) -> int:
    """The bound before anything is known of the table's units."""
    if measure.kind == "funnel":
        return 1
    if measure.kind == "count":
        return 9 if measure.by else 64
    cells = 2 if measure.kind == "mean" else 1
    if not measure.by:
        return cells
    return cells * 3


def _measure(table: Table, name: str, asked: TableMeasure, bound: int, unknown: Collection[str]) -> MeasurePlan:
    opened = open_column(table, asked)
    is_rough = opened in unknown and asked.kind == "units" and len(asked.by) == 1 and not asked.where
    dimensions = (*((opened,) if opened else ()), *(each for each in asked.by if each != opened))
    lists = [_values(table, each) for each in dimensions[bool(opened) :]]
    last = tuple(_last(table, asked))
    if last:
        dimensions = (*dimensions, _last_dimension(asked))
        lists.append(last)
    low, high = _range(table, asked)
    says = _SAYS[asked.kind].format(of=asked.of, most=f"{high:g}")
    if asked.by:
        says += f" by {', '.join(asked.by)}"
    keys = tuple(product(*lists))
    return MeasurePlan(
        name,
        max(1, asked.weight * SCALE // (ROUGHLY if is_rough else 1)),
        Keys.DAY if opened else Keys.FIXED,
        Bound.WEIGHTED,
        bound,
        1_000,
        asked.title or says,
        "in parts, scaled down until the squares of all its parts sum to at most {}",
        dimensions,
        opened,
        fixed=keys,
        tells=asked.kind,
        of=asked.of,
        low=low,
        high=high,
    )


def _new(column: str, measures: Sequence[MeasurePlan], is_first: bool) -> Iterator[MeasurePlan]:
    """What finds the new keys of a column: one look, or two while nothing is known (Swanberg, Desfontaines and Haney,
    *DP-SIPS*, 2023: what the first one released is public for the second; rho and delta add).
    """
    weight = sum(each.weight for each in measures if each.dimension == column)
    if not is_first:
        yield _look(new_of(column), column, max(1, weight // NEW_SHARE), "new")
        return
    first, second = (max(1, weight * share // 3) for share in FIRST_SHARES)
    yield _look(new_of(column), column, first, "new")
    yield _look(more_of(column), column, second, MORE)


def _look(name: str, column: str, weight: int, tells: str) -> MeasurePlan:
    return MeasurePlan(
        name, weight, Keys.NEW, Bound.WEIGHTED, 1, 1_000,
        f"Units of each {column} not known beforehand" + (", nor found at the first look" if tells == MORE else ""),
        "in parts, scaled down until the squares of all its parts sum to at most {}", (column,), column, tells=tells,
    )  # fmt: skip


def _wide(measure: MeasurePlan) -> MeasurePlan:
    return replace(
        measure,
        measure=wide_of(measure.measure),
        weight=max(1, measure.weight // WIDE_SHARE),
        bound=min(BOUNDS[-1], measure.bound * WIDER.get(measure.tells, 20)),
        says=f"{measure.says}, under a wide bound",
        tells="wide",
        of=measure.measure,
    )


def _loads(measure: MeasurePlan) -> MeasurePlan:
    return MeasurePlan(
        load_of(measure.measure), max(1, measure.weight // LOAD_SHARE), Keys.FIXED, Bound.KEYS, 1, 1,
        f"How much a unit would count in {measure.measure} without a bound: the sum of squares", "once", (LOAD,),
        fixed=tuple((each,) for each in LOADS), tells="load", of=measure.measure,
    )  # fmt: skip


def _can_bind(asked: TableMeasure) -> bool:
    """Whether a unit can count more than its default bound: in several cells, or with several rows in one."""
    return asked.kind not in ("funnel",) and (bool(asked.by) or asked.kind == "count")


def _range(table: Table, asked: TableMeasure) -> tuple[float, float]:
    """What the parts of a number are parts of: of a sum from 0 to its most, else the column's range."""
    if not asked.of:
        return 0.0, 0.0
    column = table.columns[asked.of]
    assert column.most is not None
    return (0.0, max(abs(column.least), abs(column.most))) if asked.kind == "sum" else (column.least, column.most)


def _values(table: Table, name: str) -> tuple[str, ...]:
    if name == HOUR:
        return tuple(map(str, range(SLOTS)))
    return values_of(table.columns[name])


def values_of(column: Column) -> tuple[str, ...]:
    """The keys of a column with values: those, and what they leave."""
    return (*column.values, OTHER)


def _last_dimension(asked: TableMeasure) -> str:
    return {"mean": PART, "share": PART, "funnel": STEP}.get(asked.kind, BIN)


def _last(table: Table, asked: TableMeasure) -> Iterator[str]:
    """The keys of what a kind tells apart by itself."""
    if asked.kind == "mean":
        yield from (UNITS, SUM)
    elif asked.kind == "share":
        yield from (YES, NO)
    elif asked.kind == "funnel":
        yield from (str(step) for step in range(1, len(asked.steps) + 1))
    elif asked.kind in ("quantiles", "histogram"):
        yield from bin_labels(table.columns[asked.of].edges)


def bin_labels(edges: Iterable[float]) -> tuple[str, ...]:
    """Bins by both ends, as keys: `0..10`; the last one has its upper end."""
    return tuple(f"{low:g}..{high:g}" for low, high in pairwise(edges))
