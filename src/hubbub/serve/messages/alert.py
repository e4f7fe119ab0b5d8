"""The message that tells what alerts opened, worsened or ended."""

from collections.abc import Sequence
from shlex import quote

from msgspec import Struct

from hubbub.core.alerts import SEVERITIES
from hubbub.core.settings import Settings
from hubbub.insight.alerting import Event, Told
from hubbub.insight.conditions import Sighting
from hubbub.operate.messages import Item, Message
from hubbub.serve.messages.rendering import render
from hubbub.serve.messages.words import tell_privacy, tell_target
from hubbub.serve.pages.addresses import finding_url, overview_url, target_url
from hubbub.serve.pages.target_words import WORDS
from hubbub.serve.pages.trend_words import metric_words, size_words, subject_words, sure_words, tell_finding
from hubbub.serve.texts import SOURCE_LANGUAGE, Texts, _, texts_in

EVENTS = {
    Event.OPENED: _("New"),
    Event.WORSE: _("Worse"),
    Event.CLEARED: _("Over"),
    Event.PASSED: _("Came and went"),
}
MOST_LINES = 30  # what comes together beyond it is counted; programs get all of it


class Line(Struct, frozen=True):
    """One alert as it stands in a message.

    short    how much it is, or how it stands
    silence  the command that silences it; "" at its end
    """

    event: str
    subject: str
    short: str
    sentence: str
    link: str
    severity: str
    silence: str


def write_alert(
    told: Sequence[Told], settings: Settings, trial: bool = False, language: str = SOURCE_LANGUAGE
) -> Message:
    """One message for all of these, the most severe first."""
    texts = texts_in(language)
    told = sorted(told, key=lambda each: -SEVERITIES.index(each.rule.severity))
    lines = [_line(each, settings, texts) for each in told]
    shown, more = lines[:MOST_LINES], max(0, len(lines) - MOST_LINES)
    rest = [texts.many("and one more", "and {count} more", more)] if more else []
    first = lines[0]
    title = texts.say(_("{event}: {subject}, {short}"), event=first.event, subject=first.subject, short=first.short)
    if len(lines) > 1:
        title = texts.say(_("{title}, and {count} more"), title=title, count=len(lines) - 1)
    link = settings.address and settings.address + overview_url()
    footer = tell_privacy(trial, texts)
    text = "\n\n".join([*(_paragraph(line, texts) for line in shown), *rest, footer])
    html = render(
        "mail_alert", texts, title=title, city=settings.city, lines=shown, rest=rest, link=link, footer=footer
    )
    items = tuple(_item(each, line) for each, line in zip(told, lines, strict=True))
    return Message("alert", told[0].rule.severity, title, text, html, first.link if len(lines) == 1 else link, items)


def write_test(channel: str, settings: Settings, language: str = SOURCE_LANGUAGE) -> Message:
    """A message that says that it is none."""
    texts = texts_in(language)
    title = texts.say(_("Test of the channel {channel}"), channel=channel)
    text = texts.say(_("This is a test from hubbub. Nothing has happened: what you read shows that messages arrive."))
    link = settings.address and settings.address + overview_url()
    html = render("mail_test", texts, title=title, city=settings.city, text=text, link=link, footer="")
    return Message("test", "info", title, text, html, link)


def link_of(sighting: Sighting, settings: Settings) -> str:
    """The page that shows what it is about; "" without an `address`."""
    if not settings.address:
        return ""
    if sighting.finding is not None:
        return settings.address + finding_url(sighting.finding.name)
    assert sighting.target is not None
    return settings.address + target_url(sighting.target.name)


def _line(told: Told, settings: Settings, texts: Texts) -> Line:
    sighting = told.sighting
    if sighting.finding is not None:
        finding = sighting.finding
        subject = subject_words(finding.series, settings, texts)
        short = f"{size_words(finding, texts)} {metric_words(finding.series, settings, texts)}"
        sentence = f"{tell_finding(finding, settings, texts)} ({sure_words(finding, texts)})"
    else:
        assert sighting.target is not None
        subject = texts.say(_("Target {name}"), name=sighting.target.name)
        short = texts.translate(WORDS[sighting.target.standing])
        sentence = tell_target(sighting.target, texts)
    if sighting.is_gone:
        sentence = texts.say(_("It is not watched any more. At last: {sentence}"), sentence=sentence)
    event = texts.translate(EVENTS[told.event])
    lasts = told.event in (Event.OPENED, Event.WORSE)
    silence = f"hubbub alerts silence --thing {quote(sighting.thing)} --why …" if lasts else ""
    return Line(event, subject, short, sentence, link_of(sighting, settings), told.rule.severity, silence)


def _paragraph(line: Line, texts: Texts) -> str:
    parts = [
        texts.say(_("{event}: {subject}"), event=line.event, subject=line.subject),
        line.sentence,
        line.link,
        line.silence and texts.say(_("To hear nothing of it: {command}"), command=line.silence),
    ]
    return "\n".join(part for part in parts if part)


def _item(told: Told, line: Line) -> Item:
    """The alert for programs."""
    seen, sentence = told.sighting, f"{line.subject}: {line.sentence}"
    return Item(
        told.event.value,
        told.rule.name,
        told.rule.severity,
        seen.thing,
        sentence,
        line.link,
        seen.day,
        seen.finding,
        seen.target,
    )
