"""`GET /hubbub.js`: the tracker's file (and its extras), plain and gzipped, with an ETag of its content."""

import gzip
import hashlib
from collections.abc import Mapping
from pathlib import Path

from hubbub.serve.replies import Response, response

SCRIPT = Path(__file__).parent / "static" / "hubbub.js"
SCRIPTS = {f"/{path.name}": path for path in sorted(SCRIPT.parent.glob("hubbub*.js"))}
MAX_AGE_S = 86_400


class Tracker:
    """The responses for one script, made once."""

    def __init__(self, script: bytes) -> None:
        tag = hashlib.sha256(script).hexdigest()[:16]
        packed = gzip.compress(script, mtime=0)
        self._plain = _answer(200, script, f'"{tag}"')
        self._packed = _answer(200, packed, f'"{tag}-gzip"', content_encoding="gzip")
        self._unchanged = {etag: response(304, b"", etag=etag, **_CACHING) for etag in (f'"{tag}"', f'"{tag}-gzip"')}

    def answer(self, headers: Mapping[str, str]) -> Response:
        """The script as this client takes it, or 304 when it has it."""
        for known in headers.get("if-none-match", "").split(","):
            unchanged = self._unchanged.get(known.strip().removeprefix("W/"))
            if unchanged is not None:
                return unchanged
        return self._packed if "gzip" in headers.get("accept-encoding", "") else self._plain


_CACHING = {
    "cache_control": f"public, max-age={MAX_AGE_S}",
    "vary": "accept-encoding",
    "access_control_allow_origin": "*",
    "cross_origin_resource_policy": "cross-origin",
}


def _answer(status: int, body: bytes, etag: str, **more: str) -> Response:
    return response(
        status,
        body,
        content_type="text/javascript; charset=utf-8",
        x_content_type_options="nosniff",
        etag=etag,
        **_CACHING,
        **more,
    )
