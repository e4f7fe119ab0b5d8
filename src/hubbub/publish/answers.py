"""Answering a query: cells summed into rows of estimates, with what is missing and what to know beside them."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date

from msgspec.structs import replace

from hubbub.core.days import bounds, days_between, slot_label
from hubbub.publish.adjusting import adjusted_sums, with_nonnegative
from hubbub.publish.catalogue import METRICS, SITE, WITHIN, dimension_of
from hubbub.publish.combined_answers import answer_combined
from hubbub.publish.coverage import gap_notes
from hubbub.publish.estimates import LABELS, OF_A_TRIAL, VISITOR_DAYS
from hubbub.publish.funnels import reached
from hubbub.publish.intervals import carries
from hubbub.publish.marts import Marts
from hubbub.publish.query import Answer, AnswerRow, Calendar, GapNote, Query, Reading, check
from hubbub.publish.ranking import ranked
from hubbub.publish.rows import Place, bucket_label, row_of
from hubbub.publish.scan import CellSum, Presence, Scan, scan
from hubbub.publish.smoothed_rows import smooth_rows, with_past

FUNNEL = (
    "A visitor counts once a funnel and day, with the deepest step of a visit, in at most two funnels unless the plan "
    "says otherwise."
)
NOTES = {
    "event": "A visitor counts once an event and day, in at most three events unless the plan says otherwise.",
    "topic": "A visitor counts in a few topics a day (three unless the plan says otherwise), so topics do not add up.",
    "goal": "A device counts once a goal and day, in at most three goals unless the plan says otherwise.",
    "funnel": FUNNEL,
    "step": FUNNEL,
    "term": "A device counts once a term and day, in at most two terms unless the plan says otherwise.",
    "returning": "Only visitors who agreed to tell it are counted.",
    "amount_event": (
        "A device's amounts of a day are cut at the most that is set, in at most two events unless the plan says "
        "otherwise."
    ),
}


def answer(marts: Marts, query: Query, calendar: Calendar) -> Answer:
    """Answer a query from the marts. Raises `QueryError` when no measure answers it."""
    reading = check(query)
    if query.estimate == "combined":
        return answer_combined(marts, reading, calendar)
    found = _found(marts, reading)
    adjusted = None
    if query.estimate == "consistent":
        adjusted = adjusted_sums(marts, reading)
        found = replace(found, sums=adjusted.sums)
    placed = _placed(reading, found, calendar)
    row = _rows_from(reading, placed, calendar)
    places = _places(reading, placed, calendar)
    if query.estimate == "smoothed":
        rows, grey = ranked(reading, smooth_rows(reading, _past(marts, reading, calendar)))
    elif adjusted is not None:
        released = {place: sum(adjusted.released[one.group] for one in sums) for place, sums in placed.items()}
        rows, grey = ranked(reading, list(with_nonnegative({place: row(place) for place in places}, released).values()))
    elif _is_top_list(reading):  # build only what is returned
        ranks = sorted((*_rank(reading, placed[place]), place.site, place.key, place) for place in places)
        rows = [row(place) for *_, place in ranks[query.offset : query.offset + query.limit]]
        grey = sum(is_grey for is_grey, *_ in ranks)
    else:
        rows, grey = ranked(reading, [row(place) for place in places])
    gaps = _gaps(marts, reading, found.presences, calendar)
    site_days = len(query.sites) * ((query.last - query.first).days + 1)
    notes = tuple(_notes(reading, found))
    whole = adjusted.whole if adjusted else None
    return Answer(query, tuple(rows), len(places), grey, site_days, gaps, notes, found.trial, whole)


def _found(marts: Marts, reading: Reading) -> Scan:
    found = scan(marts, reading)
    return replace(found, sums=reached(found.sums)) if reading.key in WITHIN else found


def _past(marts: Marts, reading: Reading, calendar: Calendar) -> list[AnswerRow]:
    """All released rows that the smoothed ones rest on."""
    longer = check(with_past(reading.query))
    placed = _placed(longer, _found(marts, longer), calendar)
    row = _rows_from(longer, placed, calendar)
    return [row(place) for place in _places(longer, placed, calendar)]


def _places(reading: Reading, placed: Mapping[Place, list[CellSum]], calendar: Calendar) -> list[Place]:
    if reading.is_grouped:
        return list(placed)
    return list(dict.fromkeys([*_site_days(reading, calendar), *placed]))


def _rows_from(
    reading: Reading, placed: Mapping[Place, list[CellSum]], calendar: Calendar
) -> Callable[[Place], AnswerRow]:
    """Makes the row of a place."""
    spans = _site_days(reading, calendar)
    return lambda place: row_of(reading, place, placed.get(place, []), spans.get(replace(place, key=""), 0))


def _is_top_list(reading: Reading) -> bool:
    """Rows are sorted by a sum, so that they need not be estimated to be sorted."""
    query = reading.query
    is_sum = METRICS[query.metrics[0]].unit != "percent"
    return reading.is_grouped and not query.order and not reading.times and is_sum and reading.key not in WITHIN


def _rank(reading: Reading, sums: list[CellSum]) -> tuple[bool, float]:
    """What a top list is sorted by: whether the first metric is too noisy to show, and its value downwards."""
    mine = [one.total for one in sums if one.group.measure in reading.answers[0].measures]
    value = sum(total.value for total in mine)
    return not (mine and carries(value, sum(total.variance for total in mine))), -value


def _placed(reading: Reading, found: Scan, calendar: Calendar) -> dict[Place, list[CellSum]]:
    """The sums of each row; what rows are divided by stands in each of them."""
    placed: dict[Place, list[CellSum]] = defaultdict(list)
    wholes: dict[Place, list[CellSum]] = defaultdict(list)
    divisors = {measure for answering in reading.answers for measure in answering.of} if reading.is_grouped else set()
    for one in found.sums:
        group = one.group
        kept = wholes if group.measure in divisors else placed
        kept[_place(reading, group.source, group.bucket, group.hour, group.key, calendar)].append(one)
    for place, sums in placed.items():
        sums += wholes.get(replace(place, key=""), [])
    return placed


def _place(reading: Reading, site: str, day: date | None, hour: int | None, key: str, calendar: Calendar) -> Place:
    by_site = any(dimension_of(asked) == SITE for asked in reading.query.dimensions)
    label = ""
    if "hour" in reading.times and day is not None and hour is not None:
        label = slot_label(hour, day, calendar.zone_of(site))
    bucket = bucket_label(day, reading.times) if day else ""
    return Place(site if by_site else "", bucket, label, key)


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


def _gaps(marts: Marts, reading: Reading, presences: tuple[Presence, ...], calendar: Calendar) -> tuple[GapNote, ...]:
    query = reading.query
    measures = sorted({measure.value for answering in reading.answers for measure in answering.read})
    notes: list[GapNote] = []
    for site in query.sites:
        span = marts.span(site)
        notes += gap_notes(site, measures, presences, span, (query.first, query.last), calendar)
    return tuple(notes)


def _notes(reading: Reading, found: Scan) -> Iterator[str]:
    query = reading.query
    if label := LABELS.get(query.estimate):
        yield label
    adds_days = query.first < query.last and "day" not in reading.times
    if "visitors" in query.metrics and (adds_days or len(query.sites) > 1):
        yield VISITOR_DAYS
    if "hour" in reading.times:
        yield (
            "A visitor counts in the first hours of the day's visit (three unless the plan says otherwise), so hours "
            "do not add up to the day."
        )
    if reading.key == "page":
        yield (
            "A visitor counts on a few pages (five known and two new ones unless the plan says otherwise), so pages do "
            "not add up to the site."
        )
    if note := NOTES.get(reading.key):
        yield note
    if (
        reading.is_grouped
        and not reading.times
        and len(query.sites) == 1
        and len(set(_days_of_keys(reading, found))) > 1
    ):
        yield "Rows were released on different numbers of days; a day without a release is not a zero."
    if query.estimate != "smoothed" and any(one.total.first_releases for one in found.sums):
        yield (
            "New keys show only above a threshold, which favours high draws: their intervals reach further down "
            "to allow for it, their values stay as released."
        )
    if found.trial:
        yield OF_A_TRIAL


def _days_of_keys(reading: Reading, found: Scan) -> Iterable[int]:
    """On how many days each key of the first metric was released."""
    days: dict[str, int] = defaultdict(int)
    for one in found.sums:
        if one.group.measure in reading.answers[0].measures:
            days[one.group.key] += one.days
    return days.values()
