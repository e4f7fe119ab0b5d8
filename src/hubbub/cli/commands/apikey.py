"""`hubbub apikey`: keys of programs, for reading a private instance, for changes, and for sending events."""

import hashlib
import secrets
from datetime import UTC, datetime
from typing import Annotated

import typer

from hubbub.cli.home import Home
from hubbub.cli.options import HERE, HomeOption
from hubbub.cli.presenting import command_app
from hubbub.operate.api_keys import PREFIX, Scope, parse_term
from hubbub.operate.roles import CONSOLE

app = command_app()


@app.callback(invoke_without_command=True)
def make_key(context: typer.Context) -> None:
    """Make, list and revoke API keys. Alone it makes a key and the line for hubbub.yaml, and stores nothing.

    A key of `hubbub apikey add` has a name, scopes and an end, and can be revoked while the server runs. One for the
    settings file has none of it; where its line stands says what it is good for. Senders of events have theirs there:
    collecting goes on while the state database is out of reach.
    """
    if context.invoked_subcommand is not None:
        return
    key = PREFIX + secrets.token_urlsafe(32)
    print(f"key (give it to the reader or sender; it is not kept): {key}")
    print("hubbub.yaml, for who reads under access.key_hashes (with mode: private), for who sends events for others")
    print("(POST /api/v1/events, Matomo's token_auth, GoatCounter's API) under server.sender_keys:")
    print(f"  - {hashlib.sha256(key.encode()).hexdigest()}")


@app.command()
def add(
    name: Annotated[str, typer.Option(metavar="NAME", help="What it is called in the list and in the log of changes.")],
    scope: Annotated[list[Scope], typer.Option(help="What it opens; may be repeated.")],
    expires: Annotated[str, typer.Option(metavar="DAYS", help="How long it is good, such as 90d; 730d at most.")],
    home: HomeOption = HERE,
) -> None:
    """Make a key that is good for a while. It is shown once; only its hash is kept."""
    key = Home.open(home).operators.add_key(CONSOLE, name, scope, parse_term(expires))
    print(f"key (shown this once): {key}")


@app.command(name="list")
def list_keys(home: HomeOption = HERE) -> None:
    """Print every key: name, scopes, last day, standing. Keys in hubbub.yaml are not among them."""
    operators = Home.open(home).operators
    for key in operators.api_keys():
        standing = "revoked" if key.is_revoked else "valid" if key.is_valid(operators.now_ms()) else "expired"
        until = datetime.fromtimestamp(key.until_ms / 1000, UTC).date()
        print(f"{key.name}\t{' '.join(key.scopes)}\t{until}\t{standing}")


@app.command()
def revoke(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The key's name.")], home: HomeOption = HERE
) -> None:
    """Let a key open nothing from now on."""
    Home.open(home).operators.revoke_key(CONSOLE, name)
    print(f"{name} revoked")
