"""`hubbub import log`: server logs become rows; whole days are closed in the same run."""

import signal
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from threading import Event
from typing import Annotated
from zoneinfo import available_timezones

import typer

from hubbub.cli.closing import close_days, days_to_close, forget_closed_logs
from hubbub.cli.commands.import_table import import_rows
from hubbub.cli.due import give_up_overdue
from hubbub.cli.following import FAST_CLOCK_MS, Following
from hubbub.cli.home import Home
from hubbub.cli.imports_told import tell_import
from hubbub.cli.options import HERE, HomeOption, JsonOption, SiteOption
from hubbub.cli.presenting import command_app
from hubbub.cli.progress import progress_bar
from hubbub.cli.watching import follow as follow_logs
from hubbub.collect.datacenters import datacenters_of
from hubbub.collect.logs.formats import FORMATS
from hubbub.collect.logs.importer import import_logs
from hubbub.collect.logs.reading import LogSummary
from hubbub.core.errors import InputError
from hubbub.core.settings import Site

app = command_app(no_args_is_help=True, help="Take in what was collected elsewhere.")


@app.callback()
def import_from() -> None:
    """Take in what was collected elsewhere."""


app.command(name="table")(import_rows)


@app.command(name="log")
def import_log(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Log files, plain or .gz, in any order.")],
    site: SiteOption,
    format: Annotated[str, typer.Option(metavar="FORMAT", help=f"auto, or one of: {', '.join(FORMATS)}.")] = "auto",
    final: Annotated[
        bool, typer.Option("--final", help="Also close the first and the last day of the files: no more is to come.")
    ] = False,
    follow: Annotated[
        bool, typer.Option("--follow", help="Go on with what the server writes, through rotation, until Ctrl-C.")
    ] = False,
    every: Annotated[
        float, typer.Option(metavar="SECONDS", min=0.1, help="With --follow: how long lines may wait for their commit.")
    ] = 15.0,
    log_timezone: Annotated[
        str, typer.Option(metavar="ZONE", help="IANA zone of times that name none (HAProxy's); else the site's.")
    ] = "",
    json: JsonOption = False,
    home: HomeOption = HERE,
) -> None:
    """Import server logs of one site, release every whole day in them, and destroy what identified visitors.

    The first and the last day of the files may go on in another file: they wait for it, or for --final.
    Addresses and user agents are held in memory only. With --follow it begins with the lines of today, and goes on
    where it was when it is started again; days close by the clock, as of a site that is counted live.
    """
    here = Home.open(home)
    portal = here.site(site)
    if follow:
        if final:
            raise InputError("--follow", "a log that is followed has no end", "Leave --final out.")
        _follow(here, portal, files, Following(format, zone_named(log_timezone), every))
        return
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
                _taken(here, portal.name),
                progress,
                log_zone=zone_named(log_timezone),
                latest_ms=here.clock.now_ms() + FAST_CLOCK_MS,
                datacenters=datacenters_of(here.settings.server),
            )
        whole = set(summary.days) if final else set(summary.days) - set(summary.partial)
        close_days(here, portal.name, days_to_close(here, portal.name, whole), progress)
    waiting = sorted(set(summary.partial) - whole)
    forget_closed_logs(here, portal.name)
    _tell(summary, waiting, json)


def _taken(home: Home, source: str) -> Callable[[date], bool]:
    """Whether a day takes no imported lines: it is closed, or its log is followed and would be counted twice."""
    followed = {each.day for each in home.raw.days() if each.source == source and "followed" in each.origins}
    return lambda day: day in followed or home.keys.is_closed(source, day)


def _follow(home: Home, site: Site, logs: list[Path], how: Following) -> None:
    stopped = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    follow_logs(home, site, logs, how, stopped, lambda text: print(f"hubbub: {text}", file=sys.stderr, flush=True))


def zone_named(name: str) -> str:
    """The same name. Raises InputError when there is no such zone."""
    if name and name not in available_timezones():
        raise InputError("--log-timezone", f"there is no zone {name!r}", "Name one like Europe/Vienna.")
    return name


def _tell(summary: LogSummary, waiting: list[date], json: bool) -> None:
    sentence = f"{summary.lines:,} lines: {summary.accepted:,} rows accepted"
    bad = [f"{each.file}, line {each.line}: {each.problem}" for each in summary.bad_lines]
    tell_import("lines", sentence, summary.lines, summary.accepted, summary.dropped, bad, waiting, json)
