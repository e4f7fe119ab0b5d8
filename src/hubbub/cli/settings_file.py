"""Changes hubbub.yaml as its owner would, a site's lines at a time: comments stay, and nothing wrong is written."""

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path

import yaml
from msgspec import Struct

from hubbub.cli.config import FILE, load_settings, parse_settings
from hubbub.core.errors import InputError
from hubbub.core.settings import Settings

Lines = list[str]


class Block(Struct, frozen=True):
    """The lines of one site, `first` up to `end`; its dash stands in `column`."""

    first: int
    end: int
    column: int


def add_site(folder: Path, told: Mapping[str, str]) -> Settings:
    """Add a site with these settings below the last one. Raises what `parse_settings` does; then nothing is written."""

    def edit(lines: Lines, blocks: list[Block]) -> Lines:
        last = blocks[-1]
        added = [f"{name}: {json.dumps(value, ensure_ascii=False)}\n" for name, value in told.items()]
        dashed = [" " * last.column + ("  " if place else "- ") + line for place, line in enumerate(added)]
        return [*lines[: last.end], *dashed, *lines[last.end :]]

    return _change(folder, edit)


def remove_site(folder: Path, index: int) -> Settings:
    """Remove the site at this place of the list, with the comments among its lines."""

    def edit(lines: Lines, blocks: list[Block]) -> Lines:
        return [*lines[: blocks[index].first], *lines[blocks[index].end :]]

    return _change(folder, edit)


def _change(folder: Path, edit: Callable[[Lines, list[Block]], Lines]) -> Settings:
    load_settings(folder)  # what is wrong already is told as such
    path = folder / FILE
    lines = path.read_text("utf-8").splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    text = "".join(edit(lines, _blocks(lines)))
    settings = parse_settings(text)
    try:
        _replace(path, text)
    except OSError as error:
        raise InputError(str(path), f"cannot be written: {error.strerror}", "Check its rights.") from None
    return settings


def _blocks(lines: Lines) -> list[Block]:
    """The lines of each site. Raises InputError when sites do not stand on lines of their own."""
    tree = yaml.compose("".join(lines), yaml.SafeLoader)
    assert isinstance(tree, yaml.MappingNode)
    sites = next(value for key, value in tree.value if key.value == "sites")
    if not isinstance(sites, yaml.SequenceNode) or sites.flow_style:
        raise InputError(
            f"{FILE}, sites", "is written in one line", "Write each site on lines of its own, with a dash."
        )
    column = sites.start_mark.column
    return [_block(lines, item, column) for item in sites.value]


def _block(lines: Lines, item: yaml.Node, column: int) -> Block:
    """A site's lines. What is blank at their end, or a comment no deeper than the dash, belongs to what follows."""
    first, end = item.start_mark.line, max(item.end_mark.line, item.start_mark.line + 1)
    while end > first + 1 and _is_apart(lines[end - 1], column):
        end -= 1
    return Block(first, end, column)


def _is_apart(line: str, column: int) -> bool:
    text = line.strip()
    return not text or (text.startswith("#") and len(line) - len(line.lstrip()) <= column)


def _replace(path: Path, text: str) -> None:
    """The old file or the new one, whole, whatever happens; with the old one's rights."""
    temporary = path.with_name(f"{path.name}.new")
    with temporary.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    temporary.chmod(path.stat().st_mode & 0o777)
    temporary.replace(path)
