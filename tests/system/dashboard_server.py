"""Serves the sample city on a free port of 127.0.0.1 until its standard input ends; prints the port first."""

import asyncio
import socket
import sys
import threading
from pathlib import Path
from tempfile import TemporaryDirectory

from granian.constants import Interfaces
from granian.server.embed import Server

sys.path.insert(0, str(Path(__file__).parents[1] / "unit" / "serve"))

from page_samples import TARGETS, sample_read_side

from hubbub.serve.dashboard import dashboard_app


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def serve() -> None:
    """Serve until standard input is closed."""
    with TemporaryDirectory() as folder:
        app = dashboard_app(sample_read_side(Path(folder), trial="--trial" in sys.argv, table=True, targets=TARGETS))
        port = free_port()
        server = Server(app, address="127.0.0.1", port=port, interface=Interfaces.ASGI, log_enabled=False)
        loop = asyncio.get_running_loop()
        waiting = threading.Thread(
            target=lambda: (sys.stdin.read(), loop.call_soon_threadsafe(server.stop)), daemon=True
        )
        waiting.start()
        print(port, flush=True)
        await server.serve()


if __name__ == "__main__":
    asyncio.run(serve())
