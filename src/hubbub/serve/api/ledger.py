"""The public ledger: every release, what it cost, and whether the chain of hashes holds."""

from collections.abc import Iterator
from threading import Lock
from typing import Annotated, Any

import msgspec
from litestar import MediaType, Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import ResponseSpec
from litestar.params import QueryParameter
from litestar.response import Stream

from hubbub.core.errors import QueryError
from hubbub.serve.api.caching import cache_headers, etag_of, is_held, not_modified
from hubbub.serve.api.errors import Problem, problem_response
from hubbub.serve.reading import ReadSide

FORMATS = ("json", "jsonl")
ENTRIES_A_CHUNK = 256


def ledger_handlers(context: ReadSide) -> list[HTTPRouteHandler]:
    """The handlers of the ledger."""
    verifying = Lock()

    @get(
        "/ledger",
        summary="The ledger",
        description="All entries, oldest first: JSON with the head's hash, or one entry a line (jsonl).",
        media_type=MediaType.JSON,
        sync_to_thread=True,
    )
    def read_ledger(
        request: Request[Any, Any, Any],
        format_: Annotated[str | None, QueryParameter(name="format", description="json or jsonl")] = None,
    ) -> Response[Any]:
        lines = format_ == "jsonl" or (not format_ and "ndjson" in request.headers.get("accept", ""))
        if format_ and format_ not in FORMATS:
            raise QueryError("format", repr(format_), ", ".join(FORMATS))
        head = context.ledger.head()
        etag = etag_of("ledger", head, str(lines))
        headers = {**cache_headers(context.settings.access, etag), "Vary": "Accept, Authorization"}
        if is_held(etag, request.headers):
            return not_modified(headers)
        if lines:
            return Stream(_lines(context), media_type="application/x-ndjson", headers=headers)
        return Stream(_document(context, head), media_type=MediaType.JSON, headers=headers)

    @get(
        "/ledger/verify",
        summary="Verify the ledger",
        description="Recomputes the chain of hashes now, and says where it breaks, if it does.",
        media_type=MediaType.JSON,
        responses={503: ResponseSpec(Problem, description="Someone else is verifying; try again in a second")},
        sync_to_thread=True,
    )
    def verify_ledger() -> Response[bytes]:
        if not verifying.acquire(blocking=False):
            return problem_response(Problem("the ledger is being verified just now"), 503, {"Retry-After": "1"})
        try:
            report = context.ledger.verify()
        finally:
            verifying.release()
        content = msgspec.json.encode(report)
        return Response(content, media_type=MediaType.JSON, headers={"Cache-Control": "no-store"})

    @get(
        "/ledger/plans",
        summary="The plans that sites were released by",
        description="Each site's versions and what each one changed; or, with a plan's name, its whole text as kept.",
        media_type=MediaType.JSON,
        sync_to_thread=True,
    )
    def read_plans(
        request: Request[Any, Any, Any],
        name: Annotated[str | None, QueryParameter(description="a plan's name, as in ledger entries")] = None,
    ) -> Response[Any]:
        etag = etag_of("plans", context.ledger.head(), name or "")
        headers = cache_headers(context.settings.access, etag)
        if is_held(etag, request.headers):
            return not_modified(headers)
        if name is None:
            versions = {site.name: context.ledger.plan_versions(site.name) for site in context.settings.sites}
            return Response(msgspec.json.encode({"plans": versions}), media_type=MediaType.JSON, headers=headers)
        text = context.ledger.plan_text(name)
        if not text:
            raise QueryError("name", repr(name[:80]), "a name that GET /api/v1/ledger/plans lists with its text kept")
        return Response(text, media_type=MediaType.JSON, headers=headers)

    return [read_ledger, verify_ledger, read_plans]


def _lines(context: ReadSide) -> Iterator[bytes]:
    for chunk in _chunks(context):
        yield b"".join(entry + b"\n" for entry in chunk)


def _document(context: ReadSide, head: str) -> Iterator[bytes]:
    trial = b"true" if context.ledger.is_trial() else b"false"
    yield b'{"head":' + msgspec.json.encode(head) + b',"trial":' + trial + b',"entries":['
    comma = b""
    for chunk in _chunks(context):
        yield comma + b",\n".join(chunk)
        comma = b",\n"
    yield b"]}"


def _chunks(context: ReadSide) -> Iterator[list[bytes]]:
    """Encoded entries, many at a time: every chunk sent costs a change of threads."""
    chunk: list[bytes] = []
    for entry in context.ledger.entries():
        chunk.append(msgspec.json.encode(entry))
        if len(chunk) == ENTRIES_A_CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
