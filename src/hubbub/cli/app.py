"""The ASGI app that each worker of `hubbub serve` loads: the collector's paths, and the pages for the rest."""

import os
from pathlib import Path

from hubbub.cli.home import Home
from hubbub.cli.reading import read_side
from hubbub.collect.forgetting import forget
from hubbub.serve.asgi import Application, Receive, Scope, Send
from hubbub.serve.collector import PATHS, collector_app
from hubbub.serve.dashboard import dashboard_app
from hubbub.serve.memory import settle
from hubbub.serve.status import StatusSocket
from hubbub.serve.tally import Tally
from hubbub.store.journal import Journal


class Worker:
    """One worker process: its journal, its status socket, and the two apps."""

    def __init__(self, home: Home) -> None:
        self._tally = Tally(home.clock, home.settings.timezone)
        self._journal = Journal(home.raw_folder, home.keys, home.clock, worker=f"worker-{os.getpid()}", on_close=forget)
        self._collector = collector_app(
            home.settings,
            home.keys,
            self._journal,
            home.clock,
            tally=self._tally,
            is_healthy=lambda: self._journal.takes_rows,
        )
        self._pages: Application = dashboard_app(read_side(home))  # type: ignore[assignment]
        self._status = StatusSocket(home.run_folder, self._tally, self._journal.flush)

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request to the app it is for; the server's start and stop to the pages, and stop the rest."""
        if scope["type"] == "http" and scope["path"] in PATHS:
            await self._collector(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._pages(scope, receive, self._stopping(send))
        else:
            await self._pages(scope, receive, send)

    def _stopping(self, send: Send) -> Send:
        async def tell(message: Scope) -> None:
            if message["type"] == "lifespan.shutdown.complete":
                self._journal.close()
                self._status.close()
            await send(message)

        return tell


def make_app() -> Application:
    """The app of this process, for the home that HUBBUB_HOME names. What is loaded by now stays: the garbage
    collector need not look at it again.
    """
    worker = Worker(Home.open(Path(os.environ["HUBBUB_HOME"])))
    settle()
    return worker.answer
