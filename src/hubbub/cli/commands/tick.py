"""`hubbub tick`: does what is due by the clock. The server runs it; by hand it does no harm."""

import sys

from hubbub.cli.catching_up import catch_up
from hubbub.cli.due import destroy_overdue, run_due
from hubbub.cli.home import Home
from hubbub.cli.options import HERE, HomeOption
from hubbub.cli.presenting import command_app
from hubbub.cli.progress import progress_bar
from hubbub.core.days import HOUR_MS
from hubbub.release.state import claim_keeping

app = command_app()


@app.command(name="tick")
def tick(home: HomeOption = HERE) -> None:
    """Release hours, close ended days, destroy what is overdue; unless another process is doing it."""
    here = Home.open(home)
    with claim_keeping(here.database) as is_mine:
        if is_mine:
            with progress_bar() as progress:
                run_due(here, progress)
        else:
            destroy_overdue(here, HOUR_MS)  # should the other one hang
            print("another process does what is due; nothing was done here", file=sys.stderr)
    catch_up(here)
