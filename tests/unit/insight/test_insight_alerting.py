"""The state machine of alerts: by example, and whatever happens."""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta

from alert_samples import MONDAY, finding, target
from hypothesis import given, settings
from hypothesis import strategies as st

from hubbub.core.alerts import Clearing, OnFindings, Rule, Schedule
from hubbub.insight.alerting import AlertState, Event, Look, Phase, Silence, Told, advance, group
from hubbub.insight.conditions import Sighting
from hubbub.insight.targets.state import Standing

HOUR_MS = 3_600_000
ZONE = "Europe/Vienna"
RULE = Rule("drops", findings=OnFindings(), to=("office",))


def at(day: date, hour: int = 8) -> Look:
    """An hour of the morning in UTC, an hour later on Vienna's clocks."""
    return Look(int(datetime(day.year, day.month, day.day, hour, tzinfo=UTC).timestamp() * 1000), ZONE)


def sight(day: date, sure: float | None = 0.999, size: float = 400.0, thing: str = "finding/a") -> Sighting:
    return Sighting(thing, day, sure, finding(difference=-size))


class Course:
    """Alerts that are looked at again and again."""

    def __init__(self, *rules: Rule, silences: tuple[Silence, ...] = ()) -> None:
        self.rules, self.silences = rules, silences
        self.states: list[AlertState] = []

    def look(self, look: Look, *seen: Sighting) -> list[Told]:
        sightings = {rule.name: seen for rule in self.rules}
        self.states, told = advance(self.rules, self.states, sightings, self.silences, look)
        return told

    def events(self, look: Look, *seen: Sighting) -> list[Event]:
        return [told.event for told in self.look(look, *seen)]


def days(count: int, first: date = MONDAY) -> list[date]:
    return [first + timedelta(days=number) for number in range(count)]


def test_an_alert_is_told_once_and_its_end_once() -> None:
    course, (mon, tue, wed, thu) = Course(RULE), days(4)
    assert course.events(at(tue), sight(mon)) == [Event.OPENED]
    assert course.events(at(tue, 9), sight(mon)) == []
    assert course.events(at(wed), sight(tue)) == []
    assert course.events(at(thu), sight(wed, None)) == [Event.CLEARED]
    assert course.events(at(thu, 9), sight(wed, None)) == []
    assert course.states[0].phase is Phase.CLEARED
    assert course.events(at(thu + timedelta(days=1))) == []
    assert course.states == []


def test_between_the_two_probabilities_nothing_happens() -> None:
    course, (mon, tue, wed, thu) = Course(RULE), days(4)
    assert course.events(at(tue), sight(mon, 0.7)) == []
    course.look(at(tue, 9), sight(mon))
    assert course.events(at(wed), sight(tue, 0.7)) == []
    assert course.events(at(thu), sight(wed, 0.49)) == [Event.CLEARED]


def test_it_must_hold_and_be_over_for_as_long_as_asked() -> None:
    rule = Rule("drops", findings=OnFindings(), to=("office",), days=3, clear=Clearing(0.5, 2))
    course, (mon, tue, wed, thu, fri, sat, sun) = Course(rule), days(7)
    assert course.events(at(tue), sight(mon)) == []
    assert course.events(at(wed), sight(tue)) == []
    assert course.states[0].phase is Phase.PENDING
    assert course.events(at(thu), sight(wed)) == [Event.OPENED]
    assert course.events(at(fri), sight(thu, None)) == []
    assert course.events(at(sat), sight(fri)) == []
    assert course.events(at(sun), sight(sat, None)) == []
    assert course.events(at(sun + timedelta(days=1)), sight(sun, None)) == [Event.CLEARED]


def test_what_breaks_off_before_it_has_held_begins_again() -> None:
    course, (mon, tue, wed, thu) = Course(Rule("drops", findings=OnFindings(), to=("office",), days=2)), days(4)
    course.look(at(tue), sight(mon))
    course.look(at(wed), sight(tue, 0.6))
    assert course.states == []
    assert course.events(at(thu), sight(wed)) == []


def test_what_worsens_is_told_the_same_day_and_once() -> None:
    course, (mon, tue, wed) = Course(RULE), days(3)
    course.look(at(tue), sight(mon))
    assert course.events(at(tue, 9), sight(mon, size=599)) == []
    assert course.events(at(tue, 10), sight(mon, size=600)) == [Event.WORSE]
    assert course.events(at(wed), sight(tue, size=800)) == []
    assert course.events(at(wed, 9), sight(tue, size=900)) == [Event.WORSE]


def test_a_target_worsens_with_its_standing() -> None:
    course, (mon, tue, wed) = Course(RULE), days(3)
    risky = Sighting("target/a", mon, 0.7, target=target(Standing.AT_RISK, 0.3))
    missed = Sighting("target/a", tue, 1.0, target=target(Standing.MISSED, 0.0))
    assert course.events(at(tue), risky) == [Event.OPENED]
    assert course.events(at(wed), missed) == [Event.WORSE]


def test_an_end_on_the_day_of_another_message_waits_and_may_be_taken_back() -> None:
    course, (mon, tue, wed) = Course(RULE), days(3)
    course.look(at(tue), sight(mon))
    assert course.events(at(tue, 12), sight(mon, None)) == []
    assert course.events(at(tue, 14), sight(mon)) == []
    assert course.events(at(tue, 15), sight(mon, None)) == []
    assert course.events(at(wed)) == [Event.CLEARED]


def test_what_opens_again_on_the_day_of_its_end_waits_until_the_next() -> None:
    course, (mon, tue, wed, thu) = Course(RULE), days(4)
    course.look(at(tue), sight(mon))
    assert course.events(at(wed), sight(tue, None)) == [Event.CLEARED]
    assert course.events(at(wed, 12), sight(tue)) == []
    assert course.events(at(thu), sight(wed)) == [Event.OPENED]


def test_a_silence_keeps_an_opening_back_until_it_ends() -> None:
    mon, tue, wed = days(3)
    silence = Silence(1, "", "finding/a", at(wed).now_ms, "a", "a campaign")
    course = Course(RULE, silences=(silence,))
    assert [told.sighting.thing for told in course.look(at(tue), sight(mon), sight(mon, thing="finding/b"))] == [
        "finding/b"
    ]
    assert [told.sighting.thing for told in course.look(at(wed), sight(tue))] == ["finding/a"]


def test_what_comes_and_goes_in_a_silence_is_not_told() -> None:
    mon, tue, wed, thu = days(4)
    course = Course(RULE, silences=(Silence(1, "drops", "", at(thu).now_ms, "a", "a campaign"),))
    assert course.events(at(tue), sight(mon)) == []
    assert course.events(at(wed), sight(tue, None)) == []
    assert course.events(at(thu)) == []
    assert course.states == []


def test_an_end_in_a_silence_is_told_after_it() -> None:
    mon, tue, wed, thu = days(4)
    course = Course(RULE)
    course.look(at(tue), sight(mon))
    course.silences = (Silence(1, "", "finding/a", at(thu).now_ms, "a", "x"),)
    assert course.events(at(wed), sight(tue, None)) == []
    assert course.events(at(thu)) == [Event.CLEARED]


def test_messages_wait_for_the_schedule_in_the_zone_of_the_city() -> None:
    rule = Rule("drops", findings=OnFindings(), to=("office",), schedule=Schedule(hours=(9, 17)))
    course, (mon, tue, _) = Course(rule), days(3)
    assert course.events(at(tue, 7), sight(mon)) == []  # eight o'clock in Vienna
    assert course.events(at(tue, 8)) == [Event.OPENED]


def test_what_came_and_went_over_the_weekend_is_one_message() -> None:
    rule = Rule("drops", findings=OnFindings(), to=("office",), schedule=Schedule(days=("mon", "tue")))
    course, saturday = Course(rule), MONDAY + timedelta(days=5)
    assert course.events(at(saturday), sight(saturday)) == []
    assert course.events(at(saturday + timedelta(days=1)), sight(saturday, None)) == []
    assert course.events(at(saturday + timedelta(days=2))) == [Event.PASSED]
    assert course.events(at(saturday + timedelta(days=3))) == []


def test_a_channel_hears_of_a_thing_from_one_rule() -> None:
    first = Rule("a", findings=OnFindings(), to=("office", "chat"))
    second = Rule("b", findings=OnFindings(), to=("chat", "desk"))
    course, (mon, tue) = Course(first, second), days(2)
    assert [(told.rule.name, told.to) for told in course.look(at(tue), sight(mon))] == [
        ("a", ("office", "chat")),
        ("b", ("desk",)),
    ]


def test_alerts_of_a_rule_that_is_gone_are_dropped() -> None:
    course, (mon, tue, wed) = Course(RULE), days(3)
    course.look(at(tue), sight(mon))
    course.rules = ()
    assert course.events(at(wed)) == []
    assert course.states == []


def test_what_comes_together_is_one_message_a_channel() -> None:
    alone = Rule("alone", findings=OnFindings(), to=("chat",), together=False)
    told = [Told(Event.OPENED, rule, sight(MONDAY, thing=f"finding/{n}"), MONDAY, rule.to)
            for rule in (RULE, alone) for n in range(2)]  # fmt: skip
    assert [(channel, len(several)) for channel, several in group(told)] == [("office", 2), ("chat", 1), ("chat", 1)]


RULES = (
    Rule("a", findings=OnFindings(), to=("office", "chat")),
    Rule("b", findings=OnFindings(), to=("chat",), days=2, clear=Clearing(0.3, 2), schedule=Schedule(hours=(8, 18))),
)
THINGS = ("finding/a", "finding/b")
SIGHTINGS = st.tuples(
    st.sampled_from(THINGS), st.sampled_from([None, 0.2, 0.4, 0.7, 0.99]), st.sampled_from([100, 151, 230, 400, 900])
)
Step = tuple[int, list[tuple[str, float | None, int]], bool]
STEPS = st.lists(
    st.tuples(
        st.integers(0, 40),  # hours that pass
        st.lists(SIGHTINGS, max_size=3),
        st.booleans(),  # whether a silence begins
    ),
    max_size=40,
)


@settings(max_examples=300, deadline=None)
@given(STEPS)
def test_whatever_happens_no_one_hears_more_than_was_promised(steps: list[Step]) -> None:
    course = Course(*RULES)
    now_ms = at(MONDAY).now_ms
    heard: dict[tuple[str, str], list[tuple[date, Told]]] = defaultdict(list)
    by_channel: dict[tuple[str, str], list[tuple[date, Told]]] = defaultdict(list)

    def look(*seen: Sighting) -> None:
        moment = Look(now_ms, ZONE)
        for told in course.look(moment, *seen):
            assert moment.is_within(told.rule.schedule)
            assert not any(one.until_ms > now_ms and told.sighting.thing == one.thing for one in course.silences)
            heard[told.rule.name, told.sighting.thing].append((moment.local.date(), told))
            for channel in told.to:
                by_channel[channel, told.sighting.thing].append((moment.local.date(), told))

    for hours, seen, silence in steps:
        now_ms += hours * HOUR_MS
        if silence:
            course.silences += (Silence(1, "", THINGS[0], now_ms + 30 * HOUR_MS, "a", "b"),)
        look(*(sight(Look(now_ms, ZONE).local.date(), sure, size, thing) for thing, sure, size in seen))
    for _ in range(60):  # all is over, and stays so
        now_ms += 5 * HOUR_MS
        look(*(sight(Look(now_ms, ZONE).local.date(), None, thing=thing) for thing in THINGS))
    assert course.states == [] or all(state.phase is Phase.CLEARED for state in course.states)
    for messages in heard.values():
        is_open, size = False, 0.0
        for _, told in messages:
            assert is_open is (told.event in (Event.WORSE, Event.CLEARED))
            assert told.event is not Event.WORSE or told.sighting.size >= 1.5 * size
            is_open, size = told.event in (Event.OPENED, Event.WORSE), told.sighting.size
        assert not is_open
    for messages in by_channel.values():
        told_days = [day for day, told in messages if told.event is not Event.WORSE]
        assert len(told_days) == len(set(told_days))
