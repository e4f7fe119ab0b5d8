"""`hubbub ledger`: what was spent, for everyone to check."""

from typing import Annotated

import msgspec
import typer

from hubbub.cli.home import Home
from hubbub.cli.options import HERE, HomeOption
from hubbub.cli.presenting import command_app
from hubbub.core.errors import LedgerError
from hubbub.release.receipts import receipts

app = command_app(no_args_is_help=True, help="What was spent: print it, check it.")


@app.command()
def verify(
    head: Annotated[
        str | None, typer.Option(metavar="HASH", help="A head that was published earlier: it must be in the chain.")
    ] = None,
    home: HomeOption = HERE,
) -> None:
    """Recompute every hash of the ledger, the cells and the key lists. Any edit, deletion or reordering shows."""
    report = Home.open(home).ledger.verify(head)
    if not report.is_sound:
        more = f" (and {len(report.problems) - 1} more)" if len(report.problems) > 1 else ""
        raise LedgerError(f"the ledger does not verify: {report.problems[0]}{more}")
    print(f"{report.entries:,} entries, {report.releases:,} releases, all as written; head {report.head}")


@app.command()
def export(home: HomeOption = HERE) -> None:
    """Print the ledger as JSON lines: one a (source, day, measure, slot), oldest first (docs/ledger.md)."""
    for receipt in receipts(Home.open(home).ledger.entries()):
        print(msgspec.json.encode(receipt).decode())
