"""A city of made-up sites, one series each, as targets are told by it."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from hubbub.core.settings import Settings, Site
from hubbub.core.tables import Table
from hubbub.publish.intervals import Total, estimate
from hubbub.publish.marts import Manifest, Marts, Month, Span
from hubbub.publish.query import Answer, AnswerRow, Query
from hubbub.publish.table_questions import Question, TableAnswer

Floats = npt.NDArray[np.float64]
SIGMA = 16.0


class MadeUp:
    """Answers questions from arrays: a site's released visitors by day, NaN where nothing was released."""

    def __init__(self, first: date, series: Mapping[str, Floats], *, sigma: float = SIGMA, holidays: str = "") -> None:
        self.first, self.series, self.sigma = first, series, sigma
        self.settings = Settings(tuple(Site(name) for name in series), holidays=holidays)
        self.versions = dict.fromkeys(series, "1")
        self.months: dict[str, Month] = {}
        self.asked = 0

    @property
    def marts(self) -> Marts:
        return cast(Marts, self)

    def span(self, source: str) -> Span | None:
        count = len(self.series[source])
        last = self.first + timedelta(count - 1)
        return Span(self.first, last, last) if count else None

    def version(self, source: str) -> str:
        return self.versions[source]

    def manifest(self, source: str) -> Manifest:
        return Manifest(source, self.months)

    def ask(self, query: Query) -> Answer:
        self.asked += 1
        rows = []
        for place in range((query.last - query.first).days + 1):
            day = query.first + timedelta(place)
            values = [self._at(site, day) for site in query.sites]
            seen = [value for value in values if value == value]
            total = estimate(Total(sum(seen), len(seen) * self.sigma**2)) if seen else None
            rows.append(AnswerRow((day.isoformat(),), (total,), len(seen), len(query.sites)))
        return Answer(query, tuple(rows), len(rows), 0, len(rows), (), (), False)

    def ask_table(self, table: Table, question: Question) -> TableAnswer:
        raise NotImplementedError

    def _at(self, site: str, day: date) -> float:
        place = (day - self.first).days
        column = self.series[site]
        return float(column[place]) if 0 <= place < len(column) else float("nan")


def constant(rng: np.random.Generator, sites: int, days: int, level: float, *, sigma: float = SIGMA) -> dict[str, Any]:
    """Sites of which every day truly has the same number, and what is released of it."""
    return {f"s{place}.example": np.rint(level + rng.normal(0, sigma, days)) for place in range(sites)}
