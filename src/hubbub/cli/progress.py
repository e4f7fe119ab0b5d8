"""A progress bar for whatever takes over two seconds; nothing at all when no one watches."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

PATIENCE_S = 2.0


class Bar:
    """Called with (stage, done, total); draws once PATIENCE_S have passed."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._started = time.monotonic()
        self._tasks: dict[str, TaskID] = {}
        self._drawing = False

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Say how far a stage is."""
        if stage not in self._tasks:
            self._tasks[stage] = self._progress.add_task(stage, total=total)
        self._progress.update(self._tasks[stage], completed=done, total=total)
        if not self._drawing and time.monotonic() - self._started > PATIENCE_S:
            self._drawing = True
            self._progress.start()

    def end(self) -> None:
        """Take the bar away; nothing when it was never drawn."""
        if self._drawing:
            self._progress.stop()


@contextmanager
def progress_bar() -> Iterator[Bar]:
    """A bar on standard error, so that standard output stays for results."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    bar = Bar(Progress(*columns, console=Console(stderr=True), transient=True))
    try:
        yield bar
    finally:
        bar.end()
