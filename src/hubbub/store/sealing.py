"""Seals: AES-256-GCM around bytes, bound to the place where they belong."""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16
OVERHEAD = NONCE_BYTES + TAG_BYTES


class Seal:
    """The seal of one data key.

    `place` names where the sealed bytes stand (kind of file, file, position, source, day): what was moved or
    relabelled does not open. Nonces are 96 random bits; a day's key seals far fewer than the 2^32 pieces for which
    NIST SP 800-38D, 8.3 allows that.
    """

    __slots__ = ("_cipher",)

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def close(self, plain: bytes | memoryview, place: bytes) -> bytes:
        """`plain` sealed: nonce, ciphertext, tag; `OVERHEAD` bytes longer. `plain` is at most 2 GiB."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, plain, place)

    def open(self, sealed: bytes | memoryview, place: bytes) -> bytes | None:
        """What was sealed, or None when it is not whole, not of this key, or not from this place."""
        if len(sealed) < OVERHEAD:
            return None
        try:
            return self._cipher.decrypt(bytes(sealed[:NONCE_BYTES]), sealed[NONCE_BYTES:], place)
        except InvalidTag:
            return None
