"""The server process: starts the workers, keeps the clock beside them, and ends all of it cleanly."""

import multiprocessing
import os
import sys

from granian.constants import Interfaces, Loops
from granian.server.mp import MPServer

from hubbub.cli.home import Home
from hubbub.cli.keeper import Keeper
from hubbub.cli.listening import server_on
from hubbub.release.budget import allowance
from hubbub.serve.metrics import MetricsServer

STOP_PATIENCE_S = 10  # for connections that will not end; what was acknowledged is on disk in any case
TRIAL = "the budget is too large for these numbers to be private: this home is a trial, and says so on every page"


def serve(home: Home, host: str, port: int, workers: int) -> None:
    """Serve a home until it is told to stop (SIGINT, SIGTERM)."""
    server = _server(home, host, port, workers, "hubbub.cli.app:make_app")
    if allowance(home.settings.budget).trial or home.ledger.is_trial():
        print(f"hubbub: {TRIAL}", file=sys.stderr)
    keeper = Keeper(home.folder, home.clock)
    try:
        _run(server, home)
    finally:
        keeper.stop()


def collect(home: Home, host: str, port: int, workers: int) -> None:
    """Collect for a home, and nothing else, until it is told to stop (SIGINT, SIGTERM)."""
    _run(_server(home, host, port, workers, "hubbub.cli.worker:make_app"), home)


def _server(home: Home, host: str, port: int, workers: int, app: str) -> MPServer:
    home.keys.open_days()  # a damaged file is one line here; each worker would fail on it again and again
    os.environ["HUBBUB_HOME"] = str(home.folder)
    # Forked workers would inherit locks that threads here hold, and charts do not survive a fork.
    multiprocessing.set_start_method("spawn", force=True)
    return server_on(
        host,
        port,
        app,
        interface=Interfaces.RSGI,
        loop=Loops.uvloop,  # half as many events again as on asyncio's own
        workers=workers,
        factory=True,
        websockets=False,
        log_access=False,
        log_enabled=False,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_PATIENCE_S,
    )


def _run(server: MPServer, home: Home) -> None:
    metrics = metrics_of(home)
    try:
        server.serve()
    finally:
        if metrics is not None:
            metrics.close()


def metrics_of(home: Home) -> MetricsServer | None:
    """The metrics of all the home's workers on this machine, or None: not wanted, or the first process tells them."""
    port = home.settings.server.metrics_port
    try:
        return MetricsServer(port, home.run_folder) if port else None
    except OSError as error:
        told = f"no metrics from here, {error.strerror}. Another process of this home shows them, or name another"
        print(f"hubbub: server.metrics_port {port}: {told}", file=sys.stderr)
        return None
