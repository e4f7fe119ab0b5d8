"""The findings of the last scan, as a file of the home: written after a close, read by pages, API and alerts."""

import os
from pathlib import Path
from threading import Lock

import msgspec

from hubbub.core.errors import StoreError
from hubbub.insight.findings import Findings

FILE = "findings.json"


class LastScan:
    """Reads and replaces the file; what was read is kept until another one stands there."""

    def __init__(self, home: Path) -> None:
        self._path = home / FILE
        self._kept: tuple[str, Findings] = ("", Findings())
        self._lock = Lock()

    def state(self) -> str:
        """A name of what stands there now; "" when nothing was scanned yet."""
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return ""
        return f"{found.st_mtime_ns}-{found.st_ino}-{found.st_size}"

    def read(self) -> Findings:
        """The findings; none where nothing was scanned yet. Raises `StoreError` for a damaged file."""
        state = self.state()
        with self._lock:
            if state == self._kept[0]:
                return self._kept[1]
        if not state:
            return Findings()
        try:
            found = msgspec.json.decode(self._path.read_bytes(), type=Findings)
        except FileNotFoundError:
            return Findings()
        except msgspec.MsgspecError as error:
            raise StoreError(f"{self._path}: {error}; remove it, the next `hubbub tick` makes it again") from error
        with self._lock:
            self._kept = (state, found)
        return found

    def write(self, findings: Findings) -> None:
        """Put these in place of what was there; a crash leaves the one or the other."""
        aside = self._path.with_name(f"{FILE}.{os.getpid()}.new")
        aside.write_bytes(msgspec.json.encode(findings))
        aside.replace(self._path)
