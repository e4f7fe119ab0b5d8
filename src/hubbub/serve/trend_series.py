"""The days of a finding's series, from the query interface, for charts and links."""

from collections.abc import Mapping
from datetime import date

from hubbub.core.errors import QueryError
from hubbub.insight.series import SeriesName
from hubbub.publish.intervals import Estimate
from hubbub.publish.query import Filter, Query
from hubbub.publish.table_questions import Question
from hubbub.serve.reading import ReadSide


def days_of(read_side: ReadSide, name: SeriesName, first: date, last: date) -> Mapping[date, Estimate]:
    """The released number of each day that has one; none for what cannot be asked day by day."""
    table = read_side.settings.table(name.source)
    filters = tuple(Filter(dimension, (key,)) for dimension, key in name.where)
    try:
        if table is not None:
            question = Question(
                source=name.source, measure=name.metric, first=first, last=last, period="day", filters=filters
            )
            asked = read_side.ask_table(table, question)
            return {date.fromisoformat(row.when): value for row in asked.rows if (value := row.values[0])}
        sites = (name.source,) if name.source else tuple(site.name for site in read_side.settings.sites)
        dimensions = ("day",) if name.hour is None else ("day", "hour")
        answer = read_side.ask(
            Query(sites=sites, metrics=(name.metric,), dimensions=dimensions, filters=filters, first=first, last=last)
        )
    except QueryError:
        return {}
    hour = None if name.hour is None else f"{name.hour:02}:00"
    return {
        date.fromisoformat(row.dimensions[0]): value
        for row in answer.rows
        if (hour is None or row.dimensions[1] == hour) and (value := row.values[0])
    }
