"""Secrets stand in files of their own, so that none stands in hubbub.yaml."""

from pathlib import Path


class Unreadable(Exception):
    """A file with a secret that cannot be used."""


def read_secret(path: str) -> str:
    """The first line of a file; "" without one. Raises Unreadable."""
    if not path:
        return ""
    try:
        lines = Path(path).read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise Unreadable(f"{path} cannot be read: {why}") from None
    if not lines or not lines[0].strip():
        raise Unreadable(f"{path} is empty")
    return lines[0].strip()
