"""Parameters as addresses and forms carry them, `name=value&…`, and the numbers and times that protocols write in them.

Nothing here raises, and all of it takes time linear in the text.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import unquote

MOST_PARAMETERS = 500
_LONGEST_NUMBER = 40
_LARGEST_NUMBER = 1e15


def parameters(text: str, wanted: frozenset[str]) -> dict[str, str]:
    """The values of the wanted names, decoded, of a name given twice the last; the rest is read past undecoded."""
    found = {}
    for item in text.split("&", MOST_PARAMETERS)[:MOST_PARAMETERS]:
        name, _, value = item.partition("=")
        if name in wanted:
            found[name] = decoded(value)
    return found


def decoded(value: str) -> str:
    """A value without its percent-encoding."""
    if "+" in value:
        value = value.replace("+", " ")
    return unquote(value) if "%" in value else value


def whole(text: str) -> int | None:
    """The whole number of zero and above that the text is, or None."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER else None


def number(text: str) -> float:
    """The finite number that the text is, of sensible size; else 0."""
    try:
        value = float(text[:_LONGEST_NUMBER])
    except ValueError:
        return 0
    return value if abs(value) <= _LARGEST_NUMBER else 0


def moment(text: str) -> int | None:
    """The instant of Unix seconds or of an ISO 8601 date and time, UTC unless it names a zone; ms, or None."""
    text = text.strip()[:_LONGEST_NUMBER]
    seconds = number(text)
    if seconds:
        return int(seconds * 1000)
    try:
        at = datetime.fromisoformat(text)
        return int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * 1000)
    except (ValueError, OverflowError, OSError):
        return None


def shown_key(headers: Mapping[str, str]) -> str:
    """The key that the request shows in `Authorization: Bearer …`, or ""."""
    scheme, _, key = headers.get("authorization", "").strip().partition(" ")
    return key.strip() if scheme.lower() == "bearer" else ""
