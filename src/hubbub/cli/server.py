"""The server process: starts the workers, keeps the clock beside them, and ends all of it cleanly."""

import multiprocessing
import os
import socket
import sys

from granian.constants import Interfaces
from granian.server import Server

from hubbub.cli.home import Home
from hubbub.cli.keeper import Keeper
from hubbub.core.errors import InputError
from hubbub.release.budget import allowance
from hubbub.serve.metrics import MetricsServer

BACKLOG = 2048
STOP_PATIENCE_S = 10  # for connections that will not end; what was acknowledged is on disk in any case
TRIAL = "the budget is too large for these numbers to be private: this home is a trial, and says so on every page"


def serve(home: Home, host: str, port: int, workers: int) -> None:
    """Serve a home until it is told to stop (SIGINT, SIGTERM)."""
    _check_port(host, port)
    home.keys.open_days()  # a damaged file is one line here; each worker would fail on it again and again
    os.environ["HUBBUB_HOME"] = str(home.folder)
    if allowance(home.settings.budget).trial or home.ledger.is_trial():
        print(f"hubbub: {TRIAL}", file=sys.stderr)
    # Forked workers would inherit locks that threads here hold, and charts do not survive a fork.
    multiprocessing.set_start_method("spawn", force=True)
    server = Server(
        "hubbub.cli.app:make_app",
        address=host,
        port=port,
        interface=Interfaces.RSGI,
        workers=workers,
        factory=True,
        websockets=False,
        backlog=BACKLOG,
        log_access=False,
        log_enabled=False,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_PATIENCE_S,
    )
    metrics_port = home.settings.server.metrics_port
    metrics = MetricsServer(metrics_port, home.run_folder) if metrics_port else None
    keeper = Keeper(home.folder, home.clock)
    try:
        server.serve()
    finally:
        keeper.stop()
        if metrics is not None:
            metrics.close()


def _check_port(host: str, port: int) -> None:
    """Raises InputError when the address cannot be listened on, before anything is started."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise InputError(
                f"{host}:{port}", f"cannot listen there: {error.strerror}", "Name another --port."
            ) from None
