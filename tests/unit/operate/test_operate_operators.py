"""Accounts and sessions: who gets in, for how long, and how slowly whoever guesses."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher, extract_parameters, profiles
from operator_samples import CHEAP, MINUTE_MS, PASSWORD, TurnedClock, cheap_hashing, sample_operators

from hubbub.cli.upgrading import upgrade
from hubbub.core.errors import InputError
from hubbub.operate import passwords
from hubbub.operate.api_keys import Scope
from hubbub.operate.changes import first_broken, record
from hubbub.operate.delays import FREE, LONGEST_WAIT_MS, MOST_A_MINUTE, begin_try, bucket_of, wait_after
from hubbub.operate.operators import Operators, Refusal
from hubbub.operate.roles import CONSOLE, Role
from hubbub.operate.sessions import IDLE_MS, LONGEST_MS, form_token, is_form_token
from hubbub.operate.state import accounts_table, changes_table, failures_table, sessions_table
from hubbub.operate.transactions import changing

WRONG = "not the password"
__all__ = ["cheap_hashing"]


@pytest.fixture
def clock() -> TurnedClock:
    return TurnedClock()


@pytest.fixture
def operators(tmp_path: Path, clock: TurnedClock) -> Iterator[Operators]:
    found = sample_operators(tmp_path, clock, mayor=Role.ADMIN, ana=Role.ANALYST)
    yield found
    found.engine.dispose()


def test_a_sign_in_finds_its_operator_by_the_token_only(operators: Operators) -> None:
    signed = operators.sign_in("ana", PASSWORD)
    found = operators.find(signed.token)
    assert found is not None
    assert (found.name, found.role, found.must_choose) == ("ana", Role.ANALYST, False)
    assert operators.find(signed.token[:-1]) is None
    assert operators.find("") is None
    assert operators.find("x" * 10_000) is None


def test_neither_tokens_nor_passwords_stand_in_the_database(operators: Operators, tmp_path: Path) -> None:
    token = operators.sign_in("ana", PASSWORD).token
    key = operators.add_key(CONSOLE, "board", [Scope.READ], 1)
    operators.engine.dispose()
    with closing(sqlite3.connect(tmp_path / "state.db")) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        text = "\n".join(database.iterdump())
    assert "ana" in text
    assert "$argon2id$" in text
    assert token not in text
    assert key not in text
    assert PASSWORD not in text


@pytest.mark.parametrize("after_ms", [IDLE_MS, LONGEST_MS])
def test_a_session_ends_when_idle_and_when_its_time_is_over(
    operators: Operators, clock: TurnedClock, after_ms: int
) -> None:
    token = operators.sign_in("ana", PASSWORD).token
    begun = clock.ms
    while clock.ms + IDLE_MS // 2 < begun + after_ms:  # in use now and then, but never for IDLE_MS
        clock.ms += IDLE_MS // 2
        assert operators.find(token) is not None
        if after_ms == IDLE_MS:
            break
    clock.ms = begun + after_ms + (IDLE_MS // 2 if after_ms == IDLE_MS else 0)
    assert operators.find(token) is None


def test_a_disabled_account_is_out_at_once_and_cannot_come_back(operators: Operators) -> None:
    token = operators.sign_in("ana", PASSWORD).token
    operators.disable_account(CONSOLE, "ana")
    assert operators.find(token) is None
    assert operators.sign_in("ana", PASSWORD).refusal is Refusal.WRONG
    operators.enable_account(CONSOLE, "ana")
    assert operators.find(token) is None
    assert operators.sign_in("ana", PASSWORD).token


def test_a_reset_ends_sessions_and_its_password_is_for_once(operators: Operators, clock: TurnedClock) -> None:
    token = operators.sign_in("ana", PASSWORD).token
    once = operators.reset_account(CONSOLE, "ana")
    assert operators.find(token) is None
    assert operators.sign_in("ana", PASSWORD).refusal is Refusal.WRONG
    operator = operators.find(operators.sign_in("ana", once).token)
    assert operator is not None
    assert operator.must_choose
    assert not operator.may(Role.VIEWER)
    assert operators.choose_password(operator, WRONG, "eleven green doors").refusal is Refusal.WRONG
    chosen = operators.find(operators.choose_password(operator, once, "eleven green doors").token)
    assert chosen is not None
    assert chosen.may(Role.ANALYST)
    assert not chosen.may(Role.ADMIN)


def test_a_password_for_once_does_not_wait_for_ever(operators: Operators, clock: TurnedClock) -> None:
    once = operators.reset_account(CONSOLE, "ana")
    clock.ms += passwords.ONCE_LIVES_MS
    assert operators.sign_in("ana", once).refusal is Refusal.WRONG


def test_sign_out_ends_this_session_alone(operators: Operators) -> None:
    one, other = operators.sign_in("ana", PASSWORD).token, operators.sign_in("ana", PASSWORD).token
    assert one != other
    operators.sign_out(one)
    assert operators.find(one) is None
    assert operators.find(other) is not None


def test_a_role_holds_from_the_next_request_on(operators: Operators) -> None:
    token = operators.sign_in("ana", PASSWORD).token
    operators.choose_role(CONSOLE, "ana", Role.VIEWER)
    found = operators.find(token)
    assert found is not None
    assert not found.may(Role.ANALYST)


def test_the_last_admin_stays(operators: Operators) -> None:
    with pytest.raises(InputError, match="last admin"):
        operators.disable_account(CONSOLE, "mayor")
    with pytest.raises(InputError, match="last admin"):
        operators.choose_role(CONSOLE, "mayor", Role.ANALYST)
    operators.choose_role(CONSOLE, "ana", Role.ADMIN)
    operators.disable_account(CONSOLE, "mayor")


@pytest.mark.parametrize("name", ["", "-x", "a b", "a\nb", "x" * 81, "<b>"])
def test_names_that_are_none(operators: Operators, name: str) -> None:
    with pytest.raises(InputError):
        operators.add_account(CONSOLE, name, Role.VIEWER, PASSWORD)


def test_names_differ_by_more_than_their_case(operators: Operators) -> None:
    with pytest.raises(InputError, match="already"):
        operators.add_account(CONSOLE, "Ana", Role.ADMIN, PASSWORD)


@pytest.mark.parametrize("password", ["short", "x" * 201, "aaaaaaaaaaaaaaaa", "mayormayormayor1"])
def test_weak_passwords_are_refused(password: str) -> None:
    with pytest.raises(InputError):
        passwords.check_choice("mayor", password)


def test_passwords_are_kept_as_the_library_s_defaults_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher)
    kept = passwords.hash_password(PASSWORD)
    assert extract_parameters(kept) == profiles.RFC_9106_LOW_MEMORY
    assert passwords.is_password(kept, PASSWORD)
    assert passwords.is_password(passwords.hash_password("cafe\u0301 of ten words"), "caf\u00e9 of ten words")
    assert not passwords.is_password(kept, PASSWORD + "x")
    assert not passwords.is_password("", PASSWORD)
    assert passwords.needs_rehash(CHEAP.hash(PASSWORD))


def test_a_hash_of_weaker_defaults_is_renewed_at_the_next_sign_in(
    operators: Operators, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher)
    assert operators.sign_in("ana", PASSWORD).token
    with operators.engine.connect() as connection:
        kept = connection.execute(sa.select(accounts_table.c.password).where(accounts_table.c.name == "ana")).scalar()
    assert extract_parameters(str(kept)) == profiles.RFC_9106_LOW_MEMORY


def test_an_unknown_name_costs_the_work_of_a_wrong_password(
    operators: Operators, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By construction: both verify one hash of the same parameters, and write the same rows."""
    verified: list[str] = []

    class Counting:
        def verify(self, kept: str, password: str) -> bool:
            verified.append(kept.rsplit("$", 2)[0])
            return CHEAP.verify(kept, password)

    monkeypatch.setattr(passwords, "_hasher", Counting)
    for name in ("ana", "nobody", ""):
        assert operators.sign_in(name, WRONG).refusal is Refusal.WRONG
    assert len(verified) == 3
    assert len(set(verified)) == 1
    assert verified[0].startswith("$argon2id$")


@pytest.mark.parametrize("name", ["ana", "nobody"])
def test_failures_of_a_name_make_it_wait_longer_and_longer(
    operators: Operators, clock: TurnedClock, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Names that no account has wait alike, so that the wait does not tell."""
    monkeypatch.setattr(passwords, "is_password", lambda kept, password: bool(kept) and password == PASSWORD)
    waits = []
    for _ in range(14):
        refused = operators.sign_in(name, WRONG)
        if refused.refusal is Refusal.WAIT:
            waits.append(refused.wait_ms)
            clock.ms += refused.wait_ms
            assert operators.sign_in(name, WRONG).refusal is Refusal.WRONG
    assert waits[:4] == [1000, 2000, 4000, 8000]
    assert waits == sorted(waits)
    assert wait_after(60) == LONGEST_WAIT_MS
    assert operators.sign_in("mayor", PASSWORD).token, "others do not wait"


def test_the_right_password_waits_too_and_then_all_is_forgotten(operators: Operators, clock: TurnedClock) -> None:
    for _ in range(FREE):
        assert operators.sign_in("ana", WRONG).refusal is Refusal.WRONG
    refused = operators.sign_in("ana", PASSWORD)
    assert refused.refusal is Refusal.WAIT
    clock.ms += refused.wait_ms
    assert operators.sign_in("ANA", PASSWORD).token
    assert operators.sign_in("ana", WRONG).refusal is Refusal.WRONG


def test_many_names_make_everyone_wait_for_the_minute_to_end(operators: Operators, clock: TurnedClock) -> None:
    with changing(operators.engine) as connection:
        for number in range(MOST_A_MINUTE):
            assert begin_try(connection, f"guess {number}", clock.ms) == 0
        clock.ms += 10_000
        assert begin_try(connection, "ana", clock.ms) == MINUTE_MS - 10_000
        clock.ms += MINUTE_MS - 10_000
        assert begin_try(connection, "ana", clock.ms) == 0
        rows = connection.execute(sa.select(sa.func.count()).select_from(failures_table)).scalar()
    assert rows is not None
    assert rows <= MOST_A_MINUTE + 2
    assert len(bucket_of("whatever was typed")) == 4, "65,536 buckets: no name can be had back"


def test_a_guess_counts_before_it_is_checked(operators: Operators, clock: TurnedClock) -> None:
    """So that a hundred guesses at once are not a hundred free ones."""
    with changing(operators.engine) as connection:
        allowed = [begin_try(connection, "ana", clock.ms) == 0 for _ in range(20)]
    assert sum(allowed) == FREE


def test_forms_of_another_session_do_not_fit() -> None:
    assert is_form_token("one", form_token("one"))
    assert form_token("one") != form_token("one")
    assert not is_form_token("other", form_token("one"))
    assert not is_form_token("", form_token(""))
    for sent in ("", "x", "é" * 40, form_token("one")[:-1], form_token("one") + "0"):
        assert not is_form_token("one", sent)


def test_sessions_over_are_swept(operators: Operators, clock: TurnedClock) -> None:
    operators.sign_in("ana", PASSWORD)
    clock.ms += LONGEST_MS
    operators.sign_in("ana", PASSWORD)
    with operators.engine.connect() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(sessions_table)).scalar() == 1


def test_every_change_is_in_the_log(operators: Operators, clock: TurnedClock) -> None:
    operator = operators.find(operators.sign_in("mayor", PASSWORD).token)
    assert operator is not None
    operators.choose_role(operator, "ana", Role.VIEWER)
    operators.disable_account(operator, "ana")
    operators.enable_account(operator, "ana")
    operators.reset_account(operator, "ana")
    lines = [(one.who, one.what, one.subject, one.before, one.after) for one in operators.changes(100)][::-1]
    assert lines == [
        ("command line", "account added", "mayor", "", "admin"),
        ("command line", "account added", "ana", "", "analyst"),
        ("mayor", "signed in", "mayor", "", "admin"),
        ("mayor", "role changed", "ana", "analyst", "viewer"),
        ("mayor", "account disabled", "ana", "active", "disabled"),
        ("mayor", "account enabled", "ana", "disabled", "active"),
        ("mayor", "password reset", "ana", "", "for once"),
    ]
    assert first_broken(operators.engine) is None
    assert [one.seq for one in operators.changes(2, before=4)] == [3, 2]


@pytest.mark.parametrize("harm", ["edit", "remove", "insert"])
def test_a_log_that_was_tampered_with_shows(operators: Operators, clock: TurnedClock, harm: str) -> None:
    with changing(operators.engine) as connection:
        for number in range(4):
            record(connection, CONSOLE, "note added", f"finding {number}", "", "a campaign", clock.ms)
    second = changes_table.c.seq == 2
    with operators.engine.begin() as connection:
        if harm == "edit":
            connection.execute(sa.update(changes_table).where(second).values(who="ana"))
        elif harm == "remove":
            connection.execute(sa.delete(changes_table).where(second))
        else:
            row = dict(connection.execute(sa.select(changes_table).where(second)).mappings().one())
            connection.execute(sa.insert(changes_table), row | {"seq": 99})
    assert first_broken(operators.engine) == {"edit": 2, "remove": 2, "insert": 7}[harm]


def test_a_change_that_fails_leaves_no_line(operators: Operators, clock: TurnedClock) -> None:
    before = operators.changes(1)[0].seq

    def fail() -> None:
        with changing(operators.engine) as connection:
            record(connection, CONSOLE, "note added", "finding", "", "words", clock.ms)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert operators.changes(1)[0].seq == before


def test_the_tables_come_with_an_upgrade(tmp_path: Path) -> None:
    source = Path(__file__).parents[2] / "releases" / "0.1.0" / "state.sql"
    with closing(sqlite3.connect(tmp_path / "state.db")) as database:
        database.executescript(source.read_text("utf-8"))
    operators = sample_operators(tmp_path, TurnedClock(), mayor=Role.ADMIN)
    upgrade(operators.engine)
    assert operators.sign_in("mayor", PASSWORD).token
    operators.engine.dispose()
