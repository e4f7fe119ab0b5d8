"""The little of RSGI that the plain apps here need: its types, and reading a bounded body.

RSGI is the interface of granian (its specification: docs/spec/RSGI.md there). Of a header that is sent twice, `get`
gives the first value; a value that is not ASCII counts as absent.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Protocol

from hubbub.serve.replies import Response

Application = Callable[["Scope", "Channel"], Awaitable[None]]


class Scope(Protocol):
    """What is known of a request before its body.

    path          without percent-encoding
    query_string  encoded as it came
    client        address and port, IPv6 addresses in brackets
    headers       names in lower case
    """

    @property
    def http_version(self) -> str: ...
    @property
    def server(self) -> str: ...
    @property
    def client(self) -> str: ...
    @property
    def scheme(self) -> str: ...
    @property
    def method(self) -> str: ...
    @property
    def path(self) -> str: ...
    @property
    def query_string(self) -> str: ...
    @property
    def headers(self) -> Mapping[str, str]: ...


class Stream(Protocol):
    """A response body in parts."""

    async def send_bytes(self, data: bytes) -> None: ...


class Channel(Protocol):
    """The other end of a request: its body, whole or in parts, and the way of the response."""

    async def __call__(self) -> bytes: ...
    def __aiter__(self) -> AsyncIterator[bytes]: ...
    async def client_disconnect(self) -> None: ...
    def response_empty(self, status: int, headers: list[tuple[str, str]]) -> None: ...
    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None: ...
    def response_stream(self, status: int, headers: list[tuple[str, str]]) -> Stream: ...


def send(channel: Channel, reply: Response) -> None:
    """Send a whole response."""
    if reply.body:
        channel.response_bytes(reply.status, reply.headers, reply.body)
    else:
        channel.response_empty(reply.status, reply.headers)


def read_body(channel: Channel, announced: str | None, most: int) -> Awaitable[bytes | None]:
    """The body of a request, or None once it passes `most` bytes; `announced` is its content-length.

    A body whose length is not announced is read in parts, so that no more than `most` and one part are ever held.
    """
    if announced is None or not announced.isdecimal():
        return _read_parts(channel, most)
    return channel() if int(announced[:20]) <= most else _nothing()


async def _nothing() -> None:
    """What is not even begun."""


async def _read_parts(channel: Channel, most: int) -> bytes | None:
    parts, size = [], 0
    async for part in channel:
        size += len(part)
        if size > most:
            return None
        parts.append(part)
    return b"".join(parts)
