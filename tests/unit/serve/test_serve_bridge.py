"""ASGI apps behind RSGI: what they are told, bodies in parts both ways, start and end."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from rsgi_fakes import FakeChannel, FakeScope

from hubbub.serve.bridge import AsgiApplication, Bridge

Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
START = {"type": "http.response.start", "status": 201, "headers": [(b"Content-Type", b"text/plain"), (b"x-a", b"\xe9")]}


def ask(app: AsgiApplication, scope: FakeScope, parts: list[bytes] | None = None) -> FakeChannel:
    channel = FakeChannel(parts or [])
    asyncio.run(Bridge(app).answer(scope, channel))
    return channel


def test_a_request_is_told_as_asgi_tells_it() -> None:
    told: dict[str, Any] = {}

    async def app(scope: Any, _: Receive, send: Send) -> None:
        told.update(scope)
        await send(START)
        await send({"type": "http.response.body", "body": b"whole"})

    scope = FakeScope("GET", "/sites/ä b", "q=%20", {"host": "x", "x-b": "1"}, "[2001:db8::7]:4711")
    channel = ask(app, scope)
    assert (told["method"], told["path"], told["raw_path"]) == ("GET", "/sites/ä b", b"/sites/%C3%A4%20b")
    assert (told["query_string"], told["http_version"]) == (b"q=%20", "1.1")
    assert (told["client"], told["server"]) == (("2001:db8::7", 4711), ("127.0.0.1", 8000))
    assert told["headers"] == [(b"host", b"x"), (b"x-b", b"1")]
    assert (channel.status, channel.sent) == (201, [b"whole"])
    assert channel.headers == {"content-type": "text/plain", "x-a": "é"}


def test_a_body_comes_in_parts() -> None:
    async def app(_: Any, receive: Receive, send: Send) -> None:
        parts = [message := await receive()]
        while message["more_body"]:
            parts.append(message := await receive())
        assert (await receive()) == {"type": "http.disconnect"}
        await send(START)
        await send({"type": "http.response.body", "body": b"|".join(part["body"] for part in parts)})

    assert ask(app, FakeScope("POST", "/"), [b"a", b"b"]).body == b"a|b|"
    assert ask(app, FakeScope("POST", "/")).body == b""


def test_a_response_goes_in_parts() -> None:
    async def app(_: Any, __: Receive, send: Send) -> None:
        await send(START)
        for part in (b"a", b"", b"b"):
            await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body"})

    assert ask(app, FakeScope("GET", "/")).sent == [b"a", b"b"]


class Started:
    """An app with a lifespan; what it was told to do."""

    def __init__(self, fails: str = "") -> None:
        self.steps: list[str] = []
        self._fails = fails

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        assert scope["type"] == "lifespan"
        while "shutdown" not in self.steps:
            step = (await receive())["type"].removeprefix("lifespan.")
            self.steps.append(step)
            if step == self._fails:
                raise ValueError("a reason that names a person")
            await send({"type": f"lifespan.{step}.complete"})


def test_an_app_starts_and_ends() -> None:
    loop = asyncio.new_event_loop()
    app = Started()
    bridge = Bridge(app)
    bridge.start(loop)
    assert app.steps == ["startup"]
    bridge.stop(loop)
    assert app.steps == ["startup", "shutdown"]
    loop.close()


@pytest.mark.parametrize("step", ["startup", "shutdown"])
def test_an_app_that_cannot_says_so_without_content(step: str) -> None:
    loop = asyncio.new_event_loop()
    bridge = Bridge(Started(fails=step))
    if step == "shutdown":
        bridge.start(loop)
    with pytest.raises(RuntimeError, match="ValueError") as failed:
        (bridge.start if step == "startup" else bridge.stop)(loop)
    assert "person" not in str(failed.value)
    loop.close()
