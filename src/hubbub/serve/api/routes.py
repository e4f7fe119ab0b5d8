"""The API put together: routers for the dashboard's app, and its OpenAPI settings."""

from typing import Any

import msgspec
from litestar import MediaType, Request, Response, Router, get, post
from litestar.exceptions import HTTPException
from litestar.openapi import OpenAPIConfig, ResponseSpec
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.types import ExceptionHandlersMap

from hubbub.core.errors import QueryError
from hubbub.serve.api.access import reader_guard
from hubbub.serve.api.docs import docs_page
from hubbub.serve.api.errors import Problem, UnknownSite, on_http_error, on_query_error, on_unknown_site
from hubbub.serve.api.ledger import ledger_handlers
from hubbub.serve.api.plausible import StatsResponse, answer_request
from hubbub.serve.api.stats import stats_handlers
from hubbub.serve.reading import ReadSide

HANDLERS: ExceptionHandlersMap = {
    QueryError: on_query_error,
    UnknownSite: on_unknown_site,
    HTTPException: on_http_error,
}
BODY_LIMIT = 64 * 1024


def api_routers(context: ReadSide) -> list[Router]:
    """`/api/v1` and `/api/v2`, guarded when the instance is private."""
    guards = [reader_guard(context.settings.access)]

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
    def ask_as_plausible(body: bytes) -> Response[bytes]:
        answer = answer_request(body, context)
        headers = {"Cache-Control": "no-store"}
        return Response(msgspec.json.encode(answer), media_type=MediaType.JSON, headers=headers)

    @get("/docs", include_in_schema=False, media_type=MediaType.HTML, sync_to_thread=False)
    def read_docs(request: Request[Any, Any, Any]) -> str:
        example = context.settings.sites[0].name if context.settings.sites else "portal.example"
        return docs_page(request.app.openapi_schema.to_schema(), example)

    @get("/openapi.json", include_in_schema=False, media_type=MediaType.JSON, sync_to_thread=False)
    def read_schema(request: Request[Any, Any, Any]) -> dict[str, Any]:
        return request.app.openapi_schema.to_schema()

    first = Router(
        "/api/v1",
        route_handlers=[*stats_handlers(context), *ledger_handlers(context), read_docs, read_schema],
        guards=guards,
        exception_handlers=HANDLERS,
        tags=["Released numbers"],
    )
    second = Router(
        "/api/v2",
        route_handlers=[ask_as_plausible],
        guards=guards,
        exception_handlers=HANDLERS,
        tags=["Plausible's format"],
    )
    return [first, second]


def openapi_config(version: str) -> OpenAPIConfig:
    """Settings of the schema. Litestar's own pages for it load from another host, so none of them is kept."""
    return OpenAPIConfig(
        title="hubbub",
        version=version,
        description="Released numbers of a city's portals, each with its error. Nothing else can be asked.",
        path="/api/v1/schema",
        render_plugins=[JsonRenderPlugin()],
    )
