"""The targets: all of them in a line each, and one with its course, its periods and how it stood."""

from datetime import date
from itertools import groupby

from msgspec import Struct

from hubbub.insight.targets.results import Evaluation
from hubbub.insight.targets.series import SUMMED
from hubbub.insight.targets.state import Standing
from hubbub.publish.intervals import Z95
from hubbub.serve.charts.aims import draw_aims, draw_small_course
from hubbub.serve.pages.figures import Figure
from hubbub.serve.pages.target_words import (
    StandingWord,
    aim_words,
    chance_words,
    pace_words,
    period_words,
    span_words,
    standing_word,
    why_words,
    write_number,
)
from hubbub.serve.reading import ReadSide
from hubbub.serve.texts import Texts, _

GOOD = (Standing.MET, Standing.ON_TRACK)
CHANGES_SHOWN = 12
EXAMPLE = """\
targets:
  - name: more-visitors
    metric: visitors
    period: month
    at_least: 50000"""


class TargetLine(Struct, frozen=True):
    """One target in a line."""

    name: str
    title: str
    owner: str
    period: str
    standing: StandingWord
    since: date | None
    why: str
    value: Figure
    aim: str
    chance: str
    forecast: Figure | None
    end: date | None
    pace: str
    chart: str


class TargetsView(Struct, frozen=True):
    """Everything that the list's template needs; `example` is a target as hubbub.yaml has it."""

    sentence: str
    lines: tuple[TargetLine, ...]
    example: str = EXAMPLE


class Stood(Struct, frozen=True):
    """Days in a row on which it stood the same, with the lowest and the highest probability of them."""

    first: date
    last: date
    standing: StandingWord
    chance: str


class PeriodLine(Struct, frozen=True):
    """A period that is over."""

    days: str
    value: Figure
    aim: str
    chance: str
    standing: StandingWord


class PointLine(Struct, frozen=True):
    """A point of the course."""

    day: date
    value: Figure
    is_forecast: bool


class TargetView(Struct, frozen=True):
    """Everything that a target's template needs."""

    line: TargetLine
    span: str
    as_of: date | None
    estimated: int
    charts: tuple[str, ...]
    points: tuple[PointLine, ...]
    periods: tuple[PeriodLine, ...]
    history: tuple[Stood, ...]


def view_targets(read_side: ReadSide, texts: Texts) -> TargetsView:
    """All targets, in the order of the settings."""
    found = read_side.standings()
    good = sum(one.state.standing in GOOD for one in found)
    sentence = texts.say(
        _("{good} of {all} are met or on track."),
        good=texts.count(good),
        all=texts.many("{count} target", "{count} targets", len(found)),
    )
    return TargetsView(sentence, tuple(_line(one, texts) for one in found))


def view_target(found: Evaluation, texts: Texts) -> TargetView:
    """One target."""
    line = _line(found, texts)
    label = texts.say(_("{title}: course and forecast against the aim"), title=line.title)
    return TargetView(
        line,
        span_words(found.span, texts),
        found.state.as_of if found.span else None,
        found.estimated,
        draw_aims(found.course, found.bounds, label, texts, from_zero=found.unit in SUMMED),
        tuple(
            PointLine(
                point.day,
                write_number(point.value, _stderr(point.low, point.high), found.unit, texts),
                point.is_forecast,
            )
            for point in found.course
        ),
        tuple(
            PeriodLine(
                span_words(one.span, texts),
                write_number(one.value, one.stderr, found.unit, texts),
                aim_words(one.bounds, found.unit, texts),
                chance_words(one.probability, texts),
                standing_word(one.standing, texts),
            )
            for one in found.periods
        ),
        _history(found, texts),
    )


def _line(found: Evaluation, texts: Texts) -> TargetLine:
    target, state = found.target, found.state
    title = target.title or target.name
    is_known = state.standing is not Standing.UNKNOWN
    return TargetLine(
        target.name,
        title,
        target.owner,
        period_words(target, texts),
        standing_word(state.standing, texts),
        state.since if found.span else None,
        why_words(found, texts),
        write_number(state.value, state.stderr, found.unit, texts),
        aim_words(found.bounds, found.unit, texts),
        chance_words(state.probability, texts) if is_known else "",
        write_number(state.forecast, state.forecast_stderr, found.unit, texts) if state.forecast is not None else None,
        found.span.last if found.span else None,
        pace_words(found, texts),
        draw_small_course(
            found.course,
            found.bounds,
            texts.say(_("Course of {title}"), title=title),
            from_zero=found.unit in SUMMED,
        ),
    )


def _stderr(low: float, high: float) -> float:
    return (high - low) / (2 * Z95)


def _history(found: Evaluation, texts: Texts) -> tuple[Stood, ...]:
    """Runs of days with the same standing, newest first."""
    runs = []
    for standing, group in groupby(found.standings, key=lambda one: one.standing):
        days = list(group)
        chances = [chance_words(one(day.probability for day in days), texts) for one in (min, max)]
        told = "" if standing is Standing.UNKNOWN else " – ".join(dict.fromkeys(chances))
        runs.append(Stood(days[0].day, days[-1].day, standing_word(standing, texts), told))
    return tuple(reversed(runs[-CHANGES_SHOWN:]))
