"""Who may read: everyone, or whoever shows one of the keys of a private instance."""

import binascii
from base64 import b64decode
from hashlib import sha256
from hmac import compare_digest

from litestar.connection import ASGIConnection
from litestar.exceptions import NotAuthorizedException
from litestar.handlers import BaseRouteHandler
from litestar.types import Guard

from hubbub.core.settings import Access

CHALLENGE = 'Basic realm="hubbub", charset="UTF-8", Bearer realm="hubbub"'


def reader_guard(access: Access) -> Guard:
    """A Litestar guard that lets through who may read; answers 401 otherwise.

    A private instance takes `Authorization: Bearer KEY`, or from a browser the key as the password of HTTP
    Basic, whatever the name. Only the key's SHA-256 is known here; it is compared in constant time.
    """

    def guard(connection: ASGIConnection, _handler: BaseRouteHandler) -> None:  # type: ignore[type-arg]
        if access.mode == "public":
            return
        key = _key_in(connection.headers.get("authorization", ""))
        if not _is_known(key, access.key_hashes):
            raise NotAuthorizedException(
                "this instance is private: send an API key as `Authorization: Bearer KEY`",
                headers={"WWW-Authenticate": CHALLENGE, "Cache-Control": "no-store"},
            )

    return guard


def _is_known(key: str, hashes: tuple[str, ...]) -> bool:
    digest = sha256(key.encode()).hexdigest()
    matches = [compare_digest(digest, known.lower()) for known in hashes]
    return bool(key) and any(matches)


def _key_in(header: str) -> str:
    """The key in an Authorization header; "" when there is none."""
    scheme, _, credentials = header.partition(" ")
    if scheme.lower() == "bearer":
        return credentials.strip()
    if scheme.lower() != "basic":
        return ""
    try:
        _, _, password = b64decode(credentials.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return ""
    return password
