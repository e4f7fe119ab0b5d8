"""A request as protocols read it: no more of it than they need."""

from collections.abc import Mapping

from msgspec import Struct


class Request(Struct, frozen=True, gc=False):
    """One request of a tracker.

    path     without the query
    query    what stands after the `?`, encoded as it came
    headers  names in lower case; of a repeated one the last value
    body     b"" without one
    address  the client's, "" when unknown; behind trusted proxies what they say
    ms       receive time, milliseconds since 1970 UTC
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes = b""
    address: str = ""
    ms: int = 0
