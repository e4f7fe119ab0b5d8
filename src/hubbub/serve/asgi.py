"""The little of ASGI that the plain apps here need: its types, ready-made responses, reading a bounded body."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from msgspec import Struct

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


class Response(Struct, frozen=True):
    """The two messages of a response, made once and sent many times."""

    start: dict[str, Any]
    body: dict[str, Any]


def response(status: int, body: bytes, **headers: str) -> Response:
    """A response; header names are written with `_` for `-`."""
    pairs = [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in headers.items()]
    if status not in (204, 304):
        pairs.append((b"content-length", str(len(body)).encode()))
    return Response(
        {"type": "http.response.start", "status": status, "headers": pairs},
        {"type": "http.response.body", "body": body},
    )


async def read_body(receive: Receive, content_length: bytes, most: int) -> bytes | None:
    """The body of a request, or None once it passes `most` bytes; `content_length` is the header, b"" without.

    It stops at the announced length: asking on for the empty last message would cost one more turn of the loop.
    """
    length = int(content_length) if content_length.isdigit() else -1
    if length > most:
        return None
    message = await receive()
    body: bytes = message.get("body", b"")
    if len(body) == length or not message.get("more_body"):
        return body if len(body) <= most else None
    parts, size = [body], len(body)
    while size <= most:
        message = await receive()
        part: bytes = message.get("body", b"")
        parts.append(part)
        size += len(part)
        if size == length or not message.get("more_body"):
            return b"".join(parts) if size <= most else None
    return None
