"""Bounded counts of sealed rows: the SQL of each measure over one shared preparation of several days.

Everything here is before the noise: nothing leaves the process, is logged, or is looked at by a check.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from importlib.resources import files
from types import TracebackType
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hubbub.core import vocabulary
from hubbub.core.keys import Measure
from hubbub.core.rows import COLUMNS
from hubbub.release.key_lists import Key
from hubbub.release.plan import Keys, MeasurePlan
from hubbub.release.portal import DIRECT, VISIT_GAP_MS
from hubbub.store.engines.duckdb import DuckDB

Counts = dict[date, dict[Key, int]]  # day → key → bounded count; keys that no unit has are absent

_OPEN_END = 1 << 40
_CODED = ("page", "referrer", "channel", "campaign", "country", "device", "browser", "os", "language")
_PREPARED = ("units", "first_views", "unit_pages", "unit_hours", "visits")
_OWN_SQL = {Measure.VISITS: "visits_by_duration"}
_FIRST_VIEW = frozenset(
    (Measure.CHANNELS, Measure.REFERRERS, Measure.CAMPAIGNS, Measure.COUNTRIES, Measure.DEVICES,
     Measure.BROWSERS, Measure.SYSTEMS, Measure.LANGUAGES)
)  # fmt: skip


class Counting:
    """Several days of one source, prepared once, counted a measure at a time.

    `rows` has the columns of `core.rows.COLUMNS` and `day` (date32). Its strings are replaced by their dictionary's
    numbers, so the engine groups small integers. Raises `StoreError` when the engine runs out of memory.
    """

    def __init__(self, engine: DuckDB, rows: pa.Table, days: Sequence[date]) -> None:
        self._engine = engine
        self._first = min(days)
        self._days = {(day - self._first).days: day for day in days}
        self._texts: dict[str, list[str]] = {}
        engine.register("rows", self._narrowed(rows))
        engine.register("duration_bins", _duration_bins())
        engine.register("views_bins", _views_bins())

    def prepare(self, public_pages: Iterable[str], public_events: Iterable[str]) -> None:
        """Make the tables that the measures share, with the frozen lists of public pages and events."""
        self._engine.register("public_pages", pa.table({"page": self._codes("page", public_pages)}))
        self._engine.register("public_events", pa.table({"key": pa.array(list(public_events), pa.string())}))
        for name in _PREPARED:
            self._run(name)

    def prepare_hours(self) -> None:
        """Make only what the hours of a running day need."""
        self._run("unit_hours")

    def list_pages(self, pages: Mapping[date, Iterable[str]]) -> None:
        """Set the pages of each day: those that are public and the new ones released for it."""
        days: list[int] = []
        codes: list[pa.Array] = []
        for day, names in pages.items():
            codes.append(self._codes("page", names))
            days += [(day - self._first).days] * len(codes[-1])
        self._engine.register(
            "day_pages",
            pa.table({"d": pa.array(days, pa.int16()), "page": pa.concat_arrays([pa.array([], pa.int32()), *codes])}),
        )

    def count(self, measure: MeasurePlan, online: bool = False) -> Counts:
        """The bounded counts of a measure, by day and key."""
        name = _OWN_SQL.get(measure.measure, measure.measure.value)
        if online and measure.measure is Measure.PAGEVIEWS_HOUR:
            name = "pageviews_hour_online"
        sql = _sql("attribute" if measure.measure in _FIRST_VIEW else name)
        if measure.measure in _FIRST_VIEW:
            sql = sql.format(dimension=measure.dimensions[0].value)
        found = self._engine.fetch(sql, _named(sql, bound=measure.bound))
        keys = [self._decoded(found, column) for column in found.column_names[1:-1]]
        counts: Counts = {day: {} for day in self._days.values()}
        for d, n, *key in zip(found["d"].to_pylist(), found["n"].to_pylist(), *keys, strict=True):
            counts[self._days[d]][tuple(key)] = n
        return _keyed(measure, counts)

    def close(self) -> None:
        """Let go of the rows."""
        self._engine.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _run(self, name: str) -> None:
        sql = _sql(name)
        self._engine.execute(sql, _named(sql, gap=VISIT_GAP_MS))

    def _narrowed(self, rows: pa.Table) -> pa.Table:
        columns: dict[str, Any] = {
            "rid": pa.array(np.arange(rows.num_rows, dtype=np.int64)),
            "d": pc.subtract(rows["day"].cast(pa.int32()), pa.scalar(_days_since_1970(self._first), pa.int32())).cast(
                pa.int16()
            ),
            "u": rows["unit"],
        }
        for name, _ in COLUMNS:
            if name in _CODED:
                columns[name] = self._coded(name, rows[name])
            elif name in ("tag", "ms", "hour", "kind", "name", "detail"):
                columns[name] = rows[name]
        return pa.table(columns)

    def _coded(self, name: str, column: pa.ChunkedArray) -> pa.Array:
        """The column's dictionary numbers, int32; the texts are kept for the way back."""
        if not pa.types.is_dictionary(column.type):
            column = column.dictionary_encode()
        whole = column.unify_dictionaries().combine_chunks()
        if isinstance(whole, pa.ChunkedArray):
            whole = whole.chunk(0) if whole.num_chunks else pa.array([], column.type)
        self._texts[name] = whole.dictionary.to_pylist()
        return whole.indices.cast(pa.int32())

    def _codes(self, name: str, texts: Iterable[str]) -> pa.Array:
        wanted = frozenset(texts)
        return pa.array([code for code, text in enumerate(self._texts[name]) if text in wanted], pa.int32())

    def _decoded(self, found: pa.Table, column: str) -> list[str]:
        values: list[Any] = found[column].to_pylist()
        texts = self._texts.get(column)
        return values if texts is None else [texts[code] for code in values]


def _keyed(measure: MeasurePlan, counts: Counts) -> Counts:
    """What rows say, as the keys of the plan: "" is a direct visit, no campaign is no key, unlisted is `other`.

    One unit is in as many cells as before, so the bound holds.
    """
    listed = frozenset(measure.fixed_keys)
    keyed: Counts = {}
    for day, cells in counts.items():
        mine = keyed[day] = {}
        for key, n in cells.items():
            if measure.measure is Measure.REFERRERS and key == ("",):
                key = (DIRECT,)
            elif measure.measure is Measure.CAMPAIGNS and key == ("",):
                continue
            elif measure.keys is Keys.FIXED and key not in listed:
                if not measure.other:
                    continue
                key = measure.other
            mine[key] = mine.get(key, 0) + n
    return keyed


@cache
def _sql(name: str) -> str:
    return files("hubbub.release").joinpath(f"sql/{name}.sql").read_text("utf-8")


def _named(sql: str, **values: int) -> dict[str, int]:
    """The parameters that a statement names."""
    wanted = set(re.findall(r"\$(\w+)", re.sub(r"--.*", "", sql)))
    return {name: value for name, value in values.items() if name in wanted}


def _days_since_1970(day: date) -> int:
    return day.toordinal() - date(1970, 1, 1).toordinal()


def _duration_bins() -> pa.Table:
    bins = vocabulary.DURATION_BINS
    last = bins[-1][0]
    return pa.table(
        {
            "label": [label for label, _, _ in bins],
            "bounce": [low == high for _, low, high in bins],
            "low": pa.array([low for _, low, _ in bins], pa.int64()),
            "high": pa.array([_OPEN_END if label == last else high for label, _, high in bins], pa.int64()),
        }
    )


def _views_bins() -> pa.Table:
    lows = [low for _, low in vocabulary.CONTRIBUTION_BINS]
    return pa.table(
        {
            "label": [label for label, _ in vocabulary.CONTRIBUTION_BINS],
            "low": pa.array(lows, pa.int64()),
            "high": pa.array([*lows[1:], _OPEN_END], pa.int64()),
        }
    )
