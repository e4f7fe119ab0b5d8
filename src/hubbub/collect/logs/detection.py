"""Which format a log is in, by a majority of its first lines."""

import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from msgspec.structs import replace

from hubbub.collect.logs.captures import places_of
from hubbub.collect.logs.formats import ALB, AUTO, COMBINED, FORMATS, HAPROXY, JSON, PREFIX, VHOST, W3C, Format
from hubbub.collect.logs.lines import read_start
from hubbub.core.errors import InputError

LOOK_AT = 200  # lines that are neither blank nor a comment
LOOK_AT_BYTES = 1 << 18
_STAMP = r"\[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\] "
_REQUEST = r'"(?:[^"\\]|\\.)*" [1-5]\d\d(?:\s|$)'
_CLF = re.compile(rf"\S+ \S+ [^\"]*{_STAMP}{_REQUEST}")
_VHOST = re.compile(rf"[\w.:*-]+ (?=[0-9A-Fa-f]*[.:])[0-9A-Fa-f.:]+ \S+ [^\"]*{_STAMP}{_REQUEST}")
_ALB = re.compile(
    r'(?:https?|h2|grpcs|wss?) \d{4}-\d\d-\d\dT[\d:.]+Z \S+ \S+:\d+ \S+ (?:[-\d.]+ ){3}[-\d]+ [^"]*"[^"]*" "'
)
_HAPROXY = re.compile(
    r"\S+:\d+ \[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d\.\d+\] \S+ \S+/\S+ [-+\d/]+ (?:-1|\d{3}) \+?\d+ "
    r'\S+ \S+ \S+ [\d/+]+ [\d/]+ [^"]*"'
)
_PREFIX = re.compile(PREFIX)
_TESTS: tuple[tuple[Format, Callable[[str], bool]], ...] = (
    (VHOST, lambda line: _VHOST.match(line) is not None),
    (COMBINED, lambda line: _CLF.match(line) is not None and not _VHOST.match(line)),
    (ALB, lambda line: _ALB.match(line) is not None),
    (HAPROXY, lambda line: _HAPROXY.match(line) is not None),
    (JSON, lambda line: _is_object(line)),
)
"""Of two formats that fit as many lines the first one counts."""


def format_of(path: Path, name: str) -> Format:
    """The format called `name`, or with "auto" the one that the first lines of the file are in.

    Whether syslog stands before the lines, and which headers HAProxy captured, is found in either case. Raises
    InputError when there is no format of that name, when the lines are in none, or when they name no user agents
    although their server could.
    """
    check_name(name)
    start = read_start(path, LOOK_AT_BYTES)
    return choose(str(path), start, name)


def check_name(name: str) -> None:
    """Raises InputError when there is no format of that name."""
    if name != AUTO and name not in FORMATS:
        raise InputError("--format", "there is no such format", f"Name one of: auto, {', '.join(FORMATS)}.")


def choose(place: str, start: bytes, name: str, before: Format | None = None) -> Format:
    """The format of a log that begins so; `before` is what it was in when it was shorter. Raises InputError."""
    text = start.decode("utf-8", "replace")
    lines = (text if len(start) < LOOK_AT_BYTES else text.rpartition("\n")[0]).splitlines()
    found = detect(lines, None if name == AUTO else FORMATS[name]) or before
    if found is None:
        remedy = f"Name its format with --format; known are {', '.join(FORMATS)}, each plain or gzip."
        raise InputError(place, "its first lines are in no known format", remedy)
    if found.query != HAPROXY.query:
        return found
    if before is not None and before.query == found.query:
        found = replace(
            found, parameters={field: at or before.parameters[field] for field, at in found.parameters.items()}
        )
    if not found.parameters["agent"]:
        problem = "HAProxy writes no user agents into it, so devices cannot be told apart, nor bots from people"
        remedy = "Add `capture request header User-Agent len 512` to its frontend, and the same for Host and Referer."
        raise InputError(place, problem, remedy)
    return found


def detect(lines: Sequence[str], only: Format | None = None) -> Format | None:
    """The format of at least half of some lines, or `only` as it is used there; None when there is none."""
    if only is None and any(line.startswith("#Fields:") for line in lines):
        return W3C
    rest = [line for line in lines if line.strip() and not line.startswith("#")][:LOOK_AT]
    behind = [_PREFIX.sub("", line, count=1) for line in rest]
    has_prefix = sum(map(str.__ne__, rest, behind)) * 2 > len(rest)
    if only is None:
        counts = [sum(map(matches, behind if has_prefix else rest)) for _, matches in _TESTS]
        if not max(counts) or max(counts) * 2 < len(rest):
            return None
        only = _TESTS[counts.index(max(counts))][0]
    parameters = places_of(behind) if only.query == HAPROXY.query else only.parameters
    return replace(only, has_prefix=has_prefix, parameters=parameters)


def _is_object(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False
