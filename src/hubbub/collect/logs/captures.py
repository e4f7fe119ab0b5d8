"""Which of the headers that HAProxy captured are which: it writes their values in braces, and no names."""

import re
from collections.abc import Iterable, Mapping

_CAPTURED = re.compile(r'[^"{]*\{([^}]*)\}')
MOST_CAPTURED = 50  # headers; a line with more is no configuration's
_SHAPES: Mapping[str, re.Pattern[str]] = {
    "agent": re.compile(r"[A-Za-z][\w.!+-]*/v?\d"),
    "referrer": re.compile(r"https?://"),
    "host": re.compile(r"(?=[^:]*[A-Za-z])[\w-]+(?:\.[\w-]+)+(?::\d+)?$"),
    "language": re.compile(r"[a-z]{2,3}(?:-\w{2,8})*(?:[,;]|$)"),
}


def places_of(lines: Iterable[str]) -> dict[str, int]:
    """Where the user agent, the referrer, the host and the language stand in the braces, from 1; 0 for nowhere.

    A place is one's whose shape most of the values there have that are not empty.
    """
    braces = [captured[1] for line in lines if (captured := _CAPTURED.match(line))]
    found = [values.split("|", MOST_CAPTURED)[:MOST_CAPTURED] for values in braces]
    columns = [[row[place] for row in found if place < len(row) and row[place]] for place in range(_width(found))]
    places = dict.fromkeys(_SHAPES, 0)
    for place, values in enumerate(columns, start=1):
        for name, shape in _SHAPES.items():
            if not places[name] and sum(shape.match(value) is not None for value in values) * 2 > len(values):
                places[name] = place
                break
    return places


def _width(rows: list[list[str]]) -> int:
    return max(map(len, rows), default=0)
