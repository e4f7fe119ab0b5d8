"""Accepted lines to tables of rows, one a day, with the columns of `core.rows.COLUMNS`."""

import os
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from hubbub.collect.logs.candidates import Codebooks
from hubbub.collect.logs.codebook import Codebook, distinct_pairs
from hubbub.collect.visitors import visitor_key
from hubbub.core.rows import COLUMNS, SENT_ONCE

Array = npt.NDArray[Any]
Columns = dict[str, Array]
T = TypeVar("T")

TEXT = pa.dictionary(pa.int32(), pa.string())
_TYPES = {"int64": pa.int64(), "int32": pa.int32(), "int16": pa.int16(), "int8": pa.int8(), "string": TEXT}
SCHEMA = pa.schema([pa.field(name, _TYPES[kind], nullable=False) for name, kind in COLUMNS])
_KEPT = {
    "ms": np.int64, "day": np.int32, "hour": np.int8, "kind": np.int8, "page": np.int32, "name": np.int32,
    "network": np.int32, "language": np.int32, "country": np.int32, "user_agent": np.int32,
    "agent": np.int32, "traffic": np.int32,
}  # fmt: skip


class Accepted:
    """The accepted lines of all blocks, as numbers: about 50 bytes a line."""

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
    """Makes the table of one day after the other from the codes of `books`; texts are dictionaries."""

    def __init__(self, source: str, books: Codebooks, random: Callable[[int], bytes] = os.urandom) -> None:
        self._source, self._books, self._random = source, books, random

    def table(self, columns: Columns, secret: bytes) -> pa.Table:
        """The rows of a day; `secret` is the one that keys its visitors. The tags are drawn here."""
        books, count = self._books, len(columns["ms"])
        found = columns["traffic"], books.traffic.values
        agent = columns["agent"], books.agents.values
        pages = books.pages.values
        nothing = np.zeros(count, dtype=np.int32)
        built = {
            "unit": pa.array(self._units(columns, secret)),
            "tag": pa.array(np.frombuffer(self._random(8 * count), dtype=np.int64) & ~SENT_ONCE),
            "ms": pa.array(columns["ms"]),
            "hour": pa.array(columns["hour"]),
            "kind": pa.array(columns["kind"]),
            "page": _texts(columns["page"], pages, str),
            "name": _texts(columns["name"], pages, str),
            "detail": _texts(nothing, [""], str),
            "referrer": _texts(*found, lambda traffic: traffic.referrer),
            "channel": _texts(*found, lambda traffic: traffic.channel),
            "campaign": _texts(*found, lambda traffic: traffic.campaign),
            "country": _texts(columns["country"], books.countries.values, str),
            "device": _texts(*agent, lambda agent: agent.device),
            "browser": _texts(*agent, lambda agent: agent.browser),
            "os": _texts(*agent, lambda agent: agent.os),
            "language": _texts(columns["language"], books.languages.values, str),
            "engaged_ms": pa.array(nothing),
            "scroll": pa.array(nothing.astype(np.int16)),
            "amount": pa.array(nothing.astype(np.int64)),
            "returning": _texts(nothing, [""], str),
        }
        return pa.Table.from_arrays([built[name] for name in SCHEMA.names], schema=SCHEMA)

    def empty(self) -> pa.Table:
        """The table of a day without rows."""
        return SCHEMA.empty_table()

    def _units(self, columns: Columns, secret: bytes) -> npt.NDArray[np.int64]:
        places, pairs = distinct_pairs(columns["network"], columns["user_agent"])
        networks, user_agents = self._books.networks.values, self._books.user_agents.values
        keys = [visitor_key(secret, self._source, networks[network], user_agents[agent]) for network, agent in pairs]
        return np.array(keys, dtype=np.int64)[places]


def _texts(codes: Array, values: Sequence[T], text_of: Callable[[T], str]) -> pa.DictionaryArray:
    """A column of texts whose dictionary holds what the column needs, each text once."""
    used, places = np.unique(codes, return_inverse=True)
    texts: Codebook[str] = Codebook()
    indices = texts.codes(text_of(values[code]) for code in used.tolist())[places]
    return pa.DictionaryArray.from_arrays(pa.array(indices, pa.int32()), pa.array(texts.values, pa.string()))
