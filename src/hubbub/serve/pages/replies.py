"""Replies that are made once: pages kept by what they depend on, with an ETag, packed and with safe headers."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping
from gzip import compress
from hashlib import sha256
from typing import Any

from anyio import CapacityLimiter, to_thread
from litestar import Request, Response
from msgspec import Struct

from hubbub.serve.texts import Texts, choose_language, languages, texts_in

PARAMETERS = ("period", "date", "from", "to", "metric", "by", "is", "and", "also", "page", "site")
LONGEST_VALUE = 600
SAFE_HEADERS = {
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "interest-cohort=(), browsing-topics=()",
}
HTML = "text/html"  # the charset is added to every text
IMMUTABLE = "public, max-age=31536000, immutable"

AnyRequest = Request[Any, Any, Any]
Render = Callable[[Texts], str]


class Made(Struct, frozen=True):
    """A page as it goes over the wire, plain and packed."""

    plain: bytes
    packed: bytes
    etag: str

    @property
    def size(self) -> int:
        """Bytes it takes in memory."""
        return len(self.plain) + len(self.packed)


def make(text: str) -> Made:
    """A page from its text. The ETag is weak: the packed and the plain bytes are the same page."""
    plain = text.encode()
    return Made(plain, compress(plain, 6, mtime=0), f'W/"{sha256(plain).hexdigest()[:20]}"')


class Desk:
    """Hands out pages: from memory when nothing they depend on has changed, else rendered once for all who wait.

    most_bytes  of memory for kept pages; the longest unused go first
    renderers   pages that may be rendered at the same time
    """

    def __init__(self, *, is_private: bool, most_bytes: int = 64 * 2**20, renderers: int = 2) -> None:
        self._kept: OrderedDict[tuple[str, ...], Made] = OrderedDict()
        self._making: dict[tuple[str, ...], asyncio.Task[Made]] = {}
        self._bytes = 0
        self._most_bytes = most_bytes
        self._limiter: CapacityLimiter | None = None
        self._renderers = renderers
        self._languages = languages()
        self._caching = "private, max-age=60" if is_private else "public, max-age=60"

    async def reply(self, request: AnyRequest, state: str, render: Render) -> Response[bytes]:
        """The page for this request; `state` names everything that it depends on beside its address."""
        language = choose_language(request.headers.get("accept-language", ""), self._languages)
        key = (request.url.path, repr(known_query(request.query_params)), language, state)
        made = self._kept.get(key)
        if made is None:
            made = await self._make(key, render, language)
        else:
            self._kept.move_to_end(key)
        return answer_with(request, made, self._caching)

    async def _make(self, key: tuple[str, ...], render: Render, language: str) -> Made:
        """Render in a thread; whoever asks for the same page meanwhile waits for the same rendering."""
        task = self._making.get(key)
        if task is None:
            task = asyncio.create_task(self._render(key, render, language))
            self._making[key] = task
            task.add_done_callback(lambda _done: self._making.pop(key, None))
        return await asyncio.shield(task)

    async def _render(self, key: tuple[str, ...], render: Render, language: str) -> Made:
        if self._limiter is None:
            self._limiter = CapacityLimiter(self._renderers)
        made = await to_thread.run_sync(lambda: make(render(texts_in(language))), limiter=self._limiter)
        self._kept[key] = made
        self._bytes += made.size
        while self._bytes > self._most_bytes and self._kept:
            _key, oldest = self._kept.popitem(last=False)
            self._bytes -= oldest.size
        return made


def known_query(query: Mapping[str, str]) -> dict[str, str]:
    """The parameters that pages know, so that others do not make a page of their own."""
    return {name: query[name][:LONGEST_VALUE] for name in PARAMETERS if name in query}


def answer_with(
    request: AnyRequest, made: Made, caching: str, media_type: str = HTML, status: int = 200
) -> Response[bytes]:
    """The made page, or 304 when the reader has it."""
    headers = SAFE_HEADERS | {
        "cache-control": caching,
        "etag": made.etag,
        "vary": "accept-encoding, accept-language",
    }
    if status == 200 and made.etag in request.headers.get("if-none-match", ""):
        return Response(b"", status_code=304, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(
            made.packed, media_type=media_type, status_code=status, headers=headers | {"content-encoding": "gzip"}
        )
    return Response(made.plain, media_type=media_type, status_code=status, headers=headers)
