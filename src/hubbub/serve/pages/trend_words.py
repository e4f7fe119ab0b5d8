"""Findings in sentences: `Culture · /news/storks: 3,140 ± 60 visitors a day since Fri 20 November 2026, mostly …`."""

from hubbub.core.settings import Settings
from hubbub.insight.findings import Finding, Kind
from hubbub.insight.series import SeriesName
from hubbub.publish.intervals import Z95
from hubbub.serve.names import key_label
from hubbub.serve.pages import table_words
from hubbub.serve.pages.toplists import TOP_LISTS
from hubbub.serve.texts import MINUS, NO_BREAK, Texts, _

KINDS = {
    Kind.SPIKE: _("Spike"),
    Kind.DROP: _("Drop"),
    Kind.RISE: _("New level, higher"),
    Kind.FALL: _("New level, lower"),
    Kind.SLOPE: _("New slope"),
    Kind.EMERGING: _("New"),
    Kind.VANISHED: _("Gone"),
    Kind.MIX: _("Another mix"),
}
METRICS = {"visitors": _("visitors"), "pageviews": _("page views")}
LABELS = {spec.dimension: spec.one for spec in TOP_LISTS}
SELF_TOLD = ("page",)  # keys that need no label in front


def tell_finding(finding: Finding, settings: Settings, texts: Texts) -> str:
    """What changed, by how much, since when and through what, in one sentence without its subject."""
    parts = texts.say(
        _("{size} {metric} {when}"),
        size=size_words(finding, texts),
        metric=metric_words(finding.series, settings, texts),
        when=_when(finding, texts),
    )
    if not finding.drivers:
        return parts
    names = texts.listed([_driver(name, finding, settings, texts) for name, _share in finding.drivers])
    words = _("{told}, mostly {names}") if finding.drivers[0][1] >= 0.5 else _("{told}, among it {names}")
    return texts.say(words, told=parts, names=names)


def size_words(finding: Finding, texts: Texts) -> str:
    """By how much: in percent where that can be said, else the number that it is now, or was."""
    if finding.kind is Kind.MIX:
        return texts.say(
            _("{now} in place of {before} of all"),
            now=texts.percent(max(finding.now, 0.0), 1),
            before=texts.percent(max(finding.before, 0.0), 1),
        )
    if finding.kind is Kind.VANISHED:
        return texts.say(_("next to none of {before} a day"), before=texts.count(max(finding.before, 0.0)))
    if finding.kind is Kind.EMERGING or finding.change is None or finding.low is None or finding.high is None:
        margin = texts.count(max(1.0, Z95 * finding.stderr))
        return f"{texts.count(max(finding.now, 0.0))} ±{NO_BREAK}{margin}"
    half = 100 * (finding.high - finding.low) / 2
    sign = "+" if finding.change > 0 else MINUS
    places = 1 if half < 1 else 0
    return f"{sign}{texts.percent(abs(finding.change), places)} ±{NO_BREAK}{texts.decimal(half, places)}"


def subject_words(name: SeriesName, settings: Settings, texts: Texts) -> str:
    """What a series is of: `Culture · Channel: Organic Social`, `Transport · 07:00 to 08:00`."""
    return " · ".join((source_words(name, settings, texts), *_parts(name, texts)))


def source_words(name: SeriesName, settings: Settings, texts: Texts) -> str:
    """The title of a series' source."""
    if not name.source:
        return texts.say(_("All sites"))
    source = settings.site(name.source) or settings.table(name.source)
    return (source.title if source else "") or name.source


def metric_words(name: SeriesName, settings: Settings, texts: Texts) -> str:
    """What is counted."""
    table = settings.table(name.source)
    if table is None:
        return texts.translate(METRICS.get(name.metric, name.metric))
    measure = table.measures.get(name.metric)
    return table_words.metric_label(table, measure.kind, texts) if measure else name.metric


def kind_words(kind: Kind, texts: Texts) -> str:
    """The name of a kind."""
    return texts.translate(KINDS[kind])


def sure_words(finding: Finding, texts: Texts) -> str:
    """How sure it is."""
    if finding.probability >= 0.995:
        return texts.say(_("as good as certain"))
    return texts.say(_("{probability} sure"), probability=texts.percent(finding.probability))


def _parts(name: SeriesName, texts: Texts) -> list[str]:
    found = [_key(dimension, key, texts) for dimension, key in name.where]
    if name.hour is not None:
        found.append(texts.say(_("{first} to {last}"), first=f"{name.hour:02}:00", last=f"{name.hour + 1:02}:00"))
    return found


def _key(dimension: str, key: str, texts: Texts) -> str:
    label = key_label(dimension, key, texts)
    if dimension in SELF_TOLD and len(key) > 1:
        return label
    named = texts.translate(LABELS[dimension]) if dimension in LABELS else table_words.dimension_label(dimension, texts)
    return texts.say(_("{dimension}: {key}"), dimension=named, key=label)


def _driver(name: SeriesName, finding: Finding, settings: Settings, texts: Texts) -> str:
    parts = _parts(name, texts)
    inside = name.source == finding.series.source
    return " · ".join(parts if inside else (source_words(name, settings, texts), *parts))


def _when(finding: Finding, texts: Texts) -> str:
    if finding.kind is Kind.SLOPE:
        words = _("as it grows since {day}") if finding.goes_up else _("as it shrinks since {day}")
        return texts.say(words, day=texts.weekday(finding.since))
    if finding.until is None:
        words = _("a day since {day}") if finding.kind is Kind.EMERGING else _("since {day}")
        return texts.say(words, day=texts.weekday(finding.since))
    if finding.until == finding.since:
        return texts.say(_("on {day}"), day=texts.weekday(finding.since))
    return texts.say(_("on {days}"), days=texts.days(finding.since, finding.until))
