"""The RSGI app that each worker of `hubbub serve` loads: the collector's paths, and the pages for the rest."""

import os
from pathlib import Path

from hubbub.cli.home import Home
from hubbub.cli.reading import read_side
from hubbub.cli.worker import Worker
from hubbub.serve.bridge import Bridge
from hubbub.serve.dashboard import dashboard_app


def make_app() -> Worker:
    """The app of this process, for the home that HUBBUB_HOME names."""
    home = Home.open(Path(os.environ["HUBBUB_HOME"]))
    return Worker(home, Bridge(dashboard_app(read_side(home))))  # type: ignore[arg-type]
