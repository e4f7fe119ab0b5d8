"""How a target is told: its standing, its aim, its probability, its pace."""

from msgspec import Struct

from hubbub.core.targets import Target
from hubbub.insight.targets.aiming import NO_BASELINE
from hubbub.insight.targets.evaluate import NOTHING, TOO_EARLY, TOO_FEW
from hubbub.insight.targets.periods import Span
from hubbub.insight.targets.results import Bounds, Evaluation
from hubbub.insight.targets.series import SUMMED
from hubbub.insight.targets.state import Standing
from hubbub.publish.intervals import Z95, Estimate
from hubbub.serve.pages.figures import Figure, write_figure
from hubbub.serve.texts import Texts, _

WORDS = {
    Standing.MET: _("met"),
    Standing.ON_TRACK: _("on track"),
    Standing.AT_RISK: _("at risk"),
    Standing.MISSED: _("missed"),
    Standing.UNKNOWN: _("not known yet"),
}
MARKS = {
    Standing.MET: "✓",
    Standing.ON_TRACK: "●",
    Standing.AT_RISK: "▲",
    Standing.MISSED: "✗",
    Standing.UNKNOWN: "?",
}
PERIODS = {
    "day": _("every day"),
    "week": _("every week"),
    "month": _("every month"),
    "quarter": _("every quarter"),
    "year": _("every year"),
}
REASONS = {
    NOTHING: _("nothing is released of it yet"),
    TOO_EARLY: _("its numbers begin within the period"),
    TOO_FEW: _("too few days are released to say what is to come"),
    NO_BASELINE: _("what it is compared with is not released"),
}
SURELY = 0.99
WHOLE_FROM = 1_000.0


class StandingWord(Struct, frozen=True):
    """A standing in a word, with a mark whose shape alone tells it."""

    name: str
    mark: str
    word: str


def standing_word(standing: Standing, texts: Texts) -> StandingWord:
    """How a standing is written."""
    return StandingWord(standing.value, MARKS[standing], texts.translate(WORDS[standing]))


def write_number(value: float | None, stderr: float | None, unit: str, texts: Texts) -> Figure:
    """A target's number with its ±."""
    if value is None or stderr is None:
        return write_figure(None, unit, texts)
    half = Z95 * stderr
    return write_figure(Estimate(value, stderr, value - half, value + half, shown=True), _unit(unit, value), texts)


def _unit(unit: str, value: float) -> str:
    """The unit of figures: numbers of a table and costs have places after the point while they are small."""
    if unit in ("number", "cost"):
        return "ratio" if abs(value) < WHOLE_FROM else "count"
    return unit


def bare(value: float, unit: str, texts: Texts) -> str:
    """A number that is exact."""
    if unit == "percent":
        return texts.percent(value / 100, 0 if float(value).is_integer() else 1)
    if unit == "seconds":
        return texts.duration(value)
    if unit in ("ratio", "number", "cost") and abs(value) < WHOLE_FROM:
        return texts.decimal(value, 0 if float(value).is_integer() else 2)
    return texts.count(value)


def aim_words(bounds: Bounds | None, unit: str, texts: Texts) -> str:
    """`at least 500`, `at most 40 %`, `400 to 500`; a baseline's noise as ±."""
    if bounds is None:
        return ""
    low, high = (
        None if value is None else _bound(value, stderr, unit, texts)
        for value, stderr in ((bounds.low, bounds.low_stderr), (bounds.high, bounds.high_stderr))
    )
    if low is not None and high is not None:
        return texts.say(_("{low} to {high}"), low=low, high=high)
    if low is not None:
        return texts.say(_("at least {aim}"), aim=low)
    return texts.say(_("at most {aim}"), aim=high)


def _bound(value: float, stderr: float, unit: str, texts: Texts) -> str:
    if not stderr:
        return bare(value, unit, texts)
    figure = write_number(value, stderr, unit, texts)
    return f"{figure.text} {figure.margin}".strip()


def chance_words(probability: float, texts: Texts) -> str:
    """A probability in percent; none is told as certain."""
    if probability > SURELY:
        return texts.say(_("over {percent}"), percent=texts.percent(SURELY))
    if probability < 1 - SURELY:
        return texts.say(_("under {percent}"), percent=texts.percent(1 - SURELY))
    return texts.percent(probability)


def period_words(target: Target, texts: Texts) -> str:
    """How often it is counted, and until when."""
    if target.period == "once":
        assert target.first is not None
        assert target.due is not None
        return texts.say(_("{first} to {last}"), first=texts.day(target.first), last=texts.day(target.due))
    words = texts.translate(PERIODS[target.period])
    if target.due is None:
        return words
    return texts.say(_("{period}, by {day}"), period=words, day=texts.day(target.due))


def span_words(span: Span | None, texts: Texts) -> str:
    """The days of a period."""
    if span is None:
        return ""
    if span.first == span.last:
        return texts.weekday(span.first)
    return texts.say(_("{first} to {last}"), first=texts.day(span.first), last=texts.day(span.last))


def pace_words(found: Evaluation, texts: Texts) -> str:
    """What a day must come to from now on, beside what it is; "" where no day is left."""
    pace, target = found.pace, found.target
    if pace is None:
        return ""
    now = bare(round(pace.now, 1), pace.unit, texts)
    is_floor = found.bounds is not None and (found.bounds.low is not None) is not bool(target.cost)
    if pace.needed <= 0 or (pace.unit == "percent" and pace.needed >= 100):
        settled = pace.needed <= 0
        if settled and is_floor:
            return texts.say(_("nothing more is needed; a day brings {now}"), now=now)
        if settled:
            return texts.say(_("already over the aim; a day brings {now}"), now=now)
        words = (
            _("no mean of the days left could reach it; now {now}") if is_floor else _("any mean will do; now {now}")
        )
        return texts.say(words, now=now)
    needed = bare(round(pace.needed, 1), pace.unit, texts)
    if pace.unit not in SUMMED:
        words = _("needs a mean of {needed}, now {now}") if is_floor else _("leaves a mean of {needed}, now {now}")
    else:
        words = _("needs {needed} a day, now {now}") if is_floor else _("leaves {needed} a day, now {now}")
    return texts.say(words, needed=needed, now=now)


def why_words(found: Evaluation, texts: Texts) -> str:
    """Why a target's standing is not known; "" when it is."""
    why = found.state.why
    return texts.translate(REASONS.get(why, why)) if why else ""
