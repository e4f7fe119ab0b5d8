"""What cells of a measure mean: by the plan that they were released under, whose text is kept under its name.

A site's measures have the same shape in all plans (`site_plan.SHAPES`); a table's are told by the plan's text, so what
was released stays readable when the settings change or forget the table.
"""

import zlib
from functools import lru_cache

import msgspec
import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy import Connection

from hubbub.release.plan import Bound, Keys
from hubbub.release.site_plan import SHAPES
from hubbub.release.state import plans_table

TABLES = "table/"


class Shape(Struct, frozen=True):
    """What the keys of a measure's cells are, and what their values count (see `plan.MeasurePlan`).

    tells  of a declared table: a `core.tables.Kind`, or what comes with those ("new", "load"); "" of a
           site's measures
    of     of a declared table: the measure or column that it is about; low, high  the range of a number
    """

    measure: str
    keys: Keys
    kind: Bound
    dimensions: tuple[str, ...] = ()
    dimension: str | None = None
    tells: str = ""
    of: str = ""
    low: float = 0.0
    high: float = 0.0


class _Told(Struct):
    """What is read of a plan's text."""

    measures: tuple[Shape, ...]


class ShapeReader:
    """Shapes of measures, each plan read once."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._read: dict[str, dict[str, Shape]] = {}

    def of(self, plan: str, measure: str) -> Shape:
        """The shape of a measure under a plan; without keys when nothing was ever counted under it."""
        if not plan.startswith(TABLES):
            found = SHAPES[measure]
            return Shape(found.measure, found.keys, found.kind, found.dimensions, found.dimension)
        if plan not in self._read:
            query = sa.select(plans_table.c.packed).where(plans_table.c.plan == plan)
            packed = self._connection.execute(query).scalar()
            self._read[plan] = {} if packed is None else _shapes(packed)
        return self._read[plan].get(measure, Shape(measure, Keys.SINGLE, Bound.WEIGHTED))


@lru_cache(maxsize=64)
def _shapes(packed: bytes) -> dict[str, Shape]:
    plan, _ = msgspec.json.decode(zlib.decompress(packed), type=tuple[_Told, object])
    return {each.measure: each for each in plan.measures}
