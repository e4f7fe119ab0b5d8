"""Services that apprise knows: chat, tickets, push. They have no header for a key, so it stands in the text."""

import logging
from importlib import import_module

from hubbub.core.alerts import Severity
from hubbub.operate.messages import Message
from hubbub.operate.outbox import Letter, Outcome

KINDS: dict[Severity, str] = {"info": "info", "warning": "warning", "critical": "failure"}


def send_named(url: str, letter: Letter, message: Message) -> Outcome:
    """Notify once. apprise says no more than whether it worked, and its log quotes the URL: it is switched off. Proxies
    are those of the environment (HTTPS_PROXY).
    """
    apprise = import_module("apprise")  # 0.5 s
    log = logging.getLogger("apprise")
    before, log.disabled = log.disabled, True
    try:
        service = apprise.Apprise()
        if not service.add(url):
            return Outcome("later", "this is no URL that apprise knows")
        body = f"{message.text}\n\nMessage {letter.key}"
        worked = service.notify(body=body, title=message.title, notify_type=KINDS[message.severity])
    finally:
        log.disabled = before
    return Outcome("sent", "the service took it") if worked else Outcome("later", "the service did not take it")
