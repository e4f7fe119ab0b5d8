"""A sender in a process of its own, to be killed: `python sender_child.py STATE_DB WEBHOOK_URL NOW_MS`."""

import sys
from pathlib import Path

from hubbub.core.alerts import Alerts, Channel, Webhook
from hubbub.core.settings import Settings
from hubbub.operate.delivery.channels import Deliverer
from hubbub.operate.sending import send_waiting
from hubbub.release.state import open_state


class Clock:
    def now_ms(self) -> int:
        return int(sys.argv[3])


if __name__ == "__main__":
    settings = Settings(alerts=Alerts({"hook": Channel(webhook=Webhook(sys.argv[2]))}))
    engine = open_state(Path(sys.argv[1]))
    print(send_waiting(engine, Deliverer(settings, Clock()), Clock(), "child", 30.0).sent)
