"""Frozen key lists: what was public before a day's rows were read, stored once under its hash."""

from collections.abc import Iterable
from functools import lru_cache

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy import Connection

from hubbub.release.entries import digest, encode, pack, unpack_keys
from hubbub.release.state import key_lists_table

Key = tuple[str, ...]


class KeyList(Struct, frozen=True):
    """Public keys in the order of their cells, and the SHA-256 that names the list."""

    keys: tuple[Key, ...]
    hash: str


def key_list(keys: Iterable[Key]) -> KeyList:
    """A list with its hash."""
    return _hashed(tuple(keys))


@lru_cache(maxsize=64)  # the lists of the plan are the same every day
def _hashed(keys: tuple[Key, ...]) -> KeyList:
    return KeyList(keys, digest(encode(keys)))


def keep_lists(connection: Connection, lists: Iterable[KeyList]) -> None:
    """Store key lists under their hashes, each once."""
    for each in {each.hash: each for each in lists}.values():
        known = sa.select(key_lists_table.c.hash).where(key_lists_table.c.hash == each.hash)
        if connection.execute(known).first() is None:
            connection.execute(sa.insert(key_lists_table), {"hash": each.hash, "packed": pack(each.keys)[1]})


class ListReader:
    """Reads stored lists, each once."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._read: dict[str, tuple[Key, ...]] = {}

    def __getitem__(self, name: str) -> tuple[Key, ...]:
        if name not in self._read:
            query = sa.select(key_lists_table.c.packed).where(key_lists_table.c.hash == name)
            self._read[name] = unpack_keys(self._connection.execute(query).scalar_one())
        return self._read[name]
