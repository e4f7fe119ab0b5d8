"""How every command is presented: plain help that fits the window, no box, no option that is not ours."""

import shutil
from typing import Any

import typer
from typer.core import TyperGroup

NARROWEST, WIDEST = 60, 110


class Commands(TyperGroup):
    """A group whose list of commands shows each first sentence whole."""

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of this name, or None."""
        command = super().get_command(ctx, cmd_name)
        return None if command is None else with_first_sentence(command)


def with_first_sentence(command: Any) -> Any:
    """The command, its help's first sentence as the short one (by itself it would be cut at 45 signs)."""
    sentence, stop, _ = " ".join((command.help or "").split()).partition(". ")
    command.short_help = sentence + stop.strip()
    return command


def command_app(**more: Any) -> typer.Typer:
    """The Typer app of one command, or of a group of them (`help`, `cls`, `no_args_is_help` …)."""
    more.setdefault("cls", Commands)
    return typer.Typer(
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": width()},
        **more,
    )


def width() -> int:
    """How wide help may be: the window, within what reads well."""
    return max(NARROWEST, min(WIDEST, shutil.get_terminal_size().columns))
