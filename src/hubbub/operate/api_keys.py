"""API keys of programs: what each may do, and until when. Of a key only the SHA-256 is kept; it is shown once."""

import re
import secrets
from collections.abc import Sequence
from enum import StrEnum

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy import Engine

from hubbub.core.errors import InputError
from hubbub.operate.accounts import NAME
from hubbub.operate.changes import record
from hubbub.operate.roles import Operator, Role
from hubbub.operate.sessions import digest
from hubbub.operate.state import api_keys_table
from hubbub.operate.transactions import changing

PREFIX = "hub_"
DAY_MS = 86_400_000
MOST_DAYS = 730
_TERM = re.compile(r"([1-9]\d{0,3})\s*d")


class Scope(StrEnum):
    """What a key is good for: `read` a private instance, or `write`: confirm, note, silence (an analyst's work)."""

    READ = "read"
    WRITE = "write"


class ApiKey(Struct, frozen=True):
    """One key, without the key."""

    name: str
    scopes: tuple[Scope, ...]
    made_ms: int
    until_ms: int
    is_revoked: bool

    def is_valid(self, now_ms: int) -> bool:
        """Whether it opens anything."""
        return not self.is_revoked and now_ms < self.until_ms


def parse_term(text: str) -> int:
    """Days that `90d` stands for. Raises InputError."""
    match = _TERM.fullmatch(text.strip())
    if match is None or int(match[1]) > MOST_DAYS:
        raise InputError("expires", f"{text[:20]!r} is no term", f"Write days, such as 90d; {MOST_DAYS}d at most.")
    return int(match[1])


def list_keys(engine: Engine) -> Sequence[ApiKey]:
    """All keys, newest first, those that open nothing any more too."""
    query = sa.select(api_keys_table).order_by(api_keys_table.c.made_ms.desc(), api_keys_table.c.name)
    with engine.connect() as connection:
        return [_key(row) for row in connection.execute(query).mappings()]


def add_key(engine: Engine, operator: Operator, name: str, scopes: Sequence[Scope], days: int, now_ms: int) -> str:
    """Make a key, and give it: nobody can see it again. Raises InputError."""
    if not NAME.fullmatch(name):
        raise InputError("name", f"{name[:80]!r} is no name", "Take letters, digits and . _ - + @, 80 at most.")
    if not scopes or not 1 <= days <= MOST_DAYS:
        raise InputError("scope", "a key needs a scope and a term", f"Name read or write, and 1 to {MOST_DAYS} days.")
    key = PREFIX + secrets.token_urlsafe(32)
    told = " ".join(sorted(set(scopes)))
    with changing(engine) as connection:
        if connection.execute(sa.select(api_keys_table).where(api_keys_table.c.name == name)).first():
            raise InputError("name", f"there is or was a key {name!r}", "Take another name.")
        row = {
            "name": name,
            "key": digest(key),
            "scopes": told,
            "made_ms": now_ms,
            "until_ms": now_ms + days * DAY_MS,
            "is_revoked": False,
        }
        connection.execute(sa.insert(api_keys_table), row)
        record(connection, operator, "key added", name, "", f"{told}, {days} days", now_ms)
    return key


def revoke_key(engine: Engine, operator: Operator, name: str, now_ms: int) -> None:
    """Let a key open nothing from now on. Raises InputError."""
    with changing(engine) as connection:
        row = connection.execute(sa.select(api_keys_table).where(api_keys_table.c.name == name)).mappings().first()
        if row is None:
            raise InputError("name", f"there is no key {name[:80]!r}", "`hubbub apikey list` prints all of them.")
        if row["is_revoked"]:
            return
        connection.execute(sa.update(api_keys_table).where(api_keys_table.c.name == name).values(is_revoked=True))
        record(connection, operator, "key revoked", name, row["scopes"], "", now_ms)


def operator_of_key(engine: Engine, key: str, scope: Scope, now_ms: int) -> Operator | None:
    """Whoever shows this key as an operator; None when it does not open the scope now.

    It is found by its hash, so that how long the search takes tells nothing of the keys there are.
    """
    if not key.startswith(PREFIX):
        return None
    with engine.connect() as connection:
        query = sa.select(api_keys_table).where(api_keys_table.c.key == digest(key))
        row = connection.execute(query).mappings().first()
    if row is None or scope not in (found := _key(row)).scopes or not found.is_valid(now_ms):
        return None
    return Operator(f"key {found.name}", Role.ANALYST if scope is Scope.WRITE else Role.VIEWER)


def _key(row: sa.RowMapping) -> ApiKey:
    scopes = tuple(Scope(scope) for scope in row["scopes"].split())
    return ApiKey(row["name"], scopes, row["made_ms"], row["until_ms"], bool(row["is_revoked"]))
