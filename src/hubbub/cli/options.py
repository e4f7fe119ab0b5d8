"""Options that several commands share, so that they read the same everywhere."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from hubbub.core.errors import InputError

HomeOption = Annotated[
    Path,
    typer.Option(
        "--home", metavar="DIR", envvar="HUBBUB_HOME", help="The folder that holds hubbub.yaml and all state."
    ),
]
SiteOption = Annotated[str, typer.Option("--site", metavar="NAME", help="The site's name, as in hubbub.yaml.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
HERE = Path()


def parse_day(text: str) -> date:
    """The day that YYYY-MM-DD stands for. Raises InputError."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError("--day", f"{text!r} is not a day", "Write it as YYYY-MM-DD.") from None
