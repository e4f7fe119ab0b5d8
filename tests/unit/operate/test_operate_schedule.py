"""What is due, minute by minute around a midnight."""

from datetime import date

from hubbub.core.days import HOUR_MS, bounds
from hubbub.core.settings import Settings, Site
from hubbub.operate.schedule import MINUTE_MS, Action, Due, OpenDay, find_due, next_look_ms

SETTINGS = Settings(sites=(Site(name="portal.example", timezone="Europe/Vienna"),))
DAY = date(2026, 6, 1)
START, END = bounds(DAY, "Europe/Vienna")


def live(created_ms: int = START) -> OpenDay:
    return OpenDay("portal.example", DAY, created_ms, is_live=True)


def actions(item: OpenDay, now_ms: int) -> list[Action]:
    return [due.action for due in find_due([item], SETTINGS, now_ms)]


def test_hours_while_the_day_runs() -> None:
    assert actions(live(), START + 5 * HOUR_MS) == [Action.RELEASE_HOURS]


def test_the_last_hour_is_released_before_the_close() -> None:
    assert actions(live(), END + 5 * MINUTE_MS) == [Action.RELEASE_HOURS]


def test_a_live_day_closes_after_its_grace() -> None:
    assert actions(live(), END + 14 * MINUTE_MS) == [Action.RELEASE_HOURS]
    assert actions(live(), END + 15 * MINUTE_MS) == [Action.CLOSE]


def test_a_partial_day_of_a_log_waits_and_then_is_given_up() -> None:
    imported = END + 900 * HOUR_MS
    partial = OpenDay("portal.example", DAY, imported, is_live=False)
    assert actions(partial, imported + 47 * HOUR_MS) == []
    assert actions(partial, imported + 48 * HOUR_MS) == [Action.GIVE_UP]


def test_nothing_live_outlives_two_days() -> None:
    assert actions(live(), END + 48 * HOUR_MS) == [Action.GIVE_UP]


def test_what_is_overdue_comes_first() -> None:
    other = OpenDay("portal.example", date(2026, 5, 1), 0, is_live=True)
    found = find_due([live(), other], SETTINGS, END + HOUR_MS)
    assert found == [
        Due(Action.GIVE_UP, "portal.example", date(2026, 5, 1)),
        Due(Action.CLOSE, "portal.example", DAY),
    ]


def test_drops_without_a_site_are_forgotten_and_never_released() -> None:
    nameless = OpenDay("", DAY, START, is_live=True)
    end = bounds(DAY, "UTC").end_ms
    assert actions(nameless, end) == []
    assert actions(nameless, end + 15 * MINUTE_MS) == [Action.FORGET]


def test_the_next_look_follows_the_quarter() -> None:
    assert next_look_ms(START) == START + 16 * MINUTE_MS
    assert next_look_ms(START + 14 * MINUTE_MS) == START + 16 * MINUTE_MS
