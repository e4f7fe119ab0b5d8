"""Requests for the protocols' readers, and whose key they know."""

import json
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from hubbub.collect.hits import Hit
from hubbub.collect.requests import Request
from hubbub.collect.senders import Senders
from hubbub.core.reasons import DropReason

NOON = 1_700_042_400_000
KEY = "a key of a sender"
SENDERS = Senders([sha256(KEY.encode()).hexdigest()])
BEARER = {"authorization": f"Bearer {KEY}"}
WRONG_BEARER = {"authorization": "Bearer another"}


def get(query: str, **headers: str) -> Request:
    """A request without a body; header names are written with `_` for `-`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Request("GET", "/", query, named, ms=NOON)


def post(body: Any, query: str = "", **headers: str) -> Request:
    """A request with a body: bytes, or what is written as JSON."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Request("POST", "/", query, named, body if isinstance(body, bytes) else json.dumps(body).encode(), ms=NOON)


def one(read: Sequence[Hit | DropReason] | DropReason) -> Hit:
    """The only hit."""
    assert not isinstance(read, DropReason), read
    (hit,) = read
    assert isinstance(hit, Hit), hit
    return hit


def names(read: Sequence[Hit | DropReason] | DropReason) -> list[str]:
    """The hits' names, or why not, in order."""
    assert not isinstance(read, DropReason), read
    return [found.name if isinstance(found, Hit) else found for found in read]


def reason(read: Sequence[Hit | DropReason] | DropReason) -> DropReason:
    """Why there is no hit: of the request, or of the only one in it."""
    if not isinstance(read, DropReason):
        (read,) = read  # type: ignore[assignment]
    assert isinstance(read, DropReason), read
    return read
