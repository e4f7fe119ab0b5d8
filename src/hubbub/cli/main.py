"""The `hubbub` command: finds the command that is asked for, runs it, and turns errors into exit codes.

Exit codes: 0 done; 1 refused or failed, with one line on standard error; 2 wrong use.
"""

import os
import sys
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from hubbub.core.errors import HubbubError

COMMANDS = {  # in the order a newcomer needs them: the command and its module
    "init": "init",
    "serve": "serve",
    "import": "import_log",
    "close": "close",
    "keys": "keys",
    "export": "export",
    "ledger": "ledger",
    "status": "status",
    "apikey": "apikey",
    "demo": "demo",
    "tick": "tick",
    "version": "version",
}


class LazyCommands(TyperGroup):
    """Loads a command's module when it is asked for, so that `hubbub version` does not load a database."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002
        """The names of all commands."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
        """The command of this name, or None."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"hubbub.cli.commands.{COMMANDS[cmd_name]}")
        return typer.main.get_command(module.app)


app = typer.Typer(
    cls=LazyCommands,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def hubbub(
    home: Annotated[Path | None, typer.Option(envvar="HUBBUB_HOME", help="The folder that holds everything.")] = None,
) -> None:
    """City analytics that hears the crowd and never a single voice."""
    if home is not None:
        os.environ["HUBBUB_HOME"] = str(home)


def main() -> None:
    """The entry point of the `hubbub` command."""
    try:
        app()
    except HubbubError as error:
        line = " ".join(str(error).split())
        print(f"hubbub: {line}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
