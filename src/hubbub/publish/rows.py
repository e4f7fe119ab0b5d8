"""One row of an answer: the sums of its cells as estimates."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date, timedelta

from msgspec import Struct
from msgspec.structs import replace

from hubbub.core.vocabulary import DURATION_BINS, RETURNING
from hubbub.publish.catalogue import SITE, Answering, dimension_of
from hubbub.publish.histograms import DURATION, ENGAGED, SCROLL, mean, median, weighted
from hubbub.publish.intervals import Estimate, Fraction, Total, estimate, ratio, share, total_of
from hubbub.publish.query import AnswerRow, Reading
from hubbub.publish.scan import CellSum

BOUNCE = DURATION_BINS[0][0]
FIRST = RETURNING[0]
WHOLE = "whole"  # the bin of a sum that a rate divides by, beside the sum that is asked for


class Place(Struct, frozen=True):
    """Which row a cell belongs to; what the query does not tell apart is ""."""

    site: str
    bucket: str
    hour: str
    key: str


def bucket_label(day: date, times: tuple[str, ...]) -> str:
    """How a day's row is named: the day, its week's Monday, or its month ("2026-03"); "" without a time."""
    if "day" in times:
        return day.isoformat()
    if "week" in times:
        return (day - timedelta(days=day.weekday())).isoformat()
    return f"{day:%Y-%m}" if "month" in times else ""


def row_of(reading: Reading, place: Place, sums: list[CellSum], of_days: int) -> AnswerRow:
    """The row of a place: one estimate a metric, None where no cell was released."""
    values = tuple(
        _value(metric, answering, sums)
        for metric, answering in zip(reading.query.metrics, reading.answers, strict=True)
    )
    counted = {measure.value for measure in reading.answers[0].read[-2 if reading.key == "page" else -1 :]}
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


def _value(metric: str, answering: Answering, sums: list[CellSum]) -> Estimate | None:
    mine = [one for one in sums if one.group.measure in answering.read]
    if not mine:
        return None
    if answering.of:
        return _rate_of_days(metric, answering, mine)
    if metric == "conversion_rate":
        return _conversion(mine)
    if of_bins := BINNED.get(metric):
        return of_bins(_by_bin(mine))
    return estimate(total_of(one.total for one in mine if one.group.bin != WHOLE))


def _by_bin(sums: list[CellSum]) -> dict[str, Total]:
    """The sums of each bin, over sites."""
    found: dict[str, list[Total]] = defaultdict(list)
    for one in sums:
        found[one.group.bin].append(one.total)
    return {name: total_of(totals) for name, totals in found.items()}


BINNED: dict[str, Callable[[dict[str, Total]], Estimate]] = {
    "bounce_rate": lambda bins: share(weighted(bins, {BOUNCE: 1.0}), "visits"),
    "visit_duration": lambda bins: mean(bins, DURATION, "visits"),
    "engaged_time": lambda bins: mean(bins, ENGAGED, "pages"),
    "engaged_median": lambda bins: median(bins, ENGAGED, "pages"),
    "scroll_depth": lambda bins: mean(bins, SCROLL, "pages"),
    "scroll_median": lambda bins: median(bins, SCROLL, "pages"),
    "return_rate": lambda bins: share(weighted(bins, {each: 1.0 for each in bins if each != FIRST}), "visitors"),
}
"""Metrics that weigh the bins of a histogram."""


def _conversion(sums: list[CellSum]) -> Estimate:
    """Those of a funnel that came to a step, or to its end, of those that began it: a part of the same cells."""
    bins = _by_bin(sums)
    if WHOLE in bins:
        part, whole = bins[""], bins[WHOLE]
    else:
        part, whole = bins[max(bins, key=int)], total_of(bins.values())
    return share(Fraction(part.value, part.variance, whole.value, whole.variance, part.variance), "visitors")


def _rate_of_days(metric: str, answering: Answering, sums: list[CellSum]) -> Estimate | None:
    """Over the days that have both; a day whose numbers were lost must not count its visitors. Two measures' noise is
    independent.
    """
    days: dict[tuple[str, date | None], dict[bool, Total]] = defaultdict(dict)
    for one in sums:
        days[one.group.source, one.group.bucket][one.group.measure in answering.of] = one.total
    both = [pair for pair in days.values() if len(pair) == 2]
    if not both:
        return None
    part, whole = total_of(pair[False] for pair in both), total_of(pair[True] for pair in both)
    fraction = Fraction(part.value, part.variance, whole.value, whole.variance, 0.0)
    return share(fraction, "visitors") if metric == "conversion_rate" else ratio(fraction, "visitors")
