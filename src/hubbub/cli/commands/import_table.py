"""`hubbub import table`: files of a declared table become rows; whole days are closed in the same run."""

import sys
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from hubbub.cli.closing import close_days, days_to_close, forget_closed_logs
from hubbub.cli.due import give_up_overdue
from hubbub.cli.following import FAST_CLOCK_MS
from hubbub.cli.home import Home
from hubbub.cli.imports_told import tell_import
from hubbub.cli.options import HERE, HomeOption, JsonOption
from hubbub.cli.progress import progress_bar
from hubbub.collect.records.importer import TableSummary, import_table


def import_rows(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="CSV (plain or .gz) or Parquet, in any order.")
    ],
    table: Annotated[str, typer.Option(metavar="NAME", help="A table of hubbub.yaml.")],
    final: Annotated[
        bool, typer.Option("--final", help="Also close the first and the last day of the files: no more is to come.")
    ] = False,
    json: JsonOption = False,
    home: HomeOption = HERE,
) -> None:
    """Import rows of a declared table, release every whole day in them, and destroy what told units apart.

    Only the columns that hubbub.yaml names are read. The first and the last day of the files may go on in another file:
    they wait for it, or for --final.
    """
    here = Home.open(home)
    declared = here.table(table)
    for due in give_up_overdue(here):
        print(f"{due.source}: {due.day} was kept too long and is destroyed without release", file=sys.stderr)
    marks = here.seen_files(table).marks_of(files)
    readings = {day: here.raw.readings(table, day) for name, day, _ in here.keys.open_days() if name == table}
    with progress_bar() as progress:
        with here.raw.together(origin="table", marks=marks) as batch:
            summary = import_table(
                files,
                declared,
                here.settings.zone_of(table),
                batch,
                batch,
                lambda day: here.keys.is_closed(table, day),
                here.clock.now_ms() + FAST_CLOCK_MS,
                progress,
                readings,
            )
        whole = set(summary.days) if final else set(summary.days) - set(summary.partial)
        close_days(here, table, days_to_close(here, table, whole), progress)
    forget_closed_logs(here, table)
    _tell(summary, sorted(set(summary.partial) - whole), json)


def _tell(summary: TableSummary, waiting: list[date], json: bool) -> None:
    sentence = f"{summary.rows:,} rows: {summary.accepted:,} accepted"
    bad = [f"{each.file}, row {each.row}: {each.problem}" for each in summary.bad_rows]
    tell_import("rows", sentence, summary.rows, summary.accepted, summary.dropped, bad, waiting, json)
