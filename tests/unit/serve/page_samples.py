"""A sample city for the pages: three sites, ninety closed days and a few hours of today, with a ledger to verify."""

import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

from msgspec import Struct
from msgspec.structs import replace

sys.path.insert(0, str(Path(__file__).parents[1] / "publish"))
sys.path.insert(0, str(Path(__file__).parents[1] / "release"))

from audit_samples import sample_audit
from mart_samples import SITES, ZONE, asked_day, released, sample_day, sample_marts
from table_mart_samples import NAME, TABLE, sample_table_marts

from hubbub.core.keys import Dimension, Measure
from hubbub.core.plan_text import MeasureText, PlanDifference, PlanText, PlanVersion
from hubbub.core.settings import Access, Amount, Combinations, Condition, Settings, Site
from hubbub.core.spending import DaySpent
from hubbub.core.targets import Target
from hubbub.operate.notebook import BlankBook
from hubbub.operate.operators import Operators
from hubbub.publish.marts import Marts
from hubbub.release.types import Released
from hubbub.serve.reading import ReadSide

TODAY = date(2026, 5, 20)
NOW = datetime(2026, 5, 20, 9, 30, tzinfo=UTC)  # 11:30 in Vienna
TITLES = ("City services", "Transport", "Culture & leisure")


PLAN_NAME = f"portal/2/{'cd' * 16}"


class FixedClock:
    """A clock that stands still."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def now_ms(self) -> int:
        return int(self.now.timestamp() * 1000)


class SampleEntry(Struct, frozen=True):
    """An entry in the ledger's own words."""

    seq: int
    step: str
    source: str
    day: date
    measure: str
    slot: int | None
    rho: int
    scale: str
    gap: str
    hour: str
    hash: str


class SampleReport(Struct, frozen=True):
    """What verifying says."""

    entries: int
    releases: int
    head: str
    problems: tuple[str, ...] = ()


class SampleLedger:
    """A ledger of made-up entries."""

    def __init__(self, *, trial: bool = False, broken: bool = False) -> None:
        self.trial, self.broken = trial, broken

    def entries(self) -> list[SampleEntry]:
        made: list[SampleEntry] = []
        for back in range(3, 0, -1):
            for site in SITES:
                for step in ("debit", "drawn"):
                    made.append(
                        SampleEntry(
                            len(made) + 1, step, site, TODAY - timedelta(days=back), "visitors", None,
                            2_000_000_000 if step == "debit" else 0, "1012/64", "", "2026-05-20T00",
                            f"{len(made):064x}",
                        )
                    )  # fmt: skip
        return made

    def latest(self, limit: int) -> list[SampleEntry]:
        return self.entries()[-limit:][::-1]

    def spent(self, limit: int) -> list[DaySpent]:
        days = (TODAY - timedelta(days=back) for back in range(1, 4))
        return [DaySpent(site, day, 1, 0.002, 1e-10) for day in days for site in SITES][:limit]

    def spent_since(self, first: date) -> list[DaySpent]:
        days = (first + timedelta(place) for place in range((TODAY - first).days))
        return [DaySpent(site, day, 1, 0.05, 5e-10) for day in days for site in SITES if day > date(2025, 9, 1)]

    def plan_versions(self, source: str) -> list[PlanVersion]:
        if source != SITES[0]:
            return []
        old = PlanVersion(1, "portal/1/" + "ab" * 8, TODAY - timedelta(days=90), "2026-02-19T00:00Z", 1, False)
        new = PlanVersion(
            2, PLAN_NAME, TODAY - timedelta(days=9), "2026-05-11T00:00Z", 9, True, 0, 3, 1.9, 1e-9,
            (PlanDifference("bound", "Page views", "with at most 10 views", "with at most 15 views"),
             PlanDifference("keys", "Devices that reached each goal", "", "Form downloaded")),
        )  # fmt: skip
        return [old, new]

    def plan_text(self, name: str) -> bytes:
        return b'[{"name":"portal"},{"rho":50000000000}]' if name == PLAN_NAME else b""

    def count(self) -> int:
        return len(self.entries())

    def waiting(self, source: str, dimension: Dimension | None = None) -> int:
        return (1 if dimension == Dimension.TERM else 2) if source == SITES[0] else 0

    def verify(self) -> SampleReport:
        problems = ("entry 7: its hash is not that of its fields",) if self.broken else ()
        return SampleReport(18, 9, self.head(), problems)

    def head(self) -> str:
        return f"{17:064x}"

    def is_trial(self) -> bool:
        return self.trial


PLAN = PlanText(
    "portal",
    "One device on one site on one local day.",
    0.05,
    1.9,
    1e-9,
    False,
    (
        MeasureText("visitors", "Visitors", "a device counts once", "one number", 1, 4.0, 0.002, 15.8, 0, 0.0),
        MeasureText(
            "new_pages", "New pages", "a device counts in at most 2", "new ones", 2, 6.0, 0.003, 18.3, 117, 1e-10
        ),
        MeasureText("pageviews", "Page views", "with at most 10 views", "one number", 100, 5.0, 0.0025, 141.4, 0, 0.0),
    ),
)

TABLE_PLAN = PlanText(
    "table",
    "All rows of one “case” on one local day.",
    0.05,
    1.9,
    1e-9,
    False,
    (
        MeasureText("cases", "Units", "a unit counts in parts, at most 1", "a fixed list", 1, 9.0, 0.004, 12.0, 0, 0.0),
        MeasureText("new_form", "New ones", "a unit counts in parts", "new ones", 1, 0.4, 0.001, 29.7, 133.4, 1e-10),
    ),
)

ASKED = (
    "engagement", "scrolling", "set_aside", "topics", "goals", "funnels", "search_terms", "amounts", "returning",
    "combinations",
)  # fmt: skip
FULL_PLAN = replace(
    PLAN,
    measures=(
        *PLAN.measures,
        *(MeasureText(name, f"Counted: {name}", "a device counts once", "a list", 1, 4.0, 0.002, 30.7, 0, 0.0)
          for name in ASKED),
    ),
)  # fmt: skip


TARGETS = (
    Target("visitors", title="Visitors of city services", sources=SITES[:1], metric="visitors", at_least=60_000.0),
    Target("goal", title="Applications sent", sources=SITES[:1], metric="conversion_rate",
           filter="goal==Application sent", period="quarter", at_least=19.0, owner="Permits"),
    Target("everywhere", metric="visitors", period="week", at_least="+3 %", baseline="previous"),
    Target("bounces", sources=SITES[1:2], metric="bounce_rate", period="day", between=(30.0, 45.0)),
    Target("next-year", sources=SITES[:1], metric="visits", period="year", at_least=1e6, due=date(2027, 12, 31)),
    Target("cost", ready="cost_per_transaction", sources=SITES[:1], metric="visits", cost=9_000.0, at_most=0.2),
)  # fmt: skip


def sample_settings(access: Access | None = None) -> Settings:
    """The settings of the sample city; everything that can be asked is asked of its first site."""
    named = zip(SITES[1:], TITLES[1:], strict=True)
    full = Site(
        name=SITES[0],
        title=TITLES[0],
        search_query=("q",),
        search_terms=("passport", "parking"),
        amounts={"Fee paid": Amount(200, "EUR")},
        goals={
            "Application sent": Condition(event="Signup", property="kind", value="permit"),
            "Form downloaded": Condition(event="download"),
        },
        funnels={
            "Permit": (
                Condition(page="/permits/*"),
                Condition(page="/apply"),
                Condition(event="form"),
                Condition(event="Signup"),
            )
        },
        returning=True,
        combinations=Combinations(("channel", "device", "os"), depth=2),
    )  # fmt: skip
    return Settings(
        sites=(full, *(Site(name=name, title=title) for name, title in named)),
        timezone=ZONE,
        city="Sampleton",
        access=access or Access(),
        topics={"Transport": (f"{SITES[0]}/bus/**",), "Health": (f"{SITES[0]}/health",), "Permits": ("/permits/**",)},
    )


def write_sample_marts(folder: Path, days: int = 90) -> Marts:
    """Closed days up to yesterday, and today's hours up to eleven."""
    marts = sample_marts(folder, TODAY - timedelta(days=1), days=days)
    random, later = Random(7), Random(8)
    for number, site in enumerate(SITES):
        cells: list[Released] = []
        month = TODAY.replace(day=1)
        for back in range((TODAY - month).days, 0, -1):
            day = TODAY - timedelta(days=back)
            visitors = 2400 / (number + 1) * (0.6 if day.weekday() > 4 else 1.0)
            cells += sample_day(site, day, visitors, random)
            if not number:
                cells += asked_day(site, day, visitors, later)
        for slot in range(11):
            for measure, factor, sigma in ((Measure.VISITORS_HOUR, 12, 13.3), (Measure.PAGEVIEWS_HOUR, 30, 54.8)):
                value = round(random.gauss(factor * slot, sigma))
                cells.append(released(site, TODAY, measure, value, slot=slot, sigma=sigma))
        marts.write(site, month, cells)
    return marts


def sample_read_side(
    folder: Path,
    *,
    trial: bool = False,
    broken: bool = False,
    access: Access | None = None,
    days: int = 90,
    marts: Marts | None = None,
    clock: FixedClock | None = None,
    table: bool = False,
    operators: Operators | None = None,
    targets: tuple[Target, ...] = (),
    notebook: BlankBook | None = None,
) -> ReadSide:
    """Everything that pages are made from; the marts are written unless they are there. With a declared `table`: its
    marts, too.
    """
    settings = sample_settings(access)
    if table:
        sample_table_marts(folder, TODAY - timedelta(days=1), days, sigma=12.0)
        settings = replace(settings, tables=(TABLE,))
    return ReadSide(
        replace(settings, targets=targets),
        marts or write_sample_marts(folder, days),
        SampleLedger(trial=trial, broken=broken),
        clock or FixedClock(),
        PLAN,
        {SITES[0]: FULL_PLAN, NAME: TABLE_PLAN},
        sample_audit,
        operators=operators,
        notebook=notebook or BlankBook(),
    )
