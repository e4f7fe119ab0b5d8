"""The report of a week or a month: totals against the period before, lists, what was found, how targets stand."""

from collections.abc import Sequence

from msgspec import Struct

from hubbub.core.settings import Site
from hubbub.insight.change import compare
from hubbub.insight.findings import Finding, Findings
from hubbub.insight.targets.state import TargetState
from hubbub.operate.messages import Message, Picture
from hubbub.publish.catalogue import METRICS
from hubbub.serve.charts.course.query import Course, Subject, ask_course
from hubbub.serve.charts.course.view import MAIL, draw_course
from hubbub.serve.messages.pictures import paint
from hubbub.serve.messages.rendering import render
from hubbub.serve.messages.words import tell_privacy, tell_target
from hubbub.serve.pages.addresses import finding_url, overview_url, site_url
from hubbub.serve.pages.figures import Comparison, Figure, write_comparison, write_figure
from hubbub.serve.pages.periods import Period
from hubbub.serve.pages.sentences import name_before, tell_change
from hubbub.serve.pages.toplists import ListView, ask_list, find_list
from hubbub.serve.pages.trend_words import subject_words, tell_finding
from hubbub.serve.reading import ReadSide
from hubbub.serve.texts import SOURCE_LANGUAGE, Texts, _, texts_in

TOTALS = ("visitors", "pageviews", "visits")
LISTS = ("page", "referrer", "channel")
ROWS = 5
MOST_FINDINGS = 10


class Total(Struct, frozen=True):
    """A number of the period beside the one before."""

    label: str
    figure: Figure
    comparison: Comparison


class Section(Struct, frozen=True):
    """What is told of one site; `picture` is the name of its chart, "" without one, `lists` only of a site's report."""

    title: str
    link: str
    sentence: str
    totals: tuple[Total, ...]
    picture: str
    lists: tuple[ListView, ...]


class Line(Struct, frozen=True):
    """A finding or a target."""

    subject: str
    sentence: str
    link: str


class Report(Struct, frozen=True):
    """Everything the template needs."""

    title: str
    before: str
    sections: tuple[Section, ...]
    findings: tuple[Line, ...]
    more: int
    targets: tuple[Line, ...]
    footer: str


def write_report(
    read_side: ReadSide,
    site: str,
    period: Period,
    findings: Findings,
    targets: Sequence[TargetState],
    language: str = SOURCE_LANGUAGE,
) -> Message:
    """The report of a site, or with "" of the whole city."""
    texts, settings = texts_in(language), read_side.settings
    sites = [each for each in settings.sites if site in ("", each.name)]
    pictures: list[Picture] = []
    sections = tuple(_section(read_side, each, period, bool(site), pictures, texts) for each in sites)
    found = [each for each in findings.found if period.first <= each.found <= period.last]
    found = [each for each in found if not site or each.series.source == site]
    name = (sections[0].title if site else settings.city) or texts.say(_("The city"))
    report = Report(
        texts.say(_("{name}, {days}"), name=name, days=texts.days(period.first, period.last)),
        name_before(period, texts),
        sections,
        tuple(_finding_line(each, read_side, texts) for each in found[:MOST_FINDINGS]),
        max(0, len(found) - MOST_FINDINGS),
        tuple(Line(each.name, tell_target(each, texts), "") for each in targets),
        tell_privacy(read_side.ledger.is_trial(), texts),
    )
    link = settings.address and settings.address + (site_url(site, period) if site else overview_url(period))
    html = render(
        "mail_report",
        texts,
        title=report.title,
        city=settings.city,
        report=report,
        rows=ROWS,
        link=link,
        footer=report.footer,
    )
    return Message("report", "info", report.title, _as_text(report, link, texts), html, link, pictures=tuple(pictures))


def _section(
    read_side: ReadSide, site: Site, period: Period, is_whole: bool, pictures: list[Picture], texts: Texts
) -> Section:
    courses = [ask_course(read_side.ask, Subject(site.name, metric), period, texts) for metric in TOTALS]
    visitors, title = courses[0], site.title or site.name
    change = compare(visitors.now, visitors.before)
    sentence = tell_change(TOTALS[0], change, period, visitors.paired, texts)
    picture = ""
    if visitors.total is not None:
        picture = f"chart{len(pictures)}"
        (svg,) = draw_course(visitors, sentence, texts, (MAIL,))
        pictures.append(Picture(picture, paint(svg)))
    return Section(
        title,
        read_side.settings.address and read_side.settings.address + site_url(site.name, period),
        sentence,
        tuple(_total(metric, course, texts) for metric, course in zip(TOTALS, courses, strict=True)),
        picture,
        _lists(read_side, site, period, texts) if is_whole else (),
    )


def _total(metric: str, course: Course, texts: Texts) -> Total:
    spec = METRICS[metric]
    figure = write_figure(course.total, spec.unit, texts)
    comparison = write_comparison(compare(course.now, course.before), texts, spec.unit)
    return Total(texts.translate(spec.label), figure, comparison)


def _lists(read_side: ReadSide, site: Site, period: Period, texts: Texts) -> tuple[ListView, ...]:
    specs = [spec for dimension in LISTS if (spec := find_list(dimension))]
    views = [ask_list(read_side.ask, spec, (site.name,), period.first, period.last, texts) for spec in specs]
    return tuple(view for view in views if view.shown)


def _finding_line(finding: Finding, read_side: ReadSide, texts: Texts) -> Line:
    settings = read_side.settings
    link = settings.address and settings.address + finding_url(finding.name)
    return Line(subject_words(finding.series, settings, texts), tell_finding(finding, settings, texts), link)


def _as_text(report: Report, link: str, texts: Texts) -> str:
    """The whole report without pictures."""
    lines = [report.title]
    for section in report.sections:
        lines += ["", section.title.upper(), section.sentence]
        for total in section.totals:
            change = f" ({total.comparison.words})" if total.figure.is_shown else ""
            lines.append(f"{total.label}: {total.figure.text} {total.figure.margin}{change}")
        for view in section.lists:
            lines += ["", f"{texts.translate(view.spec.title)} ({texts.translate(view.spec.counted)})"]
            lines += [f"- {row.label}: {row.figure.text} {row.figure.margin}" for row in view.shown[:ROWS]]
    for heading, told in ((_("What changed"), report.findings), (_("Targets"), report.targets)):
        if told:
            lines += ["", texts.translate(heading).upper()]
            lines += [f"- {line.subject}: {line.sentence}" for line in told]
    lines += ["", report.footer, *([link] if link else [])]
    return "\n".join(line.rstrip() for line in lines)
