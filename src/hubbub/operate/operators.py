"""Operators of one instance: who is signed in, and all that is done with accounts, keys and the log of changes.

The one place that pages, API and commands ask. Every method may wait for the state database.
"""

import logging
from collections.abc import Sequence
from enum import StrEnum

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy import Connection, Engine

from hubbub.core.ports import Clock
from hubbub.core.sign_in import SignIn
from hubbub.operate import accounts, api_keys, delays, passwords, sessions
from hubbub.operate.accounts import Account
from hubbub.operate.api_keys import ApiKey, Scope
from hubbub.operate.changes import Change, read_changes, record
from hubbub.operate.provided import ProvidedSignIn
from hubbub.operate.roles import Operator, Role
from hubbub.operate.state import accounts_table
from hubbub.operate.transactions import changing

_log = logging.getLogger("hubbub.operators")


class Refusal(StrEnum):
    """Why nobody is signed in."""

    WRONG = "wrong"  # name or password, or the account is disabled: which of them is not told
    WAIT = "wait"  # too many failures


class Signed(Struct, frozen=True):
    """What came of a sign-in: a session's token, or why there is none.

    wait_ms  after `Refusal.WAIT`: how long
    """

    token: str = ""
    refusal: Refusal | None = None
    wait_ms: int = 0


class Operators:
    """Accounts, sessions, API keys and the log of changes in a state database.

    provider  how a city's own provider signs in, or None
    """

    def __init__(self, engine: Engine, clock: Clock, provider: ProvidedSignIn | None = None) -> None:
        self.engine, self.provider = engine, provider
        self._clock = clock

    @classmethod
    def of(cls, engine: Engine, clock: Clock, sign_in: SignIn | None, address: str) -> "Operators":
        """Operators who may be signed in by the provider that the settings name, if they do."""
        return cls(engine, clock, ProvidedSignIn(engine, clock, sign_in, address) if sign_in else None)

    def now_ms(self) -> int:
        """The time."""
        return self._clock.now_ms()

    def sign_in(self, name: str, password: str) -> Signed:
        """Check a name and password, and begin a session. It takes as long for a name that no account has."""
        now_ms = self.now_ms()
        with changing(self.engine) as connection:
            wait_ms = delays.begin_try(connection, name, now_ms)
        if wait_ms:
            return Signed(refusal=Refusal.WAIT, wait_ms=wait_ms)
        with self.engine.connect() as connection:
            found = connection.execute(_by_name(name)).mappings().first()
        is_right = passwords.is_password(found["password"] if found else "", password)
        if found is None or not is_right or not _may_enter(found, now_ms):
            return Signed(refusal=Refusal.WRONG)
        renewed = passwords.hash_password(password) if passwords.needs_rehash(found["password"]) else found["password"]
        with changing(self.engine) as connection:
            same = accounts_table.c.password == found["password"]  # else it was reset while we looked
            kept = sa.update(accounts_table).where(accounts_table.c.name == found["name"], same)
            active = kept.where(accounts_table.c.standing == sessions.ACTIVE).values(password=renewed)
            if not connection.execute(active).rowcount:
                return Signed(refusal=Refusal.WRONG)
            delays.forget(connection, name)
            return Signed(self._begin(connection, Operator(found["name"], Role(found["role"])), now_ms))

    def begin_session(self, account: Account) -> str:
        """A session of an account that its provider has signed in; its token."""
        with changing(self.engine) as connection:
            return self._begin(connection, Operator(account.name, account.role), self.now_ms())

    def find(self, token: str) -> Operator | None:
        """Who is signed in by a session's token; nobody while the state database is out of reach: pages go on."""
        try:
            return sessions.find_operator(self.engine, token, self.now_ms())
        except sa.exc.DBAPIError as error:
            _log.error("the state database does not answer (%s): nobody is signed in meanwhile", type(error).__name__)
            return None

    def find_by_key(self, key: str, scope: Scope) -> Operator | None:
        """Who shows an API key, if it opens the scope."""
        return api_keys.operator_of_key(self.engine, key, scope, self.now_ms())

    def sign_out(self, token: str) -> None:
        """End a session."""
        sessions.end_session(self.engine, token)

    def choose_password(self, operator: Operator, present: str, wished: str) -> Signed:
        """Replace an operator's own password; all sessions end, and a new one begins. Raises InputError."""
        now_ms = self.now_ms()
        with changing(self.engine) as connection:
            wait_ms = delays.begin_try(connection, operator.name, now_ms)
        if wait_ms:
            return Signed(refusal=Refusal.WAIT, wait_ms=wait_ms)
        with self.engine.connect() as connection:
            found = connection.execute(_by_name(operator.name)).mappings().first()
        if found is None or not passwords.is_password(found["password"], present):
            return Signed(refusal=Refusal.WRONG)
        with changing(self.engine) as connection:
            delays.forget(connection, operator.name)
            accounts.choose_password(connection, operator, wished, now_ms)
            return Signed(sessions.begin_session(connection, operator.name, now_ms))

    def accounts(self) -> Sequence[Account]:
        """All accounts."""
        return accounts.list_accounts(self.engine)

    def add_account(self, operator: Operator, name: str, role: Role, password: str | None = None) -> str:
        """See `accounts.add_account`."""
        return accounts.add_account(self.engine, operator, name, role, self.now_ms(), password)

    def disable_account(self, operator: Operator, name: str) -> None:
        """See `accounts.disable_account`."""
        accounts.disable_account(self.engine, operator, name, self.now_ms())

    def enable_account(self, operator: Operator, name: str) -> None:
        """See `accounts.enable_account`."""
        accounts.enable_account(self.engine, operator, name, self.now_ms())

    def reset_account(self, operator: Operator, name: str, password: str | None = None) -> str:
        """See `accounts.reset_account`."""
        return accounts.reset_account(self.engine, operator, name, self.now_ms(), password)

    def choose_role(self, operator: Operator, name: str, role: Role) -> None:
        """See `accounts.choose_role`."""
        accounts.choose_role(self.engine, operator, name, role, self.now_ms())

    def api_keys(self) -> Sequence[ApiKey]:
        """All API keys."""
        return api_keys.list_keys(self.engine)

    def add_key(self, operator: Operator, name: str, scopes: Sequence[Scope], days: int) -> str:
        """See `api_keys.add_key`."""
        return api_keys.add_key(self.engine, operator, name, scopes, days, self.now_ms())

    def revoke_key(self, operator: Operator, name: str) -> None:
        """See `api_keys.revoke_key`."""
        api_keys.revoke_key(self.engine, operator, name, self.now_ms())

    def changes(self, limit: int, before: int | None = None) -> Sequence[Change]:
        """See `changes.read_changes`."""
        return read_changes(self.engine, limit, before)

    def _begin(self, connection: Connection, operator: Operator, now_ms: int) -> str:
        record(connection, operator, "signed in", operator.name, "", operator.role.value, now_ms)
        return sessions.begin_session(connection, operator.name, now_ms)


def _by_name(name: str) -> sa.Select[tuple[object, ...]]:
    return sa.select(accounts_table).where(sa.func.lower(accounts_table.c.name) == name[:80].lower())


def _may_enter(row: sa.RowMapping, now_ms: int) -> bool:
    return row["standing"] == sessions.ACTIVE and not 0 < row["once_until_ms"] <= now_ms
