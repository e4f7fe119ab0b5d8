"""Responses of the collector, made once and sent many times."""

from msgspec import Struct

CORS = {"access_control_allow_origin": "*"}
"""What every answer to a tracker says, for it stands on pages of other origins."""


class Response(Struct, frozen=True):
    """A whole response; header names in lower case."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes = b""


def response(status: int, body: bytes = b"", **headers: str) -> Response:
    """A response; header names are written with `_` for `-`."""
    return Response(status, [(name.replace("_", "-"), value) for name, value in headers.items()], body)
