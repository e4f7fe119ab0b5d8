"""The `hubbub` command: finds the command that is asked for, runs it, and turns errors into exit codes.

Exit codes: 0 done; 1 refused or failed, with one line on standard error, also for what no one
foresaw (HUBBUB_TRACEBACK=1 shows where); 2 wrong use.
"""

import os
import sys
import traceback
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from hubbub.cli.presenting import Commands, command_app, with_first_sentence
from hubbub.core.errors import HubbubError

COMMANDS = {  # in the order a newcomer needs them: the command and its module
    "init": "init",
    "serve": "serve",
    "collect": "collect",
    "import": "import_log",
    "close": "close",
    "keys": "keys",
    "site": "site",
    "plan": "plan",
    "trends": "trends",
    "export": "export",
    "targets": "targets",
    "ledger": "ledger",
    "audit": "audit",
    "alerts": "alerts",
    "report": "report",
    "status": "status",
    "backup": "backup",
    "restore": "restore",
    "user": "user",
    "apikey": "apikey",
    "changes": "changes",
    "demo": "demo",
    "tick": "tick",
    "version": "version",
}


class LazyCommands(Commands):
    """Loads a command's module when it is asked for, so that `hubbub version` does not load a database."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002
        """The names of all commands."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
        """The command of this name, or None."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"hubbub.cli.commands.{COMMANDS[cmd_name]}")
        return with_first_sentence(typer.main.get_command(module.app))


app = command_app(cls=LazyCommands, no_args_is_help=True)


@app.callback()
def hubbub(
    home: Annotated[
        Path | None,
        typer.Option(metavar="DIR", envvar="HUBBUB_HOME", help="The folder that holds hubbub.yaml and all state."),
    ] = None,
) -> None:
    """City analytics that hears the crowd and never a single voice.

    Begin with `hubbub init`, or look at a simulated city with `hubbub demo`. `hubbub COMMAND --help` explains
    a command.
    """
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
    except Exception as fault:
        if os.environ.get("HUBBUB_TRACEBACK"):
            raise
        print(f"hubbub: {_unforeseen(fault)}", file=sys.stderr)
        sys.exit(1)


def _unforeseen(fault: Exception) -> str:
    """One line on what no command foresaw. Of a message only the system's is shown: others could quote rows."""
    if isinstance(fault, OSError) and fault.strerror:
        return ": ".join(str(part) for part in (fault.filename, fault.strerror) if part)
    if type(fault).__module__.startswith("sqlalchemy."):
        told = f"cannot be read or written ({type(fault).__name__})"
        return f"state.db (or the PostgreSQL database) {told}. Check the disk or the server, or restore a backup"
    frames = [frame for frame in traceback.extract_tb(fault.__traceback__) if "hubbub" in Path(frame.filename).parts]
    place = f" at {Path(frames[-1].filename).name}, line {frames[-1].lineno}" if frames else ""
    return f"unforeseen {type(fault).__name__}{place}. HUBBUB_TRACEBACK=1 shows all of it: please report it"


if __name__ == "__main__":
    main()
