"""The rows of sealed days in parts, and what makes a part ready to be counted: a site's, a table's, an hour's."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pyarrow as pa
from msgspec.structs import replace

from hubbub.core.keys import Dimension
from hubbub.release.counting import Counting
from hubbub.release.door import Door
from hubbub.release.frozen import Frozen
from hubbub.release.plan import MeasurePlan
from hubbub.release.table_counting import TableCounting
from hubbub.release.tally import Ready, Tally
from hubbub.store.columns import table_schema
from hubbub.store.memory import memory_limit
from hubbub.store.parts import Parts
from hubbub.store.types import SealedInput


def tally_of(
    door: Door,
    source: str,
    sealed: Sequence[SealedInput],
    frozen: Frozen,
    measures: Sequence[MeasurePlan],
) -> Tally[Any]:
    """The rows of sealed days of a source, to be counted for these measures by the frozen lists."""
    days = [each.day for each in sealed]
    priced, table = door.priced(source), door.settings.table(source)

    def site_part(part: Any, measures: Sequence[MeasurePlan]) -> Ready:
        counting = Counting.at(door.sites.bench(part, min(days)), days)
        pages, events = frozen.texts(Dimension.PAGE), frozen.texts(Dimension.EVENT)
        counting.prepare(replace(priced.plan, measures=tuple(measures)), pages, events, trial=priced.allowance.trial)
        return counting

    def table_part(part: pa.Table, _: Sequence[MeasurePlan]) -> Ready:
        assert table is not None
        counting = TableCounting(door.engine(), part, days, table)
        public = {name: frozen.texts(name) for name, each in table.columns.items() if each.open}
        counting.prepare(public)
        return counting

    if table is None:
        return Tally(door.sites.parts(door.raw, sealed, door.part_rows), site_part, measures)
    schema = table_schema({name: "text" if each.most is None else "number" for name, each in table.columns.items()})
    parts = Parts(
        lambda: door.raw.table_blocks(sealed, schema), sum(each.rows for each in sealed), memory_limit(), door.part_rows
    )
    return Tally(parts, table_part, measures)


def tally_of_hours(door: Door, day: date, sealed: SealedInput, measures: Sequence[MeasurePlan]) -> Tally[Any]:
    """The rows of a running day so far, to be counted for measures of its hours."""

    def part_of_hours(part: Any, _: Sequence[MeasurePlan]) -> Ready:
        counting = Counting.at(door.sites.bench(part, day), [day])
        counting.prepare_hours()
        return counting

    return Tally(door.sites.parts(door.raw, [sealed], door.part_rows), part_of_hours, measures)
