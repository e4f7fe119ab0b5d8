"""`hubbub tick`: does what is due by the clock. The server runs it; by hand it does no harm."""

from hubbub.cli.due import run_due
from hubbub.cli.home import Home
from hubbub.cli.options import HERE, HomeOption
from hubbub.cli.presenting import command_app
from hubbub.cli.progress import progress_bar

app = command_app()


@app.command(name="tick")
def tick(home: HomeOption = HERE) -> None:
    """Release hours, close ended days, destroy what is overdue."""
    with progress_bar() as progress:
        run_due(Home.open(home), progress)
