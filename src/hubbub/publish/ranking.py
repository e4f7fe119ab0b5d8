"""The order of an answer's rows, and which of them are returned."""

from hubbub.publish.catalogue import TIMES, WITHIN, dimension_of
from hubbub.publish.query import AnswerRow, Order, Query, Reading


def ranked(reading: Reading, rows: list[AnswerRow]) -> tuple[list[AnswerRow], int]:
    """The rows in order, cut to offset and limit, and how many of all are grey.

    Without an order: times upwards; steps as they follow each other; else rows whose first metric is shown, by its
    value downwards, then the grey ones likewise, so that a cut list loses grey rows first. An explicit order is kept as
    asked.
    """
    query = reading.query
    grey = sum(map(_is_grey, rows))
    ordered = sorted(rows, key=lambda row: row.dimensions)
    if query.order:
        for order in reversed(query.order):
            _sort(ordered, query, order)
    else:
        if reading.key not in WITHIN:
            _sort(ordered, query, Order(query.metrics[0]))
            ordered.sort(key=_is_grey)
        for asked in reversed(query.dimensions):
            if dimension_of(asked) in TIMES:
                _sort(ordered, query, Order(asked, "asc"))
    return ordered[query.offset : query.offset + query.limit], grey


def _is_grey(row: AnswerRow) -> bool:
    first = row.values[0]
    return first is None or not first.shown


def _sort(rows: list[AnswerRow], query: Query, order: Order) -> None:
    """Sort in place, stably; rows without the metric come last either way."""
    descends = order.direction == "desc"
    if order.by not in query.metrics:
        place = query.dimensions.index(order.by)
        rows.sort(key=lambda row: row.dimensions[place], reverse=descends)
        return
    column = query.metrics.index(order.by)

    def rank(row: AnswerRow) -> tuple[bool, float]:
        value = row.values[column]
        return (True, 0.0) if value is None else (False, -value.value if descends else value.value)

    rows.sort(key=rank)
