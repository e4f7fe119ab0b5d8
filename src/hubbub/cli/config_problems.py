"""All that is wrong with a hubbub.yaml, not the first thing alone.

Reading stops at the first problem. Here its place is taken out of the tree and the rest is read again, until nothing is
wrong or what is wrong cannot be taken out.
"""

import re
from copy import deepcopy
from typing import Any

from hubbub.cli.config import read_tree, settings_in
from hubbub.core.errors import ConfigError, HubbubError, Refused
from hubbub.core.settings import Settings

MOST = 50
_REFUSED = re.compile(r"(?P<path>[a-z_]+(?:\[\d+\])?(?:\.[^:]+?)?)(?::| is refused)")


def problems_of(text: str) -> tuple[list[HubbubError], Settings | None]:
    """Every problem that can be found, in the order of finding, and the settings when there is none."""
    try:
        tree = read_tree(text)
    except HubbubError as error:
        return [error], None
    found: list[HubbubError] = []
    taken: set[str] = set()
    while len(found) < MOST:
        try:
            settings = settings_in(tree)
        except HubbubError as error:
            place = _place_of(error)
            if place in taken:  # it is required: nothing more can be read without it
                break
            found.append(error)
            taken.add(place)
            tree = deepcopy(tree)
            if not take_out(tree, place):
                break
        else:
            return found, None if found else settings
    return found, None


def _place_of(error: HubbubError) -> str:
    if isinstance(error, ConfigError):
        return error.path
    match = _REFUSED.match(str(error)) if isinstance(error, Refused) else None
    return match["path"] if match else ""


def take_out(tree: Any, path: str) -> bool:
    """Remove what stands at a path such as `sites[0].goals.Paid`, whose names may hold dots; whether it was there."""
    holder, key = _find(tree, path)
    if holder is None:
        return False
    del holder[key]
    return True


def _find(node: Any, path: str) -> tuple[Any, Any]:
    """The list or mapping that holds what stands at the path, and its index or key there; (None, None) without."""
    if isinstance(node, list):
        match = re.match(r"\[(\d+)\]\.?", path)
        if match is None or int(match[1]) >= len(node):
            return None, None
        rest = path[match.end() :]
        return _find(node[int(match[1])], rest) if rest else (node, int(match[1]))
    if not isinstance(node, dict):
        return None, None
    for key in sorted(map(str, node), key=len, reverse=True):
        if path == key:
            return node, next(each for each in node if str(each) == key)
        if path.startswith((f"{key}.", f"{key}[")):
            return _find(node[key], path[len(key) :].removeprefix("."))
    return None, None
