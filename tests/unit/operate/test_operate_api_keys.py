"""API keys: what each opens, until when, and that it is shown once."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from operator_samples import TurnedClock, sample_operators

from hubbub.core.errors import InputError
from hubbub.operate.api_keys import DAY_MS, Scope, parse_term
from hubbub.operate.operators import Operators
from hubbub.operate.roles import CONSOLE, Role


@pytest.fixture
def clock() -> TurnedClock:
    return TurnedClock()


@pytest.fixture
def operators(tmp_path: Path, clock: TurnedClock) -> Iterator[Operators]:
    found = sample_operators(tmp_path, clock)
    yield found
    found.engine.dispose()


def test_a_key_opens_its_scopes_and_no_other(operators: Operators) -> None:
    reader = operators.add_key(CONSOLE, "board", [Scope.READ], 90)
    writer = operators.add_key(CONSOLE, "script", [Scope.WRITE], 90)
    found = operators.find_by_key(reader, Scope.READ)
    assert found is not None
    assert (found.name, found.role) == ("key board", Role.VIEWER)
    assert operators.find_by_key(reader, Scope.WRITE) is None
    assert operators.find_by_key(writer, Scope.READ) is None
    found = operators.find_by_key(writer, Scope.WRITE)
    assert found is not None
    assert found.may(Role.ANALYST)
    assert not found.may(Role.ADMIN)


@pytest.mark.parametrize("key", ["", "hub_", "hub_x", "x" * 100_000, "Hub_", "hub_\ud800"])
def test_what_is_no_key_opens_nothing(operators: Operators, key: str) -> None:
    operators.add_key(CONSOLE, "board", [Scope.READ], 90)
    assert operators.find_by_key(key, Scope.READ) is None


def test_a_key_ends_with_its_term_and_when_it_is_revoked(operators: Operators, clock: TurnedClock) -> None:
    one = operators.add_key(CONSOLE, "one", [Scope.READ], 90)
    other = operators.add_key(CONSOLE, "other", [Scope.READ], 91)
    clock.ms += 90 * DAY_MS
    assert operators.find_by_key(one, Scope.READ) is None
    assert operators.find_by_key(other, Scope.READ) is not None
    operators.revoke_key(CONSOLE, "other")
    operators.revoke_key(CONSOLE, "other")
    assert operators.find_by_key(other, Scope.READ) is None
    assert [(key.name, key.is_valid(clock.ms)) for key in operators.api_keys()] == [("one", False), ("other", False)]
    assert [one.what for one in operators.changes(10)] == ["key revoked", "key added", "key added"]


def test_a_name_is_used_once_so_that_the_log_says_which(operators: Operators) -> None:
    operators.add_key(CONSOLE, "board", [Scope.READ], 1)
    operators.revoke_key(CONSOLE, "board")
    with pytest.raises(InputError, match="is or was"):
        operators.add_key(CONSOLE, "board", [Scope.READ], 1)
    with pytest.raises(InputError, match="no key"):
        operators.revoke_key(CONSOLE, "elsewhere")


def test_a_key_needs_a_scope_and_a_term(operators: Operators) -> None:
    for scopes, days in (([], 1), ([Scope.READ], 0), ([Scope.READ], 731)):
        with pytest.raises(InputError):
            operators.add_key(CONSOLE, "board", scopes, days)
    assert parse_term("90d") == 90
    for text in ("", "90", "0d", "-1d", "731d", "9999d", "1y", "d"):
        with pytest.raises(InputError):
            parse_term(text)
