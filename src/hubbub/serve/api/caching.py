"""ETags: an answer is named by the state it was made from and the question; who has it gets 304."""

from collections.abc import Mapping
from hashlib import sha256

from litestar import Response

from hubbub.core.settings import Access


def etag_of(*parts: str) -> str:
    """A strong ETag of these parts."""
    return f'"{sha256(chr(0).join(parts).encode()).hexdigest()[:24]}"'


def is_held(etag: str, headers: Mapping[str, str]) -> bool:
    """Whether the reader already has the answer of this ETag."""
    held = {tag.strip().removeprefix("W/") for tag in headers.get("if-none-match", "").split(",")}
    return etag in held or "*" in held


def cache_headers(access: Access, etag: str) -> dict[str, str]:
    """How an answer may be kept: released numbers by anyone for a minute, a private instance's by the reader alone."""
    if access.mode == "public":
        return {"ETag": etag, "Cache-Control": "public, max-age=60", "Access-Control-Allow-Origin": "*"}
    return {"ETag": etag, "Cache-Control": "private, no-cache"}


def not_modified(headers: dict[str, str]) -> Response[bytes]:
    """304 without a body."""
    return Response(b"", status_code=304, headers=headers, media_type="application/json")
