"""Versions of a source's plan: from which debit on which plan paid.

A change is noted in the transaction of the first debit under it, so it is as final as that. All of it can be told from
the entries alone, which is how it is verified; it is kept apart so that a page need not read the ledger of all years.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

import sqlalchemy as sa
from sqlalchemy import Connection

from hubbub.core.errors import LedgerError
from hubbub.core.plan_text import PlanVersion
from hubbub.release.entries import LedgerEntry, Step
from hubbub.release.plan_differences import differences
from hubbub.release.plan_texts import Told, has_text, is_text_of, told_of
from hubbub.release.state import ledger_table, plan_changes_table, plans_table

Change = tuple[str, int, str, str]  # source, seq, day, plan


def changes_in(entries: Iterable[LedgerEntry], standing: dict[str, str]) -> Iterator[Change]:
    """The debits that begin a version: they pay, and their plan is not that of the source's debit before.

    `standing` is the plan of each source so far, and is brought up to date. An hour's debit does not count: its day's
    vector paid before it, under the plan of that time.
    """
    for entry in entries:
        if entry.step is Step.DEBIT and not entry.pays and entry.plan != standing.get(entry.source, ""):
            standing[entry.source] = entry.plan
            yield entry.source, entry.seq, entry.day.isoformat(), entry.plan


def note_changes(connection: Connection, made: Sequence[LedgerEntry]) -> None:
    """Note which of these debits begin a version, in their transaction."""
    columns = plan_changes_table.c
    standing = {}
    for source in {each.source for each in made}:
        query = sa.select(columns.plan).where(columns.source == source).order_by(columns.seq.desc()).limit(1)
        standing[source] = connection.execute(query).scalar() or ""
    rows = [dict(zip(columns.keys(), change, strict=True)) for change in changes_in(made, standing)]
    if rows:
        connection.execute(sa.insert(plan_changes_table), rows)


def check_texts(connection: Connection, debits: Iterable[LedgerEntry]) -> None:
    """Raises `LedgerError` for a debit under a plan of which no text is kept."""
    for name in {each.plan for each in debits if has_text(each.plan)}:
        kept = sa.select(plans_table.c.plan).where(plans_table.c.plan == name)
        if connection.execute(kept).first() is None:
            raise LedgerError(f"the text of the plan {name} is not kept; nothing was done")


def versions_of(connection: Connection, source: str) -> list[PlanVersion]:
    """The versions of a source's plan, oldest first."""
    columns, entries = plan_changes_table.c, ledger_table.c
    query = (
        sa.select(columns.seq, columns.day, columns.plan, entries.hour)
        .join_from(plan_changes_table, ledger_table, entries.seq == columns.seq)
        .where(columns.source == source)
        .order_by(columns.seq)
    )
    versions: list[PlanVersion] = []
    texts: dict[str, Told | None] = {}
    for seq, day, plan, hour in connection.execute(query):
        if plan not in texts:
            texts[plan] = told_of(connection, plan)
        told = texts[plan]
        before = texts[versions[-1].name] if versions else None
        versions.append(PlanVersion(
            number=len(versions) + 1,
            name=plan,
            day=date.fromisoformat(day),
            hour=hour,
            seq=seq,
            is_kept=told is not None,
            same_as=next((each.number for each in versions if each.name == plan), 0),
            measures=len(told.plan.measures) if told else 0,
            epsilon=told.budget.epsilon if told else 0.0,
            delta=told.budget.delta if told else 0.0,
            changes=differences(before, told) if before and told else (),
        ))  # fmt: skip
    return versions


def verify_plans(connection: Connection, entries: Sequence[LedgerEntry]) -> Iterator[str]:
    """What is wrong with the texts and versions of plans beside these entries, the whole ledger."""
    kept = {row.plan: row.packed for row in connection.execute(sa.select(plans_table))}
    for name, packed in kept.items():
        if not is_text_of(name, packed):
            yield f"plan {name}: its text was changed"
    missing = {each.plan for each in entries if each.step is Step.DEBIT and has_text(each.plan)} - kept.keys()
    for name in sorted(missing):
        yield f"plan {name}: its text is missing"
    noted = sorted(tuple(row) for row in connection.execute(sa.select(*plan_changes_table.c)))
    if noted != sorted(changes_in(entries, {})):
        yield "the versions of plans that were noted are not those of the entries"
