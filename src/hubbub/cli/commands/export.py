"""`hubbub export`: released cells as a file."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from hubbub.cli.home import Home
from hubbub.cli.options import HERE, HomeOption
from hubbub.cli.presenting import command_app
from hubbub.core.errors import InputError
from hubbub.core.keys import Measure
from hubbub.publish.export import export

app = command_app()


@app.command(name="export")
def export_cells(
    output: Annotated[Path, typer.Option(metavar="FILE", help="The file to write.")],
    format: Annotated[Literal["csv", "parquet", "json"], typer.Option(help="What to write.")] = "csv",
    measure: Annotated[
        Measure | None, typer.Option(metavar="MEASURE", help=f"Only this measure: {', '.join(Measure)}.")
    ] = None,
    home: HomeOption = HERE,
) -> None:
    """Write every released cell: source, day, hour, measure, its keys, value, standard error, 95 % interval."""
    marts = Home.open(home).marts
    unfinished = output.with_name(output.name + ".unfinished")
    try:
        with unfinished.open("wb") as file:
            rows = export(marts, format, measure, file)
        unfinished.replace(output)
    except OSError as error:
        raise InputError(str(output), f"cannot be written: {error.strerror}", "Name another --output.") from None
    print(f"wrote {rows:,} lines to {output}")
