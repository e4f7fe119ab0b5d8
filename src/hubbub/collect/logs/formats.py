"""The log formats: how each is told from a file's first lines, and which query reads it."""

import json
import re
from collections.abc import Callable, Mapping
from importlib.resources import files
from pathlib import Path

from msgspec import Struct

from hubbub.collect.logs.lines import read_start
from hubbub.core.errors import InputError

_STAMP = r"\[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\] "
_REQUEST = r'"(?:[^"\\]|\\.)*" [1-5]\d\d(?:\s|$)'
_CLF = re.compile(rf"\S+ \S+ [^\"]*{_STAMP}{_REQUEST}")
_VHOST = re.compile(rf"[\w.:*-]+ [0-9A-Fa-f.:]*[.:][0-9A-Fa-f.:]+ \S+ [^\"]*{_STAMP}{_REQUEST}")
_LOOK_AT = 100  # lines; the format that fits most of them, of two the first one in `_TESTS`


class Format(Struct, frozen=True):
    """One way in which servers write lines.

    name        what `--format` takes
    meaning     for whoever has to choose
    query       the `.sql` file that cuts lines into fields
    parameters  of that query, when they are the same for every file
    has_fields_line  the places of the fields stand in `#Fields:` lines of the file
    """

    name: str
    meaning: str
    query: str
    parameters: Mapping[str, int] = {}
    has_fields_line: bool = False

    def sql(self) -> str:
        """The query over `block` whose columns are those that `screen.sql` reads."""
        return read_sql(self.query)


COMBINED = Format("combined", "Apache's combined and nginx' default log", "clf.sql", {"leading": 0})
COMMON = Format("common", "Apache's common log, without referrer and user agent", "clf.sql", {"leading": 0})
VHOST = Format("vhost", "either of these behind the name of a virtual host", "clf.sql", {"leading": 1})
W3C = Format("w3c", "W3C extended, as IIS writes it, with a #Fields line", "w3c.sql", has_fields_line=True)
JSON = Format("json", "one JSON object a line", "json.sql")

FORMATS: Mapping[str, Format] = {
    "combined": COMBINED,
    "nginx": COMBINED,
    "common": COMMON,
    "vhost": VHOST,
    "w3c": W3C,
    "json": JSON,
}
AUTO = "auto"

_TESTS: tuple[tuple[Format, Callable[[str], bool]], ...] = (
    (VHOST, lambda line: _VHOST.match(line) is not None),
    (COMBINED, lambda line: _CLF.match(line) is not None),
    (JSON, lambda line: _is_object(line)),
)


def read_sql(name: str) -> str:
    """A query of this folder."""
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def format_of(path: Path, name: str) -> Format:
    """The format called `name`, or with "auto" the one that the first lines of the file are in.

    Raises InputError when there is no format of that name or when the lines are in none.
    """
    if name == AUTO:
        return _detect(path)
    if name not in FORMATS:
        raise InputError("--format", "there is no such format", f"Name one of: auto, {', '.join(FORMATS)}.")
    return FORMATS[name]


def _detect(path: Path) -> Format:
    start = read_start(path).decode("utf-8", "replace").splitlines()
    lines = [line for line in start[:_LOOK_AT] if line.strip()]
    if any(line.startswith("#Fields:") for line in lines):
        return W3C
    rest = [line for line in lines if not line.startswith("#")]
    counts = [sum(map(matches, rest)) for _, matches in _TESTS]
    if any(counts):
        return _TESTS[counts.index(max(counts))][0]
    remedy = f"Name its format with --format; known are {', '.join(FORMATS)}, each plain or gzip."
    raise InputError(str(path), "its first lines are in no known format", remedy)


def _is_object(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False
