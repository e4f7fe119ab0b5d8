"""`hubbub serve`: collects, keeps the clock, shows the pages."""

from typing import Annotated

import typer

from hubbub.cli.home import Home
from hubbub.cli.options import HERE, HomeOption
from hubbub.cli.presenting import command_app
from hubbub.cli.server import serve

app = command_app()


@app.command(name="serve")
def serve_home(
    host: Annotated[str, typer.Option(metavar="ADDRESS", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 8000,
    workers: Annotated[
        int, typer.Option(min=1, max=64, help="Worker processes; one takes thousands of events a second.")
    ] = 1,
    home: HomeOption = HERE,
) -> None:
    """Collect events, release hours, close days, and show the pages, until Ctrl-C."""
    serve(Home.open(home), host, port, workers)
