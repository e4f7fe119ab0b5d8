"""Answers about a declared table with estimates in the place of released numbers: unbounded, and smoothed."""

from collections import defaultdict

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from hubbub.core.tables import Table
from hubbub.publish.correction import Corrected
from hubbub.publish.marts import Marts
from hubbub.publish.shelf import day_number
from hubbub.publish.table_kinds import Shape
from hubbub.publish.table_questions import Question
from hubbub.publish.table_sums import Found
from hubbub.publish.unbounded import Course, course, total
from hubbub.publish.unbounded_days import Past, read_past
from hubbub.publish.unbounded_smoothing import smoothed

LABELS: dict[str, str] = {
    "unbounded": (
        "Estimates of what would be counted without a bound, not the released numbers: what the bound took away is put "
        "back by factors that released numbers tell of groups of keys. Intervals hold the noise, the factors’ own "
        "error, and how keys of a group differ. For sums, comparisons and targets take the released numbers."
    ),
    "smoothed": (
        "Smoothed estimates of what would be counted without a bound, not the released numbers: what the bound took "
        "away is put back, and each key’s day is told in the light of the 60 days before it. A jump of less than about "
        "five standard errors is only followed over some days. For sums, comparisons and targets take the released "
        "numbers."
    ),
}


class Estimated(Struct, frozen=True):
    """Rows, what their numbers are (`raw` where nothing could be estimated), and a sentence that says so."""

    found: Found
    estimate: str
    note: str


def estimated(marts: Marts, table: Table, shape: Shape, question: Question, raw: Found) -> Estimated:
    """The rows of a checked question, estimated; as released, with the reason, where too little is known."""
    past = read_past(marts, table, shape, question.first, question.last)
    if past is None:
        return Estimated(raw, question.estimate, LABELS[question.estimate])
    by_day = course(past, shape.kind)
    if by_day.why_not:
        return Estimated(raw, "raw", f"These are the released numbers, as nothing could be put back: {by_day.why_not}.")
    if question.estimate == "smoothed":
        try:
            best = smoothed(past, by_day, shape.kind)
            return Estimated(_rows(past, by_day, best, question, raw), "smoothed", LABELS["smoothed"])
        except ValueError as error:
            note = f"Not smoothed: {error}. {LABELS['unbounded']}"
            return Estimated(_rows(past, by_day, _whole(past, by_day, question), question, raw), "unbounded", note)
    return Estimated(
        _rows(past, by_day, _whole(past, by_day, question), question, raw), "unbounded", LABELS["unbounded"]
    )


def _asked(past: Past, question: Question) -> slice:
    start = day_number(past.first)
    return slice(max(0, day_number(question.first) - start), day_number(question.last) - start + 1)


def _whole(past: Past, by_day: Course, question: Question) -> Corrected:
    return total(by_day, _asked(past, question))


def _rows(past: Past, by_day: Course, told: Corrected, question: Question, raw: Found) -> Found:
    """The keys' estimates added up by what is asked. What is a key's own is independent of other keys'; errors of
    factors may be the same for all of them, so those add as they are and not their squares.
    """
    places = [past.dimensions.index(name) for name in question.by]
    wanted = [(past.dimensions.index(one.dimension), set(one.values)) for one in question.filters]
    rows = defaultdict[tuple[str, ...], list[int]](list)
    for place, key in enumerate(past.keys):
        if np.isfinite(told.values[place]) and all(key[at] in values for at, values in wanted):
            rows[tuple(key[at] for at in places)].append(place)
    there = np.isfinite(by_day.values[_asked(past, question)])
    values, variances, days = [], [], []
    for mine in rows.values():
        own = told.variances[mine]
        shared = np.sqrt(np.maximum(told.stderrs[mine] ** 2 - own, 0.0)).sum()
        values.append(float(told.values[mine].sum()))
        variances.append(float(own.sum() + shared**2))
        days.append(int(there[:, mine].any(axis=1).sum()))
    count = len(rows)
    return replace(
        raw,
        buckets=np.full(count, -1, np.int64),
        keys=tuple(rows),
        value=np.array(values).reshape(count, 1),
        variance=np.array(variances).reshape(count, 1),
        covariance=np.zeros(count),
        days=np.array(days, np.int64),
        news={},
    )
