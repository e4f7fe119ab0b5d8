"""Receivers of the tests' own on 127.0.0.1: of webhooks, and of mail."""

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from msgspec import Struct


class Posted(Struct, frozen=True):
    """A request as it came; names of headers in small letters."""

    path: str
    headers: dict[str, str]
    body: bytes


class Hook:
    """A receiver of POSTs that answers with the statuses it is told to, the last one again and again."""

    def __init__(self, statuses: Sequence[int], headers: dict[str, str], before: Callable[[], None]) -> None:
        self.posted: list[Posted] = []
        self.statuses, self.headers, self.before = list(statuses), headers, before
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                headers = {name.lower(): value for name, value in self.headers.items()}
                hook.posted.append(Posted(self.path, headers, body))
                hook.before()
                status = hook.statuses.pop(0) if len(hook.statuses) > 1 else hook.statuses[0]
                self.send_response(status)
                for name, value in hook.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_GET = do_POST  # noqa: N815

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"


@contextmanager
def hook(
    *statuses: int, headers: dict[str, str] | None = None, before: Callable[[], None] = lambda: None
) -> Iterator[Hook]:
    """A receiver while the block runs; `before` is called when a request has come and is not answered yet."""
    made = Hook(statuses or (200,), headers or {}, before)
    thread = threading.Thread(target=made.server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield made
    finally:
        made.server.shutdown()
        made.server.server_close()
        thread.join()


class Mailbox:
    """What a mail server took. It answers recipients whose name is a code with that code."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.recipients: list[list[str]] = []
        self.signed_in: list[bytes] = []
        self.port = 0

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        name = address.partition("@")[0]
        if name.isdigit():
            return f"{name} refused"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        self.recipients.append(list(envelope.rcpt_tos))
        return "250 taken"


@contextmanager
def mail_server(**options: Any) -> Iterator[Mailbox]:
    """A mail server on a free port of 127.0.0.1 while the block runs."""
    box = Mailbox()
    controller = _Controller(box, hostname="127.0.0.1", port=0, ready_timeout=10, **options)
    controller.start()
    box.port = controller.port
    try:
        yield box
    finally:
        controller.stop()


class _Controller(Controller):
    """On the port that the system chose."""

    def _trigger_server(self) -> None:
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]
