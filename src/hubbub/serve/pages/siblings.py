"""What moved beside a finding: the other parts of its whole, in its days against the same weekdays before."""

from collections.abc import Mapping
from datetime import date, timedelta
from math import ceil

from msgspec import Struct
from msgspec.structs import replace

from hubbub.core.errors import QueryError
from hubbub.insight.change import compare
from hubbub.insight.findings import Finding
from hubbub.insight.series import SeriesName
from hubbub.publish.intervals import Estimate, Total, estimate
from hubbub.publish.query import Query
from hubbub.publish.table_questions import Question
from hubbub.serve.pages.figures import Comparison, Figure, write_comparison, write_figure
from hubbub.serve.pages.trend_words import subject_words
from hubbub.serve.pages.trends import series_url
from hubbub.serve.reading import ReadSide
from hubbub.serve.texts import Texts

SHOWN = 5
LONGEST = 28  # days at the end of a change that are compared
Values = Mapping[str, Estimate]


class SiblingLine(Struct, frozen=True):
    """Another part: a day now, a day before, and the change between them."""

    href: str
    subject: str
    now: Figure
    before: Figure
    comparison: Comparison


def siblings_of(read_side: ReadSide, finding: Finding, last: date, texts: Texts) -> tuple[SiblingLine, ...]:
    """The other parts that moved most, in a number of each day, the largest difference first; () for a finding that
    has none: of the whole city, or by two columns.
    """
    first, end = finding.since, min(finding.until or last, last)
    first = max(first, end - timedelta(days=LONGEST - 1))
    back = timedelta(days=7 * ceil(max(1, (end - finding.since).days + 1) / 7))
    try:
        now = _parts(read_side, finding.series, first, end)
        before = _parts(read_side, finding.series, first - back, end - back)
    except QueryError:
        return ()
    both = [part for part in now if part in before and part != _own(finding.series)]
    both.sort(key=lambda part: (-abs(now[part].value - before[part].value), part))
    return tuple(
        SiblingLine(
            series_url(read_side, name := _named(finding.series, part), finding.since),
            subject_words(name, read_side.settings, texts),
            write_figure(now[part], "count", texts),
            write_figure(before[part], "count", texts),
            write_comparison(compare(now[part], before[part]), texts),
        )
        for part in both[:SHOWN]
    )


def _own(series: SeriesName) -> str:
    if series.where:
        return series.where[0][1]
    return series.source if series.hour is None else f"{series.hour:02}:00"


def _named(series: SeriesName, part: str) -> SeriesName:
    if series.where:
        return replace(series, where=((series.where[0][0], part),))
    return replace(series, source=part) if series.hour is None else replace(series, hour=int(part[:2]))


def _parts(read_side: ReadSide, series: SeriesName, first: date, last: date) -> Values:
    """The parts of a series' whole, by key, a day each. Raises `QueryError` where there are none."""
    table = read_side.settings.table(series.source)
    if len(series.where) > 1 or not series.source or (table is not None and not series.where):
        return {}
    if table is not None:
        question = Question(
            source=series.source, measure=series.metric, first=first, last=last, by=(series.where[0][0],)
        )
        rows = [(row.keys[0], row.values[0], row.days) for row in read_side.ask_table(table, question).rows]
    else:
        by = series.where[0][0] if series.where else "site" if series.hour is None else "hour"
        sites = tuple(site.name for site in read_side.settings.sites) if by == "site" else (series.source,)
        query = Query(sites=sites, metrics=(series.metric,), dimensions=(by,), first=first, last=last)
        rows = [(row.dimensions[0], row.values[0], row.days) for row in read_side.ask(query).rows]
    return {key: _a_day(value, days) for key, value, days in rows if value is not None and days}


def _a_day(value: Estimate, days: int) -> Estimate:
    return estimate(Total(value.value / days, value.stderr**2 / days**2))
