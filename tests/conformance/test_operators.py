"""Operators over both state databases: accounts, sessions, keys and the log, also when several write at once."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import Engine

from hubbub.cli.backup import copy_tables
from hubbub.cli.clock import SystemClock
from hubbub.cli.upgrading import upgrade
from hubbub.operate.api_keys import Scope
from hubbub.operate.changes import first_broken, record
from hubbub.operate.delays import FREE, begin_try
from hubbub.operate.operators import Operators, Refusal
from hubbub.operate.roles import CONSOLE, Role
from hubbub.operate.state import sessions_table
from hubbub.operate.transactions import changing
from hubbub.release.postgresql import open_shared_state
from hubbub.release.state import open_state

PASSWORD = "seven wet horses drum"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    if request.param == "sqlite":
        found = open_state(tmp_path / "state.db")
    else:
        found = open_shared_state(request.getfixturevalue("server").new_database())
    upgrade(found)
    yield found
    found.dispose()


@pytest.fixture
def operators(engine: Engine) -> Operators:
    return Operators(engine, SystemClock())


def test_an_account_s_whole_life(operators: Operators) -> None:
    operators.add_account(CONSOLE, "mayor", Role.ADMIN, PASSWORD)
    once = operators.add_account(CONSOLE, "ana", Role.VIEWER)
    token = operators.sign_in("ANA", once).token
    operator = operators.find(token)
    assert operator is not None
    assert operator.must_choose
    token = operators.choose_password(operator, once, PASSWORD).token
    operators.choose_role(CONSOLE, "ana", Role.ANALYST)
    operator = operators.find(token)
    assert operator is not None
    assert operator.may(Role.ANALYST)
    assert operators.sign_in("ana", "wrong").refusal is Refusal.WRONG
    operators.disable_account(CONSOLE, "ana")
    assert operators.find(token) is None
    key = operators.add_key(CONSOLE, "board", [Scope.READ], 1)
    assert operators.find_by_key(key, Scope.READ) is not None
    operators.revoke_key(CONSOLE, "board")
    assert operators.find_by_key(key, Scope.READ) is None
    assert first_broken(operators.engine) is None


def test_lines_that_are_added_at_once_make_one_chain(operators: Operators) -> None:
    def add(who: int) -> None:
        for number in range(10):
            with changing(operators.engine) as connection:
                record(connection, CONSOLE, "note added", f"{who}/{number}", "", "words", operators.now_ms())

    threads = [threading.Thread(target=add, args=(who,)) for who in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(operators.changes(100)) == 40
    assert first_broken(operators.engine) is None


def test_guesses_at_once_are_all_counted(operators: Operators) -> None:
    free: list[bool] = []

    def guess() -> None:
        with changing(operators.engine) as connection:
            free.append(begin_try(connection, "ana", 1_780_000_000_000) == 0)

    threads = [threading.Thread(target=guess) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(free) == FREE


def test_a_backup_has_accounts_keys_and_the_log_and_no_session(operators: Operators, tmp_path: Path) -> None:
    operators.add_account(CONSOLE, "mayor", Role.ADMIN, PASSWORD)
    key = operators.add_key(CONSOLE, "board", [Scope.READ], 1)
    token = operators.sign_in("mayor", PASSWORD).token
    copy = open_state(tmp_path / "copy.db")
    upgrade(copy)
    copy_tables(operators.engine, copy)
    restored = Operators(copy, SystemClock())
    assert restored.find(token) is None
    assert restored.find_by_key(key, Scope.READ) is not None
    assert first_broken(copy) is None
    assert restored.sign_in("mayor", PASSWORD).token
    with copy.connect() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(sessions_table)).scalar() == 1
    copy.dispose()
