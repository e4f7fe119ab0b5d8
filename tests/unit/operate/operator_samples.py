"""A state database with operators, and a clock that tests turn."""

from functools import lru_cache
from pathlib import Path

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher

from hubbub.cli.upgrading import upgrade
from hubbub.operate import passwords
from hubbub.operate.changes import record
from hubbub.operate.operators import Operators
from hubbub.operate.roles import CONSOLE, Role
from hubbub.operate.state import accounts_table
from hubbub.operate.transactions import changing
from hubbub.release.state import open_state

START_MS = 1_780_000_000_000
PASSWORD = "seven wet horses drum"
MINUTE_MS = 60_000


class TurnedClock:
    """A clock that stands until it is turned on."""

    def __init__(self, now_ms: int = START_MS) -> None:
        self.ms = now_ms

    def now_ms(self) -> int:
        return self.ms


def sample_operators(folder: Path, clock: TurnedClock, **people: Role) -> Operators:
    """Operators in a new SQLite file; `people` all have the same password."""
    engine = open_state(folder / "state.db")
    upgrade(engine)
    operators = Operators(engine, clock)
    with changing(engine) as connection:
        for name, role in people.items():
            row = {"name": name, "role": role.value, "standing": "active", "password": hashed(), "once_until_ms": 0}
            connection.execute(sa.insert(accounts_table), row | {"subject": None, "made_ms": clock.now_ms()})
            record(connection, CONSOLE, "account added", name, "", role.value, clock.now_ms())
    return operators


CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture(autouse=True)
def cheap_hashing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords by argon2id still, but not as slowly as on purpose; its real costs have a test of their own."""
    monkeypatch.setattr(passwords, "_hasher", lambda: CHEAP)
    monkeypatch.setattr(passwords, "_nobodys", _nobodys)


@lru_cache(maxsize=1)
def hashed() -> str:
    """The hash of everyone's password."""
    return CHEAP.hash(PASSWORD)


@lru_cache(maxsize=1)
def _nobodys() -> str:
    return CHEAP.hash("nobody's password")
