"""The texts of plans: each plan with its budget as JSON, kept once under the name that ledger entries give it.

The name ends with a hash of the text, and the name is part of each entry's own hash: so the chain of entries vouches
for the texts, too. A text is read back by what it says, not by today's types: other releases' plans have other fields.
"""

import hashlib
import zlib
from typing import Any

import msgspec
import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy import Connection

from hubbub.core.errors import LedgerError
from hubbub.release.budget import Priced
from hubbub.release.state import plans_table

DIGITS = 32  # of the SHA-256, in hex: 128 bits. Names of before release 0.3 have 16, and no text
LEVEL = 6


class PlanRecord(Struct, frozen=True):
    """A plan with its budget as it is kept: its name, and its JSON compressed."""

    name: str
    packed: bytes


class ToldMeasure(Struct, frozen=True):
    """What a kept text says of a measure."""

    measure: str
    weight: int
    bound: int
    says: str = ""
    limit: str = ""
    keys: str = ""
    kind: str = ""
    fixed: tuple[tuple[str, ...], ...] = ()

    @property
    def bounded(self) -> str:
        """The bound in words."""
        return self.limit.format(self.bound) if self.limit else str(self.bound)


class ToldPlan(Struct, frozen=True):
    """What a kept text says of a plan; `asked` is what the settings asked for: kind → name → what it means."""

    name: str
    version: int
    measures: tuple[ToldMeasure, ...]
    asked: dict[str, dict[str, Any]] = {}


class ToldBudget(Struct, frozen=True):
    """What a kept text says of a budget; `rho` in pico-rho."""

    rho: int
    epsilon: float
    delta: float


class Told(Struct, frozen=True, array_like=True):
    """A kept text, read."""

    plan: ToldPlan
    budget: ToldBudget


def record_of(priced: Priced) -> PlanRecord:
    """The plan with its budget as it is kept; equal plans give equal bytes, whichever source they are of."""
    told = msgspec.json.encode((priced.plan, priced.allowance), order="sorted")
    name = f"{priced.plan.name}/{priced.plan.version}/{hashlib.sha256(told).hexdigest()[:DIGITS]}"
    return PlanRecord(name, zlib.compress(told, LEVEL))


def has_text(name: str) -> bool:
    """Whether a text is kept for plans of such names: those of release 0.3 and later."""
    return len(name.rpartition("/")[2]) == DIGITS


def is_text_of(name: str, packed: bytes) -> bool:
    """Whether these bytes are the text that the name has the hash of."""
    told = unpacked(packed)
    return bool(told) and hashlib.sha256(told).hexdigest()[:DIGITS] == name.rpartition("/")[2]


def unpacked(packed: bytes) -> bytes:
    """The JSON in these bytes; b"" when they are not one whole stream with nothing after it."""
    stream = zlib.decompressobj()
    try:
        told = stream.decompress(packed)
    except zlib.error:
        return b""
    return told if stream.eof and not stream.unused_data else b""


def keep_plan(connection: Connection, record: PlanRecord) -> None:
    """Store a text under its name, once."""
    known = sa.select(plans_table.c.plan).where(plans_table.c.plan == record.name)
    if connection.execute(known).first() is None:
        connection.execute(sa.insert(plans_table), {"plan": record.name, "packed": record.packed})


def text_of(connection: Connection, name: str) -> bytes:
    """The JSON kept under a name; b"" when there is none. Raises `LedgerError` when it is not the one that was kept."""
    packed = connection.execute(sa.select(plans_table.c.packed).where(plans_table.c.plan == name)).scalar()
    if packed is None:
        return b""
    if not is_text_of(name, packed):
        raise LedgerError("the text of a plan was changed; run `hubbub ledger verify`")
    return unpacked(packed)


def told_of(connection: Connection, name: str) -> Told | None:
    """What the text kept under a name says; None when there is none."""
    text = text_of(connection, name)
    return msgspec.json.decode(text, type=Told) if text else None
