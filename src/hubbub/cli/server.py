"""The server process: starts the workers, keeps the clock beside them, and ends all of it cleanly."""

import multiprocessing
import os
import sys

from granian.constants import Interfaces

from hubbub.cli.home import Home
from hubbub.cli.keeper import Keeper
from hubbub.cli.listening import server_on
from hubbub.release.budget import allowance
from hubbub.serve.metrics import MetricsServer

STOP_PATIENCE_S = 10  # for connections that will not end; what was acknowledged is on disk in any case
TRIAL = "the budget is too large for these numbers to be private: this home is a trial, and says so on every page"


def serve(home: Home, host: str, port: int, workers: int) -> None:
    """Serve a home until it is told to stop (SIGINT, SIGTERM)."""
    # Forked workers would inherit locks that threads here hold, and charts do not survive a fork.
    multiprocessing.set_start_method("spawn", force=True)
    server = server_on(
        host,
        port,
        "hubbub.cli.app:make_app",
        interface=Interfaces.RSGI,
        workers=workers,
        factory=True,
        websockets=False,
        log_access=False,
        log_enabled=False,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_PATIENCE_S,
    )
    home.keys.open_days()  # a damaged file is one line here; each worker would fail on it again and again
    os.environ["HUBBUB_HOME"] = str(home.folder)
    if allowance(home.settings.budget).trial or home.ledger.is_trial():
        print(f"hubbub: {TRIAL}", file=sys.stderr)
    metrics_port = home.settings.server.metrics_port
    metrics = MetricsServer(metrics_port, home.run_folder) if metrics_port else None
    keeper = Keeper(home.folder, home.clock)
    try:
        server.serve()
    finally:
        keeper.stop()
        if metrics is not None:
            metrics.close()
