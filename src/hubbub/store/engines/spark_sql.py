"""The statements of a close in Spark's words.

They are written once, in DuckDB's dialect, and translated by sqlglot. What differs beyond that stands here and nowhere
else:

    $name             the number itself: Spark's own parameters do not reach into window functions
    in_order(a, b)    `struct(a, b)`, which Spark orders by a and then by b, as DuckDB's macro does in one HUGEINT
    HUGEINT           DECIMAL(38, 0)
    CREATE TEMP TABLE, DROP TABLE   Spark has no temporary tables: the bench keeps views for them

The rest is alike: texts are compared by their UTF-8 bytes, `//` cuts toward zero and `%` has the sign of what is
divided, nulls come last wherever rows are put in order (none of them has a null), windows and filters mean the same.
"""

from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from hubbub.core.errors import StoreError

if TYPE_CHECKING:
    from sqlglot.expressions import Expr

INSTALL = "pip install 'hubbub[spark]'"


class Effect(StrEnum):
    """What a statement does with its table."""

    NONE = "none"  # there is no table: it is a query
    CREATE = "create"
    DROP = "drop"


class Statement(NamedTuple):
    """A statement taken apart: what it does, to which table, with the rows of which query (in Spark's dialect)."""

    effect: Effect
    table: str
    query: str


def translated(sql: str, values: Mapping[str, int]) -> Statement:
    """A statement of DuckDB's dialect, its parameters replaced by their values. Raises `StoreError` without sqlglot."""
    return _translated(sql, tuple(sorted(values.items())))


@cache
def _translated(sql: str, values: tuple[tuple[str, int], ...]) -> Statement:
    try:
        from sqlglot import exp, parse_one
    except ModuleNotFoundError:
        raise StoreError(f"the engine `spark` is not installed; run `{INSTALL}`") from None
    numbers = dict(values)

    def spark(node: "Expr") -> "Expr":
        if isinstance(node, exp.Placeholder):
            return exp.Literal.number(numbers[node.name])
        if isinstance(node, exp.Anonymous) and node.name.lower() == "in_order":
            return exp.Struct(expressions=node.expressions)
        if isinstance(node, exp.DataType) and node.this is exp.DataType.Type.INT128:
            return exp.DataType.build("DECIMAL(38, 0)")
        return node

    tree = parse_one(sql, read="duckdb").transform(spark)
    effect, table, query = Effect.NONE, "", tree
    if isinstance(tree, exp.Create):
        effect, table, query = Effect.CREATE, tree.this.name, tree.expression
    elif isinstance(tree, exp.Drop):
        return Statement(Effect.DROP, tree.args["tables"][0].name, "")
    return Statement(effect, table, query.sql(dialect="spark", identify=True, comments=False))
