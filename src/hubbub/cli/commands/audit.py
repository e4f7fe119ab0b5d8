"""`hubbub audit`: do the mechanisms cost what they say?"""

import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from hubbub.cli.home import Home
from hubbub.cli.options import HERE, HomeOption, JsonOption
from hubbub.cli.presenting import command_app
from hubbub.cli.progress import progress_bar
from hubbub.core.audit_text import AuditText
from hubbub.core.errors import InputError, LedgerError
from hubbub.release.audit.page import page_of, verdict_of
from hubbub.release.audit.records import encoded, keep_audit, last_audit, write_whole
from hubbub.release.audit.running import LEAST_RUNS, RUNS
from hubbub.release.audit.running import audit as run_audit

app = command_app()
WRITERS: dict[str, Callable[[AuditText], bytes]] = {".md": lambda found: page_of(found).encode(), ".json": encoded}
FIGURES = "{:<15} {:>9} {:>9} {:>9}  {:<5}  {}"


@app.command()
def audit(
    run: Annotated[bool, typer.Option("--run", help="Run it now; the public page shows the result.")] = False,
    runs: Annotated[
        int | None,
        typer.Option(metavar="N", min=LEAST_RUNS, help=f"How often, on each of two inputs; {RUNS} if not said."),
    ] = None,
    write: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="With --run: write here (.md or .json) instead of into the home."),
    ] = None,
    home: HomeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Show the last audit of the noise, or run one.

    An audit runs every mechanism of a release many times with and without one made-up device, and bounds from below
    what the device's presence costs. That must not exceed what is declared; copies broken on purpose must. No row of
    the home is read.
    """
    if not run and (runs is not None or write):
        raise typer.BadParameter("--runs and --write go with --run")
    found = _run(runs or RUNS, write or [], home) if run else _last(home)
    print(msgspec.json.encode(found).decode() if as_json else told(found))
    if not found.holds:
        raise LedgerError(
            "a mechanism costs more than is declared: release nothing more with this version, and report it"
        )
    if found.caught < found.broken:
        raise LedgerError("the audit let a broken copy pass: it shows nothing. Run it again, with more runs")


def told(found: AuditText) -> str:
    """An audit as lines for a terminal."""
    lines = [
        f"Audit of {found.day}: hubbub {found.hubbub}, OpenDP {found.opendp}, Python {found.python}; "
        f"{found.runs:,} runs a side, {found.risk:.0e} risk of a false alarm",
        "",
        FIGURES.format("", "declared", "at least", "at most", "", "what is released"),
    ]
    for each in found.mechanisms:
        sign = "ε" if each.bounds == "epsilon" else "δ"
        most = f"{each.highest:.3g}" if each.bounds == "delta" else ""
        verdict = "holds" if each.holds else "FAILS"
        declared = f"{sign} {each.declared:.3g}"
        lines.append(FIGURES.format(each.name, declared, f"{each.lowest:.3g}", most, verdict, each.says))
        lines += [f"{'':15} broken and not caught: {copy.fault}" for copy in each.broken if not copy.caught]
    return "\n".join([*lines, "", verdict_of(found)])


def _last(home: Path) -> AuditText:
    found = last_audit(home)
    if found is None:
        raise InputError("audit", "this hubbub was shipped without an audit", "Run one: hubbub audit --run.")
    return found


def _run(runs: int, write: Sequence[Path], home: Path) -> AuditText:
    for path in write:
        if path.suffix not in WRITERS:
            raise InputError(str(path), "is neither .md nor .json", "Name a file with one of these endings.")
    folder = None if write else Home.open(home).folder
    with progress_bar() as progress:
        workers = len(os.sched_getaffinity(0))
        found = run_audit(datetime.now(UTC).date(), runs, progress=progress, workers=workers)
    if folder:
        keep_audit(found, folder)
    for path in write:
        write_whole(path, WRITERS[path.suffix](found))
    return found
