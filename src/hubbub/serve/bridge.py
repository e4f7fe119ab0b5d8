"""An ASGI app behind RSGI, so that the pages and the API live in the collector's process: HTTP and lifespan only."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import quote

from hubbub.serve.rsgi import Channel, Scope, Stream

Message = MutableMapping[str, Any]
AsgiApplication = Callable[
    [MutableMapping[str, Any], Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]], Awaitable[None]
]

_ASGI = {"version": "3.0", "spec_version": "2.3"}


class Bridge:
    """Carries requests to the app; `start` before the first one and `stop` after the last run the app's lifespan."""

    def __init__(self, app: AsgiApplication) -> None:
        self._app = app
        self._state: dict[str, Any] = {}
        self._lifespan: Lifespan | None = None

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Raises RuntimeError when the app cannot start. `loop` does not run yet."""
        self._lifespan = Lifespan(self._app, self._state)
        loop.run_until_complete(self._lifespan.start())

    def stop(self, loop: asyncio.AbstractEventLoop) -> None:
        """Let the app clean up. `loop` runs no more."""
        if self._lifespan is not None:
            loop.run_until_complete(self._lifespan.stop())

    async def answer(self, scope: Scope, channel: Channel) -> None:
        """Answer one request."""
        exchange = Exchange(channel)
        await self._app(self._asgi_scope(scope), exchange.receive, exchange.send)

    def _asgi_scope(self, scope: Scope) -> dict[str, Any]:
        path = scope.path
        return {
            "type": "http",
            "asgi": _ASGI,
            "http_version": scope.http_version,
            "server": _address(scope.server),
            "client": _address(scope.client),
            "scheme": scope.scheme,
            "method": scope.method,
            "root_path": "",
            "path": path,
            "raw_path": quote(path, safe="/:@!$&'()*+,;=-._~").encode(),
            "query_string": scope.query_string.encode("latin-1"),
            "headers": [(name.encode(), value.encode("latin-1")) for name, value in scope.headers.items()],
            "state": self._state.copy(),
            "extensions": {},
        }


class Exchange:
    """One request and its response, as ASGI's messages."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._parts: AsyncIterator[bytes] | None = None
        self._is_read = False
        self._status = 0
        self._headers: list[tuple[str, str]] = []
        self._stream: Stream | None = None

    async def receive(self) -> Message:
        """The next part of the body; after the last one it waits until the client has gone."""
        if self._is_read:
            await self._channel.client_disconnect()
            return {"type": "http.disconnect"}
        if self._parts is None:
            self._parts = aiter(self._channel)
        part = await anext(self._parts, b"")
        self._is_read = not part
        return {"type": "http.request", "body": part, "more_body": not self._is_read}

    async def send(self, message: Message) -> None:
        """Keep the head until the first part of the body shows whether it is the only one."""
        if message["type"] == "http.response.start":
            self._status = message["status"]
            self._headers = [
                (name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in message.get("headers", ())
            ]
        elif message["type"] == "http.response.body":
            await self._send_body(message.get("body", b""), message.get("more_body", False))

    async def _send_body(self, body: bytes, is_more: bool) -> None:
        if self._stream is None:
            if not is_more:
                self._channel.response_bytes(self._status, self._headers, bytes(body))
                return
            self._stream = self._channel.response_stream(self._status, self._headers)
        if body:
            await self._stream.send_bytes(bytes(body))


class Lifespan:
    """Start and end of an ASGI app, in the two steps in which the server has them."""

    def __init__(self, app: AsgiApplication, state: dict[str, Any]) -> None:
        self._app, self._state = app, state
        self._said: asyncio.Queue[Message] = asyncio.Queue()
        self._heard: asyncio.Queue[Message] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Raises RuntimeError when the app says that it cannot, or ends instead."""
        self._task = asyncio.ensure_future(self._run())
        await self._step("startup")

    async def stop(self) -> None:
        """Wait until the app has cleaned up."""
        if self._task is not None and not self._task.done():
            await self._step("shutdown")
            await self._task

    async def _run(self) -> None:
        scope = {"type": "lifespan", "asgi": _ASGI, "state": self._state}
        try:
            await self._app(scope, self._said.get, self._heard.put)
        except Exception as fault:
            await self._heard.put({"type": f"failed: {type(fault).__name__}"})

    async def _step(self, name: str) -> None:
        await self._said.put({"type": f"lifespan.{name}"})
        answer = (await self._heard.get())["type"]
        if answer != f"lifespan.{name}.complete":
            raise RuntimeError(f"the pages' {name} failed ({answer})")


def _address(text: str) -> tuple[str, int]:
    """Host and port; of IPv6 without the brackets."""
    host, _, port = text.rpartition(":")
    return host.strip("[]"), int(port) if port.isdecimal() else 0
