"""The plan of the days at hand, fitted to what is known before them: only what was released of earlier days is read."""

from datetime import date

from msgspec.structs import replace

from hubbub.release.budget import priced
from hubbub.release.door import Door
from hubbub.release.table_plan import plan_of_table


def fitted(door: Door, source: str, day: date) -> Door:
    """The door with the source's plan as it holds for `day` and the days that are closed with it.

    It depends on the settings, on the keys that were public before `day` and on cells of earlier days alone, so a close
    that is run again has the same plan.
    """
    table = door.settings.table(source)
    if table is None:
        return door
    opened = [name for name, column in table.columns.items() if column.open]
    unknown = [name for name in opened if not table.columns[name].known and not door.public.has_any(source, name, day)]
    plan = plan_of_table(table, {}, unknown)
    return replace(door, known={**door.known, source: priced(plan, door.settings.budget)})
