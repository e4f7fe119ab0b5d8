"""Findings and targets in a sentence each: released numbers, their ±, since when, and how sure."""

from hubbub.core.settings import Settings
from hubbub.insight.findings import Finding, Kind
from hubbub.insight.targets.state import Standing, TargetState
from hubbub.publish.catalogue import METRICS
from hubbub.publish.intervals import Z95
from hubbub.serve.names import key_label
from hubbub.serve.pages.toplists import find_list
from hubbub.serve.texts import MINUS, NO_BREAK, Texts, _

KINDS = {
    Kind.SPIKE: _("a spike"),
    Kind.DROP: _("a drop"),
    Kind.RISE: _("a new level"),
    Kind.FALL: _("a new level"),
    Kind.SLOPE: _("another slope"),
    Kind.EMERGING: _("new"),
    Kind.VANISHED: _("vanished"),
    Kind.MIX: _("another share"),
}
STANDINGS = {
    Standing.MET: _("met"),
    Standing.ON_TRACK: _("on track"),
    Standing.AT_RISK: _("at risk"),
    Standing.MISSED: _("missed"),
    Standing.UNKNOWN: _("unknown"),
}
ALMOST = 0.9995  # above it a percentage would be rounded to 100


def subject_of(finding: Finding, settings: Settings, texts: Texts) -> str:
    """What a finding is about: `Visitors, City portal, Page: /permits`."""
    series = finding.series
    source = settings.site(series.source) or settings.table(series.source)
    table = settings.table(series.source)
    metric = texts.translate(METRICS[series.metric].label) if series.metric in METRICS else series.metric
    if table and series.metric in table.measures:
        metric = table.measures[series.metric].title or series.metric
    parts = [metric, (source.title if source else "") or series.source]
    for dimension, key in series.where:
        known = find_list(dimension)
        name = texts.translate(known.one) if known else dimension
        parts.append(f"{name}: {key_label(dimension, key, texts)}")
    if series.hour is not None:
        parts.append(texts.say(_("hour {hour} of the day"), hour=series.hour))
    return ", ".join(parts)


def size_of(finding: Finding, texts: Texts) -> str:
    """How much it is: `+38 % ± 6`, where no percentage can be given `+120 ± 30 a day`, of shares in points."""
    if finding.kind is Kind.MIX:
        margin = texts.decimal(100 * Z95 * finding.stderr, 1)
        points = _signed(100 * finding.difference, texts.decimal(abs(100 * finding.difference), 1))
        return texts.say(_("{points} points ± {margin} of the whole"), points=points, margin=margin)
    if finding.change is None:
        margin = texts.count(Z95 * finding.stderr)
        difference = _signed(finding.difference, texts.count(abs(finding.difference)))
        return texts.say(_("{difference} ± {margin} a day"), difference=difference, margin=margin)
    size = _signed(finding.change, texts.percent(abs(finding.change)))
    if finding.low is None or finding.high is None:
        return size
    return f"{size} ±{NO_BREAK}{texts.decimal(max(1.0, 50 * (finding.high - finding.low)), 0)}"


def tell_finding(finding: Finding, texts: Texts) -> str:
    """Size, days, kind and probability: `+38 % ± 6 since Tue 17 November 2026, a spike; probability 99.7 %`."""
    words = {
        "size": size_of(finding, texts),
        "kind": texts.translate(KINDS[finding.kind]),
        "sure": _probability(finding.probability, texts),
    }
    if finding.until is None:
        since = texts.weekday(finding.since)
        return texts.say(_("{size} since {since}, {kind}; probability {sure}"), since=since, **words)
    days = texts.days(finding.since, finding.until)
    return texts.say(_("{size}, {days}, {kind}; probability {sure}"), days=days, **words)


def tell_target(state: TargetState, texts: Texts) -> str:
    """How a target stands: `at risk since 12 November 2026; probability of meeting it 4 %; so far 120 ± 8`."""
    sentence = texts.say(
        _("{standing} since {since}; probability of meeting it {sure}"),
        standing=texts.translate(STANDINGS[state.standing]),
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


def _signed(value: float, written: str) -> str:
    return f"+{written}" if value >= 0 else f"{MINUS}{written}"


def _probability(sure: float, texts: Texts) -> str:
    if sure > ALMOST:
        return texts.say(_("over {percent}"), percent=texts.percent(0.999, 1))
    if sure < 1 - ALMOST:
        return texts.say(_("under {percent}"), percent=texts.percent(0.001, 1))
    return texts.percent(sure, 1)
