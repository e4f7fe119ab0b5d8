"""`hubbub close`: ends days by hand."""

import sys
from typing import Annotated

import typer

from hubbub.cli.closing import close_days, days_to_close, forget_closed_logs
from hubbub.cli.due import give_up_overdue
from hubbub.cli.engines import DUCKDB, EngineOption, ObjectsOption, chosen_engine
from hubbub.cli.home import Home
from hubbub.cli.options import HERE, HomeOption, parse_day
from hubbub.cli.presenting import command_app
from hubbub.cli.progress import progress_bar
from hubbub.core.errors import Refused

app = command_app()


@app.command(name="close")
def close(
    day: Annotated[str | None, typer.Option(metavar="YYYY-MM-DD", help="Only this day.")] = None,
    all_days: Annotated[bool, typer.Option("--all", help="Every day that has ended (the default).")] = False,
    include_today: Annotated[
        bool, typer.Option("--include-today", help="Today too. It is then final: today's later visits are dropped.")
    ] = False,
    final: Annotated[
        bool, typer.Option("--final", help="Also the first and last day of imported logs: no more is to come.")
    ] = False,
    engine: EngineOption = DUCKDB,
    objects: ObjectsOption = "",
    home: HomeOption = HERE,
) -> None:
    """End days: release their numbers, then destroy their secrets and raw rows.

    Running it again is safe: what was drawn is published unchanged, what a crash interrupted is resumed.
    """
    if day is not None and all_days:
        raise typer.BadParameter("--day and --all exclude each other")
    here = Home.open(home)
    for due in give_up_overdue(here):
        print(f"{due.source}: {due.day} was kept too long and is destroyed without release", file=sys.stderr)
    wanted = None if day is None else parse_day(day)
    closed = 0
    partial = {(item.source, item.day) for item in here.open_days() if not item.is_live}
    with chosen_engine(here, engine, objects) as sites, progress_bar() as progress:
        for source in here.settings.sources:
            days = {found for name, found, _ in here.keys.open_days() if name == source.name}
            if wanted is not None:
                days &= {wanted}
            if not final:
                days = {found for found in days if (source.name, found) not in partial}
            chosen = days_to_close(here, source.name, days, include_today)
            close_days(here, source.name, chosen, progress, sites)
            closed += len(chosen)
            forget_closed_logs(here, source.name)
    if closed:
        print(f"closed {closed} {'day' if closed == 1 else 'days'}")
    elif wanted is not None:
        _explain(here, day or "")
    else:
        print("nothing to close")
    if wanted is None and not final:
        _tell_waiting(here)
    unconfirmed = len(here.public_keys.waiting())
    if unconfirmed:
        print(f"{unconfirmed:,} new keys wait to be confirmed before they show: see `hubbub keys waiting --site NAME`")


def _tell_waiting(home: Home) -> None:
    """Which days of imported logs were left open, so that nobody takes them for closed."""
    for source in home.settings.sources:
        days = sorted(item.day for item in home.open_days() if item.source == source.name and not item.is_live)
        if days:
            named = ", ".join(map(str, days))
            print(f"{source.name}: {named} may go on in another file: import it too, or add --final")


def _explain(home: Home, day: str) -> None:
    """Why a day that was named could not be closed: it is closed already, or it is still running or waiting."""
    wanted = parse_day(day)
    if any(found == wanted for _, found, _ in home.keys.open_days()):
        raise Refused(f"{day} is not over, or waits for the rest of its log: see --include-today and --final")
    print(f"nothing to close: {day} is closed, or nothing was collected on it")
