"""What is missing from an answer, and why: gaps that were paid for, days not closed, hours not over."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from hubbub.core.days import HOUR_MS, bounds, days_between, slot_label
from hubbub.core.keys import Measure
from hubbub.publish.marts import Span
from hubbub.publish.query import Calendar, GapNote
from hubbub.publish.scan import Presence
from hubbub.release.types import Gap

HOURLY = (Measure.VISITORS_HOUR, Measure.PAGEVIEWS_HOUR)
TEXTS: dict[str, str] = {
    Gap.FORFEITED: "lost in a crash between paying for the numbers and keeping them; they are never drawn again",
    Gap.LATE: "not released in time",
    Gap.KEPT_BACK: "the raw rows were destroyed before they could be released",
    "unfinished": "not over yet",
    "open": "over, but not released yet",
    "before": "before the first release",
    "absent": "nothing was released",
    "changed": "measured otherwise then: its columns, bins or steps were others",
}


def gap_notes(
    site: str,
    measures: Sequence[str],
    presences: Iterable[Presence],
    span: Span | None,
    period: tuple[date, date],
    calendar: Calendar,
) -> list[GapNote]:
    """The gaps of one site in a period, days of the same reason in a row joined, equal gaps of measures joined."""
    seen: dict[str, dict[date, dict[int | None, str]]] = defaultdict(lambda: defaultdict(dict))
    for one in presences:
        if one.source == site:
            seen[one.measure][one.day][one.hour] = one.gap
    joined: dict[tuple[date, date, str, tuple[str, ...]], list[str]] = defaultdict(list)
    for measure in measures:
        missing: list[tuple[date, str, tuple[str, ...]]] = []
        for day in days_between(*period):
            found = seen[measure].get(day, {})
            if measure in HOURLY:
                missing += _missing_hours(site, day, found, span, calendar)
            elif None not in found:
                missing.append((day, _why_missing(site, day, span, calendar), ()))
            elif found[None]:
                missing.append((day, found[None], ()))
        for first, last, reason, hours in _runs(missing):
            joined[first, last, reason, hours].append(measure)
    return [
        GapNote(site, tuple(measures_), first, last, reason, TEXTS[reason], hours)
        for (first, last, reason, hours), measures_ in sorted(joined.items())
    ]


def _missing_hours(
    site: str, day: date, found: dict[int | None, str], span: Span | None, calendar: Calendar
) -> list[tuple[date, str, tuple[str, ...]]]:
    """The day's hours without cells by reason; a whole day of one reason without its hours."""
    zone = calendar.zone_of(site)
    start, end = bounds(day, zone)
    slots = range(-(-(end - start) // HOUR_MS))
    by_reason: dict[str, list[int]] = defaultdict(list)
    for slot in slots:
        if slot in found:
            if found[slot]:
                by_reason[found[slot]].append(slot)
        elif min(start + (slot + 1) * HOUR_MS, end) > calendar.now_ms:
            by_reason["unfinished"].append(slot)
        elif day == calendar.today(site):
            by_reason["open"].append(slot)
        else:
            by_reason[_why_missing(site, day, span, calendar)].append(slot)
    return [
        (day, reason, () if len(hours) == len(slots) else tuple(slot_label(slot, day, zone) for slot in hours))
        for reason, hours in by_reason.items()
    ]


def _why_missing(site: str, day: date, span: Span | None, calendar: Calendar) -> str:
    if day >= calendar.today(site):
        return "unfinished"
    if span is None:
        return "absent"
    if day < span.first:
        return "before"
    return "open" if span.closed is None or day > span.closed else "absent"


def _runs(
    missing: list[tuple[date, str, tuple[str, ...]]],
) -> list[tuple[date, date, str, tuple[str, ...]]]:
    """Neighbouring whole days with the same reason as one run; days with single hours stay alone."""
    runs: list[tuple[date, date, str, tuple[str, ...]]] = []
    for day, reason, hours in sorted(missing, key=lambda one: (one[1], one[2], one[0])):
        if runs and not hours:
            first, last, before, whole = runs[-1]
            if before == reason and not whole and last + timedelta(days=1) == day:
                runs[-1] = (first, day, reason, ())
                continue
        runs.append((day, day, reason, hours))
    return runs
