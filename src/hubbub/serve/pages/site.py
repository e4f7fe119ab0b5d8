"""A site's page: a sentence, the headline numbers, the course of the period, the top lists, what is missing."""

from collections.abc import Mapping
from datetime import date

from msgspec import Struct

from hubbub.core.errors import QueryError
from hubbub.core.settings import Site
from hubbub.insight.change import Change, compare
from hubbub.publish.catalogue import METRICS
from hubbub.publish.intervals import Estimate
from hubbub.publish.query import Answer, Query
from hubbub.serve.charts.course.query import Course, Subject, ask_course
from hubbub.serve.charts.course.view import draw_course
from hubbub.serve.names import key_label
from hubbub.serve.pages.addresses import DEFAULT_METRIC, site_url
from hubbub.serve.pages.among import ask_among
from hubbub.serve.pages.figures import Comparison, Figure, write_comparison, write_figure
from hubbub.serve.pages.filters import FilterLine, read_filter
from hubbub.serve.pages.groups import Group, ask_groups, tell_set_aside
from hubbub.serve.pages.missing import MissingNote, tell_missing
from hubbub.serve.pages.notes import NoteLine, marks_of, notes_on
from hubbub.serve.pages.periods import Period, anchor_day, read_period
from hubbub.serve.pages.picker import Link, Picker, make_picker
from hubbub.serve.pages.sentences import name_before, tell_change
from hubbub.serve.pages.toplists import ListView
from hubbub.serve.reading import ReadSide
from hubbub.serve.texts import Texts, _

HEADLINES = ("visitors", "pageviews", "visits", "bounce_rate", "visit_duration", "views_per_visitor")
COURSES = ("visitors", "pageviews", "visits")


class Headline(Struct, frozen=True):
    """One of the large numbers, with its change."""

    metric: str
    label: str
    definition: str
    figure: Figure
    comparison: Comparison


class CourseRow(Struct, frozen=True):
    """One line of the table under the chart."""

    label: str
    now: Figure
    smoothed: Figure
    before: Figure
    note: str


class SiteView(Struct, frozen=True):
    """Everything the template needs."""

    site: Site
    title: str
    period: Period
    picker: Picker
    metric: str
    metric_label: str
    metric_links: tuple[Link, ...]
    chosen: FilterLine | None
    chosen_label: str
    sentence: str
    before_name: str
    headlines: tuple[Headline, ...]
    charts: tuple[str, ...]
    grain: str
    is_smoothed: bool
    notes_shown: tuple[NoteLine, ...]
    table: tuple[CourseRow, ...]
    groups: tuple[Group, ...]
    among: tuple[ListView, ...]
    set_aside: str
    missing: tuple[MissingNote, ...]
    notes: tuple[str, ...]
    newest: date | None
    waiting: int
    is_empty: bool


def read_metric(query: Mapping[str, str], chosen: FilterLine | None, period: Period) -> str:
    """The metric whose course is drawn. Raises `QueryError`."""
    allowed = courses_of(chosen, period)
    metric = query.get("metric") or allowed[0]
    if metric not in COURSES and metric not in allowed:
        raise QueryError("metric", f"“{metric[:40]}”", ", ".join(allowed))
    return metric if metric in allowed else allowed[0]


def courses_of(chosen: FilterLine | None, period: Period) -> tuple[str, ...]:
    """The metrics that have a course: by hour and by key fewer are released."""
    if chosen is not None:
        return ("visitors", "pageviews") if chosen.spec.dimension == "page" else (chosen.spec.metric,)
    return COURSES[:2] if period.is_hourly else COURSES


def view_site(read_side: ReadSide, site: Site, query: Mapping[str, str], texts: Texts) -> SiteView:
    """Ask everything the page shows. Raises `QueryError` for an address that makes no sense."""
    today = read_side.calendar().today(site.name)
    span = read_side.marts.span(site.name)
    newest = span.closed if span else None
    period = read_period(query, anchor_day(today, newest), today)
    chosen = read_filter(query)
    metric = read_metric(query, chosen, period)
    subject = Subject(site.name, metric, chosen.filters, chosen.estimate) if chosen else Subject(site.name, metric)
    course = ask_course(read_side.ask, subject, period, texts)
    answers = () if period.is_today or chosen else ask_headlines(read_side, site.name, period)
    change = _change(course, answers, metric)
    label = texts.translate(METRICS[metric].label)
    sentence = tell_change(metric, change, period, course.paired if course.grain != "hour" else 0, texts)
    table = tuple(
        CourseRow(
            point.label,
            write_figure(point.now, "count", texts),
            write_figure(point.smoothed, "count", texts),
            write_figure(point.before, "count", texts),
            point.note,
        )
        for point in course.points
    )
    is_empty = not any(point.now for point in course.points)
    written = notes_on(read_side, site.name, period.first, period.last, texts)
    keep = ([("metric", metric)] if metric != DEFAULT_METRIC else []) + (list(chosen.query().items()) if chosen else [])
    return SiteView(
        site=site,
        title=site.title or site.name,
        period=period,
        picker=make_picker(
            period,
            lambda other: site_url(site.name, other, metric, chosen),
            site_url(site.name),
            texts,
            keep=tuple(keep),
            hours=chosen is None,
        ),
        metric=metric,
        metric_label=label,
        metric_links=tuple(
            Link(texts.translate(METRICS[name].label), site_url(site.name, period, name, chosen), name == metric)
            for name in courses_of(chosen, period)
        ),
        chosen=chosen,
        chosen_label=_chosen_label(chosen, texts),
        sentence=sentence,
        before_name=name_before(period, texts),
        headlines=_headlines(answers, course, chosen, metric, period, texts),
        charts=()
        if is_empty
        else draw_course(course, _describe(label, period, sentence, texts), texts, marks=marks_of(course, written)),
        grain=course.grain,
        is_smoothed=course.is_smoothed,
        notes_shown=written,
        table=table,
        groups=() if period.is_today or chosen else ask_groups(read_side, site, period, texts),
        among=ask_among(read_side, site, chosen, period, texts) if chosen else (),
        set_aside="" if period.is_today or chosen else tell_set_aside(read_side, site.name, period, texts),
        missing=tell_missing(course.gaps, period.first, period.last, texts),
        notes=tuple(dict.fromkeys(note for answer in answers[:1] for note in answer.notes)),
        newest=newest,
        waiting=read_side.ledger.waiting(site.name),
        is_empty=is_empty,
    )


def ask_headlines(read_side: ReadSide, site: str, period: Period) -> tuple[Answer, Answer]:
    """The large numbers of the period and of the one before."""
    earlier = period.before()
    now, before = (
        read_side.ask(Query(sites=(site,), metrics=HEADLINES, first=span.first, last=span.last))
        for span in (period, earlier)
    )
    return now, before


def _change(course: Course, answers: tuple[Answer, ...], metric: str) -> Change:
    """The change that the sentence tells: of a closed day by its own total, which hours only approach."""
    if course.grain == "hour" and answers:
        now, before = (_values(answer)[HEADLINES.index(metric)] for answer in answers)
        return compare(now, before)
    return compare(course.now, course.before)


def _values(answer: Answer) -> tuple[Estimate | None, ...]:
    return answer.rows[0].values if answer.rows else (None,) * len(HEADLINES)


def _headlines(
    answers: tuple[Answer, ...],
    course: Course,
    chosen: FilterLine | None,
    metric: str,
    period: Period,
    texts: Texts,
) -> tuple[Headline, ...]:
    """The large numbers. Counts are compared only over the same days, so not where one period lacks some."""
    if chosen is not None:
        info = METRICS[metric]
        comparison = write_comparison(compare(course.now, course.before), texts)
        figure = write_figure(course.total, info.unit, texts)
        return (Headline(metric, texts.translate(info.label), texts.translate(info.definition), figure, comparison),)
    if not answers:
        return ()
    now, before = (_values(answer) for answer in answers)
    is_fair = course.grain == "hour" or course.paired == period.length
    found = []
    for place, name in enumerate(HEADLINES):
        info = METRICS[name]
        earlier = before[place] if is_fair or info.unit != "count" else None
        change = compare(now[place], earlier)
        if name == metric and course.grain != "hour":
            change = compare(course.now, course.before)
        found.append(
            Headline(
                name,
                texts.translate(info.label),
                texts.translate(info.definition),
                write_figure(now[place], info.unit, texts),
                write_comparison(change, texts, info.unit),
            )
        )
    return tuple(found)


def _chosen_label(chosen: FilterLine | None, texts: Texts) -> str:
    if chosen is None:
        return ""
    key = key_label(chosen.spec.dimension, chosen.key, texts)
    first = texts.say(_("{what} is {key}"), what=texts.translate(chosen.spec.one).lower(), key=key)
    if chosen.second is None:
        return first
    return texts.say(_("{first} and {second}"), first=first, second=_chosen_label(chosen.second, texts))


def _describe(label: str, period: Period, sentence: str, texts: Texts) -> str:
    days = texts.days(period.first, period.last)
    return texts.say(
        _("{metric}, {days}, with the band of 95 %. {sentence} The numbers are in the table below."),
        metric=label,
        days=days,
        sentence=sentence,
    )
