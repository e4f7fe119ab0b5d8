"""The socket that the server listens on: its own, or one that outlives it, handed over by who started it.

systemd (a `.socket` unit, see docs/deploy.md) keeps a listening socket open across restarts and hands it to the service
as descriptor 3 (sd_listen_fds(3)). Connections that come while one release stops and the next starts wait in it, so an
upgrade loses no event.
"""

import os
import socket
from multiprocessing.reduction import DupFd
from typing import Any

from granian.net import SocketHolder  # type: ignore[attr-defined]
from granian.server.mp import MPServer

from hubbub.core.errors import InputError

FIRST_DESCRIPTOR = 3
BACKLOG = 2048


def handed_over() -> int | None:
    """The descriptor of the listening socket that this process was given, or None. Raises InputError for others."""
    if os.environ.get("LISTEN_PID") != str(os.getpid()) or not os.environ.get("LISTEN_FDS"):
        return None
    try:
        with socket.socket(fileno=os.dup(FIRST_DESCRIPTOR)) as given:
            if os.environ["LISTEN_FDS"] == "1" and given.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
                return FIRST_DESCRIPTOR
    except OSError:
        pass
    raise InputError(
        "LISTEN_FDS", "what was handed over is not one listening socket", "Name one ListenStream in the .socket unit."
    )


def server_on(host: str, port: int, target: str, **options: Any) -> MPServer:
    """A server of `target` on the socket that was handed over, or else on an address of its own.

    Raises InputError when the address cannot be listened on, before anything is started.
    """
    if handed_over() is not None:
        return HandedServer(target, **options)
    _check_port(host, port)
    return MPServer(target, address=host, port=port, backlog=BACKLOG, **options)


def _check_port(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise InputError(
                f"{host}:{port}", f"cannot listen there: {error.strerror}", "Name another --port."
            ) from None


class HandedSocket:
    """A listening socket on its way to the worker processes, each of which gets a descriptor of its own."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def __reduce__(self) -> tuple[Any, ...]:
        return _received, (DupFd(self._descriptor),)


def _received(descriptor: Any) -> SocketHolder:
    return SocketHolder(descriptor.detach(), False, BACKLOG)  # type: ignore[call-arg]


class HandedServer(MPServer):
    """A server whose workers all accept from the socket handed over, which stays open when they end."""

    def _init_shared_socket(self) -> None:
        handed: Any = HandedSocket(FIRST_DESCRIPTOR)
        self._ssp = self._sso = None
        self._shd, self._sfd = handed, FIRST_DESCRIPTOR  # type: ignore[assignment]
