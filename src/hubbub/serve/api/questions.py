"""From the parameters of `GET /api/v1/query` to a query."""

import re
from datetime import date
from typing import get_args

from msgspec import Struct

from hubbub.core.errors import QueryError
from hubbub.publish.estimates import KINDS, Kind
from hubbub.publish.query import LIMIT, Filter, Order, Query
from hubbub.serve.api.errors import UnknownSite
from hubbub.serve.api.periods import DEFAULT, day_in, period_of
from hubbub.serve.reading import ReadSide

UNESCAPED_BAR = re.compile(r"(?<!\\)\|")


class Parameters(Struct, frozen=True):
    """The parameters as sent; None where one was left out."""

    site: str | None
    metrics: str | None
    dimensions: str | None
    first: str | None
    last: str | None
    period: str | None
    filters: tuple[str, ...]
    order: str | None
    limit: str | None
    offset: str | None
    estimate: str | None = None


def query_of(asked: Parameters, context: ReadSide) -> Query:
    """The query that was asked for. Raises `QueryError` and `UnknownSite`."""
    sites = _sites(asked.site, context)
    first, last = _period(asked, sites, context)
    return Query(
        sites=sites,
        metrics=names_in(asked.metrics) or ("visitors",),
        dimensions=names_in(asked.dimensions),
        first=first,
        last=last,
        filters=tuple(filter_of(text) for text in asked.filters),
        order=tuple(order_of(text) for text in names_in(asked.order)),
        limit=number_in(asked.limit, "limit", LIMIT),
        offset=number_in(asked.offset, "offset", 0),
        estimate=_kind(asked.estimate),
    )


def _sites(text: str | None, context: ReadSide) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(names_in(text)))
    if not names:
        known = ", ".join(site.name for site in context.settings.sites)
        raise QueryError("site", "nothing", f"one or more of {known}, with commas between")
    for name in names:
        if context.settings.site(name) is None:
            raise UnknownSite(name)
    return names


def _period(asked: Parameters, sites: tuple[str, ...], context: ReadSide) -> tuple[date, date]:
    """The days asked for: `from` and `to`, or a named period; 30 days up to yesterday when neither is given."""
    today = context.calendar().today(sites[0])
    if asked.period and (asked.first or asked.last):
        raise QueryError("period", repr(asked.period), "either `period`, or `from` and `to`")
    if asked.first or asked.last:
        last = day_in(asked.last, "to") if asked.last else today
        return (day_in(asked.first, "from") if asked.first else last), last
    spans = [span for site in sites if (span := context.marts.span(site))]
    return period_of(asked.period or DEFAULT, today, min((span.first for span in spans), default=None))


def names_in(text: str | None) -> tuple[str, ...]:
    """What stands between commas."""
    return tuple(name.strip() for name in (text or "").split(",") if name.strip())


def _kind(text: str | None) -> Kind:
    kind: Kind | None = next((known for known in get_args(Kind) if known == (text or "raw")), None)
    if kind is None:
        raise QueryError("estimate", repr(text), ", ".join(KINDS))
    return kind


def filter_of(text: str) -> Filter:
    """`dimension==value`, or `dimension==a|b` for one of several; a bar within a value is written `\\|`."""
    dimension, equals, values = text.partition("==")
    if not equals:
        raise QueryError("filters", repr(text), "dimension==value, like country==AT or page==/a|/b")
    parts = (part.replace("\\|", "|") for part in UNESCAPED_BAR.split(values))
    return Filter(dimension.strip(), tuple(dict.fromkeys(parts)))


def order_of(text: str) -> Order:
    """`visitors` upwards, `-visitors` downwards."""
    return Order(text.removeprefix("-"), "desc" if text.startswith("-") else "asc")


def number_in(text: str | None, field: str, default: int) -> int:
    """A whole number. Raises `QueryError`."""
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise QueryError(field, repr(text), "a whole number")
    return int(text)
