"""`GET /api/v1/query` and `GET /api/v1/sites`."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any

import msgspec
from litestar import MediaType, Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import ResponseSpec
from litestar.params import QueryParameter
from msgspec import Struct

from hubbub.core.errors import QueryError
from hubbub.publish.catalogue import ALIASES, DIMENSIONS, METRICS
from hubbub.publish.query import previous
from hubbub.serve.api.caching import cache_headers, etag_of, is_held, not_modified
from hubbub.serve.api.errors import Problem
from hubbub.serve.api.periods import NAMES
from hubbub.serve.api.questions import Parameters, query_of
from hubbub.serve.api.rendering import AnswerBody, answer_body, csv_text
from hubbub.serve.reading import ReadSide

FORMATS = ("json", "csv")
MEDIA_CSV = "text/csv"  # the charset is added to every text
REPEATED = "filters"
PARAMETERS = "site metrics dimensions from to period filters order limit offset compare estimate format".split()


class SiteBody(Struct, frozen=True):
    """A site, and which of its days have been released: anything (`first` to `last`), whole days until `closed`."""

    name: str
    title: str
    timezone: str
    first: date | None
    last: date | None
    closed: date | None


class SitesBody(Struct, frozen=True):
    """All sites; `trial`: the numbers are not private."""

    sites: tuple[SiteBody, ...]
    trial: bool


def stats_handlers(context: ReadSide) -> list[HTTPRouteHandler]:
    """The handlers of questions to released cells."""
    access = context.settings.access

    @get(
        "/query",
        summary="Ask released numbers",
        description="Every number comes with its standard error and its 95 % interval.",
        media_type=MediaType.JSON,
        responses={
            200: ResponseSpec(AnswerBody, description="The answer"),
            400: ResponseSpec(Problem, description="The question cannot be answered: field, found, allowed"),
            404: ResponseSpec(Problem, description="No such site"),
        },
        sync_to_thread=True,
    )
    def ask(
        request: Request[Any, Any, Any],
        site: Annotated[
            str | None, QueryParameter(description="Name of a site; several with commas are added up")
        ] = None,
        metrics: Annotated[str | None, QueryParameter(description="With commas: " + ", ".join(METRICS))] = None,
        dimensions: Annotated[
            str | None, QueryParameter(description="With commas: " + ", ".join((*DIMENSIONS, *ALIASES)))
        ] = None,
        from_: Annotated[str | None, QueryParameter(name="from", description="First local day, YYYY-MM-DD")] = None,
        to: Annotated[str | None, QueryParameter(description="Last local day, YYYY-MM-DD; today if left out")] = None,
        period: Annotated[str | None, QueryParameter(description="Instead of days: " + ", ".join(NAMES))] = None,
        filters: Annotated[
            list[str] | None,
            QueryParameter(description="dimension==value, or dimension==a|b for one of several; may be repeated"),
        ] = None,
        order: Annotated[
            str | None, QueryParameter(description="Metrics or dimensions with commas; -name sorts downwards")
        ] = None,
        limit: Annotated[str | None, QueryParameter(description="Rows at most, up to 10000")] = None,
        offset: Annotated[str | None, QueryParameter(description="Rows to leave out first")] = None,
        compare: Annotated[
            str | None, QueryParameter(description="`previous`: answer for the period before, too")
        ] = None,
        estimate: Annotated[
            str | None,
            QueryParameter(
                description="`raw`, as released; `consistent`: visitors that add up by channel, country and the like; "
                "`smoothed`: a metric by day in the light of its other days; `combined`: visitors by several of "
                "channel, country, device, browser, os and language together, where the site's settings ask for it"
            ),
        ] = None,
        format_: Annotated[
            str | None, QueryParameter(name="format", description="json or csv; else what Accept prefers")
        ] = None,
    ) -> Response[bytes]:
        refuse_unknown(request, PARAMETERS)
        parts = (site, metrics, dimensions, from_, to, period, tuple(filters or ()), order, limit, offset, estimate)
        asked = Parameters(*parts)
        query = query_of(asked, context)
        format_ = format_of(format_, request.headers.get("accept", ""))
        if compare not in (None, "", "previous"):
            raise QueryError("compare", repr(compare), "previous")
        etag = etag_of(context.state_of(query.sites), repr(query), str(compare), format_, context.ledger.head())
        headers = {**cache_headers(access, etag), "Vary": "Accept, Authorization"}
        if is_held(etag, request.headers):
            return not_modified(headers)
        answer = context.ask(query)
        if format_ == "csv":
            return Response(csv_text(answer).encode(), media_type=MEDIA_CSV, headers=headers)
        zone, trial = context.settings.zone_of(query.sites[0]), context.ledger.is_trial()
        before = None
        if compare:
            before = answer_body(context.ask(previous(query)), zone, asked.filters, trial=trial)
        body = answer_body(answer, zone, asked.filters, trial=trial, previous=before)
        return Response(msgspec.json.encode(body), media_type=MediaType.JSON, headers=headers)

    @get(
        "/sites",
        summary="The sites",
        media_type=MediaType.JSON,
        responses={200: ResponseSpec(SitesBody, description="All sites")},
        sync_to_thread=True,
    )
    def list_sites(request: Request[Any, Any, Any]) -> Response[bytes]:
        etag = etag_of(context.state_of(site.name for site in context.settings.sites), context.ledger.head())
        headers = {**cache_headers(access, etag), "Vary": "Authorization"}
        if is_held(etag, request.headers):
            return not_modified(headers)
        return Response(msgspec.json.encode(_sites_body(context)), media_type=MediaType.JSON, headers=headers)

    return [ask, list_sites]


def _sites_body(context: ReadSide) -> SitesBody:
    bodies = []
    for site in context.settings.sites:
        span = context.marts.span(site.name)
        days = (span.first, span.last, span.closed) if span else (None, None, None)
        bodies.append(SiteBody(site.name, site.title or site.name, context.settings.zone_of(site.name), *days))
    return SitesBody(tuple(bodies), context.ledger.is_trial())


def refuse_unknown(request: Request[Any, Any, Any], known: Sequence[str]) -> None:
    """A parameter that is misspelt or given twice must not silently change the question."""
    for name in request.query_params:
        if name not in known:
            raise QueryError("parameter", repr(name), ", ".join(known))
        if name != REPEATED and len(request.query_params.getall(name)) > 1:
            raise QueryError(name, "it twice", "each parameter once, with commas between several values")


def format_of(asked: str | None, accept: str) -> str:
    """The format that is asked for, else what the `Accept` header prefers. Raises `QueryError`."""
    if asked:
        if asked not in FORMATS:
            raise QueryError("format", repr(asked), ", ".join(FORMATS))
        return asked
    kinds = [part.partition(";")[0].strip() for part in accept.split(",")]
    return "csv" if "text/csv" in kinds and "application/json" not in kinds else "json"
