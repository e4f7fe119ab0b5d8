"""`hubbub tick`: does what is due by the clock. The server runs it; by hand it does no harm."""

import sys

from sqlalchemy.exc import SQLAlchemyError

from hubbub.cli.catching_up import catch_up
from hubbub.cli.due import destroy_overdue, run_due
from hubbub.cli.home import Home
from hubbub.cli.insights import tell_what_is_new
from hubbub.cli.options import HERE, HomeOption
from hubbub.cli.places import destroy_out_of_reach
from hubbub.cli.presenting import command_app
from hubbub.cli.progress import progress_bar
from hubbub.core.days import HOUR_MS
from hubbub.core.errors import Overloaded
from hubbub.release.state import claim_keeping

app = command_app()


@app.command(name="tick")
def tick(home: HomeOption = HERE) -> None:
    """Release hours, close ended days, destroy what is overdue; unless another process is doing it."""
    run_tick(Home.open(home))


def run_tick(home: Home) -> None:
    """Do what is due, and tell what follows from it."""
    try:
        _do_what_is_due(home)
    except (Overloaded, SQLAlchemyError):
        destroy_out_of_reach(home.folder, home.settings, home.clock.now_ms())
        raise
    catch_up(home)
    tell_what_is_new(home)


def _do_what_is_due(home: Home) -> None:
    with claim_keeping(home.database) as is_mine:
        if is_mine:
            with progress_bar() as progress:
                run_due(home, progress)
        else:
            destroy_overdue(home, HOUR_MS)  # should the other one hang
            print("another process does what is due; nothing was done here", file=sys.stderr)
