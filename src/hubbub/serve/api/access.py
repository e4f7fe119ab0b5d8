"""Who may read: everyone, or of a private instance operators and whoever shows a key. And who may write by a key."""

import binascii
from base64 import b64decode
from hashlib import sha256
from hmac import compare_digest

from anyio import to_thread
from litestar.exceptions import NotAuthorizedException
from litestar.handlers import BaseRouteHandler

from hubbub.operate.api_keys import Scope
from hubbub.operate.roles import Role
from hubbub.serve.reading import ReadSide
from hubbub.serve.signed_in import (
    CHALLENGE,
    AnyConnection,
    ChoiceNeeded,
    Guard,
    RoleNeeded,
    SignInNeeded,
    act_as,
    operator_of,
)

READ_REFUSED = "this instance is private: sign in, or send an API key as `Authorization: Bearer KEY`"


class KeyNeeded(NotAuthorizedException):
    """Only for those who show a key, asked for in a way that browsers know."""

    def __init__(self) -> None:
        super().__init__("send an API key", headers={"WWW-Authenticate": CHALLENGE, "Cache-Control": "no-store"})


def reader_guard(read_side: ReadSide) -> Guard:
    """A Litestar guard that lets through who may read; answers 401 otherwise.

    A private instance takes whoever is signed in, and `Authorization: Bearer KEY`, or from a browser the key as the
    password of HTTP Basic, whatever the name. Of keys only the SHA-256 is known; those of the settings are compared in
    constant time.
    """

    async def guard(connection: AnyConnection, _handler: BaseRouteHandler) -> None:
        operator = operator_of(connection)
        if read_side.settings.access.mode == "public" or (operator is not None and operator.may(Role.VIEWER)):
            return
        if await _shows_key(connection, read_side):
            return
        if operator is not None:
            raise ChoiceNeeded
        raise SignInNeeded(READ_REFUSED)

    return guard


def key_guard(read_side: ReadSide) -> Guard:
    """A guard that lets through who shows a key for reading; browsers ask for it."""

    async def guard(connection: AnyConnection, _handler: BaseRouteHandler) -> None:
        if not await _shows_key(connection, read_side):
            raise KeyNeeded

    return guard


def writer_guard(read_side: ReadSide) -> Guard:
    """A guard of what the API changes: whoever shows a key with the scope `write`, then `operator_of` the request.

    Cookies do not count here, so that no page of another site can send anything in an operator's name.
    """

    async def guard(connection: AnyConnection, _handler: BaseRouteHandler) -> None:
        key, operators = _key_in(connection.headers.get("authorization", "")), read_side.operators
        found = await to_thread.run_sync(operators.find_by_key, key, Scope.WRITE) if key and operators else None
        if found is None:
            raise NotAuthorizedException(
                "send an API key with the scope write as `Authorization: Bearer KEY`; `hubbub apikey add` makes one",
                headers={"WWW-Authenticate": 'Bearer realm="hubbub"', "Cache-Control": "no-store"},
            )
        if not found.may(Role.ANALYST):
            raise RoleNeeded(Role.ANALYST)
        act_as(connection, found)

    return guard


async def _shows_key(connection: AnyConnection, read_side: ReadSide) -> bool:
    key, operators = _key_in(connection.headers.get("authorization", "")), read_side.operators
    if _is_known(key, read_side.settings.access.key_hashes):
        return True
    return bool(key and operators and await to_thread.run_sync(operators.find_by_key, key, Scope.READ))


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
