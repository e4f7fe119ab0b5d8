"""`hubbub version`."""

from importlib.metadata import version

import typer

app = typer.Typer()


@app.command(name="version")
def show_version() -> None:
    """Print the version and leave."""
    print(f"hubbub {version('hubbub')}")
