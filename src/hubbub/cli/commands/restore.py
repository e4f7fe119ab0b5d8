"""`hubbub restore`: a home from a backup."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from hubbub.cli.backup import restore
from hubbub.cli.clock import SystemClock
from hubbub.cli.options import HERE, HomeOption
from hubbub.cli.presenting import command_app

app = command_app()


@app.command(name="restore")
def restore_home(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `hubbub backup` wrote.")],
    was_stopped: Annotated[
        bool,
        typer.Option("--was-stopped", help="The old home was stopped before the backup: nothing was released since."),
    ] = False,
    home: HomeOption = HERE,
) -> None:
    """Make the home (--home, a new folder) from a backup.

    Days up to today may have been released after the backup was made, and would be drawn a second time: they are
    not released any more, unless --was-stopped says that there were none.
    """
    latest = datetime.fromtimestamp(SystemClock().now_ms() / 1000, UTC) + timedelta(hours=14)
    made = restore(file, home, today=latest.date(), was_stopped=was_stopped)
    print(f"restored {home}: {made.ledger.count():,} entries of the ledger, which verifies")
    if not was_stopped:
        print(f"days until {latest.date()} are not released any more; tomorrow's are")
