"""A bounded memory of what was derived from a raw value, so that a value seen again costs one lookup."""

from collections.abc import Callable
from typing import TypeVar

K = TypeVar("K", str, bytes, tuple[str, str])
V = TypeVar("V")


class Memo(dict[K, V]):
    """`memo[key]` is `derive(key)`, remembered for at most `2 * limit` keys.

    There are two generations. What is asked for lives in the young one; when that holds `limit` keys it
    becomes the old one and the old one is forgotten. A flood of values seen once can so never grow the memory,
    and what is asked for often survives it. Keys longer than `longest` are derived anew each time.
    """

    __slots__ = ("_derive", "_limit", "_longest", "_old")

    def __init__(self, derive: Callable[[K], V], limit: int, longest: int = 512) -> None:
        super().__init__()
        self._derive: Callable[[K], V] = derive
        self._limit, self._longest = limit, longest
        self._old: dict[K, V] = {}

    def __missing__(self, key: K) -> V:
        value = self._old.pop(key, None)
        if value is None:
            value = self._derive(key)
        size = sum(map(len, key)) if isinstance(key, tuple) else len(key)
        if size > self._longest:
            return value
        if len(self) >= self._limit:
            self._old = dict(self)
            super().clear()
        self[key] = value
        return value

    def forget(self) -> None:
        """Forget everything."""
        self.clear()
        self._old = {}
