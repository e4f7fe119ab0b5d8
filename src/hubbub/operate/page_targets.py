"""Targets that analysts make in the pages; they stand behind those of `hubbub.yaml`."""

from collections.abc import Callable, Collection

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from hubbub.core.errors import InputError
from hubbub.core.targets import Target
from hubbub.operate.changes import record
from hubbub.operate.roles import Operator
from hubbub.operate.state import page_targets_table as table
from hubbub.operate.transactions import changing

MOST_TARGETS = 100

Check = Callable[[Target], None]
"""Raises a HubbubError for a target that makes no sense or asks for what no one releases."""


def load_packed(connection: Connection) -> tuple[str, ...]:
    """All of them as they are stored, oldest first."""
    return tuple(connection.execute(sa.select(table.c.packed).order_by(table.c.made_ms, table.c.name)).scalars())


def unpack(packed: str) -> Target:
    """A target from how it is stored."""
    return msgspec.json.decode(packed, type=Target)


def add_target(
    engine: Engine, operator: Operator, target: Target, taken: Collection[str], check: Check, now_ms: int
) -> None:
    """Keep a new target; `taken` are the names of those in hubbub.yaml. Raises a HubbubError for one that cannot be."""
    check(target)
    with changing(engine) as connection:
        names = set(connection.execute(sa.select(table.c.name)).scalars())
        if target.name in names or target.name in taken:
            raise InputError("name", f"there is a target {target.name!r} already", "Choose another name.")
        if len(names) >= MOST_TARGETS:
            raise InputError("target", f"there are {len(names)} already", "Remove one first.")
        row = {"name": target.name, "packed": _pack(target), "made_by": operator.name, "made_ms": now_ms}
        connection.execute(sa.insert(table), row)
        record(connection, operator, "target made", target.name, "", _pack(target), now_ms)


def change_target(engine: Engine, operator: Operator, target: Target, check: Check, now_ms: int) -> None:
    """Replace the target of this name. Raises a HubbubError."""
    check(target)
    with changing(engine) as connection:
        before = _stored(connection, target.name)
        if before == _pack(target):
            return
        connection.execute(sa.update(table).where(table.c.name == target.name).values(packed=_pack(target)))
        record(connection, operator, "target changed", target.name, before, _pack(target), now_ms)


def remove_target(engine: Engine, operator: Operator, name: str, now_ms: int) -> None:
    """Take the target of this name away. Raises InputError."""
    with changing(engine) as connection:
        before = _stored(connection, name)
        connection.execute(sa.delete(table).where(table.c.name == name))
        record(connection, operator, "target removed", name, before, "", now_ms)


def _stored(connection: Connection, name: str) -> str:
    found = connection.execute(sa.select(table.c.packed).where(table.c.name == name)).scalar()
    if found is None:
        raise InputError("name", f"no target {name[:60]!r} was made in the pages", "Those of hubbub.yaml change there.")
    return str(found)


def _pack(target: Target) -> str:
    defaults = {field.name: field.default for field in msgspec.structs.fields(target)}
    said = {name: value for name, value in msgspec.structs.asdict(target).items() if value != defaults[name]}
    return msgspec.json.encode(said).decode()
