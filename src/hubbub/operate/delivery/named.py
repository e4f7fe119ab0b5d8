"""Services that apprise knows: chat, tickets, push. They have no header for a key, so it stands in the text."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

from hubbub.core.alerts import Severity
from hubbub.operate.messages import Message
from hubbub.operate.outbox import Letter, Outcome

KINDS: dict[Severity, str] = {"info": "info", "warning": "warning", "critical": "failure"}
LOGS = ("apprise", "urllib3.connectionpool")


def send_named(url: str, letter: Letter, message: Message) -> Outcome:
    """Notify once. apprise says no more than whether it worked, and its log quotes the URL: it is switched off. Proxies
    are those of the environment (HTTPS_PROXY).
    """
    with warnings.catch_warnings(), _quiet():  # it loads all services it knows, and some warn of what they import
        warnings.simplefilter("ignore")
        apprise = import_module("apprise")  # 0.5 s
        service = apprise.Apprise()
        if not service.add(url):
            return Outcome("later", "this is no URL that apprise knows")
        body = f"{message.text}\n\nMessage {letter.key}"
        worked = service.notify(body=body, title=message.title, notify_type=KINDS[message.severity])
    return Outcome("sent", "the service took it") if worked else Outcome("later", "the service did not take it")


@contextmanager
def _quiet() -> Iterator[None]:
    """No log of what quotes addresses."""
    logs = [logging.getLogger(name) for name in LOGS]
    before = [log.disabled for log in logs]
    try:
        for log in logs:
            log.disabled = True
        yield
    finally:
        for log, was in zip(logs, before, strict=True):
            log.disabled = was
