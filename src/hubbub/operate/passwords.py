"""Passwords: argon2id with argon2-cffi's defaults (RFC 9106, low memory), checked in the same time whoever is named."""

import secrets
import unicodedata
from functools import lru_cache
from importlib import import_module
from threading import BoundedSemaphore
from typing import Any

from hubbub.core.errors import InputError

SHORTEST, LONGEST = 12, 200
ONCE_LIVES_MS = 24 * 3_600_000  # a password for once
_AT_ONCE = BoundedSemaphore(2)  # of a process: each takes 64 MB while it lasts
_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"


def check_choice(name: str, password: str) -> None:
    """Raises InputError for a password that is too short, too long, or little more than the account's name."""
    plain = _normal(password)
    if not SHORTEST <= len(plain) <= LONGEST:
        raise InputError("password", f"it has {len(plain)} characters", f"Take {SHORTEST} to {LONGEST}.")
    if len(set(plain)) < 5 or len(plain.lower().replace(name.lower(), "")) < SHORTEST // 2:
        raise InputError("password", "it is easily guessed", "Take several words that do not belong together.")


def hash_password(password: str) -> str:
    """What is kept of a password."""
    with _AT_ONCE:
        hashed: str = _hasher().hash(_normal(password))
    return hashed


def is_password(kept: str, password: str) -> bool:
    """Whether it is the password. Without a kept one the same work is done, and the answer is no."""
    plain, nobodys = _normal(password)[: LONGEST + 1], _nobodys()  # always: it is made once, and takes time
    try:
        with _AT_ONCE:
            _hasher().verify(kept or nobodys, plain)
    except import_module("argon2").exceptions.VerificationError:
        return False
    return bool(kept)


def needs_rehash(kept: str) -> bool:
    """Whether the library's defaults have become stronger since."""
    answer: bool = _hasher().check_needs_rehash(kept)
    return answer


def make_once() -> str:
    """A password for once: 95 random bits, in groups that can be read aloud."""
    signs = "".join(secrets.choice(_LETTERS) for _ in range(19))
    return "-".join((signs[:5], signs[5:10], signs[10:15], signs[15:]))


def _normal(password: str) -> str:
    return unicodedata.normalize("NFKC", password)


@lru_cache(maxsize=1)
def _hasher() -> Any:
    return import_module("argon2").PasswordHasher()


@lru_cache(maxsize=1)
def _nobodys() -> str:
    """The hash of a password that nobody has."""
    return hash_password(secrets.token_urlsafe(32))
