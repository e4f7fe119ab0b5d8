"""Which log files were imported into days that are still open, so that none is counted twice.

Closed days refuse their lines by themselves. For the open ones a marker is kept, named by a digest of the
file's size, beginning and end; it says nothing of the lines, and goes when no day of the source has rows of a log.
A marker appears in the same commit as the file's rows (`RawStore.together`): there is never one without the other.
"""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from hubbub.core.errors import Refused

_SAMPLE = 1 << 20


def digest(file: Path) -> str:
    """A name for the file's content: its size, first and last MiB, hashed."""
    size = file.stat().st_size
    with file.open("rb") as opened:
        first = opened.read(_SAMPLE)
        opened.seek(max(0, size - _SAMPLE))
        last = opened.read(_SAMPLE)
    return hashlib.sha256(b"%d\0" % size + first + last).hexdigest()


class SeenFiles:
    """The markers of one source, files in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def marks_of(self, files: Iterable[Path]) -> list[Path]:
        """The markers that the files get once their rows are stored; missing files get none.

        Raises Refused when one of the files was imported into days that are open.
        """
        marks = {self._folder / digest(file): file for file in files if file.is_file()}
        for mark, file in marks.items():
            if mark.exists():
                raise Refused(
                    f"{file.name} was imported already and its open days hold its rows; nothing was imported. "
                    "Close them: `hubbub close --all --final`"
                )
        return list(marks)

    def forget(self) -> None:
        """Remove all markers."""
        if self._folder.exists():
            for marker in self._folder.iterdir():
                marker.unlink()
            self._folder.rmdir()
