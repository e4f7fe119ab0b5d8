"""How rows of a declared table were read: which settings stand behind what is stored of them until their day is closed.

Rows keep the unit, the day and the numbers that they were read with. Settings that change meanwhile would count them
as what they are not, so both import and close compare, before anything is written or drawn.
"""

from collections.abc import Iterable, Iterator
from datetime import date

import msgspec
from msgspec import Struct

from hubbub.core.errors import Refused
from hubbub.core.tables import Column, Table


class Reading(Struct, frozen=True):
    """What rows depend on.

    unit, time, zone  the columns that tell units apart and say when, and the zone of the local day
    columns           name → what it holds: `text`, or a number with so many decimals
    """

    unit: str
    time: str
    zone: str
    columns: dict[str, str]


def reading_of(table: Table, zone: str) -> str:
    """The reading of a table's rows, as it is kept with them; equal settings give equal texts."""
    columns = {name: _held(column) for name, column in sorted(table.columns.items())}
    return msgspec.json.encode(Reading(table.unit, table.time, zone, columns)).decode()


def check_reading(source: str, day: date, before: Iterable[str], now: str) -> None:
    """Raises `Refused` when rows of an open day were read otherwise than `now`; "" is of a hubbub that did not tell."""
    for each in before:
        changed = list(_differences(each, now)) if each and each != now else []
        if changed:
            raise Refused(
                f"{source} {day}: rows of this day wait to be closed, and they were read with {'; '.join(changed)} in "
                "hubbub.yaml. Nothing was done, and nothing is lost: set it back, run `hubbub close --day "
                f"{day} --final`, then change it and import again what was not imported"
            )


def _differences(before: str, now: str) -> Iterator[str]:
    """What differs, in words. A column that one of both does not have is empty in those rows, and no difference."""
    old, new = (msgspec.json.decode(each, type=Reading) for each in (before, now))
    for name in ("unit", "time", "zone"):
        was, is_now = getattr(old, name), getattr(new, name)
        if was != is_now:
            yield f"{name} {was}, now {is_now}"
    for name in sorted(old.columns.keys() & new.columns.keys()):
        if old.columns[name] != new.columns[name]:
            yield f"{name} as {old.columns[name]}, now {new.columns[name]}"


def _held(column: Column) -> str:
    return "text" if column.most is None else f"number with {column.decimals} decimals"
