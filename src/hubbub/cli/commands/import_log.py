"""`hubbub import log`: server logs become rows; whole days are closed in the same run."""

import sys
from datetime import date
from functools import partial
from pathlib import Path
from typing import Annotated
from zoneinfo import available_timezones

import msgspec
import typer

from hubbub.cli.closing import close_days, days_to_close, forget_closed_logs
from hubbub.cli.due import give_up_overdue
from hubbub.cli.home import Home
from hubbub.cli.options import HERE, HomeOption, JsonOption, SiteOption
from hubbub.cli.presenting import command_app
from hubbub.cli.progress import progress_bar
from hubbub.collect.logs.formats import FORMATS
from hubbub.collect.logs.importer import import_logs
from hubbub.collect.logs.reading import LogSummary
from hubbub.core.errors import InputError

FAST_CLOCK_MS = 600_000  # how far ahead the clock of a server may be whose log is imported

app = command_app(no_args_is_help=True, help="Take in what was collected elsewhere.")


@app.callback()
def import_from() -> None:
    """Take in what was collected elsewhere."""


@app.command(name="log")
def import_log(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Log files, plain or .gz, in any order.")],
    site: SiteOption,
    format: Annotated[str, typer.Option(metavar="FORMAT", help=f"auto, or one of: {', '.join(FORMATS)}.")] = "auto",
    final: Annotated[
        bool, typer.Option("--final", help="Also close the first and the last day of the files: no more is to come.")
    ] = False,
    log_timezone: Annotated[
        str, typer.Option(metavar="ZONE", help="IANA zone of times that name none (HAProxy's); else the site's.")
    ] = "",
    json: JsonOption = False,
    home: HomeOption = HERE,
) -> None:
    """Import server logs of one site, release every whole day in them, and destroy what identified visitors.

    The first and the last day of the files may go on in another file: they wait for it, or for --final.
    Addresses and user agents are held in memory only.
    """
    here = Home.open(home)
    portal = here.site(site)
    for due in give_up_overdue(here):
        print(f"{due.source}: {due.day} was kept too long and is destroyed without release", file=sys.stderr)
    marks = here.seen_files(portal.name).marks_of(files)
    zone = here.settings.zone_of(portal.name)
    with progress_bar() as progress:
        with here.raw.together(marks=marks) as batch:
            summary = import_logs(
                files,
                portal,
                zone,
                format,
                batch,
                batch,
                partial(here.keys.is_closed, portal.name),
                progress,
                log_zone=zone_named(log_timezone),
                latest_ms=here.clock.now_ms() + FAST_CLOCK_MS,
            )
        whole = set(summary.days) if final else set(summary.days) - set(summary.partial)
        close_days(here, portal.name, days_to_close(here, portal.name, whole), progress)
    waiting = sorted(set(summary.partial) - whole)
    forget_closed_logs(here, portal.name)
    _tell(summary, waiting, json)


def zone_named(name: str) -> str:
    """The same name. Raises InputError when there is no such zone."""
    if name and name not in available_timezones():
        raise InputError("--log-timezone", f"there is no zone {name!r}", "Name one like Europe/Vienna.")
    return name


def _tell(summary: LogSummary, waiting: list[date], json: bool) -> None:
    for bad in summary.bad_lines:
        print(f"hubbub: {bad.file}, line {bad.line}: {bad.problem}", file=sys.stderr)
    if json:
        dropped = {str(reason): count for reason, count in summary.dropped.items()}
        told = {"lines": summary.lines, "accepted": summary.accepted, "dropped": dropped, "waiting": waiting}
        print(msgspec.json.encode(told).decode())
        return
    print(f"{summary.lines:,} lines: {summary.accepted:,} rows accepted")
    for reason, count in summary.dropped.items():
        print(f"{count:>12,} dropped: {reason}")
    if waiting:
        days = " and ".join(map(str, waiting))
        print(f"{days} may go on in another file: import it too, or end with `hubbub close --all --final`")
