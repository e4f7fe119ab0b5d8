"""The last audit of the noise: what each mechanism may cost, and what many runs of it show."""

from typing import Any

import msgspec
from litestar import MediaType, Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import ResponseSpec
from msgspec import Struct

from hubbub.core.audit_text import AuditText
from hubbub.serve.api.caching import cache_headers, etag_of, is_held, not_modified
from hubbub.serve.api.errors import Problem, problem_response
from hubbub.serve.reading import ReadSide


class AuditBody(Struct, frozen=True):
    """The audit, and its outcome.

    holds           no mechanism was found to cost more than is declared
    broken, caught  how many copies were broken on purpose, and how many of them the same test caught
    """

    holds: bool
    broken: int
    caught: int
    audit: AuditText


def audit_handlers(context: ReadSide) -> list[HTTPRouteHandler]:
    """The handler of the audit."""

    @get(
        "/audit",
        summary="The last audit",
        description="Lower bounds on what each mechanism costs, from many runs, beside what is declared.",
        media_type=MediaType.JSON,
        responses={
            200: ResponseSpec(AuditBody, description="The audit"),
            404: ResponseSpec(Problem, description="None was made"),
        },
        sync_to_thread=True,
    )
    def read_audit(request: Request[Any, Any, Any]) -> Response[bytes]:
        audit = context.audit()
        if audit is None:
            return problem_response(Problem("no audit was made yet: `hubbub audit --run` makes one"), 404)
        body = msgspec.json.encode(AuditBody(audit.holds, audit.broken, audit.caught, audit))
        headers = cache_headers(context.settings.access, etag_of("audit", body.decode()))
        if is_held(headers["ETag"], request.headers):
            return not_modified(headers)
        return Response(body, media_type=MediaType.JSON, headers=headers)

    return [read_audit]
