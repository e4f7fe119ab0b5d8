"""One row of an answer: the sums of its cells as estimates."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from msgspec import Struct
from msgspec.structs import replace

from hubbub.core.keys import Measure
from hubbub.core.vocabulary import DURATION_BINS
from hubbub.publish.catalogue import RATIOS, SITE, dimension_of
from hubbub.publish.intervals import Estimate, Fraction, Total, estimate, ratio, share, total_of
from hubbub.publish.query import AnswerRow, Reading
from hubbub.publish.scan import CellSum

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


def row_of(reading: Reading, place: Place, sums: list[CellSum], of_days: int) -> AnswerRow:
    """The row of a place: one estimate a metric, None where no cell was released."""
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
