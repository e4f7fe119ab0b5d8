"""Accounts of operators: the staff who look after an instance. What is changed of them is in the log of changes."""

import re
from collections.abc import Sequence

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy import Connection, Engine

from hubbub.core.errors import InputError
from hubbub.operate.changes import record
from hubbub.operate.delays import forget
from hubbub.operate.passwords import ONCE_LIVES_MS, check_choice, hash_password, make_once
from hubbub.operate.roles import Operator, Role
from hubbub.operate.sessions import ACTIVE, end_sessions
from hubbub.operate.state import accounts_table
from hubbub.operate.transactions import changing

DISABLED = "disabled"
NAME = re.compile(r"[\w][\w.@+-]{0,79}")


class Account(Struct, frozen=True):
    """One account, without its password.

    is_once      it has a password for once that was not replaced yet
    is_provided  a provider signs it in
    """

    name: str
    role: Role
    is_active: bool
    is_once: bool
    is_provided: bool
    made_ms: int


def list_accounts(engine: Engine) -> Sequence[Account]:
    """All accounts by name."""
    with engine.connect() as connection:
        rows = connection.execute(sa.select(accounts_table).order_by(accounts_table.c.name)).mappings()
        return [_account(row) for row in rows]


def add_account(
    engine: Engine, operator: Operator, name: str, role: Role, now_ms: int, password: str | None = None
) -> str:
    """Add an account. Without a password it has one for once, which is given back; "" otherwise. Raises InputError."""
    if not NAME.fullmatch(name):
        raise InputError("name", f"{name[:80]!r} is no name", "Take letters, digits and . _ - + @, 80 at most.")
    once = make_once() if password is None else ""
    if password is not None:
        check_choice(name, password)
    hashed = hash_password(once or password or "")
    with changing(engine) as connection:
        if _is_taken(connection, name):
            raise InputError("name", f"there is an account {name!r} already", "Take another, or reset that one.")
        row = {
            "name": name,
            "role": role.value,
            "standing": ACTIVE,
            "password": hashed,
            "once_until_ms": now_ms + ONCE_LIVES_MS if once else 0,
            "subject": None,
            "made_ms": now_ms,
        }
        connection.execute(sa.insert(accounts_table), row)
        record(connection, operator, "account added", name, "", role.value, now_ms)
    return once


def disable_account(engine: Engine, operator: Operator, name: str, now_ms: int) -> None:
    """Let an account in no more, and end its sessions at once. Raises InputError, also for the last admin."""
    with changing(engine) as connection:
        found = _found(connection, name)
        _keep_an_admin(connection, found)
        _update(connection, name, standing=DISABLED)
        end_sessions(connection, name)
        record(connection, operator, "account disabled", name, _standing(found), DISABLED, now_ms)


def enable_account(engine: Engine, operator: Operator, name: str, now_ms: int) -> None:
    """Let an account in again, without waiting for earlier failures. Raises InputError."""
    with changing(engine) as connection:
        found = _found(connection, name)
        _update(connection, name, standing=ACTIVE)
        forget(connection, name)
        record(connection, operator, "account enabled", name, _standing(found), ACTIVE, now_ms)


def reset_account(engine: Engine, operator: Operator, name: str, now_ms: int, password: str | None = None) -> str:
    """Give an account another password, one for once unless it is named; its sessions end. Raises InputError."""
    once = make_once() if password is None else ""
    if password is not None:
        check_choice(name, password)
    hashed = hash_password(once or password or "")
    with changing(engine) as connection:
        if _found(connection, name).is_provided:
            raise InputError("name", f"{name!r} has no password here", "Its provider signs it in; reset it there.")
        _update(connection, name, password=hashed, once_until_ms=now_ms + ONCE_LIVES_MS if once else 0)
        end_sessions(connection, name)
        forget(connection, name)
        record(connection, operator, "password reset", name, "", "for once" if once else "set", now_ms)
    return once


def choose_role(engine: Engine, operator: Operator, name: str, role: Role, now_ms: int) -> None:
    """Give an account another role; it holds from its next request on. Raises InputError, also for the last admin."""
    with changing(engine) as connection:
        found = _found(connection, name)
        if found.role is role:
            return
        if not role.covers(Role.ADMIN):
            _keep_an_admin(connection, found)
        _update(connection, name, role=role.value)
        record(connection, operator, "role changed", name, found.role.value, role.value, now_ms)


def choose_password(connection: Connection, operator: Operator, password: str, now_ms: int) -> None:
    """Take an operator's own choice; all sessions of the account end. Raises InputError."""
    check_choice(operator.name, password)
    _update(connection, operator.name, password=hash_password(password), once_until_ms=0)
    end_sessions(connection, operator.name)
    record(connection, operator, "password chosen", operator.name, "", "", now_ms)


def provided_account(connection: Connection, subject: str, wished: str, role: Role, now_ms: int) -> Account:
    """The account that a provider signs in, made at its first sign-in, with the role that the provider says now.

    subject  hash of the provider and its name of the account, which no other account has
    wished   what the provider calls it; if another account has this name, with a number behind it
    """
    row = connection.execute(sa.select(accounts_table).where(accounts_table.c.subject == subject)).mappings().first()
    if row is None:
        name = _free_name(connection, wished)
        made = {
            "name": name,
            "role": role.value,
            "standing": ACTIVE,
            "password": "",
            "once_until_ms": 0,
            "subject": subject,
            "made_ms": now_ms,
        }
        connection.execute(sa.insert(accounts_table), made)
        record(connection, Operator(name, role), "account added", name, "", f"{role.value}, by the provider", now_ms)
        return Account(name, role, True, False, True, now_ms)
    found = _account(row)
    if found.role is not role:
        _update(connection, found.name, role=role.value)
        told = f"{role.value}, by the provider"
        record(connection, Operator(found.name, role), "role changed", found.name, found.role.value, told, now_ms)
    return Account(found.name, role, found.is_active, False, True, found.made_ms)


def _free_name(connection: Connection, wished: str) -> str:
    plain = re.sub(r"[^\w.@+-]", "-", wished)[:70].lstrip(".@+-") or "operator"
    names = (plain, *(f"{plain}-{number}" for number in range(2, 10_000)))
    return next(name for name in names if not _is_taken(connection, name))


def _is_taken(connection: Connection, name: str) -> bool:
    query = sa.select(accounts_table.c.name).where(sa.func.lower(accounts_table.c.name) == name.lower())
    return connection.execute(query).first() is not None


def _found(connection: Connection, name: str) -> Account:
    row = connection.execute(sa.select(accounts_table).where(accounts_table.c.name == name)).mappings().first()
    if row is None:
        raise InputError("name", f"there is no account {name[:80]!r}", "`hubbub user list` prints all of them.")
    return _account(row)


def _keep_an_admin(connection: Connection, account: Account) -> None:
    """An instance whose last admin is gone could be put right at the command line only, so it does not come to it."""
    others = sa.select(accounts_table.c.name).where(
        accounts_table.c.name != account.name,
        accounts_table.c.role == Role.ADMIN.value,
        accounts_table.c.standing == ACTIVE,
    )
    if account.is_active and account.role is Role.ADMIN and connection.execute(others).first() is None:
        raise InputError("name", f"{account.name!r} is the last admin", "Make another account an admin first.")


def _update(connection: Connection, name: str, **values: object) -> None:
    connection.execute(sa.update(accounts_table).where(accounts_table.c.name == name).values(values))


def _standing(account: Account) -> str:
    return ACTIVE if account.is_active else DISABLED


def _account(row: sa.RowMapping) -> Account:
    return Account(
        row["name"],
        Role(row["role"]),
        row["standing"] == ACTIVE,
        bool(row["once_until_ms"]),
        row["subject"] is not None,
        row["made_ms"],
    )
