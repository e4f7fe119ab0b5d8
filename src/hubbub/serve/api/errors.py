"""Errors as JSON: what is wrong, where, and what is allowed."""

from typing import Any

import msgspec
from litestar import MediaType, Request, Response
from litestar.exceptions import HTTPException, NotFoundException
from msgspec import Struct

from hubbub.core.errors import QueryError


class Problem(Struct, frozen=True, omit_defaults=True):
    """The body of an answer that is not an answer.

    error   the whole in one sentence
    field   the parameter that is wrong
    found   what it said
    allowed what it may say
    """

    error: str
    field: str = ""
    found: str = ""
    allowed: str = ""


class UnknownSite(NotFoundException):
    """No such site in `hubbub.yaml`."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"no site {name!r} here; GET /api/v1/sites lists them")


class UnknownTable(NotFoundException):
    """No such table in `hubbub.yaml`."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"no table {name!r} here; GET /api/v1/tables lists them")


def problem_response(problem: Problem, status: int, headers: dict[str, str] | None = None) -> Response[bytes]:
    """A problem as a response; never cached."""
    return Response(
        msgspec.json.encode(problem),
        status_code=status,
        media_type=MediaType.JSON,
        headers={"Cache-Control": "no-store", **(headers or {})},
    )


def on_query_error(_request: Request[Any, Any, Any], error: QueryError) -> Response[bytes]:
    """400: the question cannot be answered."""
    return problem_response(Problem(str(error), error.field, error.found, error.allowed), 400)


def on_unknown_site(_request: Request[Any, Any, Any], error: UnknownSite) -> Response[bytes]:
    """404, naming the site that was asked for."""
    problem = Problem(error.detail, "site", error.name, "a site that GET /api/v1/sites lists")
    return problem_response(problem, 404)


def on_unknown_table(_request: Request[Any, Any, Any], error: UnknownTable) -> Response[bytes]:
    """404, naming the table that was asked for."""
    problem = Problem(error.detail, "table", error.name, "a table that GET /api/v1/tables lists")
    return problem_response(problem, 404)


def on_http_error(_request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    """Whatever else Litestar refuses: method, path, key."""
    return problem_response(Problem(error.detail), error.status_code, dict(error.headers or {}))
