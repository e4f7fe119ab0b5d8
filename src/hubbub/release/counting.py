"""Bounded counts of sealed rows: the SQL of each measure over one shared preparation of several days.

Everything here is before the noise: nothing leaves the process, is logged, or is looked at by a check.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from importlib.resources import files
from types import TracebackType
from typing import Self

import pyarrow as pa

from hubbub.core import vocabulary
from hubbub.core.keys import Dimension, Measure
from hubbub.release import conditions, portal
from hubbub.release.coding import CodedRows
from hubbub.release.key_lists import Key
from hubbub.release.plan import Keys, MeasurePlan, Plan
from hubbub.store.engines.duckdb import DuckDB

Counts = dict[date, dict[Key, int]]  # day → key → bounded count; keys that no unit has are absent

_OPEN_END = 1 << 40
_UNITS = ("units", "unit_hours")
_OWN_SQL: dict[str, str] = {Measure.VISITS: "visits_by_duration"}
_FIRST_VIEW = frozenset(
    (Measure.CHANNELS, Measure.REFERRERS, Measure.CAMPAIGNS, Measure.COUNTRIES, Measure.DEVICES,
     Measure.BROWSERS, Measure.SYSTEMS, Measure.LANGUAGES)
)  # fmt: skip
_PREPARED: dict[str, frozenset[str]] = {
    "first_views": _FIRST_VIEW,
    "unit_pages": frozenset(
        (Measure.PAGE_VISITORS, Measure.NEW_PAGES, Measure.PAGE_PAGEVIEWS, Measure.TOPICS, Measure.ENGAGEMENT,
         Measure.SCROLLING)
    ),
    "visits": frozenset((Measure.VISITS, Measure.ENTRY_PAGES, Measure.EXIT_PAGES, Measure.FUNNELS)),
    "unit_engagement": frozenset((Measure.ENGAGEMENT, Measure.SCROLLING)),
}  # fmt: skip
"""Tables that measures share, in the order in which they are made, with the measures that read them."""
_NUMBERS = {
    "gap": portal.VISIT_GAP_MS,
    "burst": portal.BURST_VIEWS,
    "burst_ms": portal.BURST_MS,
    "hour_views": portal.HOUR_VIEWS,
    "day_views": portal.DAY_VIEWS,
    "day_searches": portal.DAY_SEARCHES,
    "parts": vocabulary.AMOUNT_PARTS,
}


class Counting:
    """Several days of one source, prepared once, counted a measure at a time: all rows, or a part with all rows of its
    units.

    `rows` has the columns of `core.rows.COLUMNS` and `day` (date32). Raises `StoreError` when the engine runs out of
    memory.
    """

    def __init__(self, engine: DuckDB, rows: pa.Table, days: Sequence[date]) -> None:
        self._engine = engine
        self._first = min(days)
        self._days = {(day - self._first).days: day for day in days}
        self._rows = CodedRows(rows, self._first)
        self._online = False

    def prepare(
        self, plan: Plan, public_pages: Iterable[str], public_events: Iterable[str], *, trial: bool = False
    ) -> None:
        """Make the tables that the plan's measures share, with the frozen lists of public pages and events.

        Units at impossible rates are left out, but not in a trial: that is for comparing with other counts.
        """
        self._rows.keep_once()
        self._engine.register("rows", self._rows.table)
        for name in (*_UNITS, "set_aside_units"):
            self._run(name)
        if not trial:
            self._leave_out_set_aside()
        self._engine.register("public_pages", pa.table({"page": self._rows.codes("page", public_pages)}))
        self._engine.register("public_events", pa.table({"key": pa.array(list(public_events), pa.string())}))
        self._engine.register("duration_bins", _duration_bins())
        for name, bins in (
            ("views_bins", vocabulary.CONTRIBUTION_BINS),
            ("engaged_bins", vocabulary.ENGAGED_BINS),
            ("scroll_bins", vocabulary.SCROLL_BINS),
        ):
            self._engine.register(name, _bins(bins))
        for name, readers in _PREPARED.items():
            if any(each.measure in readers for each in plan.measures):
                self._run(name)
        self._match(plan)

    def prepare_hours(self) -> None:
        """Make only what the hours of a running day need. No unit is set aside: what it does later may not be known."""
        self._online = True
        self._rows.keep_once(by_hour=True)
        self._engine.register("rows", self._rows.table)
        self._run("unit_hours")

    def list_keys(self, dimension: str, keys: Mapping[date, Iterable[str]]) -> None:
        """Set the pages of each day: those that are public and the new ones released for it."""
        assert dimension == Dimension.PAGE
        days: list[int] = []
        codes: list[pa.Array] = []
        for day, names in keys.items():
            codes.append(self._rows.codes("page", names))
            days += [(day - self._first).days] * len(codes[-1])
        self._engine.register(
            "day_pages",
            pa.table({"d": pa.array(days, pa.int16()), "page": pa.concat_arrays([pa.array([], pa.int32()), *codes])}),
        )

    def count_all(self, measures: Iterable[MeasurePlan]) -> dict[str, Counts]:
        """The bounded counts of many measures. Nobody has paid for them yet: they stay in memory, unseen."""
        return {each.measure: self.count(each) for each in measures}

    def count(self, measure: MeasurePlan) -> Counts:
        """The bounded counts of a measure, by day and key."""
        name = _OWN_SQL.get(measure.measure, str(measure.measure))
        if self._online and measure.measure == Measure.PAGEVIEWS_HOUR:
            name = "pageviews_hour_online"
        sql = _sql("attribute" if measure.measure in _FIRST_VIEW else name)
        if measure.measure in _FIRST_VIEW:
            sql = sql.format(dimension=str(measure.dimensions[0]))
        found = self._engine.fetch(sql, _named(sql, bound=measure.bound, **_NUMBERS))
        keys = [self._rows.decoded(found, column) for column in found.column_names[1:-1]]
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

    def _leave_out_set_aside(self) -> None:
        """Go on without the rows of units that are set aside; there hardly ever are any."""
        theirs = self._engine.fetch('SELECT rid FROM "rows" SEMI JOIN set_aside_units USING (d, u)')
        if not theirs.num_rows:
            return
        self._rows.leave_out(theirs["rid"].to_numpy())
        self._engine.register("rows", self._rows.table)
        for name in _UNITS:
            self._engine.execute(f"DROP TABLE {name}")
            self._run(name)

    def _match(self, plan: Plan) -> None:
        """Make the tables of what the settings ask for; what they do not ask for costs nothing."""
        asked = plan.asked
        if Measure.TOPICS in plan:
            self._engine.register("page_topics", conditions.page_topics(self._rows.texts["page"], asked.topics))
        if Measure.AMOUNTS in plan:
            self._engine.register("amount_events", conditions.amount_events(asked.amounts))
        if Measure.GOALS not in plan and Measure.FUNNELS not in plan:
            return
        wanted = conditions.conditions_of(asked)
        happened = self._engine.fetch('SELECT DISTINCT name, detail FROM "rows" WHERE kind = 2')
        pairs = zip(happened["name"].to_pylist(), happened["detail"].to_pylist(), strict=True)
        for name, table in (
            ("goal_marks", conditions.goals(asked)),
            ("step_marks", conditions.steps(asked)),
            ("page_marks", conditions.page_marks(self._rows.texts["page"], wanted)),
            ("event_marks", conditions.event_marks(pairs, wanted)),
            ("kind_marks", conditions.kind_marks(wanted)),
        ):
            self._engine.register(name, table)
        self._run("marked")
        if Measure.FUNNELS in plan:
            self._run("funnel_rows")
            self._run("reached")
            for step in range(2, max(map(len, asked.funnels.values())) + 1):
                self._run("reached_next", step=step)

    def _run(self, name: str, **values: int) -> None:
        sql = _sql(name)
        self._engine.execute(sql, _named(sql, **_NUMBERS, **values))


def _keyed(measure: MeasurePlan, counts: Counts) -> Counts:
    """What rows say, as the keys of the plan: "" is a direct visit, no campaign is no key, unlisted is `other`.

    One unit is in as many cells as before, so the bound holds.
    """
    listed = frozenset(measure.fixed_keys)
    keyed: Counts = {}
    for day, cells in counts.items():
        mine = keyed[day] = {}
        for key, n in cells.items():
            if measure.measure == Measure.REFERRERS and key == ("",):
                key = (portal.DIRECT,)
            elif measure.measure == Measure.CAMPAIGNS and key == ("",):
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


def _bins(bins: Sequence[tuple[str, int]]) -> pa.Table:
    """Bins by their lower ends; the last one is open."""
    lows = [low for _, low in bins]
    return pa.table(
        {
            "label": [label for label, _ in bins],
            "low": pa.array(lows, pa.int64()),
            "high": pa.array([*lows[1:], _OPEN_END], pa.int64()),
        }
    )
