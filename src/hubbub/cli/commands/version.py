"""`hubbub version`."""

from importlib.metadata import version

from hubbub.cli.presenting import command_app

app = command_app()


@app.command(name="version")
def show_version() -> None:
    """Print the version and leave."""
    print(f"hubbub {version('hubbub')}")
