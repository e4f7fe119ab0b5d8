"""Row tags: 64 random bits each, from the operating system, drawn a block at a time; or, of a hit that its sender may
send again, a keyed hash of what makes it the same one.
"""

import os
import struct
from collections.abc import Callable
from hashlib import blake2b

from hubbub.core.rows import SENT_ONCE

BLOCK = 512
_UNPACK = struct.Struct(f"={BLOCK}q").unpack


class Tags:
    """Gives signed 64-bit tags. Not for use across a fork: the child would repeat its parent's block."""

    __slots__ = ("_block", "_random")

    def __init__(self, random: Callable[[int], bytes] = os.urandom) -> None:
        self._random = random
        self._block: list[int] = []

    def draw(self) -> int:
        """The next tag; none is given twice."""
        if not self._block:
            self._block.extend(tag & ~SENT_ONCE for tag in _UNPACK(self._random(8 * BLOCK)))
        return self._block.pop()


def once_tag(secret: bytes, once: bytes) -> int:
    """The tag of all rows of a hit, however often it is sent: keyed BLAKE2b under the secret of its source and day.

    `secret` has 1..64 bytes. Nothing is remembered for it, so it holds across crashes and collectors.
    """
    digest = blake2b(once, digest_size=8, key=secret, person=b"hubbub once").digest()
    return int.from_bytes(digest, "big", signed=True) | SENT_ONCE
