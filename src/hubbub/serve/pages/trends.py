"""What is changing: the findings of the last scan, each in a sentence, beside the days around it."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from msgspec import Struct

from hubbub.core.errors import QueryError
from hubbub.insight.findings import Finding, Findings
from hubbub.insight.series import SeriesName
from hubbub.operate.remarks import Remark, Verdict
from hubbub.serve.charts.sparkline import draw_sparkline
from hubbub.serve.pages.addresses import finding_url, key_url, site_url, table_url, trends_url
from hubbub.serve.pages.filters import read_filter
from hubbub.serve.pages.periods import Period
from hubbub.serve.pages.trend_words import kind_words, source_words, subject_words, sure_words, tell_finding
from hubbub.serve.reading import ReadSide
from hubbub.serve.texts import Texts, _
from hubbub.serve.trend_series import days_of

SHOWN = 20
BEFORE, AFTER = 28, 14  # days drawn around the beginning of a change
RECENT_DAYS = 7
MEMBERS_SHOWN = 40


class MemberLine(Struct, frozen=True):
    """A finding that another one stands for."""

    href: str
    subject: str
    sentence: str


class FindingLine(Struct, frozen=True):
    """One finding as it stands in the list."""

    name: str
    href: str
    kind: str
    goes_up: bool
    lasts: bool
    subject: str
    sentence: str
    sure: str
    sparkline: str
    series_href: str
    members: tuple[MemberLine, ...]
    more_members: int
    is_confirmed: bool


class DismissedLine(Struct, frozen=True):
    """A finding that an analyst has dismissed, and why, if that was said."""

    href: str
    subject: str
    sentence: str
    why: str


class Section(Struct, frozen=True):
    """Findings of one time."""

    title: str
    lines: tuple[FindingLine, ...]


class Choice(Struct, frozen=True):
    """A source by which the list can be narrowed."""

    href: str
    label: str
    current: bool


class TrendsView(Struct, frozen=True):
    """Everything the template needs."""

    sentence: str
    choices: tuple[Choice, ...]
    sections: tuple[Section, ...]
    dismissed: tuple[DismissedLine, ...]
    series: int
    earlier: str
    later: str


def view_trends(read_side: ReadSide, query: Mapping[str, str], texts: Texts) -> TrendsView:
    """The findings of all sources, or of the one that the address names. Raises `QueryError`."""
    findings = read_side.standing_findings()
    site, number = query.get("site", ""), _number(query.get("page", "1"))
    names = tuple(source.name for source in read_side.settings.sources)
    if site and site not in names:
        raise QueryError("site", f"“{site[:60]}”", ", ".join(names))
    found = [one for one in findings.found if one.touches(site)]
    shown = found[SHOWN * (number - 1) : SHOWN * number]
    today = max((read_side.calendar().today(name) for name in names), default=date.today())
    sections: dict[str, list[FindingLine]] = {}
    for one in shown:
        sections.setdefault(_section(one, today, texts), []).append(_line(read_side, one, findings, texts))
    return TrendsView(
        _sentence(found, today, findings, texts),
        tuple(_choice(name, name == site, read_side, texts) for name in ("", *names)),
        tuple(Section(title, tuple(lines)) for title, lines in sections.items()),
        _dismissed(read_side, site, texts) if number == 1 else (),
        findings.series,
        trends_url(site, number + 1) if len(found) > SHOWN * number else "",
        trends_url(site, number - 1) if number > 1 else "",
    )


def _dismissed(read_side: ReadSide, site: str, texts: Texts) -> tuple[DismissedLine, ...]:
    """The findings of the last scan that analysts have dismissed, also those that would stand under another one."""
    why = {one.finding: one.text for one in _verdicts(read_side, Verdict.DISMISS)}
    return tuple(
        DismissedLine(
            finding_url(one.name),
            subject_words(one.series, read_side.settings, texts),
            tell_finding(one, read_side.settings, texts),
            why[one.name],
        )
        for one in read_side.findings.read().all()
        if one.name in why and one.touches(site)
    )


def _verdicts(read_side: ReadSide, verdict: Verdict) -> Iterator[Remark]:
    return (one for one in read_side.notebook.written().remarks if one.verdict is verdict)


def _choice(source: str, is_current: bool, read_side: ReadSide, texts: Texts) -> Choice:
    label = source_words(SeriesName(source, ""), read_side.settings, texts) if source else texts.say(_("All"))
    return Choice(trends_url(source), label, is_current)


def _number(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 10_000:
        raise QueryError("page", f"“{text[:20]}”", "a number from 1 on")
    return int(text)


def _section(finding: Finding, today: date, texts: Texts) -> str:
    if finding.found >= today - timedelta(days=1):
        return texts.say(_("Since yesterday"))
    if finding.found > today - timedelta(days=RECENT_DAYS):
        return texts.say(_("In the last seven days"))
    return texts.month(finding.found)


def _sentence(found: list[Finding], today: date, findings: Findings, texts: Texts) -> str:
    if not findings.series:
        return texts.say(_("Nothing was looked through yet: there are no released days."))
    recent = sum(one.found > today - timedelta(days=RECENT_DAYS) for one in found)
    if not recent:
        return texts.say(_("Nothing changed in the last seven days that noise and season do not explain."))
    return texts.many(
        "{count} change in the last seven days that noise and season do not explain.",
        "{count} changes in the last seven days that noise and season do not explain.",
        recent,
    )


def _line(read_side: ReadSide, finding: Finding, findings: Findings, texts: Texts) -> FindingLine:
    settings = read_side.settings
    members = tuple(_member(read_side, one, texts) for one in finding.members[:MEMBERS_SHOWN])
    return FindingLine(
        finding.name,
        finding_url(finding.name),
        kind_words(finding.kind, texts),
        finding.goes_up,
        finding.lasts,
        subject_words(finding.series, settings, texts),
        tell_finding(finding, settings, texts),
        sure_words(finding, texts),
        sparkline_of(read_side, finding, findings, texts),
        series_url(read_side, finding.series, finding.since),
        members,
        max(0, len(finding.members) - MEMBERS_SHOWN),
        any(one.finding == finding.name for one in _verdicts(read_side, Verdict.CONFIRM)),
    )


def _member(read_side: ReadSide, finding: Finding, texts: Texts) -> MemberLine:
    name, settings = finding.series, read_side.settings
    return MemberLine(
        finding_url(finding.name), subject_words(name, settings, texts), tell_finding(finding, settings, texts)
    )


def sparkline_of(read_side: ReadSide, finding: Finding, findings: Findings, texts: Texts) -> str:
    """The days around a change, the moment marked."""
    last = findings.last.get(finding.series.source, finding.found)
    first, end = (
        finding.since - timedelta(days=BEFORE),
        min(last, max(finding.since + timedelta(days=AFTER), finding.found)),
    )
    days = days_of(read_side, finding.series, first, end)
    if len(days) < 2:
        return ""
    drawn = [days.get(first + timedelta(days=place)) for place in range((end - first).days + 1)]
    label = texts.say(_("{subject} day by day"), subject=subject_words(finding.series, read_side.settings, texts))
    return draw_sparkline(drawn, label, mark=BEFORE)


def series_url(read_side: ReadSide, name: SeriesName, since: date) -> str:
    """The page that shows a series, over the weeks around a day."""
    today = read_side.calendar().today(name.source)
    period = Period(
        "custom", since - timedelta(days=BEFORE), min(today, since + timedelta(days=AFTER)), today, today, True
    )
    if read_side.settings.table(name.source) is not None:
        return table_url(name.source, period)
    if read_side.settings.site(name.source) is None:
        return trends_url()
    if name.hour is not None:
        return site_url(name.source, Period("custom", since, since, today, today, True))
    if len(name.where) == 1 and read_filter({"by": name.where[0][0], "is": name.where[0][1] or " "}):
        return key_url(name.source, *name.where[0], period)
    return site_url(name.source, period, name.metric)
