"""Checks of a declared table: what its columns hold, what its measures ask for, and that neither names a person."""

import math
import re
from collections.abc import Iterable
from itertools import pairwise

from msgspec.structs import replace

from hubbub.cli.config_values import check_count, check_label, refuse_name, refuse_value
from hubbub.collect.records.open_values import clean_open
from hubbub.collect.refused_values import region_of
from hubbub.core.errors import ConfigError, Refused
from hubbub.core.refusals import why_refused_as_unit
from hubbub.core.tables import HOUR, MOST_DIMENSIONS, OTHER, ROW, Column, Table, TableMeasure, Where
from hubbub.release.table_plan import BOUNDS, SLOTS

SOURCE = re.compile(r"[a-z][a-z0-9-]{0,62}")
COLUMN = re.compile(r"[a-z][a-z0-9_]{0,15}")
MEASURE = re.compile(r"[a-z][a-z0-9_]{0,23}")
IN_MARTS = ("source", "day", "hour", "part", "bin", "step", "load", "measure", "value")
IN_ROWS = ("unit", "tag", "ms")  # a column of that name would stand in the place of what bounds and ties are made by
RESERVED = frozenset((*IN_MARTS, *IN_ROWS))
MOST_COLUMNS, MOST_MEASURES, MOST_VALUES, MOST_CELLS = 40, 40, 5_000, 200_000
MOST_BINS, MOST_STEPS, MOST_DECIMALS, MOST_NUMBER = 200, 8, 6, 10**9
COMPANIONS = ("new_", "more_", "wide_", "load_")  # names of what comes with measures
OF_NUMBER = ("sum", "mean", "quantiles", "histogram")


def checked_table(path: str, table: Table, zone: str) -> Table:
    """The table at this place of the file, checked, with values as rows have them. Raises ConfigError or Refused."""
    region = region_of(zone)
    if not SOURCE.fullmatch(table.name):
        allowed = "a name of small letters, digits and dashes, without dots: building-permits"
        raise ConfigError(f"{path}.name", repr(table.name), allowed)
    if table.title:
        check_label(f"{path}.title", table.title, region)
    if table.unit != ROW and (reason := why_refused_as_unit(table.unit)):
        allowed = "Name a column that a device or a case has for a day, or `row`"
        raise Refused(f"{path}.unit: `{table.unit}` is refused: {reason}. {allowed}")
    if not table.time:
        raise ConfigError(f"{path}.time", "nothing", "the column that says when")
    check_count(f"{path}.columns", len(table.columns), MOST_COLUMNS, "columns")
    check_count(f"{path}.measures", len(table.measures), MOST_MEASURES, "measures")
    if not table.measures:
        raise ConfigError(f"{path}.measures", "none", "at least one, such as `rows: {kind: count}`")
    columns = {}
    for name, column in table.columns.items():
        columns[name] = _checked_column(f"{path}.columns.{name}", name, column, region)
    for name, column in columns.items():
        if (column.header or name) == table.unit:
            raise Refused(f"{path}.columns.{name}: the unit is never kept; leave the column out")
    for name, measure in table.measures.items():
        _check_measure(f"{path}.measures.{name}", name, measure, columns, region)
    return replace(table, columns=columns)


def _checked_column(path: str, name: str, column: Column, region: str) -> Column:
    if not COLUMN.fullmatch(name) or name in RESERVED:
        allowed = f"up to 16 small letters, digits and _, not {_listed(sorted(RESERVED))}; `header` names it in files"
        raise ConfigError(path, repr(name), allowed)
    refuse_name(path, name)
    refuse_name(path, column.header or name)
    if bool(column.values) + bool(column.open) + (column.most is not None) != 1:
        found = "nothing" if not (column.values or column.open or column.most is not None) else "several of them"
        raise ConfigError(path, found, "one of `values: [a, b]`, `open: text`, `open: path` and `most: 100`")
    if column.known and not column.open:
        raise ConfigError(f"{path}.known", "values of a column that is not open", "`open: text` beside it, or `values`")
    if column.most is not None:
        _check_number(path, column)
    check_count(f"{path}.values", len(column.values), MOST_VALUES, "values")
    for setting, values in (("values", column.values), ("known", column.known)):
        for index, value in enumerate(values):
            refuse_value(f"{path}.{setting}[{index}]", value, region)
    if OTHER in column.values:
        raise ConfigError(f"{path}.values", repr(OTHER), "other names: what is not listed counts as `other` by itself")
    if len(set(column.values)) != len(column.values):
        raise ConfigError(f"{path}.values", "a value twice", "each once")
    known = dict.fromkeys(clean_open(value, column) for value in column.known)
    return replace(column, known=tuple(known))


def _check_number(path: str, column: Column) -> None:
    assert column.most is not None
    if not (math.isfinite(column.least) and math.isfinite(column.most) and column.least < column.most):
        raise ConfigError(path, f"least {column.least}, most {column.most}", "a least below the most")
    if not 0 <= column.decimals <= MOST_DECIMALS:
        raise ConfigError(f"{path}.decimals", str(column.decimals), f"0 to {MOST_DECIMALS}")
    if max(abs(column.least), abs(column.most)) * column.scale > MOST_NUMBER:
        raise ConfigError(f"{path}.most", str(column.most), f"at most {MOST_NUMBER // column.scale}, or fewer decimals")
    check_count(f"{path}.bins", len(column.bins), MOST_BINS, "bins")
    if column.bins and (len(column.bins) < 2 or any(low >= high for low, high in pairwise(column.bins))):
        raise ConfigError(f"{path}.bins", "edges out of order", "at least two, rising: [0, 10, 60, 600]")


def _check_measure(path: str, name: str, measure: TableMeasure, columns: dict[str, Column], region: str) -> None:
    if not MEASURE.fullmatch(name) or name.startswith(COMPANIONS):
        allowed = f"up to 24 small letters, digits and _, not beginning with {', '.join(COMPANIONS)}"
        raise ConfigError(path, repr(name), allowed)
    if measure.title:
        check_label(f"{path}.title", measure.title, region)
    _check_dimensions(f"{path}.by", measure, columns)
    if (measure.kind in OF_NUMBER) != bool(measure.of):
        allowed = f"`of` names a number with {', '.join(OF_NUMBER)}, and stands with no other kind"
        raise ConfigError(f"{path}.of", repr(measure.of) if measure.of else "nothing", allowed)
    if measure.of and (measure.of not in columns or columns[measure.of].most is None):
        raise ConfigError(f"{path}.of", repr(measure.of), "a column with a `most`")
    if (measure.kind == "share") != bool(measure.which):
        raise ConfigError(f"{path}.which", "conditions" if measure.which else "nothing", "conditions, of a share alone")
    if (measure.kind == "funnel") != bool(measure.steps) or len(measure.steps) > MOST_STEPS or len(measure.steps) == 1:
        raise ConfigError(f"{path}.steps", f"{len(measure.steps)} steps", f"2 to {MOST_STEPS}, of a funnel alone")
    if measure.kind == "funnel" and measure.by:
        raise ConfigError(f"{path}.by", ", ".join(measure.by), "nothing: a funnel is counted over all rows of a unit")
    for place, where in (
        ("where", measure.where),
        ("which", measure.which),
        *((f"steps[{index}]", step) for index, step in enumerate(measure.steps)),
    ):
        _check_where(f"{path}.{place}", where, columns)
    if not 1 <= measure.weight <= 1_000:
        raise ConfigError(f"{path}.weight", str(measure.weight), "1 to 1000")
    if measure.bound and not 1 <= measure.bound <= BOUNDS[-1]:
        raise ConfigError(f"{path}.bound", str(measure.bound), f"1 to {BOUNDS[-1]}, or 0 for what fits")


def _check_dimensions(path: str, measure: TableMeasure, columns: dict[str, Column]) -> None:
    if len(measure.by) > MOST_DIMENSIONS or len(set(measure.by)) != len(measure.by):
        raise ConfigError(path, ", ".join(measure.by), f"at most {MOST_DIMENSIONS} columns, each once")
    opened, cells = 0, 1
    if measure.kind in ("quantiles", "histogram") and measure.of in columns:
        cells = len(columns[measure.of].edges)
    for name in measure.by:
        column = columns.get(name)
        if name != HOUR and (column is None or column.most is not None):
            raise ConfigError(path, repr(name), f"{_listed([*columns, HOUR])}, none of them a number")
        opened += column is not None and bool(column.open)
        cells *= SLOTS if column is None else max(1, len(column.values) + 1)
    if opened > 1:
        raise ConfigError(path, "two open columns", "one open column at most: list the `values` of the other")
    if cells > MOST_CELLS:
        raise ConfigError(
            path, f"{cells:,} cells", f"at most {MOST_CELLS:,}: fewer columns, or shorter lists of values"
        )


def _check_where(path: str, where: Where, columns: dict[str, Column]) -> None:
    for name, values in where.items():
        column = columns.get(name)
        if column is None or column.most is not None:
            raise ConfigError(f"{path}.{name}", repr(name), _listed(columns))
        if not values:
            raise ConfigError(f"{path}.{name}", "no values", "a list of values, such as [a, b]")
        for value in values:
            if column.values and value not in (*column.values, OTHER):
                raise ConfigError(f"{path}.{name}", repr(value), _listed((*column.values, OTHER)))


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)
