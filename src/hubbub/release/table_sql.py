"""The statements that count a declared table, in DuckDB's dialect; every name in them was checked with the settings.

A unit's *cells* are what it would count unbounded: whole numbers `n`, in `PARTS`-ths, by day `d`, unit `u` and keys.
They follow from its own rows, the frozen key lists and the settings alone. Its *load* is the sum of their squares, and
`counts` scales it down by its weight: `weights` has the proof of the sensitivity. `LOAD_LIMIT` keeps `load` within 64
bits: a unit over it counts nothing.
"""

from collections.abc import Callable, Mapping, Sequence

from hubbub.core.tables import HOUR, Column, Table, TableMeasure, Where
from hubbub.release.plan import PARTS
from hubbub.release.table_plan import BIN, LOAD, LOADS, PART, STEP, open_column
from hubbub.release.weights import MOST_NEW_KEYS, WEIGHTS, l2_squared

ROWS_A_CELL = 1_000  # more rows of one unit in one cell count no more
LOAD_LIMIT = 10**18
NEW_LIMIT = MOST_NEW_KEYS * PARTS**2

Codes = Callable[[str, Sequence[str]], Sequence[int]]


def column_of(name: str) -> str:
    """What statements call a column: no name of theirs, and no word of SQL."""
    return name if name in (HOUR, PART, BIN, STEP, LOAD) else f"c_{name}"


def keys_of(table: Table, measure: TableMeasure) -> tuple[str, ...]:
    """The columns that a measure is told apart by, the open one first."""
    opened = open_column(table, measure)
    names = (*((opened,) if opened else ()), *(each for each in measure.by if each != opened))
    return tuple(map(column_of, names))


def gathered(name: str, keys: Sequence[str], where: Where, codes: Codes) -> str:
    """What measures of the same keys and rows share: each unit's rows a key, and the least tag, as a table."""
    by = _listed("d", "u", *keys)
    return f"""CREATE TEMP TABLE {name} AS
SELECT {by}, count(*) AS rows_here, min(tag) AS tag
FROM "rows"{_where(codes, where)}
GROUP BY {by}"""


def cells(name: str, table: Table, measure: TableMeasure, codes: Codes, shared: str) -> str:
    """The cells of a measure before any bound, as a table `cells_<name>`: d, u, its keys, n."""
    opened = open_column(table, measure)
    listed = f" SEMI JOIN day_{opened} USING (d, {column_of(opened)})" if opened else ""
    by = _listed("d", "u", *keys_of(table, measure))
    if measure.kind in ("units", "count"):
        n = "1" if measure.kind == "units" else f"least(rows_here, {ROWS_A_CELL})"
        body = f"SELECT {by}, {n}::BIGINT * {PARTS}::BIGINT AS n FROM {shared}{listed}"
    elif measure.kind == "funnel":
        body = _funnel(measure, codes)
    else:
        rows = f'"rows"{listed}{_where(codes, measure.where)}'
        body = _CELLS[measure.kind](rows, by, measure, table.columns, codes)
    return f"CREATE TEMP TABLE cells_{name} AS\n{body}"


def new_cells(name: str, column: str, shared: str, by_day: bool = False) -> str:
    """The new keys of each unit: distinct units. New is what is not public, or by day what was not released as new
    either.
    """
    key = column_of(column)
    known = f"day_{column} USING (d, {key})" if by_day else f"public_{column} USING ({key})"
    return f"""CREATE TEMP TABLE cells_{name} AS
SELECT d, u, {key}, {PARTS}::BIGINT AS n
FROM {shared} ANTI JOIN {known}
WHERE {key} >= 0"""


def loads(name: str) -> str:
    """Each unit's load, as a table `loads_<name>`."""
    return f"""CREATE TEMP TABLE loads_{name} AS
SELECT d, u, least(sum(n * n), {LOAD_LIMIT} + 1)::BIGINT AS load
FROM cells_{name}
GROUP BY d, u"""


def counts(name: str, keys: Sequence[str], bound: int, limit: int = LOAD_LIMIT) -> str:
    """The bounded counts of a measure: d, its keys, n. Squared L2 of one unit's share: `bound` · PARTS². Units with a
    load over `limit` count nothing.
    """
    within = l2_squared(bound)
    listed = _listed("d", *keys)
    return f"""SELECT {listed}, sum(CASE
    WHEN load <= {within} THEN n
    WHEN load > {limit} THEN 0
    ELSE n * floor(sqrt({within * WEIGHTS**2} // load))::BIGINT // {WEIGHTS}
END)::BIGINT AS n
FROM cells_{name}
JOIN loads_{name} USING (d, u)
GROUP BY {listed}"""


def histogram_of_loads(name: str) -> str:
    """Units by load: 1 in one bin each. The lowest bin holds what is below it, too; the last one is open."""
    lows = [int(low) * PARTS**2 for low in LOADS]
    cases = " ".join(f"WHEN load < {low} THEN {place}" for place, low in enumerate(lows[1:]))
    return f"""SELECT d, CASE {cases} ELSE {len(lows) - 1} END AS load, count(*) AS n
FROM loads_{name}
GROUP BY ALL"""


def _sum(rows: str, by: str, measure: TableMeasure, columns: Mapping[str, Column], _codes: Codes) -> str:
    """A unit's sum within ± the most, in parts of it; what is left of a part is rounded up as often as it is large, by
    chance that the unit's own tag gives: r is drawn from 0 … most − 1, and ⌊(x·PARTS + r) / most⌋ lies within ±PARTS.
    """
    column = columns[measure.of]
    assert column.most is not None
    most = round(max(abs(column.least), abs(column.most)) * column.scale)
    total = f"greatest(least(sum({column_of(measure.of)}), {most}), -{most})::HUGEINT"
    return _parts(rows, by, f"{total} * {PARTS}", str(most))


def _parts(rows: str, by: str, numerator: str, most: str) -> str:
    """`numerator` // `most`, rounded by chance, for numerators within ± PARTS · most."""
    chance = f"((min(tag) // 2) % {most} + {most}) % {most}"
    raised = f"{numerator} + {chance} + {most}::HUGEINT * {PARTS}"
    return f"SELECT {by}, (({raised}) // {most} - {PARTS})::BIGINT AS n FROM {rows} GROUP BY {by}"


def _mean(rows: str, by: str, measure: TableMeasure, columns: Mapping[str, Column], _codes: Codes) -> str:
    """Two cells a key: 1, and the unit's own mean from the middle of the range, in parts of half of it."""
    column = columns[measure.of]
    assert column.most is not None
    low, high = round(column.least * column.scale), round(column.most * column.scale)
    value = f"least(greatest({column_of(measure.of)}, {low}), {high})"
    doubled = f"(2 * sum({value}) - {low + high} * count(*))::HUGEINT"
    parts = _parts(rows, by, f"{doubled} * {PARTS}", f"({high - low} * count(*))")
    return f"""SELECT {by}, 0 AS {PART}, {PARTS}::BIGINT AS n FROM {rows} GROUP BY {by}
UNION ALL
SELECT {by}, 1 AS {PART}, n FROM ({parts})"""


def _histogram(rows: str, by: str, measure: TableMeasure, columns: Mapping[str, Column], _codes: Codes) -> str:
    """One row of each unit and key, that with the least tag, in its bin; what is outside of all is in the next one."""
    column = columns[measure.of]
    edges = [round(edge * column.scale) for edge in column.edges]
    cases = " ".join(f"WHEN value < {edge} THEN {place}" for place, edge in enumerate(edges[1:-1]))
    place = f"CASE {cases} ELSE {len(edges) - 2} END" if cases else "0"
    return f"""SELECT {by}, {place} AS {BIN}, {PARTS}::BIGINT AS n
FROM (SELECT {by}, arg_min({column_of(measure.of)}, tag) AS value FROM {rows} GROUP BY {by})"""


def _share(rows: str, by: str, measure: TableMeasure, _columns: Mapping[str, Column], codes: Codes) -> str:
    """A unit stands with each key under yes when any of its rows there meets the condition, else under no."""
    missed = f"min(CASE WHEN {_conditions(measure.which, codes)} THEN 0 ELSE 1 END)"
    return f"""SELECT {by}, {missed} AS {PART}, {PARTS}::BIGINT AS n
FROM {rows}
GROUP BY {by}"""


def _funnel(measure: TableMeasure, codes: Codes) -> str:
    """The deepest step: the first row of step 1, the first of step 2 after it, and so on; going early goes deepest."""
    place = "(ms::HUGEINT << 64) + rid"
    reached, deepest = [], []
    for step, condition in enumerate(measure.steps):
        rows = f'SELECT d, u, {place} AS place FROM "rows"{_where(codes, measure.where, condition)}'
        before = f"step{step - 1}"
        later = f"{before} JOIN its USING (d, u) WHERE its.place > {before}.place" if step else "its"
        found = f"SELECT d, u, min(its.place) AS place FROM {later} GROUP BY d, u"
        reached.append(f"step{step} AS (WITH its AS ({rows}) {found})")
        deepest.append(f"SELECT d, u, {step} AS {STEP} FROM step{step}")
    return f"""WITH {", ".join(reached)}
SELECT d, u, max({STEP}) AS {STEP}, {PARTS}::BIGINT AS n
FROM ({" UNION ALL ".join(deepest)})
GROUP BY d, u"""


def _where(codes: Codes, *conditions: Where) -> str:
    met = " AND ".join(_conditions(each, codes) for each in conditions if each)
    return f" WHERE {met}" if met else ""


def _conditions(where: Where, codes: Codes) -> str:
    """All columns have one of their values. -1 is where nothing stands, -2 no row has."""
    return " AND ".join(
        f"{column_of(column)} IN ({_listed('-2', *map(str, codes(column, values)))})"
        for column, values in where.items()
    )


def _listed(*names: str) -> str:
    return ", ".join(names)


_CELLS: dict[str, Callable[..., str]] = {
    "sum": _sum,
    "mean": _mean,
    "quantiles": _histogram,
    "histogram": _histogram,
    "share": _share,
}
