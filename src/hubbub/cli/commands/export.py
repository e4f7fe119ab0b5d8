"""`hubbub export`: released cells as a file."""

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from hubbub.cli.home import Home
from hubbub.cli.options import HERE, HomeOption
from hubbub.cli.presenting import command_app
from hubbub.core.errors import InputError
from hubbub.core.keys import Measure
from hubbub.publish.export import export
from hubbub.publish.table_export import export_table

app = command_app()


@app.command(name="export")
def export_cells(
    output: Annotated[Path, typer.Option(metavar="FILE", help="The file to write.")],
    format: Annotated[Literal["csv", "parquet", "json"], typer.Option(help="What to write.")] = "csv",
    measure: Annotated[
        str | None,
        typer.Option(metavar="MEASURE", help=f"Only this one: of sites {', '.join(Measure)}; of a table its own."),
    ] = None,
    table: Annotated[
        str | None, typer.Option(metavar="NAME", help="Cells of this declared table in place of those of sites.")
    ] = None,
    home: HomeOption = HERE,
) -> None:
    """Write every released cell: source, day, hour, measure, its keys, value, standard error, 95 % interval."""
    here = Home.open(home)
    source = None if table is None else here.table(table).name
    unfinished = output.with_name(output.name + ".unfinished")
    try:
        with unfinished.open("wb") as file:
            if source is None:
                rows = export(here.marts, format, measure, file)
            else:
                rows = export_table(here.marts, source, format, measure, file)
        unfinished.replace(output)
    except OSError as error:
        raise InputError(str(output), f"cannot be written: {error.strerror}", "Name another --output.") from None
    finally:
        unfinished.unlink(missing_ok=True)
    print(f"wrote {rows:,} lines to {output}")
    if source is None and here.settings.tables:
        names = ", ".join(each.name for each in here.settings.tables)
        print(
            f"hubbub: note: these are cells of sites; tables have columns of their own: --table {names}",
            file=sys.stderr,
        )
