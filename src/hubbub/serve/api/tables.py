"""`GET /api/v1/tables` and `GET /api/v1/tables/{table}/{measure}`."""

from datetime import date
from typing import Annotated, Any

import msgspec
from litestar import MediaType, Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import ResponseSpec
from litestar.params import FromPath, QueryParameter

from hubbub.core.errors import QueryError
from hubbub.core.tables import Table
from hubbub.publish.query import LIMIT
from hubbub.publish.table_questions import PERIODS, Question
from hubbub.serve.api.caching import cache_headers, etag_of, is_held, not_modified
from hubbub.serve.api.errors import Problem, UnknownTable
from hubbub.serve.api.periods import DEFAULT, NAMES, day_in, period_of
from hubbub.serve.api.questions import filter_of, names_in, number_in, order_of
from hubbub.serve.api.stats import MEDIA_CSV, format_of, refuse_unknown
from hubbub.serve.api.table_rendering import TableAnswerBody, TablesBody, table_answer_body, table_csv, tables_body
from hubbub.serve.reading import ReadSide

PARAMETERS = "by from to period filters order limit offset estimate format".split()


def table_handlers(context: ReadSide) -> list[HTTPRouteHandler]:
    """The handlers of questions to declared tables."""
    access = context.settings.access

    @get(
        "/tables",
        summary="The tables",
        description="Declared tables, each with its measures in words and what they can be told apart by.",
        media_type=MediaType.JSON,
        responses={200: ResponseSpec(TablesBody, description="All tables")},
        sync_to_thread=True,
    )
    def list_tables(request: Request[Any, Any, Any]) -> Response[bytes]:
        names = [table.name for table in context.settings.tables]
        etag = etag_of("tables", context.state_of(names), context.ledger.head())
        headers = {**cache_headers(access, etag), "Vary": "Authorization"}
        if is_held(etag, request.headers):
            return not_modified(headers)
        return Response(msgspec.json.encode(tables_body(context)), media_type=MediaType.JSON, headers=headers)

    @get(
        "/tables/{table:str}/{measure:str}",
        summary="Ask a table",
        description="One measure of a declared table; every number with its standard error and 95 % interval.",
        media_type=MediaType.JSON,
        responses={
            200: ResponseSpec(TableAnswerBody, description="The answer"),
            400: ResponseSpec(Problem, description="The question cannot be answered: field, found, allowed"),
            404: ResponseSpec(Problem, description="No such table"),
        },
        sync_to_thread=True,
    )
    def ask_table(
        request: Request[Any, Any, Any],
        table: FromPath[str],
        measure: FromPath[str],
        by: Annotated[
            str | None,
            QueryParameter(description="With commas: what the measure is told apart by; one of day, week, month"),
        ] = None,
        from_: Annotated[str | None, QueryParameter(name="from", description="First local day, YYYY-MM-DD")] = None,
        to: Annotated[str | None, QueryParameter(description="Last local day, YYYY-MM-DD; today if left out")] = None,
        period: Annotated[str | None, QueryParameter(description="Instead of days: " + ", ".join(NAMES))] = None,
        filters: Annotated[
            list[str] | None,
            QueryParameter(description="column==value, or column==a|b for one of several; may be repeated"),
        ] = None,
        order: Annotated[
            str | None, QueryParameter(description="Metrics or columns with commas; -name sorts downwards")
        ] = None,
        limit: Annotated[str | None, QueryParameter(description="Rows at most, up to 10000")] = None,
        offset: Annotated[str | None, QueryParameter(description="Rows to leave out first")] = None,
        estimate: Annotated[
            str | None, QueryParameter(description="raw if left out; else unbounded or smoothed, made of those")
        ] = None,
        format_: Annotated[
            str | None, QueryParameter(name="format", description="json or csv; else what Accept prefers")
        ] = None,
    ) -> Response[bytes]:
        refuse_unknown(request, PARAMETERS)
        asked = context.settings.table(table)
        if asked is None:
            raise UnknownTable(table)
        first, last = _days(asked, (from_, to, period), context)
        names = names_in(by)
        times = [name for name in names if name in PERIODS]
        if len(times) > 1:
            raise QueryError("by", ", ".join(times), "one of day, week, month")
        question = Question(
            source=table,
            measure=measure,
            first=first,
            last=last,
            by=tuple(name for name in names if name not in PERIODS),
            period=times[0] if times else "",
            filters=tuple(filter_of(text) for text in filters or ()),
            order=tuple(order_of(text) for text in names_in(order)),
            limit=number_in(limit, "limit", LIMIT),
            offset=number_in(offset, "offset", 0),
            estimate=estimate or "raw",
        )
        form = format_of(format_, request.headers.get("accept", ""))
        etag = etag_of(context.state_of((table,)), repr(question), form, context.ledger.head())
        headers = {**cache_headers(access, etag), "Vary": "Accept, Authorization"}
        if is_held(etag, request.headers):
            return not_modified(headers)
        answer = context.ask_table(asked, question)
        if form == "csv":
            return Response(table_csv(answer).encode(), media_type=MEDIA_CSV, headers=headers)
        zone, trial = context.settings.zone_of(table), context.ledger.is_trial()
        body = table_answer_body(answer, zone, tuple(filters or ()), trial=trial)
        return Response(msgspec.json.encode(body), media_type=MediaType.JSON, headers=headers)

    return [list_tables, ask_table]


def _days(table: Table, asked: tuple[str | None, str | None, str | None], context: ReadSide) -> tuple[date, date]:
    """`from` and `to`, or a named period; 30 days up to yesterday when neither is given."""
    first, last, period = asked
    today = context.calendar().today(table.name)
    if period and (first or last):
        raise QueryError("period", repr(period), "either `period`, or `from` and `to`")
    if first or last:
        end = day_in(last, "to") if last else today
        return (day_in(first, "from") if first else end), end
    span = context.marts.span(table.name)
    return period_of(period or DEFAULT, today, span.first if span else None)
