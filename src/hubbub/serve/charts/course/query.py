"""The points of a course: one number by hour, day, week or month, beside those of the period before."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from statistics import median
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from hubbub.publish.catalogue import METRICS
from hubbub.publish.estimates import ADDABLE, Kind
from hubbub.publish.intervals import Estimate, Total, estimate
from hubbub.publish.query import Answer, Filter, GapNote, Query
from hubbub.serve.pages.periods import Period
from hubbub.serve.texts import Texts, _

Grain = Literal["hour", "day", "week", "month"]
Ask = Callable[[Query], Answer]
DAILY_UP_TO = 62
WEEKLY_UP_TO = 400
BEFORE = "before"
TIGHTER = 0.8  # of the released numbers' error: what a second estimate must come to, to be worth a line


class Subject(Struct, frozen=True):
    """What the course is of: a metric of one site, perhaps of one key only, or estimated of two together."""

    site: str
    metric: str
    filters: tuple[Filter, ...] = ()
    estimate: Kind = "raw"


class Point(Struct, frozen=True):
    """One place on the time axis.

    label       in the table; `axis_label` on the axis
    now, before estimates; None where nothing was released
    smoothed    the day in the light of the days around it; None where that tells no more
    note        why `now` is missing or partial; "" otherwise
    reason      a `publish.query.GapNote.reason` when `now` is missing; "" otherwise
    since       its first day; None of an hour
    """

    label: str
    axis_label: str
    now: Estimate | None
    before: Estimate | None
    note: str = ""
    reason: str = ""
    smoothed: Estimate | None = None
    since: date | None = None


class Course(Struct, frozen=True):
    """Points in time order.

    now, before  the sums over the places that both periods have, to be compared; None when there are none
    paired       how many places both have, of `len(points)` hours or `period.length` days
    total        the sum over all places of the current period; None when there are none
    gaps         what the current period lacks
    """

    grain: Grain
    points: tuple[Point, ...]
    now: Estimate | None
    before: Estimate | None
    paired: int
    total: Estimate | None
    gaps: tuple[GapNote, ...]
    trial: bool

    @property
    def is_smoothed(self) -> bool:
        """Whether its points have a second estimate."""
        return any(point.smoothed for point in self.points)

    def place_of(self, day: date) -> int | None:
        """Where a day stands on the axis; None of hours, and before the first point."""
        places = [place for place, point in enumerate(self.points) if point.since is not None and point.since <= day]
        return places[-1] if places else None


def ask_course(ask: Ask, subject: Subject, period: Period, texts: Texts) -> Course:
    """The course of the subject over the period. Raises `QueryError` when no measure answers it."""
    if period.is_hourly and not subject.filters:
        return _hourly(ask, subject, period)
    return _daily(ask, subject, period, texts)


def _hourly(ask: Ask, subject: Subject, period: Period) -> Course:
    answer = _ask(ask, subject, "hour", period.first, period.last)
    earlier = _ask(ask, subject, "hour", period.before().first, period.before().last)
    now, before = _by_label(answer), _by_label(earlier)
    why = _hour_notes(answer.gaps)
    labels = sorted({*now, *before, *why} - {""})
    points = tuple(
        Point(label, label, now.get(label), before.get(label), *_why_missing(label in now, why.get(label)))
        for label in labels
    )
    pairs = [(now[label], before[label]) for label in labels if label in now and label in before]
    first, second = _totals(pairs)
    return Course("hour", points, first, second, len(pairs), _total(now.values()), answer.gaps, answer.trial)


def _daily(ask: Ask, subject: Subject, period: Period, texts: Texts) -> Course:
    earlier = period.before()
    answer = _ask(ask, subject, "day", min(earlier.first, period.first), period.last)
    values = {date.fromisoformat(label): found for label, found in _by_label(answer).items()}
    gaps = tuple(gap for gap in answer.gaps if gap.last >= period.first)
    why = _day_notes(gaps, period)
    partners = {day: partner for day in period.days if (partner := period.partner(day)) is not None}
    pairs = [(values[day], values[old]) for day, old in partners.items() if day in values and old in values]
    first, second = _totals(pairs)
    total = _total(values[day] for day in period.days if day in values)
    grain = grain_of(period)
    tighter = _smoothed(ask, subject, period, values) if grain == "day" else {}
    points = tuple(
        _point(bucket, values, [partners[day] for day in bucket if day in partners], why, grain, texts)
        for bucket in _buckets(period, grain)
    )
    if tighter:
        points = tuple(
            replace(point, smoothed=tighter.get(day)) for day, point in zip(period.days, points, strict=True)
        )
    return Course(grain, _from_first_release(points), first, second, len(pairs), total, gaps, answer.trial)


def _smoothed(ask: Ask, subject: Subject, period: Period, released: Mapping[date, Estimate]) -> dict[date, Estimate]:
    """The days as they are smoothed, where that makes them surer on the whole; else none, for it would say nothing."""
    if METRICS[subject.metric].unit not in ADDABLE or subject.estimate != "raw":
        return {}
    answer = _ask(ask, subject, "day", period.first, period.last, "smoothed")
    found = {date.fromisoformat(label): one for label, one in _by_label(answer).items()}
    ratios = [one.stderr / released[day].stderr for day, one in found.items() if released[day].stderr > 0]
    return found if ratios and median(ratios) <= TIGHTER else {}


def grain_of(period: Period) -> Grain:
    """Days while they can be told apart, then weeks, then months."""
    if period.length <= DAILY_UP_TO:
        return "day"
    return "week" if period.length <= WEEKLY_UP_TO else "month"


def _ask(ask: Ask, subject: Subject, dimension: str, first: date, last: date, kind: Kind | None = None) -> Answer:
    return ask(
        Query(
            sites=(subject.site,),
            metrics=(subject.metric,),
            dimensions=(dimension,),
            filters=subject.filters,
            first=first,
            last=last,
            estimate=kind or subject.estimate,
        )
    )


def _by_label(answer: Answer) -> dict[str, Estimate]:
    return {row.dimensions[0]: row.values[0] for row in answer.rows if row.values[0] is not None}


def _total(estimates: Iterable[Estimate]) -> Estimate | None:
    parts = tuple(estimates)
    return add(parts) if parts else None


def _totals(pairs: list[tuple[Estimate, Estimate]]) -> tuple[Estimate | None, Estimate | None]:
    if not pairs:
        return None, None
    return add(now for now, _before in pairs), add(before for _now, before in pairs)


def add(estimates: Iterable[Estimate], share: float = 1.0) -> Estimate:
    """The sum of independent estimates (their variances add), times `share`."""
    parts = tuple(estimates)
    value = sum(part.value for part in parts) * share
    return estimate(Total(value, sum(part.stderr**2 for part in parts) * share**2))


def _buckets(period: Period, grain: Grain) -> list[list[date]]:
    found: dict[date, list[date]] = {}
    for day in period.days:
        start = day
        if grain == "week":
            start = day - timedelta(days=day.weekday())
        elif grain == "month":
            start = day.replace(day=1)
        found.setdefault(start, []).append(day)
    return list(found.values())


def _point(
    bucket: list[date],
    values: Mapping[date, Estimate],
    partners: list[date],
    why: Mapping[date, GapNote],
    grain: Grain,
    texts: Texts,
) -> Point:
    """A bucket of several days is told as its mean day, so that a bucket with gaps does not seem to fall."""
    now = [values[day] for day in bucket if day in values]
    before = [values[day] for day in partners if day in values]
    note, reason = _why_missing(bool(now), next((why[day] for day in bucket if day in why), None))
    if grain != "day" and now and len(now) < len(bucket):
        note = texts.say(_("{there} of {days} days"), there=len(now), days=len(bucket))
    label, axis_label = _labels(bucket, grain, texts)
    return Point(
        label,
        axis_label,
        add(now, 1 / len(now)) if now else None,
        add(before, 1 / len(before)) if before else None,
        note,
        reason,
        since=bucket[0],
    )


def _why_missing(is_there: bool, gap: GapNote | None) -> tuple[str, str]:
    return ("", "") if is_there or gap is None else (gap.text, gap.reason)


def _from_first_release(points: tuple[Point, ...]) -> tuple[Point, ...]:
    """The points without those that lie before the site was measured at all, unless there are no others."""
    start = next((place for place, point in enumerate(points) if point.reason != BEFORE), 0)
    return points[start:]


def _labels(bucket: list[date], grain: Grain, texts: Texts) -> tuple[str, str]:
    if grain == "day":
        return texts.weekday(bucket[0]), texts.short_day(bucket[0])
    if grain == "week":
        return texts.days(bucket[0], bucket[-1]), texts.short_day(bucket[0])
    return texts.month(bucket[0]), texts.short_month(bucket[0])


def _day_notes(gaps: tuple[GapNote, ...], period: Period) -> dict[date, GapNote]:
    return {day: gap for gap in gaps if not gap.hours for day in period.days if gap.first <= day <= gap.last}


def _hour_notes(gaps: tuple[GapNote, ...]) -> dict[str, GapNote]:
    return {hour: gap for gap in gaps for hour in gap.hours}
