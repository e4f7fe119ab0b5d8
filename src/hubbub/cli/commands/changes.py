"""`hubbub changes`: what operators changed."""

from datetime import UTC, datetime
from typing import Annotated

import msgspec
import typer

from hubbub.cli.home import Home
from hubbub.cli.options import HERE, HomeOption, JsonOption
from hubbub.cli.presenting import command_app
from hubbub.core.errors import LedgerError
from hubbub.operate.changes import first_broken

app = command_app(no_args_is_help=True, help="The log of what operators changed: print it, check it.")


@app.command(name="list")
def list_changes(
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="How many of the newest lines.")] = 100,
    as_json: JsonOption = False,
    home: HomeOption = HERE,
) -> None:
    """Print the newest lines, the newest last: number, time (UTC), who, what, subject, before, after."""
    for change in reversed(Home.open(home).operators.changes(limit)):
        if as_json:
            print(msgspec.json.encode(change).decode())
            continue
        when = f"{datetime.fromtimestamp(change.at_ms / 1000, UTC):%Y-%m-%dT%H:%M:%SZ}"
        parts = (str(change.seq), when, change.who, change.what, change.subject, change.before, change.after)
        print("\t".join(" ".join(part.split()) for part in parts))


@app.command()
def verify(home: HomeOption = HERE) -> None:
    """Recompute the chain of hashes: any line that was edited, removed or put in between shows."""
    operators = Home.open(home).operators
    broken = first_broken(operators.engine)
    if broken is not None:
        raise LedgerError(f"the log of changes is not as it was written, from line {broken} on")
    newest = operators.changes(1)
    print(f"{newest[0].seq if newest else 0:,} lines, all as written")
