"""The API put together: its routes for the dashboard's app, and the schema that describes them."""

from functools import cache
from typing import Any

import msgspec
from litestar import Litestar, MediaType, Response, Router, get, post
from litestar.exceptions import HTTPException
from litestar.openapi import OpenAPIConfig, ResponseSpec
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.params import RawBody
from litestar.types import ControllerRouterHandler, ExceptionHandlersMap

from hubbub.core.errors import QueryError
from hubbub.serve.api.access import reader_guard, writer_guard
from hubbub.serve.api.audit import audit_handlers
from hubbub.serve.api.docs import docs_page
from hubbub.serve.api.errors import (
    Problem,
    UnknownSite,
    UnknownTable,
    on_http_error,
    on_query_error,
    on_unknown_site,
    on_unknown_table,
)
from hubbub.serve.api.ledger import ledger_handlers
from hubbub.serve.api.plausible import StatsResponse, answer_request
from hubbub.serve.api.remarks import remark_handlers
from hubbub.serve.api.stats import stats_handlers
from hubbub.serve.api.tables import table_handlers
from hubbub.serve.api.targets import target_handlers
from hubbub.serve.api.trends import trend_handlers
from hubbub.serve.reading import ReadSide

EXCEPTION_HANDLERS: ExceptionHandlersMap = {
    QueryError: on_query_error,
    UnknownSite: on_unknown_site,
    UnknownTable: on_unknown_table,
    HTTPException: on_http_error,
}
CHANGES = "What a key with the scope `write` may change"
BODY_LIMIT = 64 * 1024
API_VERSION = "1"


def api_handlers(context: ReadSide) -> list[ControllerRouterHandler]:
    """`/api/v1` and `/api/v2`, guarded when the instance is private, and their description, open to all."""
    guarded = _routers(context)

    @cache
    def schema() -> dict[str, Any]:
        return schema_of(guarded)

    @get("/api/v1/openapi.json", include_in_schema=False, media_type=MediaType.JSON, sync_to_thread=True)
    def read_schema() -> dict[str, Any]:
        return schema()

    @get("/api/v1/docs", include_in_schema=False, media_type=MediaType.HTML, sync_to_thread=True)
    def read_docs() -> str:
        sites = context.settings.sites
        example = sites[0].name if sites and context.settings.access.mode == "public" else "portal.example"
        return docs_page(schema(), example)

    return [*guarded, read_schema, read_docs]


def schema_of(routers: list[Router]) -> dict[str, Any]:
    """The OpenAPI schema of these routes alone, whatever app they stand in."""
    config = OpenAPIConfig(
        title="hubbub",
        version=API_VERSION,
        description="Released numbers of a city's portals and tables, each with its error. Nothing else can be asked.",
        render_plugins=[JsonRenderPlugin()],  # the default ones load from another host
    )
    return Litestar(routers, openapi_config=config, logging_config=None).openapi_schema.to_schema()


def _routers(context: ReadSide) -> list[Router]:
    @post(
        "/query",
        summary="Plausible's Stats API v2, for reading",
        description="Takes and gives Plausible's format; what is not released here is refused with the reason.",
        media_type=MediaType.JSON,
        status_code=200,
        request_max_body_size=BODY_LIMIT,
        responses={
            200: ResponseSpec(StatsResponse, description="The answer"),
            400: ResponseSpec(Problem, description="What does not exist here"),
            404: ResponseSpec(Problem, description="No such site"),
        },
        sync_to_thread=True,
    )
    def ask_as_plausible(body: RawBody) -> Response[bytes]:
        answer = answer_request(body, context)
        headers = {"Cache-Control": "no-store"}
        return Response(msgspec.json.encode(answer), media_type=MediaType.JSON, headers=headers)

    handlers = {
        ("/api/v1", "Released numbers"): [
            *stats_handlers(context),
            *table_handlers(context),
            *target_handlers(context),
            *ledger_handlers(context),
            *trend_handlers(context),
            *audit_handlers(context),
        ],
        ("/api/v2", "Plausible's format"): [ask_as_plausible],
        ("/api/v1", CHANGES): remark_handlers(context),
    }
    return [
        Router(
            path,
            route_handlers=routes,
            guards=[writer_guard(context) if tag == CHANGES else reader_guard(context)],
            exception_handlers=EXCEPTION_HANDLERS,
            tags=[tag],
        )
        for (path, tag), routes in handlers.items()
        if routes
    ]
