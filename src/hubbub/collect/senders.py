"""Senders: servers and apps that speak for visitors, known by a key of ours of which only the hash is kept."""

import hmac
from collections.abc import Iterable
from hashlib import sha256


class Senders:
    """The senders that the settings know, as SHA-256 of their keys in hexadecimal digits."""

    __slots__ = ("_digests",)

    def __init__(self, digests: Iterable[str] = ()) -> None:
        self._digests = tuple(digest.encode() for digest in digests)

    def knows(self, key: str) -> bool:
        """Whether it is the key of a sender; takes the same time whichever it is."""
        digest = sha256(key.encode("utf-8", "surrogatepass")).hexdigest().encode()
        return any([hmac.compare_digest(digest, known) for known in self._digests])
