"""Alert states and silences as they are kept."""

import sys
from datetime import date
from pathlib import Path

import pytest
from msgspec.structs import replace
from sqlalchemy import Engine

sys.path.insert(0, str(Path(__file__).parents[1] / "insight"))

from alert_samples import finding
from operate_databases import database as database

from hubbub.core.errors import InputError
from hubbub.insight.alerting import AlertState, Phase, Silence
from hubbub.insight.conditions import Sighting
from hubbub.operate.alert_states import load_states, save_states
from hubbub.operate.roles import CONSOLE
from hubbub.operate.silences import add_silence, end_silence, load_silences

DAY = date(2026, 11, 16)
STATE = AlertState("drops", "finding/a", Phase.OPEN, Sighting("finding/a", DAY, 0.99, finding()), DAY, to=("office",))
SILENCE = Silence(0, "", "finding/a", 2_000, "someone", "a campaign")


def test_states_come_back_as_they_were(database: Engine) -> None:
    other = replace(STATE, thing="target/Über 50 %", phase=Phase.CLEARED)
    changed = replace(STATE, quiet_since=DAY)
    for before, after in (
        ((), (STATE, other)),
        ((STATE, other), (changed,)),
        ((changed,), (changed,)),
        ((changed,), ()),
    ):
        with database.begin() as connection:
            assert set(load_states(connection)) == set(before)
            save_states(connection, before, after)


def test_a_silence_is_in_force_until_it_ends_or_is_taken_back(database: Engine) -> None:
    first, second = (
        add_silence(database, SILENCE, CONSOLE, 0),
        add_silence(database, replace(SILENCE, rule="drops", until_ms=9_000), CONSOLE, 0),
    )
    assert first.number != second.number
    with database.connect() as connection:
        assert load_silences(connection, 1_999) == [first, second]
        assert load_silences(connection, 2_000) == [second]
    assert end_silence(database, second.number, CONSOLE, 0) == second
    with database.connect() as connection:
        assert load_silences(connection, 2_000) == []
    with pytest.raises(InputError, match="there is no silence"):
        end_silence(database, second.number, CONSOLE, 0)


@pytest.mark.parametrize("silence", [replace(SILENCE, thing=""), replace(SILENCE, why="x" * 401)])
def test_a_silence_that_cannot_be_kept_is_an_error(silence: Silence, database: Engine) -> None:
    with pytest.raises(InputError):
        add_silence(database, silence, CONSOLE, 0)
