"""What analysts say of findings and days: a verdict on a finding, and notes, which stand on charts for all to read."""

from collections.abc import Callable, Collection
from datetime import date
from enum import StrEnum

import msgspec
import sqlalchemy as sa
from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import Connection, Engine

from hubbub.core.errors import InputError
from hubbub.insight.findings import Finding, Findings
from hubbub.operate.changes import record
from hubbub.operate.roles import Operator
from hubbub.operate.state import remarks_table as table
from hubbub.operate.transactions import changing

LONGEST_TEXT = 400
MOST_NOTES = 50  # on a finding, or on a day of a source

Personal = Callable[[str], str]
"""What of a person a text looks like, such as `an e-mail address`; "" when like nothing."""


class Verdict(StrEnum):
    """What an analyst holds of a finding; `NONE` of a note."""

    CONFIRM = "confirm"
    DISMISS = "dismiss"
    NONE = ""


WHAT = {
    Verdict.CONFIRM: "finding confirmed",
    Verdict.DISMISS: "finding dismissed",
    Verdict.NONE: "verdict taken back",
}


class Remark(Struct, frozen=True):
    """A verdict on a finding, or a note.

    finding  name of the finding; "" of a note on a source alone
    source   a site or table; "" for all sites
    day      the finding's first, or the day that the note is on
    who      the operator, who is named to the signed-in only
    """

    number: int
    finding: str
    source: str
    day: date
    verdict: Verdict
    text: str
    who: str
    at_ms: int


def load_remarks(connection: Connection) -> tuple[Remark, ...]:
    """All of them, by day, oldest first."""
    rows = connection.execute(sa.select(table).order_by(table.c.day, table.c.number)).mappings()
    return tuple(Remark(**{**row, "verdict": Verdict(row["verdict"])}) for row in rows)


def judge(
    engine: Engine, operator: Operator, finding: Finding, verdict: Verdict, text: str, personal: Personal, now_ms: int
) -> None:
    """Put a verdict on a finding in place of the one it had; `Verdict.NONE` takes it back. Raises InputError."""
    text = _checked(text, personal) if text.strip() else ""
    mine = sa.and_(table.c.finding == finding.name, table.c.verdict != Verdict.NONE.value)
    with changing(engine) as connection:
        had = connection.execute(sa.select(table.c.verdict, table.c.text).where(mine)).first()
        before = _told(Verdict(had.verdict), had.text) if had else ""
        after = _told(verdict, text) if verdict else ""
        if before == after:
            return
        connection.execute(sa.delete(table).where(mine))
        if verdict:
            remark = Remark(0, finding.name, finding.series.source, finding.since, verdict, text, operator.name, now_ms)
            _insert(connection, remark)
        record(
            connection, operator, WHAT[verdict], _subject(finding.name, finding.series.source), before, after, now_ms
        )


def add_note(engine: Engine, operator: Operator, note: Remark, personal: Personal) -> None:
    """Keep a note on a finding, or on a source and day. Raises InputError for a text that cannot stand on a chart."""
    note = replace(note, verdict=Verdict.NONE, text=_checked(note.text, personal), who=operator.name)
    alike = (table.c.finding == note.finding, table.c.source == note.source, table.c.day == note.day)
    with changing(engine) as connection:
        there = connection.execute(sa.select(sa.func.count()).select_from(table).where(*alike)).scalar_one()
        if there >= MOST_NOTES:
            raise InputError("note", f"there are {there} already", "Remove one that is no longer needed.")
        _insert(connection, note)
        subject = _subject(note.finding, note.source)
        record(connection, operator, "note added", subject, "", _told_note(note), note.at_ms)


def remove_note(engine: Engine, operator: Operator, number: int, now_ms: int) -> None:
    """Take a note away. Raises InputError where there is none of this number."""
    one = sa.and_(table.c.number == number, table.c.verdict == Verdict.NONE.value)
    with changing(engine) as connection:
        row = connection.execute(sa.select(table).where(one)).mappings().first()
        if row is None:
            raise InputError("note", f"there is no note {number}", "Load the page again: it may be removed already.")
        note = Remark(**{**row, "verdict": Verdict.NONE})
        connection.execute(sa.delete(table).where(one))
        subject = _subject(note.finding, note.source)
        record(connection, operator, "note removed", subject, _told_note(note), "", now_ms)


def dismissed(remarks: Collection[Remark]) -> frozenset[str]:
    """Names of the findings that analysts have dismissed."""
    return frozenset(remark.finding for remark in remarks if remark.verdict is Verdict.DISMISS)


def without(findings: Findings, names: Collection[str]) -> Findings:
    """The findings without those of these names, and without what these stand for."""
    return replace(findings, found=_without(findings.found, names)) if names else findings


def _without(found: tuple[Finding, ...], names: Collection[str]) -> tuple[Finding, ...]:
    kept = (one for one in found if one.name not in names)
    return tuple(replace(one, members=_without(one.members, names)) if one.members else one for one in kept)


def _insert(connection: Connection, remark: Remark) -> None:
    newest = connection.execute(sa.select(sa.func.max(table.c.number))).scalar() or 0
    values = msgspec.structs.asdict(remark) | {"number": newest + 1, "verdict": remark.verdict.value}
    connection.execute(sa.insert(table), values)


def _checked(text: str, personal: Personal) -> str:
    """The text on one line. Raises InputError."""
    line = " ".join(text.split())
    if not line or len(line) > LONGEST_TEXT or not line.isprintable():
        raise InputError("text", "it cannot stand on a chart", f"Write 1 to {LONGEST_TEXT} letters, signs and blanks.")
    if found := personal(line):
        raise InputError("text", f"it looks like it has {found} in it", "Notes are for everyone to read: leave it out.")
    return line


def _told(verdict: Verdict, text: str) -> str:
    word = {Verdict.CONFIRM: "confirmed", Verdict.DISMISS: "dismissed"}[verdict]
    return f"{word}: {text}" if text else word


def _told_note(note: Remark) -> str:
    return f"{note.day}: {note.text}"


def _subject(finding: str, source: str) -> str:
    where = source or "all sites"
    return f"{finding}, {where}" if finding else where
