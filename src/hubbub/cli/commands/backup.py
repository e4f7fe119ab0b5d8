"""`hubbub backup`: ledger, marts and settings in one file."""

from pathlib import Path
from typing import Annotated

import typer

from hubbub.cli.backup import back_up
from hubbub.cli.home import Home
from hubbub.cli.options import HERE, HomeOption
from hubbub.cli.presenting import command_app

app = command_app()


@app.command(name="backup")
def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The .tar.gz to write.")],
    home: HomeOption = HERE,
) -> None:
    """Write ledger, marts and settings into one file, beside a running server too. It holds no keys and no raw rows."""
    label = back_up(Home.open(home), file)
    print(f"wrote {file}: {label.entries:,} entries of the ledger, up to {label.head[:16] or 'none'}")
