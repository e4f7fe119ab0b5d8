"""A small city behind the API: sample marts, a ledger of two entries, a clock that stands still."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from litestar import Litestar
from litestar.testing import TestClient
from msgspec import Struct

sys.path.insert(0, str(Path(__file__).parents[1] / "publish"))

from mart_samples import SITES, ZONE, sample_marts

from hubbub.core.keys import Dimension
from hubbub.core.plan_text import PlanText, PlanVersion
from hubbub.core.settings import Access, Condition, Settings, Site
from hubbub.core.spending import DaySpent
from hubbub.publish.marts import Marts
from hubbub.serve.api.router import api_handlers
from hubbub.serve.reading import ReadSide

NAMES = SITES
SITE = NAMES[0]
LAST = date(2026, 4, 5)
NOW = datetime(2026, 4, 7, 10, tzinfo=UTC)


class Entry(Struct, frozen=True):
    """A ledger entry, reduced."""

    seq: int
    day: date
    hash: str


class Report(Struct, frozen=True):
    """What verifying says."""

    entries: int
    problems: tuple[str, ...]


class TwoEntries:
    """A ledger reader."""

    def __init__(self, *, trial: bool = False) -> None:
        self.trial = trial

    def entries(self) -> list[Entry]:
        return [Entry(1, LAST, "aa"), Entry(2, LAST, "bb")]

    def latest(self, limit: int) -> list[Entry]:
        return self.entries()[-limit:][::-1]

    def spent(self, limit: int) -> list[DaySpent]:
        return [DaySpent(SITE, LAST, 2, 0.05)][:limit]

    def spent_since(self, first: date) -> list[DaySpent]:
        return self.spent(1)

    def plan_versions(self, source: str) -> list[PlanVersion]:
        return [PlanVersion(1, "portal/2/ab", LAST, "2026-05-20T00:00Z", 1, True)] if source == SITE else []

    def plan_text(self, name: str) -> bytes:
        return b'[{"name":"portal"},{"rho":5}]' if name == "portal/2/ab" else b""

    def count(self) -> int:
        return 2

    def waiting(self, source: str, dimension: Dimension | None = None) -> int:
        return 2 if source == SITES[0] else 0

    def verify(self) -> Report:
        return Report(2, ())

    def head(self) -> str:
        return "bb"

    def is_trial(self) -> bool:
        return self.trial


class Clock:
    """A clock that is set."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def now_ms(self) -> int:
        return int(self.now.timestamp() * 1000)


PLAN = PlanText("portal", "One device a day.", 0.05, 1.9, 1e-9, False, ())


def read_side(folder: Path, *, access: Access | None = None, trial: bool = False, days: int = 40) -> ReadSide:
    """A city with `days` closed days up to `LAST`, unless the folder has marts already."""
    marts = Marts(folder) if (folder / SITE).exists() else sample_marts(folder, LAST, days=days)
    goals = {"Application sent": Condition(event="Signup"), "Form downloaded": Condition(event="download")}
    sites = tuple(Site(name, goals=goals if name == SITE else {}) for name in SITES)
    settings = Settings(sites, timezone=ZONE, access=access or Access())
    return ReadSide(settings, marts, TwoEntries(trial=trial), Clock(), PLAN)


@contextmanager
def client_of(context: ReadSide) -> Iterator[TestClient[Any]]:
    """A client of the API alone."""
    with TestClient(Litestar(api_handlers(context), openapi_config=None, logging_config=None)) as client:
        yield client
