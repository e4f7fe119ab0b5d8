"""Rows, homes and plain-Python counts for the tests of the release room."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from pathlib import Path

import pyarrow as pa
from msgspec.structs import astuple

from hubbub.core.days import bounds, slot_of
from hubbub.core.keys import Measure
from hubbub.core.rows import COLUMNS, DETAIL_SEPARATOR, Kind, Row
from hubbub.core.settings import Budget, Settings, Site
from hubbub.core.vocabulary import CONTRIBUTION_BINS, DURATION_BINS
from hubbub.release.close import Closer
from hubbub.release.ledger import Ledger
from hubbub.release.plan import MeasurePlan, Plan
from hubbub.release.portal import DIRECT, VISIT_GAP_MS
from hubbub.release.public_keys import PublicKeys
from hubbub.release.state import open_state
from hubbub.store.engines.duckdb import DuckDB
from hubbub.store.keyfile import KeyFile
from hubbub.store.raw import RawStore

SOURCE = "portal.example"
DAY = date(2026, 5, 4)
ZONE = "Europe/Vienna"
PAGES = ("/", "/a", "/b", "/c", "/d", "/e", "/f")
ACTS = (Kind.EVENT, Kind.OUTLINK, Kind.DOWNLOAD)
PREFIX = {Kind.EVENT: "event:", Kind.OUTLINK: "outlink:", Kind.DOWNLOAD: "download:", Kind.MISSING: "404:"}

Cells = Counter[tuple[str, ...]]


class SetClock:
    """A clock that stands where it is put."""

    def __init__(self, now_ms: int) -> None:
        self.ms = now_ms

    def now_ms(self) -> int:
        return self.ms


def view(unit: int, tag: int, ms: int, page: str = "/", kind: Kind = Kind.PAGEVIEW, name: str = "", **more: str) -> Row:
    """A row `ms` after the start of DAY."""
    at = bounds(DAY, ZONE).start_ms + ms
    return Row(unit, tag, at, slot_of(at, DAY, ZONE), kind, page, name, **more)  # type: ignore[arg-type]


def table_of(rows: Iterable[Row]) -> pa.Table:
    """Rows as the store gives them."""
    columns = list(zip(*(astuple(row) for row in rows), strict=True)) or [()] * len(COLUMNS)
    types = {"int64": pa.int64(), "int32": pa.int32(), "int16": pa.int16(), "int8": pa.int8(), "string": pa.string()}
    arrays = {}
    for (name, kind), values in zip(COLUMNS, columns, strict=True):
        array = pa.array(values, types[kind])
        arrays[name] = array.dictionary_encode() if kind == "string" else array
    return pa.table(arrays)


def labelled(rows: Iterable[Row], day: date = DAY) -> pa.Table:
    """Rows with the column `day` that a close reads."""
    table = table_of(rows)
    return table.append_column("day", pa.array([day] * table.num_rows, pa.date32()))


class Home:
    """A home in a folder: real store, real ledger, a clock that is set."""

    def __init__(
        self,
        folder: Path,
        budget: str | Budget = "standard",
        zone: str = ZONE,
        pages: tuple[str, ...] = PAGES[:4],
        engine: Callable[[], DuckDB] = lambda: DuckDB(1 << 30, 2),
    ) -> None:
        self.clock = SetClock(bounds(DAY, zone).end_ms + 900_000)
        site = Site(SOURCE, pages=pages, campaigns=("spring",), events={"Signup": {"plan": ("basic", "pro")}})
        self.settings = Settings((site,), timezone=zone, budget=budget)  # type: ignore[arg-type]
        self.keys = KeyFile(folder / "keys" / "keys.db", self.clock)
        self.raw = RawStore(folder / "raw", self.keys, self.clock)
        self.state = folder / "state.db"
        self.engine = open_state(self.state)
        self.ledger = Ledger(self.engine, self.clock)
        self.public = PublicKeys(self.engine)
        self.published: list[tuple[str, tuple[date, ...]]] = []
        self.closer = Closer(
            self.raw, self.keys, self.ledger, self.public, self.settings, self._publish, engine, rows_at_once=5_000
        )

    def _publish(self, source: str, days: Sequence[date]) -> None:
        self.published.append((source, tuple(days)))

    def write(self, rows: Iterable[Row], day: date = DAY, origin: str = "log") -> None:
        self.raw.write(SOURCE, day, table_of(rows), {}, origin=origin)  # type: ignore[arg-type]

    def stored(self) -> dict[str, list[tuple[object, ...]]]:
        """Everything the ledger's tables hold."""
        tables = ("ledger", "drawn", "key_lists", "ledger_meta")
        with self.engine.connect() as connection:
            return {
                name: sorted(map(tuple, connection.exec_driver_sql(f"SELECT * FROM {name}").all())) for name in tables
            }


def by_hand(
    rows: Sequence[Row], plan: Plan, public: Iterable[str], pages: Iterable[str], events: Iterable[str]
) -> dict[Measure, Cells]:
    """What the SQL must count, in plain Python: one unit after the other, bounded by its own rows alone."""
    total: dict[Measure, Cells] = defaultdict(Counter)
    units: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        units[row.unit].append(row)
    for mine in units.values():
        for measure, cells in _of_unit(mine, plan, set(public), set(pages), set(events)).items():
            total[measure].update(cells)
    return total


def _of_unit(
    rows: list[Row], plan: Plan, public: set[str], pages: set[str], events: set[str]
) -> dict[Measure, Iterable[tuple[str, ...]]]:
    """The keys that one unit adds 1 to, each as often as it adds."""
    found: dict[Measure, Iterable[tuple[str, ...]]] = {
        Measure.EVENTS: _least_tags(_event_keys(rows, events), plan[Measure.EVENTS])
    }
    views = sorted((row for row in rows if row.kind == Kind.PAGEVIEW), key=lambda row: (row.ms, row.tag))
    if not views:
        return found
    first = views[0]
    hours = sorted({row.hour for row in views})[: plan[Measure.VISITORS_HOUR].bound]
    bins = [label for label, low in CONTRIBUTION_BINS if low <= len(views)]
    visits = _visits(sorted(rows, key=lambda row: (row.ms, row.tag)))
    return found | {
        Measure.VISITORS: [()],
        Measure.VISITORS_HOUR: [(str(hour),) for hour in hours],
        Measure.PAGEVIEWS: [()] * min(len(views), plan[Measure.PAGEVIEWS].bound),
        Measure.PAGEVIEWS_HOUR: _squares([(row.tag, str(row.hour)) for row in views], plan[Measure.PAGEVIEWS_HOUR]),
        Measure.PAGE_VISITORS: _least_tags(
            [(row.tag, row.page) for row in views if row.page in public], plan[Measure.PAGE_VISITORS]
        ),
        Measure.NEW_PAGES: _least_tags(
            [(row.tag, row.page) for row in views if row.page not in public], plan[Measure.NEW_PAGES]
        ),
        Measure.PAGE_PAGEVIEWS: _squares(
            [(row.tag, row.page) for row in views if row.page in pages], plan[Measure.PAGE_PAGEVIEWS]
        ),
        Measure.VISITS: [
            (str(place), label) for place, (label, _, _) in enumerate(visits, 1) if place <= plan[Measure.VISITS].bound
        ],
        Measure.ENTRY_PAGES: [(visits[0][1],)],
        Measure.EXIT_PAGES: [(visits[0][2],)],
        Measure.CHANNELS: [(first.channel,)],
        Measure.REFERRERS: [(first.referrer or DIRECT,)],
        Measure.CAMPAIGNS: [(first.campaign,)] if first.campaign else [],
        Measure.COUNTRIES: [(first.country,)],
        Measure.DEVICES: [(first.device,)],
        Measure.BROWSERS: [(first.browser,)],
        Measure.SYSTEMS: [(first.os,)],
        Measure.LANGUAGES: [(first.language,)],
        Measure.CONTRIBUTIONS: [(bins[-1],)],
    }


def _event_keys(rows: list[Row], events: set[str]) -> list[tuple[int, str]]:
    keys = []
    for row in rows:
        if row.kind not in PREFIX:
            continue
        key = PREFIX[Kind(row.kind)] + row.name
        keys.append((row.tag, key))
        if row.kind == Kind.EVENT and row.detail:
            keys += [(row.tag, f"{key} {part}") for part in row.detail.split(DETAIL_SEPARATOR)]
    return [(tag, key) for tag, key in keys if not key.startswith("event:") or key in events]


def _least_tags(tagged: list[tuple[int, str]], measure: MeasurePlan) -> list[tuple[str, ...]]:
    least: dict[str, int] = {}
    for tag, key in tagged:
        least[key] = min(tag, least.get(key, tag))
    return [(key,) for _, key in sorted((tag, key) for key, tag in least.items())[: measure.bound]]


def _squares(tagged: list[tuple[int, str]], measure: MeasurePlan) -> list[tuple[str, ...]]:
    kept: Counter[str] = Counter()
    for _, key in sorted(tagged):
        if sum(n * n for n in (kept + Counter([key])).values()) > measure.bound:
            break
        kept[key] += 1
    return [(key,) for key in kept.elements()]


def _visits(rows: list[Row]) -> list[tuple[str, str, str]]:
    """(duration bin, entry page, exit page) of each visit."""
    runs: list[list[Row]] = []
    for row in rows:
        if not runs or row.ms - runs[-1][-1].ms > VISIT_GAP_MS:
            runs.append([])
        runs[-1].append(row)
    visits = []
    for run in runs:
        views = [row for row in run if row.kind == Kind.PAGEVIEW]
        if not views:
            continue
        began = next(row.ms for row in run if row.kind != Kind.ENGAGEMENT)
        seconds = (run[-1].ms - began) // 1000
        label = [name for name, low, high in DURATION_BINS if low < high and low <= seconds][-1]
        bounces = len(views) == 1 and not any(row.kind in ACTS for row in run)
        visits.append(("bounce" if bounces else label, views[0].page, views[-1].page))
    return visits
