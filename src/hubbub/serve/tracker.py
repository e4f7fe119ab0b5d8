"""The scripts that pages load: plain and gzipped, each with an ETag of its content.

/hubbub.js, /hubbub.more.js    the tracker and its extras
the rest of `SCRIPTS`          what snippets of other trackers load from their host: a small script of ours that
                               reads what they say, the extras and the tracker, in one file
"""

import gzip
import hashlib
import re
from collections.abc import Mapping
from pathlib import Path

from hubbub.serve.replies import Response, response

FOLDER = Path(__file__).parent / "static"
MAX_AGE_S = 86_400

_PLAUSIBLE = "/js/script.js"
_STAND_INS = {
    "plausible": (_PLAUSIBLE,),
    "umami": ("/script.js", "/umami.js"),
    "goatcounter": ("/count.js",),
    "matomo": tuple(f"{folder}/{name}.js" for folder in ("", "/matomo", "/piwik") for name in ("matomo", "piwik")),
}
SCRIPTS: Mapping[str, tuple[str, ...]] = {
    "/hubbub.js": ("hubbub.js",),
    "/hubbub.more.js": ("hubbub.more.js",),
    **{
        path: (f"compat_{name}.js", "hubbub.more.js", "hubbub.js")
        for name, paths in _STAND_INS.items()
        for path in paths
    },
}
"""Path → the files in `FOLDER` that make the script."""

# Plausible's snippets say what they want in the name of the file: script.hash.outbound-links.js, pa-<site>.js
_PLAUSIBLE_NAMES = re.compile(r"/js/(?:(?:script|plausible|analytics)(?:\.[a-z-]+)*|pa-[\w-]+)\.js", re.ASCII)


def script_at(path: str) -> str:
    """The path in `SCRIPTS` whose script is served at this one; the path itself when there is none."""
    return _PLAUSIBLE if _PLAUSIBLE_NAMES.fullmatch(path) else path


def read_scripts() -> dict[str, bytes]:
    """The scripts in the package, by path."""
    return {path: b"".join((FOLDER / name).read_bytes() for name in names) for path, names in SCRIPTS.items()}


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
