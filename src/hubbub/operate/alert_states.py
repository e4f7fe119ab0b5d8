"""The states of alerts in the state database. What changes in them is written with the messages that tell it."""

from collections.abc import Iterable

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from hubbub.insight.alerting import AlertState
from hubbub.operate.state import alert_states_table as table


def load_states(connection: Connection) -> list[AlertState]:
    """All states, by rule and thing."""
    rows = connection.execute(sa.select(table.c.packed).order_by(table.c.rule, table.c.thing))
    return [msgspec.msgpack.decode(row.packed, type=AlertState) for row in rows]


def save_states(connection: Connection, before: Iterable[AlertState], after: Iterable[AlertState]) -> None:
    """Make the table hold `after`, where `before` is what it holds."""
    old = {(state.rule, state.thing): state for state in before}
    new = {(state.rule, state.thing): state for state in after}
    for key in sorted(key for key in old if old[key] != new.get(key)):
        connection.execute(sa.delete(table).where(table.c.rule == key[0], table.c.thing == key[1]))
    rows = [
        {"rule": key[0], "thing": key[1], "packed": msgspec.msgpack.encode(state)}
        for key, state in sorted(new.items(), key=lambda item: item[0])
        if state != old.get(key)
    ]
    if rows:
        connection.execute(sa.insert(table), rows)
