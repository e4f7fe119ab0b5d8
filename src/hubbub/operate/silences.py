"""Silences: for how long nothing is told of a thing or of a rule's alerts, who asked for it, and why."""

from datetime import UTC, datetime

import sqlalchemy as sa
from msgspec.structs import replace
from sqlalchemy import Connection, Engine

from hubbub.core.errors import InputError
from hubbub.insight.alerting import Silence
from hubbub.operate.changes import record
from hubbub.operate.roles import Operator
from hubbub.operate.state import silences_table as table
from hubbub.operate.transactions import changing


def load_silences(connection: Connection, now_ms: int) -> list[Silence]:
    """Silences in force, oldest first."""
    rows = connection.execute(sa.select(table).where(table.c.until_ms > now_ms).order_by(table.c.number))
    return [Silence(row.number, row.rule, row.thing, row.until_ms, row.made_by, row.why) for row in rows]


def add_silence(engine: Engine, silence: Silence, operator: Operator, now_ms: int) -> Silence:
    """Keep a silence; the one that is given back has its number. Raises InputError for one that cannot be kept."""
    if not silence.rule and not silence.thing:
        raise InputError("silence", "neither a rule nor a thing", "Name one: see `hubbub alerts list`.")
    for column, text in ((table.c.thing, silence.thing), (table.c.made_by, silence.by), (table.c.why, silence.why)):
        assert isinstance(column.type, sa.String)
        if len(text) > (column.type.length or 0):
            raise InputError("silence", "a text is too long", f"At most {column.type.length} characters.")
    values = {
        "rule": silence.rule,
        "thing": silence.thing,
        "until_ms": silence.until_ms,
        "made_by": silence.by,
        "why": silence.why,
    }
    with changing(engine) as connection:
        last = connection.execute(sa.select(sa.func.max(table.c.number))).scalar()
        number = (last or 0) + 1  # and not by a sequence, which a restored database would begin anew
        connection.execute(sa.insert(table).values(number=number, **values))
        after = replace(silence, number=number)
        record(connection, operator, "silence added", _subject(after), "", _told(after), now_ms)
    return after


def end_silence(engine: Engine, number: int, operator: Operator, now_ms: int) -> Silence:
    """Take a silence back. Raises InputError when there is none of this number."""
    with changing(engine) as connection:
        row = connection.execute(sa.select(table).where(table.c.number == number)).one_or_none()
        if row is None:
            raise InputError("silence", f"there is no silence {number}", "`hubbub alerts list` shows those in force.")
        before = Silence(row.number, row.rule, row.thing, row.until_ms, row.made_by, row.why)
        connection.execute(sa.delete(table).where(table.c.number == number))
        record(connection, operator, "silence ended", _subject(before), _told(before), "", now_ms)
    return before


def _subject(silence: Silence) -> str:
    return " ".join(part for part in (silence.thing, silence.rule) if part)


def _told(silence: Silence) -> str:
    return f"until {datetime.fromtimestamp(silence.until_ms / 1000, UTC):%Y-%m-%d %H:%M} UTC: {silence.why}"
