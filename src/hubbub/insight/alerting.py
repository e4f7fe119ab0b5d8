"""From what is seen to what is told: the states of alerts. Pure: states, sightings and the time go in and out.

An alert is of one rule and one thing (a finding or a target):

    (none) ── holds ──> PENDING ── has held on `for` released days ──> OPEN ── has ended for `clear.for` ──> CLEARED
      ^                  │   ^                                                                                │   │
      ├── does not hold ─┘   └───────────────────────────── holds ────────────────────────────────────────────┘   │
      └────────────────────────────── the day after its last message ─────────────────────────────────────────────┘

What a channel is told of an alert is (OPENED WORSE* CLEARED | PASSED)*: never two openings without an end between them,
nothing after an end until it opens again. OPENED, CLEARED and PASSED wait until

- the rule's schedule is open and no silence covers the alert; what comes and goes in a silence is not told, what comes
  and goes while the schedule is shut is told in one message, PASSED;
- the channel has heard nothing of the thing on this day of the city, from whichever rule.

WORSE (a finding's difference grew by a half since it was told, a target stands worse) waits for schedule and silences
alone. A channel that another rule tells of the same thing already is left out.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from hubbub.core.alerts import WEEKDAYS, Rule, Schedule
from hubbub.insight.conditions import Sighting, ends, holds


class Phase(StrEnum):
    """Where an alert stands."""

    PENDING = "pending"
    OPEN = "open"
    CLEARED = "cleared"


class Event(StrEnum):
    """What is told."""

    OPENED = "opened"
    WORSE = "worse"
    CLEARED = "cleared"
    PASSED = "passed"  # it began and ended while nothing was to be sent


class AlertState(Struct, frozen=True):
    """An alert as it is kept between two looks.

    since        the released day from which it holds without a break
    quiet_since  the released day from which it has ended; None: it has not
    opened_ms    when it opened; 0 while it is pending
    is_told      its opening was told, and its end was not
    told_on      the city's day of its last message
    told_size    of the last message; see `Sighting.size`
    to           channels that were told, or are spared because another rule tells them
    """

    rule: str
    thing: str
    phase: Phase
    sighting: Sighting
    since: date
    quiet_since: date | None = None
    opened_ms: int = 0
    is_told: bool = False
    told_on: date | None = None
    told_size: float = 0.0
    to: tuple[str, ...] = ()


class Silence(Struct, frozen=True):
    """Nothing is told of a thing, of a rule's alerts, or of both together ("" does not matter), until then."""

    number: int
    rule: str
    thing: str
    until_ms: int
    by: str
    why: str

    def covers(self, state: AlertState, now_ms: int) -> bool:
        """Whether it is in force for this alert."""
        return now_ms < self.until_ms and self.rule in ("", state.rule) and self.thing in ("", state.thing)


class Told(Struct, frozen=True):
    """One thing to be told to channels."""

    event: Event
    rule: Rule
    sighting: Sighting
    since: date
    to: tuple[str, ...]


class Look(Struct, frozen=True):
    """The time of a look at the alerts, in the city's zone."""

    now_ms: int
    zone: str

    @property
    def local(self) -> datetime:
        """The wall clock."""
        return datetime.fromtimestamp(self.now_ms / 1000, UTC).astimezone(ZoneInfo(self.zone))

    def is_within(self, schedule: Schedule) -> bool:
        """Whether messages go out now."""
        local, (start, end) = self.local, schedule.hours
        return WEEKDAYS[local.weekday()] in schedule.days and start <= local.hour < end


def advance(
    rules: Sequence[Rule],
    states: Iterable[AlertState],
    seen: Mapping[str, Sequence[Sighting]],
    silences: Sequence[Silence],
    look: Look,
) -> tuple[list[AlertState], list[Told]]:
    """The states after this look, and what is due. `seen` has the sightings of each rule; a thing that is not among
    them stays as it was. Alerts of rules that are no more are dropped without a word.
    """
    names = {rule.name for rule in rules}
    after = {(state.rule, state.thing): state for state in states if state.rule in names}
    told: list[Told] = []
    for rule in rules:
        for sighting in seen.get(rule.name, ()):
            key = (rule.name, sighting.thing)
            if (observed := _observe(rule, after.get(key), sighting, look.now_ms)) is not None:
                after[key] = observed
            else:
                after.pop(key, None)
        for key in [key for key in after if key[0] == rule.name]:
            others = [state for other, state in after.items() if other[1] == key[1] and other != key]
            silent = any(silence.covers(after[key], look.now_ms) for silence in silences)
            after[key], news = _speak(rule, after[key], others, silent, look)
            told += news
    today = look.local.date()
    kept = [state for state in after.values() if state.phase is not Phase.CLEARED or state.told_on == today]
    return kept, told


def _observe(rule: Rule, state: AlertState | None, sighting: Sighting, now_ms: int) -> AlertState | None:
    """What is the case now; None: nothing that has to be kept."""
    if state is not None and state.phase is Phase.OPEN:
        quiet_since = (state.quiet_since or sighting.day) if ends(rule, sighting) else None
        return replace(state, sighting=sighting, quiet_since=quiet_since)
    if not holds(rule, sighting):
        return replace(state, phase=Phase.CLEARED) if state is not None and state.told_on else None
    is_waiting = state is not None and state.phase is Phase.PENDING
    since = state.since if state is not None and is_waiting else sighting.day
    begun = state or AlertState(rule.name, sighting.thing, Phase.PENDING, sighting, since)
    is_open = (sighting.day - since).days + 1 >= rule.days
    return replace(
        begun,
        phase=Phase.OPEN if is_open else Phase.PENDING,
        sighting=sighting,
        since=since,
        quiet_since=None,
        opened_ms=now_ms if is_open else 0,
    )


def _speak(
    rule: Rule, state: AlertState, others: Sequence[AlertState], silent: bool, look: Look
) -> tuple[AlertState, list[Told]]:
    """What is to be told of an alert now, and its state once that is told."""
    if state.phase is not Phase.OPEN:
        return state, []
    over = _is_over(rule, state)
    if over and silent and not state.is_told:
        return replace(state, phase=Phase.CLEARED), []
    if silent or not look.is_within(rule.schedule):
        return state, []
    today = look.local.date()
    taken = {channel for other in others if other.is_told for channel in other.to}
    to = state.to if state.is_told else tuple(channel for channel in rule.to if channel not in taken)
    heard = {channel for each in (state, *others) if each.told_on == today for channel in each.to}
    can_speak = not heard.intersection(to)
    size = state.sighting.size
    if over and can_speak:
        event = Event.CLEARED if state.is_told else Event.PASSED
        after = replace(state, phase=Phase.CLEARED, is_told=False, told_on=today if to else None, to=to)
    elif not over and not state.is_told and can_speak:
        event = Event.OPENED
        after = replace(state, is_told=True, told_on=today if to else None, told_size=size, to=to)
    elif state.is_told and state.quiet_since is None and state.sighting.is_worse_than(state.told_size):
        event = Event.WORSE
        after = replace(state, told_on=today if to else None, told_size=size)
    else:
        return state, []
    return after, [Told(event, rule, state.sighting, state.since, to)] if to else []


def _is_over(rule: Rule, state: AlertState) -> bool:
    if state.quiet_since is None:
        return False
    return state.sighting.is_gone or (state.sighting.day - state.quiet_since).days + 1 >= rule.clear.days


def group(told: Iterable[Told]) -> list[tuple[str, tuple[Told, ...]]]:
    """(channel, what one message to it tells): what comes up together in one, unless its rule wants one each."""
    grouped: dict[str, list[Told]] = {}
    alone: list[tuple[str, tuple[Told, ...]]] = []
    for each in told:
        for channel in each.to:
            if each.rule.together:
                grouped.setdefault(channel, []).append(each)
            else:
                alone.append((channel, (each,)))
    return [*((channel, tuple(several)) for channel, several in grouped.items()), *alone]
