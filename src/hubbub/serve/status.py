"""The operator's look into running workers: a socket each, mode 0600, in `<home>/run/`.

Whoever connects is answered with one JSON object, a `WorkerStatus`, and the connection ends. Pending drop
counters are flushed first, so that the durable counters read afterwards are complete.
"""

import contextlib
import errno
import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread

import msgspec

from hubbub.core.errors import HubbubError
from hubbub.serve.tally import Tally, WorkerStatus

PATTERN = "worker-*.sock"
LONGEST_NAME = 100  # a socket's address has room for 107 bytes
PATIENCE_S = 2.0


class StatusSocket:
    """Answers on `<folder>/worker-<pid>.sock` from a thread of its own, until closed."""

    def __init__(self, folder: Path, tally: Tally, flush: Callable[[], object]) -> None:
        self._path = folder / f"worker-{os.getpid()}.sock"
        self._tally, self._flush = tally, flush
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._path.unlink(missing_ok=True)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        os.fchmod(self._socket.fileno(), 0o600)  # before bind: the file is never readable by others
        with _short(folder) as short:
            self._socket.bind(f"{short}/{self._path.name}")
        self._socket.listen(16)
        self._thread = Thread(target=self._answer, name="hubbub-status", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop answering and remove the socket."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(PATIENCE_S)
        self._path.unlink(missing_ok=True)

    def _answer(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with connection, contextlib.suppress(OSError):
                connection.settimeout(PATIENCE_S)
                with contextlib.suppress(OSError, HubbubError):
                    self._flush()
                connection.sendall(msgspec.json.encode(self._tally.status()))


def workers(folder: Path) -> list[WorkerStatus]:
    """What each live worker of the home whose run folder this is answers; sockets of dead ones are removed."""
    answers = []
    for path in sorted(folder.glob(PATTERN)):
        answer = _ask(path)
        if answer is not None:
            answers.append(answer)
    return answers


def _ask(path: Path) -> WorkerStatus | None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(PATIENCE_S)
        try:
            with _short(path.parent) as short:
                connection.connect(f"{short}/{path.name}")
            said = b"".join(iter(lambda: connection.recv(4096), b""))
            return msgspec.json.decode(said, type=WorkerStatus)
        except OSError as fault:
            if fault.errno == errno.ECONNREFUSED:
                path.unlink(missing_ok=True)
            return None
        except msgspec.DecodeError:
            return None


@contextlib.contextmanager
def _short(folder: Path) -> Iterator[str]:
    """A name of the folder that leaves room for a socket's name, however deep the home lies."""
    if len(os.fsencode(folder)) + len(PATTERN) + 8 <= LONGEST_NAME:
        yield str(folder)
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{handle}"
    finally:
        os.close(handle)
