"""Bounded counts of sealed rows: the SQL of each measure over one shared preparation of several days.

Everything here is before the noise: nothing leaves the process, is logged, or is looked at by a check.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cache, partial
from importlib.resources import files
from types import TracebackType
from typing import Self

import pyarrow as pa

from hubbub.core import vocabulary
from hubbub.core.combinations import tables_in
from hubbub.core.keys import Dimension, Measure
from hubbub.release import combining, conditions, portal
from hubbub.release.bench import Bench, LocalBench
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
    "first_views": _FIRST_VIEW | {Measure.COMBINATIONS},
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
        self._begin(LocalBench(engine, rows, min(days)), days)

    @classmethod
    def at(cls, bench: Bench, days: Sequence[date]) -> Self:
        """The same of rows that any engine has at hand."""
        counting = cls.__new__(cls)
        counting._begin(bench, days)
        return counting

    def _begin(self, bench: Bench, days: Sequence[date]) -> None:
        self._bench = bench
        self._first = min(days)
        self._days = {(day - self._first).days: day for day in days}
        self._online = False

    def prepare(
        self, plan: Plan, public_pages: Iterable[str], public_events: Iterable[str], *, trial: bool = False
    ) -> None:
        """Make the tables that the plan's measures share, with the frozen lists of public pages and events.

        Units at impossible rates are left out, but not in a trial: that is for comparing with other counts.
        """
        self._bench.keep_once()
        for name in (*_UNITS, "set_aside_units"):
            self._run(name)
        if not trial and self._bench.leave_out("set_aside_units"):
            for name in _UNITS:
                self._bench.execute(f"DROP TABLE {name}", {})
                self._run(name)
        self._bench.register("public_pages", pa.table({"page": pa.array(list(public_pages), pa.string())}))
        self._bench.register("public_events", pa.table({"key": pa.array(list(public_events), pa.string())}))
        self._bench.register("duration_bins", _duration_bins())
        for name, bins in (
            ("views_bins", vocabulary.CONTRIBUTION_BINS),
            ("engaged_bins", vocabulary.ENGAGED_BINS),
            ("scroll_bins", vocabulary.SCROLL_BINS),
        ):
            self._bench.register(name, _bins(bins))
        for name, readers in _PREPARED.items():
            if any(each.measure in readers for each in plan.measures):
                self._run(name)
        if Measure.COMBINATIONS in plan:
            tables = tables_in(plan[Measure.COMBINATIONS].fixed)
            for name, places in combining.places(tables):
                self._bench.register(name, places)
            self._bench.execute(combining.gathering(tables), {})
        self._match(plan)

    def prepare_hours(self) -> None:
        """Make only what the hours of a running day need. No unit is set aside: what it does later may not be known."""
        self._online = True
        self._bench.keep_once(by_hour=True)
        self._run("unit_hours")

    def list_keys(self, dimension: str, keys: Mapping[date, Iterable[str]]) -> None:
        """Set the pages of each day: those that are public and the new ones released for it."""
        assert dimension == Dimension.PAGE
        listed = [((day - self._first).days, name) for day, names in keys.items() for name in names]
        days, texts = [d for d, _ in listed], [name for _, name in listed]
        table = pa.table({"d": pa.array(days, pa.int16()), "page": pa.array(texts, pa.string())})
        self._bench.register("day_pages", table)

    def count_all(self, measures: Iterable[MeasurePlan]) -> dict[str, Counts]:
        """The bounded counts of many measures. Nobody has paid for them yet: they stay in memory, unseen."""
        return {each.measure: self.count(each) for each in measures}

    def count(self, measure: MeasurePlan) -> Counts:
        """The bounded counts of a measure, by day and key."""
        if measure.measure == Measure.COMBINATIONS:
            return self._count_combinations(measure)
        name = _OWN_SQL.get(measure.measure, str(measure.measure))
        if self._online and measure.measure == Measure.PAGEVIEWS_HOUR:
            name = "pageviews_hour_online"
        sql = _sql("attribute" if measure.measure in _FIRST_VIEW else name)
        if measure.measure in _FIRST_VIEW:
            sql = sql.format(dimension=str(measure.dimensions[0]))
        found = self._bench.fetch(sql, _named(sql, bound=measure.bound, **_NUMBERS))
        counts: Counts = {day: {} for day in self._days.values()}
        for d, *key, n in zip(*found.values(), strict=True):
            counts[self._days[d]][tuple(key)] = n
        return _keyed(measure, counts)

    def _count_combinations(self, measure: MeasurePlan) -> Counts:
        """One unit adds 1 to one cell of each of the first `bound` tables, for it has one first page view: squared L2
        is `bound`. The keys of the measure say which tables there are, and which values are told apart in them.
        """
        tables = tables_in(measure.fixed)
        lists = dict(tables.lists)
        counts: Counts = {day: {} for day in self._days.values()}
        for names in tables.names[: measure.bound]:
            found = self._bench.fetch(combining.grouping(names), {})
            for d, *places, n in zip(*found.values(), strict=True):
                mine, key = counts[self._days[d]], combining.key_at(lists, names, places)
                mine[key] = mine.get(key, 0) + n
        return counts

    def close(self) -> None:
        """Let go of the rows."""
        self._bench.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _match(self, plan: Plan) -> None:
        """Make the tables of what the settings ask for; what they do not ask for costs nothing."""
        asked = plan.asked
        pages = 'SELECT DISTINCT page FROM "rows" WHERE kind = 1'
        if Measure.TOPICS in plan:
            self._bench.match("page_topics", pages, partial(conditions.page_topics, asked.topics))
        if Measure.AMOUNTS in plan:
            self._bench.register("amount_events", conditions.amount_events(asked.amounts))
        if Measure.GOALS not in plan and Measure.FUNNELS not in plan:
            return
        wanted = conditions.conditions_of(asked)
        happened = 'SELECT DISTINCT name, detail FROM "rows" WHERE kind = 2'
        self._bench.match("page_marks", pages, partial(conditions.page_marks, wanted))
        self._bench.match("event_marks", happened, partial(conditions.event_marks, wanted))
        for name, table in (
            ("goal_marks", conditions.goals(asked)),
            ("step_marks", conditions.steps(asked)),
            ("kind_marks", conditions.kind_marks(wanted)),
        ):
            self._bench.register(name, table)
        self._run("marked")
        if Measure.FUNNELS in plan:
            self._run("funnel_rows")
            self._run("reached")
            steps = range(1, max(map(len, asked.funnels.values())) + 1)
            for step in steps[1:]:
                self._run("reached_next", step=step, before=step - 1)
            each = " UNION ALL ".join(f"SELECT * FROM reached_{step}" for step in steps)  # noqa: S608
            self._bench.execute(f"CREATE TEMP TABLE reached AS {each}", {})

    def _run(self, name: str, **names: int) -> None:
        sql = _sql(name).format(**names)
        self._bench.execute(sql, _named(sql, **_NUMBERS))


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
