"""Public key lists of a source: told by the settings, imported, or released on earlier days; never read from rows."""

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import Literal

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy import Connection, Engine

from hubbub.release.key_lists import KeyList, key_list
from hubbub.release.portal import ALWAYS_PUBLIC
from hubbub.release.state import known_keys_table, metadata, writing

Origin = Literal["config", "import", "released"]


class Standing(StrEnum):
    """What holds of a key."""

    CONFIRMED = "confirmed"  # public: every day has a cell for it
    WAITING = "waiting"  # released as new, not shown until someone confirms that it is what it says
    REVOKED = "revoked"  # hidden by an editor
    EXPIRED = "expired"  # released long ago, hardly seen since: must pass the threshold again


class KnownKey(Struct, frozen=True):
    """A key of a source that is not one of the fixed lists."""

    source: str
    dimension: str
    key: str
    origin: str
    standing: Standing
    since: date


class PublicKeys:
    """The lists in the state database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        metadata.create_all(engine)

    def declare(self, source: str, dimension: str, keys: Iterable[str], day: date) -> None:
        """Make the keys of the settings exactly these; a key that left the settings stays if it was also released."""
        columns = known_keys_table.c
        with writing(self._engine) as connection:
            connection.execute(
                sa.delete(known_keys_table).where(
                    columns.source == source,
                    columns.dimension == str(dimension),
                    columns.origin == "config",
                    columns.standing == Standing.CONFIRMED.value,
                )
            )
            _put(connection, source, dimension, keys, "config", Standing.CONFIRMED, day)

    def add(self, source: str, dimension: str, keys: Iterable[str], origin: Origin, day: date) -> int:
        """Take over keys that are known independently of traffic; returns how many were not known before."""
        with writing(self._engine) as connection:
            return _put(connection, source, dimension, keys, origin, Standing.CONFIRMED, day)

    def approve(self, source: str, dimension: str, keys: Iterable[str]) -> int:
        """Confirm waiting, revoked or expired keys: their cells are shown. Returns how many."""
        return self._move(source, dimension, keys, tuple(Standing), Standing.CONFIRMED)

    def revoke(self, source: str, dimension: str, keys: Iterable[str]) -> int:
        """Hide keys, in what was released too. Returns how many."""
        return self._move(source, dimension, keys, tuple(Standing), Standing.REVOKED)

    def expire(self, source: str, dimension: str, keys: Iterable[str]) -> int:
        """Take released keys off the list until they pass the threshold again. Returns how many."""
        return self._move(source, dimension, keys, (Standing.CONFIRMED,), Standing.EXPIRED, "released")

    def waiting(self, source: str | None = None) -> list[KnownKey]:
        """New keys that are released and not shown yet."""
        return [each for each in self.known(source) if each.standing is Standing.WAITING]

    def known(self, source: str | None = None) -> list[KnownKey]:
        """Every key that is not of a fixed list."""
        columns = known_keys_table.c
        query = sa.select(known_keys_table).order_by(columns.source, columns.dimension, columns.key)
        if source is not None:
            query = query.where(columns.source == source)
        with self._engine.connect() as connection:
            return [
                KnownKey(
                    row.source, row.dimension, row.key, row.origin, Standing(row.standing),
                    date.fromisoformat(row.since),
                )
                for row in connection.execute(query)
            ]  # fmt: skip

    def frozen(self, source: str, dimension: str, *, of_site: bool = True) -> KeyList:
        """The public keys as they are now, sorted, with the hash that goes into the ledger; of a site those that are
        public everywhere, too.
        """
        columns = known_keys_table.c
        query = sa.select(columns.key).where(
            columns.source == source,
            columns.dimension == str(dimension),
            columns.standing == Standing.CONFIRMED.value,
        )
        with self._engine.connect() as connection:
            found = {key for (key,) in connection.execute(query)}
        everywhere = ALWAYS_PUBLIC.get(dimension, ()) if of_site else ()
        return key_list((key,) for key in sorted(found.union(everywhere)))

    def has_any(self, source: str, dimension: str, day: date) -> bool:
        """Whether any key of a dimension is public without the rows of `day`: it was so before, or was imported, which
        may be long after the day whose rows come now.
        """
        columns = known_keys_table.c
        query = sa.select(columns.key).where(
            columns.source == source,
            columns.dimension == str(dimension),
            columns.standing == Standing.CONFIRMED.value,
            sa.or_(columns.since < day.isoformat(), columns.origin == "import"),
        )
        with self._engine.connect() as connection:
            return connection.execute(query.limit(1)).first() is not None

    def _move(
        self,
        source: str,
        dimension: str,
        keys: Iterable[str],
        before: tuple[Standing, ...],
        after: Standing,
        origin: str | None = None,
    ) -> int:
        columns = known_keys_table.c
        changed = 0
        with writing(self._engine) as connection:
            for key in sorted(set(keys)):
                query = sa.update(known_keys_table).where(
                    columns.source == source,
                    columns.dimension == str(dimension),
                    columns.key == key,
                    columns.standing.in_([each.value for each in before if each is not after]),
                )
                if origin is not None:
                    query = query.where(columns.origin == origin)
                changed += connection.execute(query.values(standing=after.value)).rowcount
        return changed


def learn(connection: Connection, source: str, dimension: str, keys: Iterable[str], day: date, confirmed: bool) -> None:
    """Take over keys released on `day`, in the transaction that keeps their cells; unconfirmed ones wait."""
    standing = Standing.CONFIRMED if confirmed else Standing.WAITING
    _put(connection, source, dimension, keys, "released", standing, day)


def unconfirmed(connection: Connection, source: str) -> dict[str, frozenset[str]]:
    """The keys whose cells are not shown: waiting or revoked."""
    columns = known_keys_table.c
    query = sa.select(columns.dimension, columns.key).where(
        columns.source == source, columns.standing.in_([Standing.WAITING.value, Standing.REVOKED.value])
    )
    found: dict[str, set[str]] = {}
    for dimension, key in connection.execute(query):
        found.setdefault(dimension, set()).add(key)
    return {dimension: frozenset(keys) for dimension, keys in found.items()}


def count_waiting(connection: Connection, source: str, dimension: str | None = None) -> int:
    """How many keys of a source wait, of one dimension or of all."""
    columns = known_keys_table.c
    query = sa.select(sa.func.count()).where(columns.source == source, columns.standing == Standing.WAITING.value)
    if dimension is not None:
        query = query.where(columns.dimension == str(dimension))
    return int(connection.execute(query).scalar_one())


def _put(
    connection: Connection,
    source: str,
    dimension: str,
    keys: Iterable[str],
    origin: Origin,
    standing: Standing,
    day: date,
) -> int:
    """Insert keys; known ones that wait or expired become `standing` when that is confirmed, revoked ones stay so."""
    columns = known_keys_table.c
    query = sa.select(columns.key, columns.standing).where(
        columns.source == source, columns.dimension == str(dimension)
    )
    known = {row.key: row.standing for row in connection.execute(query)}
    wanted = sorted(set(keys))
    fresh = [
        {"source": source, "dimension": str(dimension), "key": key, "origin": origin, "standing": standing.value,
         "since": day.isoformat()}
        for key in wanted if key not in known
    ]  # fmt: skip
    if fresh:
        connection.execute(sa.insert(known_keys_table), fresh)
    raised = [key for key in wanted if known.get(key) in _raised_by(standing, origin)]
    for key in raised:
        connection.execute(
            sa.update(known_keys_table)
            .where(columns.source == source, columns.dimension == str(dimension), columns.key == key)
            .values(
                {"standing": Standing.CONFIRMED.value}
                | ({"since": day.isoformat()} if known[key] == Standing.EXPIRED else {})
            )
        )
    return len(fresh)


def _raised_by(standing: Standing, origin: Origin) -> tuple[str, ...]:
    """Standings that such a key leaves for confirmed: a key that was confirmed once needs no one to say it again."""
    if standing is Standing.CONFIRMED:
        return (Standing.WAITING.value, Standing.EXPIRED.value)
    return (Standing.EXPIRED.value,) if origin == "released" else ()
