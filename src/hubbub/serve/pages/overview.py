"""The overview: every site with its visitors, their change, and a sparkline; and every declared table."""

from collections.abc import Mapping
from datetime import date

from msgspec import Struct
from msgspec.structs import replace

from hubbub.core.settings import Site
from hubbub.insight.change import compare
from hubbub.publish.intervals import Estimate
from hubbub.publish.query import Answer, Query
from hubbub.serve.charts.course.query import add
from hubbub.serve.charts.sparkline import draw_sparkline
from hubbub.serve.pages.addresses import overview_url, site_url
from hubbub.serve.pages.asked import topics_of
from hubbub.serve.pages.figures import Comparison, Figure, write_comparison, write_figure
from hubbub.serve.pages.missing import MissingNote, tell_missing
from hubbub.serve.pages.periods import Period, anchor_day, choose_period, read_period
from hubbub.serve.pages.picker import Picker, make_picker
from hubbub.serve.pages.sentences import name_before
from hubbub.serve.pages.table_lines import TableLine, table_lines
from hubbub.serve.pages.toplists import ListView, Row, ask_list, find_list
from hubbub.serve.reading import ReadSide
from hubbub.serve.texts import Texts, _

METRICS_SHOWN = ("visitors", "pageviews")
SHORTEST_SPARKLINE = 7
MOST_TOPICS = 100


class SiteLine(Struct, frozen=True):
    """One site's line."""

    title: str
    name: str
    href: str
    visitors: Figure
    pageviews: Figure
    comparison: Comparison
    sparkline: str


class OverviewView(Struct, frozen=True):
    """Everything the template needs."""

    period: Period
    picker: Picker
    before_name: str
    sentence: str
    lines: tuple[SiteLine, ...]
    topics: ListView | None
    tables: tuple[TableLine, ...]
    missing: tuple[tuple[str, MissingNote], ...]


def view_overview(read_side: ReadSide, query: Mapping[str, str], texts: Texts) -> OverviewView:
    """Ask for all sites at once. Raises `QueryError` for an address that makes no sense."""
    sites = read_side.settings.sites
    calendar = read_side.calendar()
    sources = sites or read_side.settings.tables
    today = min((calendar.today(source.name) for source in sources), default=calendar.today(""))
    spans = [span for source in sources if (span := read_side.marts.span(source.name))]
    newest = max((span.closed for span in spans if span.closed), default=None)
    anchor = anchor_day(today, newest)
    period = read_period(query, anchor, today)
    if period.is_today:
        period = choose_period("day", anchor, today)
    drawn = _sparkline_days(period)
    first = min(drawn[0], period.before().first)
    names = tuple(site.name for site in sites)
    answer = _ask(read_side, names, first, period.last) if names else None
    rows, gaps = (answer.rows, answer.gaps) if answer else ((), ())
    values = {(row.dimensions[0], date.fromisoformat(row.dimensions[1])): row.values for row in rows if any(row.values)}
    lines = tuple(_line(site, period, drawn, values, texts) for site in sites)
    missing = tuple(
        (title, note)
        for site in sites
        for title in (site.title or site.name,)
        for note in tell_missing(tuple(gap for gap in gaps if gap.site == site.name), period.first, period.last, texts)
    )
    return OverviewView(
        period,
        make_picker(period, overview_url, overview_url(), texts, hours=False),
        name_before(period, texts),
        _sentence(lines, period, texts) if lines else "",
        lines,
        _topics(read_side, period, texts),
        table_lines(read_side, period, texts),
        missing,
    )


def _ask(read_side: ReadSide, names: tuple[str, ...], first: date, last: date) -> Answer:
    return read_side.ask(Query(sites=names, metrics=METRICS_SHOWN, dimensions=("site", "day"), first=first, last=last))


def _topics(read_side: ReadSide, period: Period, texts: Texts) -> ListView | None:
    """The city's topics over all sites, each with the sites that have pages of it; None where nothing is released."""
    spec, sites = find_list("topic"), read_side.settings.sites
    if spec is None or not sites:
        return None
    names = tuple(site.name for site in sites)
    topics = ask_list(read_side.ask, spec, names, period.first, period.last, texts, limit=MOST_TOPICS)
    if not topics.total:
        return None
    found: dict[str, list[str]] = {}
    for site in sites:
        for name in topics_of(site, read_side.settings.topics):
            found.setdefault(name, []).append(site.title or site.name)

    def told(rows: tuple[Row, ...]) -> tuple[Row, ...]:
        return tuple(replace(row, note=", ".join(found.get(row.key, ()))) for row in rows)

    return replace(topics, shown=told(topics.shown), grey=told(topics.grey))


def _line(
    site: Site,
    period: Period,
    drawn: tuple[date, ...],
    values: Mapping[tuple[str, date], tuple[Estimate | None, ...]],
    texts: Texts,
) -> SiteLine:
    found = {day: cells for (name, day), cells in values.items() if name == site.name}
    visitors = {day: cells[0] for day, cells in found.items() if cells[0] is not None}
    views = [cells[1] for day, cells in found.items() if cells[1] is not None and period.first <= day <= period.last]
    partners = {day: period.partner(day) for day in period.days}
    pairs = [
        (visitors[day], visitors[old])
        for day, old in partners.items()
        if day in visitors and old is not None and old in visitors
    ]
    change = compare(
        add(now for now, _before in pairs) if pairs else None, add(before for _now, before in pairs) if pairs else None
    )
    current = [visitors[day] for day in period.days if day in visitors]
    title = site.title or site.name
    label = texts.say(_("Visitors of {site} day by day"), site=title)
    return SiteLine(
        title,
        site.name,
        site_url(site.name, period),
        write_figure(add(current) if current else None, "count", texts),
        write_figure(add(views) if views else None, "count", texts),
        write_comparison(change, texts),
        draw_sparkline([visitors.get(day) for day in drawn], label),
    )


def _sparkline_days(period: Period) -> tuple[date, ...]:
    """The days of the period; of a short one, the last week."""
    if period.length >= SHORTEST_SPARKLINE:
        return period.days
    week = choose_period("7d", period.last, period.today)
    return week.days


def _sentence(lines: tuple[SiteLine, ...], period: Period, texts: Texts) -> str:
    """How many sites changed, so that nobody has to count arrows."""
    counts = {name: sum(line.comparison.direction == name for line in lines) for name in ("rose", "fell", "steady")}
    before = name_before(period, texts)
    if not any(counts.values()):
        return texts.say(_("Nothing is released yet that could be compared with {before}."), before=before)
    if not counts["rose"] and not counts["fell"]:
        return texts.say(_("No site shows a change against {before} that noise does not explain."), before=before)
    rose, fell, steady = counts["rose"], counts["fell"], counts["steady"]
    parts = (
        texts.many("{count} site has more visitors", "{count} sites have more visitors", rose) if rose else "",
        texts.many("{count} site has fewer visitors", "{count} sites have fewer visitors", fell) if fell else "",
        texts.many("{count} site has about as many", "{count} sites have about as many", steady) if steady else "",
    )
    return texts.say(_("Against {before}, {parts}."), before=before, parts=", ".join(filter(None, parts)))
