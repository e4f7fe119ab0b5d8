"""Which way a channel's messages go."""

import os

from hubbub.core.alerts import Smtp
from hubbub.core.ports import Clock
from hubbub.core.settings import Settings
from hubbub.operate.delivery.mail import send_mail
from hubbub.operate.delivery.named import send_named
from hubbub.operate.delivery.secret_files import Unreadable, read_secret
from hubbub.operate.delivery.webhook import send_webhook
from hubbub.operate.messages import Message
from hubbub.operate.outbox import Letter, Outcome


class Deliverer:
    """Delivers letters as the settings say. What it says of a failure names no secret and no address of a service."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self.settings, self.clock = settings, clock

    def __call__(self, letter: Letter, message: Message) -> Outcome:
        """Try once. Raises nothing: what goes wrong is the outcome."""
        try:
            return self._deliver(letter, message)
        except Unreadable as error:
            return Outcome("later", str(error))
        except Exception as fault:  # a service's library may raise anything, and the message must not be lost
            return Outcome("later", f"unforeseen {type(fault).__name__}")

    def _deliver(self, letter: Letter, message: Message) -> Outcome:
        channel = self.settings.alerts.channels.get(letter.channel)
        if message.kind == "report" or (channel and channel.mail):
            return self._mail(self.settings.alerts.smtp, letter, message)
        if channel is None:
            return Outcome("never", "hubbub.yaml has no such channel any more")
        if channel.webhook:
            secret = read_secret(channel.webhook.secret_file)
            return send_webhook(channel.webhook.url, secret, letter, message, self.clock.now_ms())
        if channel.url_file:
            return send_named(read_secret(channel.url_file), letter, message)
        if not (url := os.environ.get(channel.url_env, "")):
            return Outcome("later", f"the environment has no {channel.url_env}")
        return send_named(url, letter, message)

    def _mail(self, smtp: Smtp | None, letter: Letter, message: Message) -> Outcome:
        if smtp is None:
            return Outcome("never", "hubbub.yaml has no alerts.smtp any more")
        return send_mail(smtp, read_secret(smtp.password_file), letter, message, self.clock.now_ms())
