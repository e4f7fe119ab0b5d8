"""Replies that are made once: pages kept by what they depend on, with an ETag, packed and with safe headers."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping
from gzip import compress
from hashlib import sha256
from typing import Any

from anyio import CapacityLimiter, to_thread
from litestar import Request, Response
from litestar.enums import HttpMethod
from msgspec import Struct

from hubbub.serve.signed_in import operator_of
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
"""What every answer says."""
FOR_ONE = {"cache-control": "no-store", "referrer-policy": "same-origin"}
HTML = "text/html"  # the charset is added to every text
READ = [HttpMethod.GET, HttpMethod.HEAD]
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
    What a signed-in operator gets is rendered for them alone, and kept nowhere.

    common      names what all pages depend on
    most_bytes  of memory for kept pages; the longest unused go first
    renderers   pages that may be rendered at the same time
    """

    def __init__(
        self,
        *,
        is_private: bool,
        common: Callable[[], str] = str,
        most_bytes: int = 64 * 2**20,
        renderers: int = 2,
    ) -> None:
        self._common = common
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
        if operator_of(request) is not None:
            return answer_fresh(request, await self._in_thread(lambda: make(render(texts_in(language)))))
        key = (request.url.path, repr(known_query(request.query_params)), language, state, self._common())
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
        made = await self._in_thread(lambda: make(render(texts_in(language))))
        self._kept[key] = made
        self._bytes += made.size
        while self._bytes > self._most_bytes and self._kept:
            _key, oldest = self._kept.popitem(last=False)
            self._bytes -= oldest.size
        return made

    async def _in_thread(self, work: Callable[[], Made]) -> Made:
        if self._limiter is None:
            self._limiter = CapacityLimiter(self._renderers)
        return await to_thread.run_sync(work, limiter=self._limiter)


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
        "vary": "accept-encoding, accept-language, cookie",
    }
    if status == 200 and made.etag in request.headers.get("if-none-match", ""):
        return Response(b"", status_code=304, headers=headers)
    return _packed_or_plain(request, made, headers, media_type, status)


def answer_fresh(request: AnyRequest, made: Made, status: int = 200) -> Response[bytes]:
    """A page for this reader alone. Its forms tell our own pages, and no one else, where they were sent from."""
    return _packed_or_plain(request, made, SAFE_HEADERS | FOR_ONE, HTML, status)


def see(address: str) -> Response[bytes]:
    """Go on to another page."""
    return Response(b"", status_code=303, media_type=HTML, headers=SAFE_HEADERS | FOR_ONE | {"location": address})


def texts_for(request: AnyRequest) -> Texts:
    """The texts in the reader's language."""
    return texts_in(choose_language(request.headers.get("accept-language", ""), languages()))


def _packed_or_plain(
    request: AnyRequest, made: Made, headers: dict[str, str], media_type: str, status: int
) -> Response[bytes]:
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(
            made.packed, media_type=media_type, status_code=status, headers=headers | {"content-encoding": "gzip"}
        )
    return Response(made.plain, media_type=media_type, status_code=status, headers=headers)
