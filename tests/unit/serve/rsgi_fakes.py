"""The server's side of RSGI without a network: what a request says, and what was answered."""

from collections.abc import AsyncIterator


class FakeScope:
    """A request before its body."""

    http_version, server, scheme = "1.1", "127.0.0.1:8000", "http"

    def __init__(
        self, method: str, path: str, query: str = "", headers: dict[str, str] | None = None, client: str = ""
    ) -> None:
        self.method, self.path, self.query_string = method, path, query
        self.headers: dict[str, str] = headers or {}
        self.client = client


class FakeStream:
    def __init__(self, parts: list[bytes]) -> None:
        self._parts = parts

    async def send_bytes(self, data: bytes) -> None:
        self._parts.append(data)


class FakeChannel:
    """A request's body in `parts`, and the response, as it was given to the server."""

    def __init__(self, parts: list[bytes], breaks: bool = False) -> None:
        self._parts, self._breaks = parts, breaks
        self.parts_read = 0
        self.status = 0
        self.headers: dict[str, str] = {}
        self.sent: list[bytes] = []

    async def __call__(self) -> bytes:
        return b"".join([part async for part in self])

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for part in self._parts:
            self.parts_read += 1
            yield part
        if self._breaks:
            raise RuntimeError("stream closed")

    async def client_disconnect(self) -> None:
        """At once."""

    def response_empty(self, status: int, headers: list[tuple[str, str]]) -> None:
        self.response_stream(status, headers)

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.response_stream(status, headers)
        self.sent.append(body)

    def response_stream(self, status: int, headers: list[tuple[str, str]]) -> FakeStream:
        assert not self.status, "answered twice"
        self.status, self.headers = status, dict(headers)
        assert len(self.headers) == len(headers)
        assert all(name == name.lower() for name in self.headers)
        return FakeStream(self.sent)

    @property
    def body(self) -> bytes:
        return b"".join(self.sent)
