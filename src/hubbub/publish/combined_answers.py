"""Answering questions about combinations of attributes, of sites that release tables of them."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import product

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from hubbub.core.combinations import Tables
from hubbub.core.days import days_between
from hubbub.core.errors import QueryError
from hubbub.core.keys import Measure
from hubbub.publish.catalogue import SITE, TIMES, dimension_of
from hubbub.publish.combined_shelf import Days
from hubbub.publish.combining import estimated
from hubbub.publish.coverage import gap_notes
from hubbub.publish.estimates import LABELS, OF_A_TRIAL, VISITOR_DAYS
from hubbub.publish.intervals import Total, estimate
from hubbub.publish.marts import Marts
from hubbub.publish.query import Answer, AnswerRow, Calendar, GapNote, Query, Reading
from hubbub.publish.ranking import ranked
from hubbub.publish.rows import bucket_label
from hubbub.publish.scan import Presence
from hubbub.publish.shelf import Floats, day_at

CHANGED = "changed"
MEASURE = Measure.COMBINATIONS.value
Dimensions = tuple[str, ...]


class _Found(Struct, frozen=True):
    """All that is released of one site in a period."""

    groups: tuple[Days, ...]
    presences: tuple[Presence, ...]
    trial: bool


class _Sum(Struct):
    value: float = 0.0
    variance: float = 0.0
    days: int = 0


class _Asked(Struct, frozen=True):
    """What is asked of each attribute: the labels of its rows, and which values each of them sums."""

    labels: dict[str, tuple[str, ...]]
    sums: dict[str, Floats]


def answer_combined(marts: Marts, reading: Reading, calendar: Calendar) -> Answer:
    """Answer a checked query from the tables. Raises `QueryError` when none of them has all that is asked."""
    query = reading.query
    found = {site: _found(marts, site, query.first, query.last) for site in query.sites}
    _check_released(query, found)
    sums: dict[Dimensions, _Sum] = defaultdict(_Sum)
    changed: dict[str, set[date]] = defaultdict(set)
    for site, its in found.items():
        for days in its.groups:
            asked = _asked(query, days.tables)
            if asked is None:
                changed[site].update(map(day_at, days.days.tolist()))
            else:
                _add(sums, reading, site, days, asked)
    if not sums and any(its.groups for its in found.values()):
        raise QueryError("filters", " with ".join(sorted(_attributes(query))), _allowed(found))
    spans = _spans(reading)
    if not _grouped(query):
        sums = {place: sums.get(place, _Sum()) for place in spans}
    rows, grey = ranked(reading, [_row(query, place, one, spans) for place, one in sums.items()])
    gaps = tuple(
        note for site in query.sites for note in _gaps(marts, query, site, found[site], changed[site], calendar)
    )
    site_days = len(query.sites) * ((query.last - query.first).days + 1)
    trial = any(its.trial for its in found.values())
    return Answer(query, tuple(rows), len(sums), grey, site_days, gaps, tuple(_notes(reading, trial=trial)), trial)


def _found(marts: Marts, site: str, first: date, last: date) -> _Found:
    months = marts.combined(site, first, last)
    groups = (group.within(first, last) for month in months for group in month.groups)
    presences = (
        Presence(site, MEASURE, day, hour, gap)
        for month in months
        for day, hour, gap in month.presences
        if first <= day <= last
    )
    return _Found(
        tuple(group for group in groups if len(group.days)), tuple(presences), any(month.trial for month in months)
    )


def _grouped(query: Query) -> list[str]:
    names = [dimension_of(asked) for asked in query.dimensions]
    return [name for name in names if name not in TIMES and name != SITE]


def _attributes(query: Query) -> set[str]:
    return {*_grouped(query), *(dimension_of(one.dimension) for one in query.filters)}


def _check_released(query: Query, found: Mapping[str, _Found]) -> None:
    if not any(its.groups or its.presences for its in found.values()):
        sites = ", ".join(query.sites)
        raise QueryError(
            "estimate",
            f"combined of {sites} from {query.first} to {query.last}, of which no tables are released",
            "a site and days that have them: `combinations` in the site's settings asks for them",
        )


def _allowed(found: Mapping[str, _Found]) -> str:
    """In words: what the last tables there are tell."""
    tables = next(days.tables for its in reversed(list(found.values())) for days in reversed(its.groups))
    lists = "; ".join(f"{name}: {', '.join(values)}" for name, values in tables.lists)
    return f"at most {tables.depth} of these attributes together, with these values: {lists}"


def _asked(query: Query, tables: Tables) -> _Asked | None:
    """What a query asks of these tables; None when they do not tell it."""
    lists = dict(tables.lists)
    attributes = _attributes(query)
    if len(attributes) > tables.depth or not attributes <= lists.keys():
        return None
    labels: dict[str, tuple[str, ...]] = {name: lists[name] for name in _grouped(query)}
    sums: dict[str, Floats] = {name: np.eye(len(lists[name])) for name in labels}
    for one in query.filters:
        name = dimension_of(one.dimension)
        if not set(one.values) <= set(lists[name]):
            return None
        is_wanted = np.array([value in one.values for value in lists[name]])
        if name in labels:
            labels[name] = tuple(value for value in lists[name] if value in one.values)
            sums[name] = sums[name][is_wanted]
        else:
            sums[name] = is_wanted[None, :].astype(np.float64)
    return _Asked(labels, sums)


def _add(sums: dict[Dimensions, _Sum], reading: Reading, site: str, days: Days, asked: _Asked) -> None:
    """Add the estimates of some days to the rows that they belong to."""
    query = reading.query
    names, places = np.unique(
        [bucket_label(day_at(day), reading.times) for day in days.days.tolist()], return_inverse=True
    )
    is_in = (np.arange(len(names))[:, None] == places[None, :]).astype(np.float64)
    cells = is_in @ days.cells
    counts = np.bincount(places, minlength=len(names)).tolist()
    found = estimated(days.tables, cells, days.variance, asked.sums)
    width = [len(labels) for labels in asked.labels.values()]
    values = found.values.reshape(len(names), *width)  # what only filters has one row, and no axis from here on
    variance = found.variance.reshape(width)
    for place, (bucket, count) in enumerate(zip(names.tolist(), counts, strict=True)):
        for which, labels in zip(np.ndindex(*width), product(*asked.labels.values()), strict=True):
            parts = {SITE: site, **dict(zip(asked.labels, labels, strict=True))}
            one = sums[tuple(parts.get(dimension_of(each), bucket) for each in query.dimensions)]
            one.value += float(values[(place, *which)])
            one.variance += count * float(variance[which])
            one.days += count


def _spans(reading: Reading) -> dict[Dimensions, int]:
    """Site-days of each row, attributes left out."""
    query = reading.query
    spans: dict[Dimensions, int] = defaultdict(int)
    for site in query.sites:
        for day in days_between(query.first, query.last):
            spans[_outline(query, site, bucket_label(day, reading.times))] += 1
    return spans


def _outline(query: Query, site: str, bucket: str) -> Dimensions:
    known = {SITE: site, **dict.fromkeys(TIMES, bucket)}
    return tuple(known.get(dimension_of(each), "") for each in query.dimensions)


def _row(query: Query, place: Dimensions, one: _Sum, spans: Mapping[Dimensions, int]) -> AnswerRow:
    grouped = _grouped(query)
    outline = tuple(
        "" if dimension_of(each) in grouped else value for each, value in zip(query.dimensions, place, strict=True)
    )
    value = estimate(Total(one.value, one.variance)) if one.days else None
    return AnswerRow(place, (value,), one.days, spans[outline])


def _gaps(marts: Marts, query: Query, site: str, found: _Found, changed: set[date], now: Calendar) -> list[GapNote]:
    """Days without tables, and those whose tables do not tell what is asked."""
    presences = [replace(each, gap=CHANGED) if each.day in changed else each for each in found.presences]
    return gap_notes(site, [MEASURE], presences, marts.span(site), (query.first, query.last), now)


def _notes(reading: Reading, *, trial: bool) -> Iterator[str]:
    query = reading.query
    yield LABELS["combined"]
    if (query.first < query.last and "day" not in reading.times) or len(query.sites) > 1:
        yield VISITOR_DAYS
    if trial:
        yield OF_A_TRIAL
