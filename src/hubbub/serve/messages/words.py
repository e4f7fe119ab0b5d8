"""Targets in a sentence each: how they stand, since when, how sure; and what stands under every message."""

from hubbub.insight.targets.state import TargetState
from hubbub.publish.intervals import Z95
from hubbub.serve.pages.target_words import WORDS
from hubbub.serve.texts import NO_BREAK, Texts, _

ALMOST = 0.9995  # above it a percentage would be rounded to 100


def tell_target(state: TargetState, texts: Texts) -> str:
    """How a target stands: `at risk since 12 November 2026; probability of meeting it 4 %; so far 120 ± 8`."""
    sentence = texts.say(
        _("{standing} since {since}; probability of meeting it {sure}"),
        standing=texts.translate(WORDS[state.standing]),
        since=texts.day(state.since),
        sure=_probability(state.probability, texts),
    )
    if state.value is not None:
        sentence += texts.say(_("; now {value}"), value=_with_margin(state.value, state.stderr, texts))
    if state.forecast is not None:
        value = _with_margin(state.forecast, state.forecast_stderr, texts)
        sentence += texts.say(_("; expected in the end {value}"), value=value)
    return sentence


def tell_privacy(trial: bool, texts: Texts) -> str:
    """What stands under every message."""
    if trial:
        first = texts.say(_("Trial: these numbers are not private."))
        hides = _("The budget of this installation is so large that noise hides nobody. Do not publish them.")
        return f"{first} {texts.say(hides)}"
    return texts.say(_("All numbers are released ones: noise protects each person, and the ± says how much."))


def _with_margin(value: float, stderr: float | None, texts: Texts) -> str:
    places = 0 if abs(value) >= 100 else 1
    written = texts.decimal(value, places)
    return written if not stderr else f"{written} ±{NO_BREAK}{texts.decimal(Z95 * stderr, places)}"


def _probability(sure: float, texts: Texts) -> str:
    if sure > ALMOST:
        return texts.say(_("over {percent}"), percent=texts.percent(0.999, 1))
    if sure < 1 - ALMOST:
        return texts.say(_("under {percent}"), percent=texts.percent(0.001, 1))
    return texts.percent(sure, 1)
