"""`hubbub collect`: collects, and nothing else."""

from typing import Annotated

import typer

from hubbub.cli.home import Home
from hubbub.cli.options import HERE, HomeOption
from hubbub.cli.presenting import command_app
from hubbub.cli.server import collect

app = command_app()


@app.command(name="collect")
def collect_for_home(
    host: Annotated[str, typer.Option(metavar="ADDRESS", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 8000,
    workers: Annotated[
        int, typer.Option(min=1, max=64, help="Worker processes; one takes thousands of events a second.")
    ] = 1,
    home: HomeOption = HERE,
) -> None:
    """Collect events, until Ctrl-C: no pages, and nothing that is due by the clock, which `hubbub serve` does.

    Any number of these may run beside one `hubbub serve`: on its machine, and on others if the home has a PostgreSQL
    database and shared folders.
    """
    collect(Home.open(home), host, port, workers)
