r"""Escapes that Apache and nginx write inside quotation marks: `\"`, `\\`, `\t`, `\xe9`."""

import re

QUOTE_MARK, BACKSLASH_MARK = "\x02", "\x01"
"""What `clf.sql` puts for an escaped quotation mark and an escaped backslash."""

_ESCAPE = re.compile(r"\x01|\x02|\\x([0-9A-Fa-f]{2})|\\(.)", re.DOTALL)
_NAMED = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "v": "\v", "f": "\f"}
_MARKS = {QUOTE_MARK: '"', BACKSLASH_MARK: "\\"}


def received(logged: str) -> str:
    """What the client sent, one character a byte, as the live collector reads a header."""
    if not logged.isascii():
        logged = logged.encode().decode("latin-1")
    if "\\" in logged or QUOTE_MARK in logged or BACKSLASH_MARK in logged:
        return _ESCAPE.sub(_unescape_one, logged)
    return logged


def received_text(logged: str) -> str:
    """What the client sent, read as UTF-8."""
    sent = received(logged)
    return sent if sent.isascii() else sent.encode("latin-1").decode("utf-8", "replace")


def _unescape_one(found: re.Match[str]) -> str:
    if found[1]:
        return chr(int(found[1], 16))
    if found[2]:
        return _NAMED.get(found[2], found[2])
    return _MARKS[found[0]]
