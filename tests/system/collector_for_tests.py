"""The collector on the real store, as a granian target; the home comes from the environment.

`HUBBUB_TEST_HOME` holds (or gets) the keys, the raw rows and the status socket. Proxies on loopback are trusted, so
that a test can be many clients.
"""

import os
import time
from pathlib import Path

from hubbub.core.settings import Server, Settings, Site
from hubbub.serve.collector import collector_app
from hubbub.serve.rsgi import Application
from hubbub.serve.status import StatusSocket
from hubbub.serve.tally import Tally
from hubbub.store.journal import Journal
from hubbub.store.keyfile import KeyFile

SITE = "portal.example"
SETTINGS = Settings(
    sites=(Site(SITE, timezone="Europe/Vienna", events={"Signup": {"plan": ("free",)}}),),
    server=Server(trusted_proxies=("127.0.0.0/8",)),
)


class SystemClock:
    """The machine's time."""

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000


def make() -> Application:
    """The app of one worker process."""
    home = Path(os.environ["HUBBUB_TEST_HOME"])
    clock = SystemClock()
    keys = KeyFile(home / "keys" / "secrets.db", clock)
    journal = Journal(home / "raw", keys, clock, worker=str(os.getpid()))
    tally = Tally(clock, SETTINGS.timezone)
    StatusSocket(home / "run", tally, journal.flush)
    return collector_app(SETTINGS, keys, journal, clock, tally=tally, is_healthy=lambda: journal.takes_rows)
