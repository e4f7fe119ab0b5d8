"""`hubbub user`: accounts of those who look after an instance."""

import sys
from typing import Annotated

import typer

from hubbub.cli.home import Home
from hubbub.cli.options import HERE, HomeOption
from hubbub.cli.presenting import command_app
from hubbub.core.errors import InputError
from hubbub.operate.passwords import LONGEST
from hubbub.operate.roles import CONSOLE, Role

app = command_app(no_args_is_help=True, help="Accounts of operators: add, list, disable, enable, reset.")

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="The account's name.")]
RoleOption = Annotated[
    Role, typer.Option(help="What it may do: read, also confirm and note, or also keep accounts and keys.")
]
StdinOption = Annotated[bool, typer.Option("--password-stdin", help="Read a password from the first line of stdin.")]
PromptOption = Annotated[bool, typer.Option("--prompt", help="Ask for a password twice.")]


@app.command()
def add(
    name: NameArgument,
    role: RoleOption = Role.VIEWER,
    password_stdin: StdinOption = False,
    prompt: PromptOption = False,
    home: HomeOption = HERE,
) -> None:
    """Add an account. Without --prompt or --password-stdin it gets a password for once, which is printed."""
    password = _password(password_stdin, prompt)
    _tell(f"{name} added as {role.value}", Home.open(home).operators.add_account(CONSOLE, name, role, password))


@app.command(name="list")
def list_accounts(home: HomeOption = HERE) -> None:
    """Print every account: name, role, standing."""
    for account in Home.open(home).operators.accounts():
        standing = "active" if account.is_active else "disabled"
        how = ", by the provider" if account.is_provided else ", with a password for once" if account.is_once else ""
        print(f"{account.name}\t{account.role.value}\t{standing}{how}")


@app.command()
def disable(name: NameArgument, home: HomeOption = HERE) -> None:
    """Let an account in no more; its sessions end at once."""
    Home.open(home).operators.disable_account(CONSOLE, name)
    print(f"{name} disabled")


@app.command()
def enable(name: NameArgument, home: HomeOption = HERE) -> None:
    """Let an account in again, without waiting for earlier wrong tries."""
    Home.open(home).operators.enable_account(CONSOLE, name)
    print(f"{name} enabled")


@app.command()
def reset(
    name: NameArgument, password_stdin: StdinOption = False, prompt: PromptOption = False, home: HomeOption = HERE
) -> None:
    """Give an account another password; its sessions end at once."""
    password = _password(password_stdin, prompt)
    _tell(f"{name} has another password", Home.open(home).operators.reset_account(CONSOLE, name, password))


@app.command()
def role(name: NameArgument, new: Annotated[Role, typer.Argument(metavar="ROLE")], home: HomeOption = HERE) -> None:
    """Give an account another role: viewer, analyst or admin."""
    Home.open(home).operators.choose_role(CONSOLE, name, new)
    print(f"{name} is {new.value}")


def _password(from_stdin: bool, prompt: bool) -> str | None:
    """A password that is typed or piped in, or None for one for once. Never an argument: others could see it."""
    if from_stdin and prompt:
        raise typer.BadParameter("either --prompt or --password-stdin")
    if prompt:
        typed: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
        return typed
    if not from_stdin:
        return None
    line = sys.stdin.readline(LONGEST * 4).rstrip("\r\n")
    if not line:
        raise InputError("--password-stdin", "stdin has no password", "Pipe it in as one line.")
    return line


def _tell(done: str, once: str) -> None:
    print(done)
    if once:
        print(f"password for once (24 hours, to be replaced at the first sign-in): {once}")
