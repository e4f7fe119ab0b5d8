"""Audits that were made: the one that is shipped with this version, and the last one of a home."""

import os
import tempfile
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

import msgspec

from hubbub.core.audit_text import AuditText

FILE = "audit.json"


def last_audit(folder: Path) -> AuditText | None:
    """The newest audit of the installed version: that of the home in `folder`, or the one shipped with it.

    Without one of this version: the newest of any, which says of which it is.
    """
    found = [each for each in (_read(folder / FILE), shipped()) if each is not None]
    mine = [each for each in found if each.hubbub == version("hubbub")]
    return max(mine or found, key=lambda audit: audit.day, default=None)


def shipped() -> AuditText | None:
    """The project's own last audit."""
    path = files("hubbub.release.audit").joinpath(FILE)
    return _decode(path.read_bytes()) if path.is_file() else None


def keep_audit(audit: AuditText, folder: Path) -> Path:
    """Put an audit into a home, in place of the last one; whole or not at all."""
    return write_whole(folder / FILE, encoded(audit))


def encoded(audit: AuditText) -> bytes:
    """An audit as it is kept: JSON, fields in their order, indented."""
    return msgspec.json.format(msgspec.json.encode(audit)) + b"\n"


def write_whole(path: Path, content: bytes) -> Path:
    """Write a file so that readers see the old one or the new one."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with open(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fchmod(descriptor, 0o644)
            os.fsync(descriptor)
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
    return path


def _read(path: Path) -> AuditText | None:
    try:
        return _decode(path.read_bytes())
    except OSError:
        return None


def _decode(content: bytes) -> AuditText | None:
    """The audit, or None for what is none (any more): a later version may have other fields."""
    try:
        return msgspec.json.decode(content, type=AuditText)
    except msgspec.DecodeError:
        return None
