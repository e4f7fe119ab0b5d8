"""Accepted lines to tables of rows, one a day, with the columns of `core.rows.COLUMNS`."""

import os
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from hubbub.collect.logs.candidates import Codebooks
from hubbub.collect.logs.codebook import distinct_pairs
from hubbub.collect.visitors import visitor_key
from hubbub.core.rows import COLUMNS, Kind

Array = npt.NDArray[Any]
Columns = dict[str, Array]

SCHEMA = pa.schema([(name, pa.type_for_alias(kind)) for name, kind in COLUMNS])
_KEPT = {
    "ms": np.int64, "day": np.int32, "hour": np.int8, "kind": np.int8, "page": np.int32, "network": np.int32,
    "country": np.int32, "user_agent": np.int32, "agent": np.int32, "traffic": np.int32,
}  # fmt: skip


class Accepted:
    """The accepted lines of all blocks, as numbers: about 40 bytes a line."""

    def __init__(self) -> None:
        self._blocks: list[Columns] = []
        self.lines = 0

    def add(self, columns: Columns) -> None:
        """Add the lines of a block."""
        self._blocks.append({name: columns[name].astype(kind) for name, kind in _KEPT.items()})
        self.lines += len(columns["ms"])

    def by_day(self) -> Iterator[tuple[date, Columns]]:
        """The lines of each day, in the order of days; the blocks are given up."""
        if not self._blocks:
            return
        columns = {name: np.concatenate([block[name] for block in self._blocks]) for name in _KEPT}
        self._blocks.clear()
        order = np.argsort(columns["day"], kind="stable")
        days = columns["day"][order]
        starts = np.flatnonzero(np.diff(days, prepend=-1)).tolist()
        for start, end in zip(starts, [*starts[1:], len(days)], strict=True):
            places = order[start:end]
            yield date.fromordinal(int(days[start])), {name: column[places] for name, column in columns.items()}


class Tables:
    """Makes the table of one day after the other from the codes of `books`."""

    def __init__(self, source: str, books: Codebooks, random: Callable[[int], bytes] = os.urandom) -> None:
        self._source, self._books, self._random = source, books, random
        agents, traffic = books.agents.values, books.traffic.values
        self._values = {
            "page": pa.array(books.pages.values, pa.string()),
            "country": pa.array(books.countries.values, pa.string()),
            "browser": pa.array([agent.browser for agent in agents], pa.string()),
            "os": pa.array([agent.os for agent in agents], pa.string()),
            "device": pa.array([agent.device for agent in agents], pa.string()),
            "referrer": pa.array([found.referrer for found in traffic], pa.string()),
            "channel": pa.array([found.channel for found in traffic], pa.string()),
            "campaign": pa.array([found.campaign for found in traffic], pa.string()),
        }

    def table(self, columns: Columns, secret: bytes) -> pa.Table:
        """The rows of a day; `secret` is the one that keys its visitors. The tags are drawn here."""
        count = len(columns["ms"])
        page = self._take("page", columns["page"])
        is_about = pa.array(columns["kind"] != Kind.PAGEVIEW)
        built = {
            "unit": pa.array(self._units(columns, secret)),
            "tag": pa.array(np.frombuffer(self._random(8 * count), dtype=np.int64)),
            "ms": pa.array(columns["ms"]),
            "hour": pa.array(columns["hour"]),
            "kind": pa.array(columns["kind"]),
            "page": page,
            "name": pc.if_else(is_about, page, ""),
            "country": self._take("country", columns["country"]),
            **{name: self._take(name, columns["traffic"]) for name in ("referrer", "channel", "campaign")},
            **{name: self._take(name, columns["agent"]) for name in ("browser", "os", "device")},
            "detail": pa.repeat("", count),
            "language": pa.repeat("other", count),
            "engaged_ms": pa.array(np.zeros(count, dtype=np.int32)),
            "scroll": pa.array(np.zeros(count, dtype=np.int16)),
        }
        return pa.table([built[name] for name in SCHEMA.names], schema=SCHEMA)

    def empty(self) -> pa.Table:
        """The table of a day without rows."""
        return SCHEMA.empty_table()

    def _take(self, name: str, codes: Array) -> pa.Array:
        return self._values[name].take(pa.array(codes))

    def _units(self, columns: Columns, secret: bytes) -> npt.NDArray[np.int64]:
        places, pairs = distinct_pairs(columns["network"], columns["user_agent"])
        networks, user_agents = self._books.networks.values, self._books.user_agents.values
        keys = [visitor_key(secret, self._source, networks[network], user_agents[agent]) for network, agent in pairs]
        return np.array(keys, dtype=np.int64)[places]
