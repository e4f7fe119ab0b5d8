"""A worker process: the RSGI app that collects, alone (`hubbub collect`) or with the pages behind it (`cli.app`)."""

import asyncio
import os
import signal
from collections.abc import Awaitable
from pathlib import Path
from types import FrameType

from hubbub.cli.home import Home
from hubbub.collect.forgetting import forget
from hubbub.serve.bridge import Bridge
from hubbub.serve.collector import collector_app, takes
from hubbub.serve.memory import settle
from hubbub.serve.rsgi import Channel, Scope
from hubbub.serve.status import StatusSocket
from hubbub.serve.tally import Tally
from hubbub.store.journal import Journal

FREE_BYTES = 32 * 1024 * 1024  # with less on the disk, events are better sent elsewhere


class Worker:
    """One worker process: its journal, its status socket, its collector, and the pages, if it has them."""

    def __init__(self, home: Home, pages: Bridge | None = None) -> None:
        self._home = home
        self._is_ending = False
        self._tally = Tally(home.clock, home.settings.timezone)
        self._journal = Journal(home.raw_folder, home.keys, home.clock, worker=f"worker-{os.getpid()}", on_close=forget)
        self._collector = collector_app(
            home.settings,
            home.keys,
            self._journal,
            home.clock,
            tally=self._tally,
            is_healthy=lambda: self._journal.takes_rows,
            is_ready=self._is_ready,
        )
        self._pages = pages
        self._status = StatusSocket(home.run_folder, self._tally, self._journal.flush)

    def __rsgi__(self, scope: Scope, channel: Channel) -> Awaitable[None]:
        """Hand a request to the app it is for."""
        if self._pages is None or takes(scope.path):
            return self._collector(scope, channel)
        return self._pages.answer(scope, channel)

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Before the first request. What is loaded by now stays: the garbage collector need not look at it again."""
        if self._pages is not None:
            self._pages.start(loop)
        before = signal.getsignal(signal.SIGTERM)  # the loop's own, by which the server hears of it

        def end(number: int, frame: FrameType | None) -> None:
            self._is_ending = True
            if callable(before):
                before(number, frame)

        signal.signal(signal.SIGTERM, end)
        signal.siginterrupt(signal.SIGTERM, False)
        settle()

    def __rsgi_del__(self, loop: asyncio.AbstractEventLoop) -> None:
        """After the last request was answered: write what waits, drops too, and end."""
        self._journal.close()
        self._status.close()
        if self._pages is not None:
            self._pages.stop(loop)

    def _is_ready(self) -> bool:
        """Whether events should come here: it takes rows, has room for them, and the key ring answers."""
        if self._is_ending or not self._journal.takes_rows:
            return False
        try:
            free = os.statvfs(self._home.raw_folder)
        except OSError:
            return False
        return self._home.keys.answers() and free.f_bavail * free.f_frsize >= FREE_BYTES


def make_app() -> Worker:
    """The app of this process, a collector only, for the home that HUBBUB_HOME names."""
    return Worker(Home.open(Path(os.environ["HUBBUB_HOME"])))
