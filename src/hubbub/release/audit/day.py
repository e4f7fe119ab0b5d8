"""A whole small day, with a device that does too much and without it: its rows, counted as at a close."""

from collections.abc import Sequence
from datetime import date

from msgspec import structs
from msgspec.structs import replace

from hubbub.core.rows import Kind, Row
from hubbub.release.audit.sampling import Neighbours
from hubbub.release.budget import Priced
from hubbub.release.counting import Counting
from hubbub.release.key_lists import Key
from hubbub.release.plan import Keys
from hubbub.store.columns import RowColumns
from hubbub.store.engines.duckdb import DuckDB

DAY = date(2026, 5, 4)
PUBLIC = ("/", "/a", "/b", "/c", "/d")
FRESH = ("/x", "/y", "/z")
BEGAN_MS = 1_777_850_000_000
MINUTE_MS = 60_000
MEMORY = 256 << 20
UNBOUNDED = 100


def day_with_its_rows(priced: Priced) -> tuple[Neighbours, ...]:
    """The bounded counts of every measure of the plan, of the crowd alone and with the device."""
    return _neighbours(priced, bounded=True)


def day_without_bounds(priced: Priced) -> tuple[Neighbours, ...]:
    """The same as if nobody had enforced the bounds that noise and threshold rely on."""
    return _neighbours(priced, bounded=False)


def _neighbours(priced: Priced, *, bounded: bool) -> tuple[Neighbours, ...]:
    crowd = [_view(unit, unit, unit, page) for unit in range(1, 4) for page in ("/", "/a")]
    pages = (*PUBLIC, *FRESH) * 5
    device = [_view(9, 100 + place, place, page) for place, page in enumerate(pages)]
    without, present = (_counted(priced, rows, bounded) for rows in (crowd, crowd + device))
    listed = {Keys.SINGLE: ((),), Keys.NEW: ()}
    return tuple(
        Neighbours(measure, listed.get(measure.keys, tuple((page,) for page in PUBLIC)), absent, there)
        for measure, absent, there in zip(priced.plan.measures, without, present, strict=True)
    )


def _counted(priced: Priced, rows: Sequence[Row], bounded: bool) -> list[dict[Key, int]]:
    columns = RowColumns()
    columns.extend([structs.astuple(row) for row in rows])
    table = columns.table()
    with Counting(DuckDB(MEMORY, 1), table.append_column("day", [[DAY] * table.num_rows]), [DAY]) as counting:
        counting.prepare(priced.plan, PUBLIC, ())
        return [
            counting.count(measure if bounded else replace(measure, bound=min(UNBOUNDED, measure.widest)))[DAY]
            for measure in priced.plan.measures
        ]


def _view(unit: int, tag: int, minute: int, page: str) -> Row:
    return Row(unit, 2 * tag, BEGAN_MS + minute * MINUTE_MS, minute // 60, Kind.PAGEVIEW, page)
