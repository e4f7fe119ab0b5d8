"""The page of one finding: the weeks around it, what belongs to it, what moved beside it, and what analysts say."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from msgspec import Struct

from hubbub.insight.findings import Finding, Findings, Kind
from hubbub.operate.remarks import Remark, Verdict
from hubbub.publish.intervals import Z95, Estimate
from hubbub.serve.charts.course.query import Course, Point
from hubbub.serve.charts.course.view import draw_course
from hubbub.serve.names import VERDICTS
from hubbub.serve.pages.addresses import finding_url
from hubbub.serve.pages.figures import Figure, write_figure
from hubbub.serve.pages.notes import NoteLine, marks_of, notes_on
from hubbub.serve.pages.problems import UnknownFinding
from hubbub.serve.pages.siblings import SiblingLine, siblings_of
from hubbub.serve.pages.trend_words import kind_words, metric_words, subject_words, sure_words, tell_finding
from hubbub.serve.pages.trends import series_url
from hubbub.serve.reading import ReadSide
from hubbub.serve.texts import MINUS, NO_BREAK, Texts, _
from hubbub.serve.trend_series import days_of

BEFORE, AFTER, LONGEST = 42, 28, 180  # days drawn before the first and after the last day of a change, and in all
DAY = timedelta(days=1)


class Judged(Struct, frozen=True):
    """The verdict on a finding: `confirm` or `dismiss`, in words, with the reason that was given."""

    verdict: str
    words: str
    text: str
    who: str


class DayRow(Struct, frozen=True):
    """One line of the table under the chart."""

    day: str
    figure: Figure
    mark: str


class Related(Struct, frozen=True):
    """Another finding: its own page, the page of its series, and its sentence."""

    href: str
    series_href: str
    subject: str
    sentence: str


class FindingView(Struct, frozen=True):
    """Everything the template needs. `expected` says what the dashed line is; "" where there is none."""

    name: str
    subject: str
    sentence: str
    kind: str
    sure: str
    goes_up: bool
    since: str
    until: str
    metric: str
    before: str
    now: str
    difference: str
    series_href: str
    charts: tuple[str, ...]
    expected: str
    rows: tuple[DayRow, ...]
    parent: Related | None
    members: tuple[Related, ...]
    siblings: tuple[SiblingLine, ...]
    judged: Judged | None
    notes: tuple[NoteLine, ...]
    first: date


def find_finding(read_side: ReadSide, name: str) -> tuple[Finding, Finding | None]:
    """The finding of this name, and the one that it belongs to. Raises UnknownFinding."""
    found = next((pair for pair in _all(read_side.findings.read().found, None) if pair[0].name == name), None)
    if found is None:
        raise UnknownFinding(name)
    return found


def verdict_on(read_side: ReadSide, name: str) -> Remark | None:
    """The verdict that analysts have put on a finding."""
    remarks = read_side.notebook.written().remarks
    return next((one for one in remarks if one.finding == name and one.verdict is not Verdict.NONE), None)


def judged_words(remark: Remark | None, texts: Texts) -> Judged | None:
    """A verdict in words."""
    if remark is None:
        return None
    return Judged(remark.verdict.value, texts.translate(VERDICTS[remark.verdict]), remark.text, remark.who)


def view_finding(read_side: ReadSide, name: str, texts: Texts) -> FindingView:
    """Everything about one finding. Raises UnknownFinding, also for one that the last scan does not have any more."""
    finding, parent = find_finding(read_side, name)
    settings, series = read_side.settings, finding.series
    first, last = _span(finding, read_side.findings.read())
    course = _course(days_of(read_side, series, first, last), finding, first, last, texts)
    notes = notes_on(read_side, series.source, first, last, texts)
    moments = (finding.since, finding.until) if finding.until not in (None, finding.since) else (finding.since,)
    marks = marks_of(course, notes, [day for day in moments if day is not None])
    subject, sentence = subject_words(series, settings, texts), tell_finding(finding, settings, texts)
    label = texts.say(_("{subject} day by day, with the band of 95 %. {sentence}"), subject=subject, sentence=sentence)
    is_there = any(point.now for point in course.points)
    is_share = finding.kind is Kind.MIX
    return FindingView(
        name,
        subject,
        sentence,
        kind_words(finding.kind, texts),
        sure_words(finding, texts),
        finding.goes_up,
        texts.weekday(finding.since),
        texts.weekday(finding.until) if finding.until else "",
        metric_words(series, settings, texts),
        _size(finding.before, is_share, texts),
        _size(finding.now, is_share, texts),
        _difference(finding, texts),
        series_url(read_side, series, finding.since),
        draw_course(course, label, texts, marks=marks) if is_there else (),
        "" if is_share else texts.say(_("expected without it, on the mean of its days")),
        tuple(_row(point, finding, notes, texts) for point in course.points) if is_there else (),
        _related(read_side, parent, texts) if parent else None,
        tuple(_related(read_side, one, texts) for one in finding.members),
        siblings_of(read_side, finding, last, texts),
        judged_words(verdict_on(read_side, name), texts),
        notes,
        finding.since,
    )


def _all(found: tuple[Finding, ...], parent: Finding | None) -> Iterator[tuple[Finding, Finding | None]]:
    for one in found:
        yield one, parent
        yield from _all(one.members, one)


def _span(finding: Finding, findings: Findings) -> tuple[date, date]:
    """The days that are drawn."""
    released = findings.last.get(finding.series.source) or max(findings.last.values(), default=finding.found)
    first = finding.since - BEFORE * DAY
    last = max(finding.found, min(released, (finding.until or released) + AFTER * DAY))
    return first, min(last, first + LONGEST * DAY)


def _course(days: Mapping[date, Estimate], finding: Finding, first: date, last: date, texts: Texts) -> Course:
    until = finding.until or last
    points = []
    for place in range((last - first).days + 1):
        day = first + place * DAY
        expected = None
        if finding.since <= day <= until and finding.kind is not Kind.MIX:
            expected = Estimate(finding.before, 0.0, finding.before, finding.before, shown=True)
        points.append(Point(texts.weekday(day), texts.short_day(day), days.get(day), expected, since=day))
    return Course("day", tuple(points), None, None, 0, None, (), trial=False)


def _row(point: Point, finding: Finding, notes: tuple[NoteLine, ...], texts: Texts) -> DayRow:
    assert point.since is not None
    said = [texts.say(_("note {number}"), number=note.label) for note in notes if note.day == point.since]
    if point.since == finding.since:
        said.insert(0, texts.say(_("it begins")))
    elif point.since == finding.until:
        said.insert(0, texts.say(_("its last day")))
    return DayRow(point.label, write_figure(point.now, "count", texts), ", ".join(said))


def _size(value: float, is_share: bool, texts: Texts) -> str:
    return texts.percent(max(value, 0.0), 1) if is_share else texts.count(max(value, 0.0))


def _difference(finding: Finding, texts: Texts) -> str:
    """`+760 ± 59`, of shares in points."""
    sign, half = "+" if finding.goes_up else MINUS, Z95 * finding.stderr
    if finding.kind is Kind.MIX:
        size, margin = texts.decimal(100 * abs(finding.difference), 1), texts.decimal(100 * half, 1)
        return texts.say(_("{size} points"), size=f"{sign}{size} ±{NO_BREAK}{margin}")
    return f"{sign}{texts.count(abs(finding.difference))} ±{NO_BREAK}{texts.count(max(1.0, half))}"


def _related(read_side: ReadSide, finding: Finding, texts: Texts) -> Related:
    return Related(
        finding_url(finding.name),
        series_url(read_side, finding.series, finding.since),
        subject_words(finding.series, read_side.settings, texts),
        tell_finding(finding, read_side.settings, texts),
    )
