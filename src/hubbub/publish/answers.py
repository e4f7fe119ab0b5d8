"""Answering a query: cells summed into rows of estimates, with what is missing and what to know beside them."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta

from msgspec import Struct
from msgspec.structs import replace

from hubbub.core.days import bounds, days_between, slot_label
from hubbub.core.keys import Measure
from hubbub.core.vocabulary import DURATION_BINS
from hubbub.publish.catalogue import RATIOS, SITE, dimension_of
from hubbub.publish.coverage import gap_notes
from hubbub.publish.intervals import Estimate, Fraction, Total, estimate, ratio, share, total_of
from hubbub.publish.marts import Marts
from hubbub.publish.query import Answer, AnswerRow, Calendar, GapNote, Query, Reading, check
from hubbub.publish.ranking import ranked
from hubbub.publish.scan import CellSum, Presence, Scan, scan

BOUNCE = DURATION_BINS[0][0]
OPEN_BIN_SECONDS = 2700.0  # visits over 30 minutes are taken as 45, as the metric's definition says
MIDDLES = {label: (low + high) / 2 for label, low, high in DURATION_BINS[:-1]} | {
    DURATION_BINS[-1][0]: OPEN_BIN_SECONDS
}


class Place(Struct, frozen=True):
    """Which row a cell belongs to; what the query does not tell apart is ""."""

    site: str
    bucket: str
    hour: str
    key: str


def answer(marts: Marts, query: Query, calendar: Calendar) -> Answer:
    """Answer a query from the marts. Raises `QueryError` when no measure answers it."""
    reading = check(query)
    found = scan(marts, reading)
    placed = _placed(reading, found, calendar)
    spans = _site_days(reading, calendar)
    rows = [
        _row(reading, place, placed.get(place, []), spans.get(_without_key(place), 0))
        for place in (placed if reading.is_grouped else dict.fromkeys([*spans, *placed]))
    ]
    kept, grey = ranked(reading, rows)
    gaps = _gaps(marts, reading, found.presences, calendar)
    site_days = len(query.sites) * ((query.last - query.first).days + 1)
    notes = tuple(_notes(reading, rows, found.trial))
    return Answer(query, tuple(kept), len(rows), grey, site_days, gaps, notes, found.trial)


def _placed(reading: Reading, found: Scan, calendar: Calendar) -> dict[Place, list[CellSum]]:
    """The sums of each row."""
    placed: dict[Place, list[CellSum]] = defaultdict(list)
    for one in found.sums:
        group = one.group
        placed[_place(reading, group.source, group.bucket, group.hour, group.key, calendar)].append(one)
    return placed


def _place(reading: Reading, site: str, day: date | None, hour: int | None, key: str, calendar: Calendar) -> Place:
    by_site = any(dimension_of(asked) == SITE for asked in reading.query.dimensions)
    label = ""
    if "hour" in reading.times and day is not None and hour is not None:
        label = slot_label(hour, day, calendar.zone_of(site))
    bucket = bucket_label(day, reading.times) if day else ""
    return Place(site if by_site else "", bucket, label, key)


def bucket_label(day: date, times: tuple[str, ...]) -> str:
    """How a day's row is named: the day, its week's Monday, or its month ("2026-03"); "" without a time."""
    if "day" in times:
        return day.isoformat()
    if "week" in times:
        return (day - timedelta(days=day.weekday())).isoformat()
    return f"{day:%Y-%m}" if "month" in times else ""


def _without_key(place: Place) -> Place:
    return Place(place.site, place.bucket, place.hour, "")


def _site_days(reading: Reading, calendar: Calendar) -> dict[Place, int]:
    """Every row that the period has if keys are left out, with the site-days it spans."""
    query = reading.query
    spans: dict[Place, int] = defaultdict(int)
    for site in query.sites:
        for day in days_between(query.first, query.last):
            slots: Iterator[int | None] = iter([None])
            if "hour" in reading.times:
                slots = iter(range(bounds(day, calendar.zone_of(site)).hours))
            for slot in slots:
                spans[_place(reading, site, day, slot, "", calendar)] += 1
    return spans


def _row(reading: Reading, place: Place, sums: list[CellSum], of_days: int) -> AnswerRow:
    values = tuple(
        _value(metric, answering.measures, sums)
        for metric, answering in zip(reading.query.metrics, reading.answers, strict=True)
    )
    counted = {measure.value for measure in reading.answers[0].measures[-2 if reading.key == "page" else -1 :]}
    days = sum(one.days for one in _without_bins(sums) if one.group.measure in counted)
    parts = {SITE: place.site, "hour": place.hour, reading.key: place.key}
    return AnswerRow(
        tuple(parts.get(dimension_of(asked), place.bucket) for asked in reading.query.dimensions),
        values,
        days,
        of_days,
        is_new=any(one.total.first_releases for one in sums),
    )


def _without_bins(sums: list[CellSum]) -> Iterator[CellSum]:
    """One sum for all the bins of a histogram, which cover the same days."""
    seen = set()
    for one in sums:
        identity = replace(one.group, bin="")
        if identity not in seen:
            seen.add(identity)
            yield one


def _value(metric: str, measures: tuple[Measure, ...], sums: list[CellSum]) -> Estimate | None:
    mine = [one for one in sums if one.group.measure in measures]
    if not mine:
        return None
    if metric not in RATIOS:
        return estimate(total_of(one.total for one in mine))
    if metric == "views_per_visitor":
        return _views_per_visitor(mine)
    denominator = total_of(one.total for one in mine)
    weights = {BOUNCE: 1.0} if metric == "bounce_rate" else MIDDLES
    weighted = [(weights.get(one.group.bin, 0.0), one.total) for one in mine]
    fraction = Fraction(
        sum(weight * total.value for weight, total in weighted),
        sum(weight**2 * total.variance for weight, total in weighted),
        denominator.value,
        denominator.variance,
        sum(weight * total.variance for weight, total in weighted),
    )
    return share(fraction, "visits") if metric == "bounce_rate" else ratio(fraction, "visits")


def _views_per_visitor(sums: list[CellSum]) -> Estimate | None:
    """Over the days that have both; a day whose views were lost must not count its visitors."""
    days: dict[tuple[str, date | None], dict[str, Total]] = defaultdict(dict)
    for one in sums:
        days[one.group.source, one.group.bucket][one.group.measure] = one.total
    both = [pair for pair in days.values() if len(pair) == len({one.group.measure for one in sums}) == 2]
    if not both:
        return None
    views = total_of(pair[Measure.PAGEVIEWS] for pair in both)
    visitors = total_of(pair[Measure.VISITORS] for pair in both)
    return ratio(Fraction(views.value, views.variance, visitors.value, visitors.variance, 0.0), "visitors")


def _gaps(marts: Marts, reading: Reading, presences: tuple[Presence, ...], calendar: Calendar) -> tuple[GapNote, ...]:
    query = reading.query
    measures = sorted({measure.value for answering in reading.answers for measure in answering.measures})
    notes: list[GapNote] = []
    for site in query.sites:
        span = marts.span(site)
        notes += gap_notes(site, measures, presences, span, (query.first, query.last), calendar)
    return tuple(notes)


def _notes(reading: Reading, rows: list[AnswerRow], trial: bool) -> Iterator[str]:
    query = reading.query
    adds_days = query.first < query.last and "day" not in reading.times
    if "visitors" in query.metrics and (adds_days or len(query.sites) > 1):
        yield (
            "Visitors are visitor-days: each day's and site's visitors are counted apart and added, because "
            "nothing links a device across days or sites."
        )
    if "hour" in reading.times:
        yield "A visitor counts in the first three hours of the day's visit, so hours do not add up to the day."
    if reading.key == "page":
        yield "A visitor counts on at most five known pages and two new ones, so pages do not add up to the site."
    if reading.key == "event":
        yield "A visitor counts once an event and day, in at most three events."
    if reading.is_grouped and len({row.days for row in rows}) > 1 and not reading.times:
        yield "Rows were released on different numbers of days; a day without a release is not a zero."
    if any(row.is_new for row in rows):
        yield (
            "New keys show only above a threshold, which favours high draws: their intervals reach further down "
            "to allow for it, their values stay as released."
        )
    if trial:
        yield "These numbers are not private: they were released on the budget of a trial."
