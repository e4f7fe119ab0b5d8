"""The trail of a live log: its lines, each once and in order, through rotation by renaming and by copying away.

While the log is followed its file is held open, so that what is renamed, packed or removed is still read to its end.
A copy that was made before the file was cut off, and after a restart the file that was being read, are found by what
stands in them (`LiveFile.sample`), under whatever name.
"""

import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from hubbub.collect.logs.live_file import IsKnown, LiveFile, Truncated, find_known

MOST_BYTES = 8 << 20
_NUMBER = r"\d[\dTZ._+-]*"
_DATE = r"\d{4}-?\d\d-?\d\d[\dTZ._+-]*"
Tell = Callable[[str], None]


class Trail:
    """The files of one live log.

    path      where the server writes
    quiet_ns  how long nothing was written to a file that was renamed before it counts as finished
    now_ns    the clock of the file system, nanoseconds since 1970
    tell      is told what may have been lost
    """

    def __init__(self, path: Path, quiet_ns: int, now_ns: Callable[[], int], tell: Tell) -> None:
        self.path = path
        self._quiet_ns, self._now_ns, self._tell = quiet_ns, now_ns, tell
        self._queue: list[LiveFile] = []  # the first one is being read, the last one stands at the path or did so

    def begin(self, since_ns: int) -> None:
        """Begin with the rotated files that were written to since then, whole."""
        self._open()  # first, so that it is read even if it is renamed meanwhile
        self._queue = [*self._others(self._queue, lambda written_ns: written_ns >= since_ns), *self._queue]

    def resume(self, offset: int, is_known: IsKnown) -> bool:
        """Go on in the file that was read up to the offset; whether it was found. Else the log is read from its
        beginning: what had come before was read, or is lost.
        """
        found = find_known([self.path, *reversed(self._rotated())], offset, is_known)
        if found is None:
            self._open()
            return False
        self._queue = [found]
        if not self._stands(found):
            self._queue += self._newer(found)
        return True

    def read(self) -> tuple[LiveFile, bytes] | None:
        """Some new whole lines and the file that they are of; None when there are none for now. Raises OSError."""
        while True:
            if not self._queue and not self._open():
                return None
            file = self._queue[0]
            try:
                lines = file.read(MOST_BYTES)
                if lines:
                    return file, lines
                if not self._is_finished(file):
                    return None
                last = file.read(MOST_BYTES, is_last=True)
            except Truncated:
                self._replace(file)
                continue
            if last:
                return file, last
            self._go_on()

    def close(self) -> None:
        """Let go of the files."""
        for file in self._queue:
            file.close()

    def _open(self) -> bool:
        with suppress(FileNotFoundError):
            self._queue.append(LiveFile(self.path))
        return bool(self._queue)

    def _is_finished(self, file: LiveFile) -> bool:
        """Nothing more will be written to a file that stands at the path no longer and rests."""
        is_last = len(self._queue) == 1
        if self._stands(file) or (is_last and not self.path.exists()):  # renamed, and the new one is still to come
            return False
        return file.is_packed or self._now_ns() - file.written_ns >= self._quiet_ns

    def _stands(self, file: LiveFile) -> bool:
        """Whether the file is the one that the server writes to."""
        try:
            return file.is_at(self.path)
        except FileNotFoundError:
            return False

    def _go_on(self) -> None:
        """The first file is read to its end: the next one comes, in the end the one that stands at the path."""
        done = self._queue[0]
        self._queue = self._queue[1:] or self._newer(done)
        done.close()

    def _replace(self, file: LiveFile) -> None:
        """The file was cut off: read on in the copy that was made of it, then from its new beginning."""
        copy = find_known(reversed(self._rotated()), file.offset, lambda _, found: found == file.sample)
        if copy is None:
            self._tell(f"{self.path.name} was cut off and there is no copy of it: lines may be lost")
        file.close()
        self._queue = [*([copy] if copy else []), *self._queue[1:]]

    def _newer(self, file: LiveFile) -> list[LiveFile]:
        """The rotated files that were written to after this one, by time."""
        done_ns = file.written_ns
        return self._others([file], lambda written_ns: written_ns > done_ns)

    def _others(self, known: list[LiveFile], is_meant: Callable[[int], bool]) -> list[LiveFile]:
        """The rotated files that are none of the known ones, and meant by when they were last written to."""
        inodes = {file.inode for file in known}
        opened = [LiveFile(path) for path in self._rotated() if is_meant(path.stat().st_mtime_ns)]
        for file in opened:
            if file.inode in inodes:
                file.close()
        return [file for file in opened if not file.is_closed]

    def _rotated(self) -> list[Path]:
        """The files beside the path that have its name and a number or date more, by the time of their last line."""
        stem, suffix = re.escape(self.path.stem), re.escape(self.path.suffix)
        name = re.compile(
            rf"{re.escape(self.path.name)}[.-](?:{_NUMBER}|old)(?:\.gz)?|{stem}[-.]{_DATE}{suffix}(?:\.gz)?"
        )
        found = {path for path in self.path.parent.iterdir() if name.fullmatch(path.name) and path.is_file()}
        found -= {self.path, *(path.with_name(path.name + ".gz") for path in found)}  # those being packed just now
        return sorted(found, key=lambda path: path.stat().st_mtime_ns)
