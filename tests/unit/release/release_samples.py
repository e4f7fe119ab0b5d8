"""Rows, sites and homes for the tests of the release room."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from pathlib import Path

import pyarrow as pa
from msgspec import structs

from hubbub.core.days import bounds, slot_of
from hubbub.core.rows import COLUMNS, Kind, Row
from hubbub.core.settings import Amount, Budget, Combinations, Condition, Settings, Site
from hubbub.release.close import Closer
from hubbub.release.ledger import Ledger
from hubbub.release.public_keys import PublicKeys
from hubbub.release.state import open_state
from hubbub.store.engines.duckdb import DuckDB
from hubbub.store.keyfile import KeyFile
from hubbub.store.parts import PART_ROWS
from hubbub.store.raw import RawStore

SOURCE = "portal.example"
DAY = date(2026, 5, 4)
ZONE = "Europe/Vienna"
PAGES = ("/", "/a", "/b", "/c", "/d", "/e", "/f")
TOPICS = {"Transport": ("/a", "/b*"), "Health": ("/b", "other.example/**"), "Else": ("portal.example/c", "/d/**"),
          "Culture": ("/f",), "Elsewhere": ("other.example/**",)}  # fmt: skip

Cells = Counter[tuple[str, ...]]

PLAIN = Site(SOURCE, pages=PAGES[:4], campaigns=("spring",), events={"Signup": {"plan": ("basic", "pro")}})
FULL = structs.replace(
    PLAIN,
    search_terms=("passport",),
    amounts={"Signup": Amount(100, "EUR"), "Other": Amount(3), "x.example": Amount(1_000_000)},
    goals={
        "see a": Condition(page="/a"),
        "sign up": Condition(event="Signup"),
        "go basic": Condition(event="Signup", property="plan", value="basic"),
        "any plan": Condition(event="Signup", property="plan"),
        "search": Condition(event="search"),
    },
    funnels={
        "short": (Condition(page="/**"), Condition(page="/**"), Condition(event="form")),
        "long": (Condition(page="/a"), Condition(event="search"), Condition(event="Signup"), Condition(event="404")),
        "out": (Condition(page="/b"), Condition(event="outlink")),
    },
    returning=True,
    combinations=Combinations(("channel", "device", "country"), {"country": ("AT", "DE")}, depth=2, weight=5),
)
"""A site whose settings ask for everything."""


class SetClock:
    """A clock that stands where it is put."""

    def __init__(self, now_ms: int) -> None:
        self.ms = now_ms

    def now_ms(self) -> int:
        return self.ms


def view(
    unit: int, tag: int, ms: int, page: str = "/", kind: Kind = Kind.PAGEVIEW, name: str = "", **more: str | int
) -> Row:
    """A row `ms` after the start of DAY."""
    at = bounds(DAY, ZONE).start_ms + ms
    return Row(unit, tag, at, slot_of(at, DAY, ZONE), kind, page, name, **more)  # type: ignore[arg-type]


def table_of(rows: Iterable[Row]) -> pa.Table:
    """Rows as the store gives them."""
    columns = list(zip(*(structs.astuple(row) for row in rows), strict=True)) or [()] * len(COLUMNS)
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
        site: Site = PLAIN,
        part_rows: int = PART_ROWS,
    ) -> None:
        self.clock = SetClock(bounds(DAY, zone).end_ms + 900_000)
        topics = TOPICS if site is FULL else {}
        sites = (structs.replace(site, pages=pages),)
        self.settings = Settings(sites, timezone=zone, budget=budget, topics=topics)  # type: ignore[arg-type]
        self.keys = KeyFile(folder / "keys" / "keys.db", self.clock)
        self.raw = RawStore(folder / "raw", self.keys, self.clock)
        self.state = folder / "state.db"
        self.engine = open_state(self.state)
        self.ledger = Ledger(self.engine, self.clock)
        self.public = PublicKeys(self.engine)
        self.published: list[tuple[str, tuple[date, ...]]] = []
        self.closer = Closer(
            self.raw, self.keys, self.ledger, self.public, self.settings, self._publish, engine, part_rows
        )

    def _publish(self, source: str, days: Sequence[date]) -> None:
        self.published.append((source, tuple(days)))

    def write(self, rows: Iterable[Row], day: date = DAY, origin: str = "log") -> None:
        self.raw.write(SOURCE, day, table_of(rows), {}, origin=origin)  # type: ignore[arg-type]

    def stored(self) -> dict[str, list[tuple[object, ...]]]:
        """Everything the ledger's tables hold."""
        tables = ("ledger", "drawn", "key_lists", "ledger_meta", "plans", "plan_changes")
        with self.engine.connect() as connection:
            return {
                name: sorted(map(tuple, connection.exec_driver_sql(f"SELECT * FROM {name}").all())) for name in tables
            }
