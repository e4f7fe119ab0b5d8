"""Row tags: 64 random bits each, from the operating system, drawn a block at a time."""

import os
import struct
from collections.abc import Callable

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
