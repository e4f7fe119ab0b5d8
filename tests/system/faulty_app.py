"""The app of `hubbub serve`, as a granian target, on a disk that is slow while the home has a file `slow`."""

import os
import random
import time
from pathlib import Path

from hubbub.cli.app import make_app
from hubbub.cli.worker import Worker
from hubbub.store.disk import Disk

SLOWEST_S = 0.4
SLOW = "slow"

_append = Disk.append


def _append_slowly(self: Disk, descriptor: int, data: bytes, offset: int) -> None:
    if Path(os.environ["HUBBUB_HOME"], SLOW).exists():
        time.sleep(random.uniform(0, SLOWEST_S))
    _append(self, descriptor, data, offset)


def make() -> Worker:
    """The app of one worker process."""
    Disk.append = _append_slowly  # type: ignore[method-assign]
    return make_app()
