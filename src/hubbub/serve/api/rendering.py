"""Answers as JSON and CSV."""

import csv
from collections.abc import Iterator
from datetime import date
from io import StringIO
from math import isfinite
from typing import Any

import msgspec
from msgspec import Struct

from hubbub.publish.intervals import Estimate
from hubbub.publish.query import Answer, AnswerRow


class EstimateBody(Struct, frozen=True):
    """A number with its error. Ratios without enough data have null errors.

    shown        false: too noisy to mean anything; `why_not` says so in words
    nonnegative  of consistent estimates alone: the number to display, at least zero, with the same sum
    """

    value: float | int
    stderr: float | None
    low95: float | None
    high95: float | None
    shown: bool
    why_not: str
    nonnegative: float | int | msgspec.UnsetType = msgspec.UNSET


class GapBody(Struct, frozen=True):
    """Days, or hours of a day, that have no numbers, and why."""

    site: str
    measures: tuple[str, ...]
    first: date
    last: date
    hours: tuple[str, ...]
    reason: str
    text: str


class AnswerBody(Struct, frozen=True, kw_only=True):
    """The answer to a query.

    rows     one object a row: each dimension's value under its name as asked; each metric's estimate under its
             name (null: nothing was released); `days` summed of the `of_days` spanned; `is_new` for new keys
    total    rows there are before limit and offset; `grey` of them are too noisy to show
    days     site-days in the period
    gaps     what is missing from the sums; never counted as zero
    notes    what these numbers rest on, as sentences
    estimate what the numbers are: `raw`, as released; `consistent` or `smoothed`, estimates made of released numbers
    whole    of consistent estimates: what the rows add up to
    trial    true: the numbers are not private
    previous the same question about the period of the same length just before, when asked for
    """

    site: str
    first: date = msgspec.field(name="from")
    last: date = msgspec.field(name="to")
    timezone: str
    metrics: tuple[str, ...]
    dimensions: tuple[str, ...]
    filters: tuple[str, ...]
    rows: tuple[dict[str, str | int | bool | EstimateBody | None], ...]
    total: int
    grey: int
    days: int
    gaps: tuple[GapBody, ...]
    notes: tuple[str, ...]
    trial: bool
    estimate: str = "raw"
    whole: EstimateBody | msgspec.UnsetType = msgspec.UNSET
    previous: "AnswerBody | None" = None


def answer_body(
    answer: Answer, timezone: str, filters: tuple[str, ...], *, trial: bool, previous: AnswerBody | None = None
) -> AnswerBody:
    """The answer as it is sent; `trial` marks all answers of a home that ever ran one."""
    query = answer.query
    return AnswerBody(
        site=",".join(query.sites),
        first=query.first,
        last=query.last,
        timezone=timezone,
        metrics=query.metrics,
        dimensions=query.dimensions,
        filters=filters,
        rows=tuple(_row_body(answer, row) for row in answer.rows),
        total=answer.total,
        grey=answer.grey,
        days=answer.days,
        gaps=gap_bodies(answer),
        notes=answer.notes,
        trial=answer.trial or trial,
        estimate=query.estimate,
        whole=msgspec.UNSET if answer.whole is None else estimate_body(answer.whole),
        previous=previous,
    )


def gap_bodies(answer: Answer) -> tuple[GapBody, ...]:
    """What is missing from an answer."""
    return tuple(
        GapBody(gap.site, gap.measures, gap.first, gap.last, gap.hours, gap.reason, gap.text) for gap in answer.gaps
    )


def _row_body(answer: Answer, row: AnswerRow) -> dict[str, str | int | bool | EstimateBody | None]:
    dimensions = dict(zip(answer.query.dimensions, row.dimensions, strict=True))
    metrics = {
        metric: None if value is None else estimate_body(value)
        for metric, value in zip(answer.query.metrics, row.values, strict=True)
    }
    return {**dimensions, **metrics, "days": row.days, "of_days": row.of_days, "is_new": row.is_new}


def estimate_body(estimate: Estimate) -> EstimateBody:
    """An estimate as it is sent: whole numbers without a point, the rest to four places."""
    return EstimateBody(
        whole(estimate.value),
        _finite(estimate.stderr),
        _finite(estimate.low95),
        _finite(estimate.high95),
        estimate.shown,
        estimate.why_not,
        msgspec.UNSET if estimate.nonnegative is None else whole(estimate.nonnegative),
    )


def whole(value: float) -> float | int:
    """A whole number as an int, any other to four places."""
    return int(value) if value.is_integer() else round(value, 4)


def _finite(value: float) -> float | None:
    return round(value, 4) + 0.0 if isfinite(value) else None  # never -0.0


def csv_text(answer: Answer) -> str:
    """The rows as CSV: the dimensions, and for every metric its value, error, interval and whether it is shown.

    What is not as released says in a last column what it is.
    """
    output = StringIO()
    label = () if answer.query.estimate == "raw" else ("estimate", answer.query.estimate)
    writer = csv.writer(output, lineterminator="\n")
    writer.writerow([*answer.query.dimensions, *_csv_columns(answer), "days", "of_days", *label[:1]])
    for row in answer.rows:
        values = [part for value in row.values for part in csv_parts(value, answer.query.estimate)]
        writer.writerow([*row.dimensions, *values, row.days, row.of_days, *label[1:]])
    return output.getvalue()


def _csv_columns(answer: Answer) -> Iterator[str]:
    display = ("nonnegative",) if answer.query.estimate == "consistent" else ()
    for metric in answer.query.metrics:
        yield metric
        for part in ("stderr", "low95", "high95", "shown", *display):
            yield f"{metric}_{part}"


def csv_parts(value: Estimate | None, kind: str = "raw") -> tuple[Any, ...]:
    """An estimate's columns: five, and of a consistent one a sixth."""
    width = 6 if kind == "consistent" else 5
    if value is None:
        return ("",) * width
    body = estimate_body(value)
    return (body.value, body.stderr, body.low95, body.high95, str(body.shown).lower(), body.nonnegative)[:width]
