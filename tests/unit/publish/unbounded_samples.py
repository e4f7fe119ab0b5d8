"""A small portal whose units, pages and bounds are simulated, as its marts would tell of it."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt
from msgspec.structs import replace
from table_mart_samples import released_table

from hubbub.core.tables import Column, Table, TableMeasure
from hubbub.publish.marts import Marts
from hubbub.publish.unbounded_days import Past
from hubbub.release.types import Released

Floats = npt.NDArray[np.float64]
PAGES, UNITS, SECTIONS = 240, 12_000, 6
LAST = date(2026, 4, 5)
LOWS = tuple(2**power for power in range(12))
Bounds = tuple[int, int]


class Portal:
    """Units look at 1 to 60 pages, most of them in one section, some opened again; heavy ones favour rare pages."""

    def __init__(self, seed: int, kind: str = "units") -> None:
        self._random = np.random.default_rng(seed)
        self.kind = kind
        self.section = np.arange(PAGES) % SECTIONS
        self.popular = np.arange(1, PAGES + 1.0) ** -0.7
        self.popular *= np.exp(self._random.normal(0, 0.2, SECTIONS))[self.section]

    def pairs(self, units: int = UNITS) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], Floats]:
        """A day's (unit, page, rows)."""
        random = self._random
        self.popular = self.popular * np.exp(random.normal(0, 0.02, PAGES))
        picks = np.minimum(1 + random.poisson(np.exp(random.normal(1.2, 0.9, units))), 60)
        home = random.integers(0, SECTIONS, units)
        unit = np.repeat(np.arange(units), picks)
        shares = self.popular / self.popular.sum()
        page = random.choice(PAGES, len(unit), p=shares)
        own = random.random(len(unit)) < 0.4
        page[own] = page[own] // SECTIONS * SECTIONS + home[unit[own]]
        found, rows = np.unique(unit * PAGES + page, return_counts=True)
        repeated = rows + (random.geometric(0.6, len(rows)) - 1 if self.kind == "count" else 0)
        values = repeated.astype(np.float64) if self.kind == "count" else np.ones(len(found))
        return found // PAGES, found % PAGES, values


def bounded(pairs: tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], Floats], bound: float) -> tuple[Floats, Floats]:
    """Figures a page under a bound, and each unit's load."""
    unit, page, values = pairs
    load = np.bincount(unit, values**2).astype(np.float64)
    weight = np.minimum(1.0, np.sqrt(bound / np.maximum(load, 1.0)))
    return np.bincount(page, values * weight[unit], PAGES).astype(np.float64), load[load > 0]


def steady(
    portal: Portal, bounds: Sequence[Bounds], sigmas: tuple[float, float, float] = (8.0, 60.0, 10.0), seed: int = 9
) -> tuple[Past, Floats]:
    """So many days, each under its bounds, with noise on cells, wide cells and loads; and the last day's true figures.

    Noise grows with the root of a bound, from that of (4, 80).
    """
    noise = np.random.default_rng(seed)
    columns: list[list[Floats]] = [[] for _ in range(3)]
    true = np.zeros(PAGES)
    for tight, wide in bounds:
        pairs = portal.pairs()
        true = bounded(pairs, 1e18)[0]
        cells, load = bounded(pairs, tight)
        octaves = np.minimum(np.log2(load).astype(np.int64), len(LOWS) - 1)
        columns[0].append(cells + noise.normal(0, sigmas[0] * np.sqrt(tight / 4), PAGES))
        columns[1].append(bounded(pairs, wide)[0] + noise.normal(0, sigmas[1] * np.sqrt(wide / 80), PAGES))
        columns[2].append(np.bincount(octaves, minlength=len(LOWS)) + noise.normal(0, sigmas[2], len(LOWS)))
    both = np.array(bounds, np.float64)
    past = Past(
        first=LAST - timedelta(len(bounds) - 1),
        dimensions=("page",),
        keys=tuple((f"/{portal.section[page]}/{page}",) for page in range(PAGES)),
        tight=np.array(columns[0]),
        variances=sigmas[0] ** 2 * both[:, 0] / 4,
        bounds=both[:, 0],
        wide=np.array(columns[1]),
        wide_variances=sigmas[1] ** 2 * both[:, 1] / 80,
        wide_bounds=both[:, 1],
        lows=LOWS,
        loads=np.array(columns[2]),
        load_variances=np.full(len(bounds), sigmas[2] ** 2),
    )
    return past, true


TABLE = Table(
    name="portal",
    time="at",
    unit="device",
    columns={"page": Column(open="path"), "took": Column(most=9.0)},
    measures={
        "devices": TableMeasure("units", by=("page",)),
        "hours": TableMeasure("count", by=("page", "hour")),
        "all": TableMeasure("units"),
        "mean": TableMeasure("mean", of="took", by=("page",)),
    },
)


def releases(past: Past, hidden: str = "") -> Iterator[Released]:
    """What a table's ledger would hold of these days."""
    for index in range(past.days):
        day = past.first + timedelta(index)
        tight = dict(zip(past.keys, past.tight[index].tolist(), strict=True))
        wide = dict(zip(past.keys, past.wide[index].tolist(), strict=True))
        loads = {(str(low),): value for low, value in zip(past.lows, past.loads[index].tolist(), strict=True)}
        for name, cells, tells, dimensions, variance, bound in (
            ("devices", tight, "units", ("page",), past.variances[index], past.bounds[index]),
            ("wide_devices", wide, "wide", ("page",), past.wide_variances[index], past.wide_bounds[index]),
            ("load_devices", loads, "load", ("load",), past.load_variances[index], 1.0),
        ):
            one = released_table(
                day, name, cells, tells, dimensions, source="portal", of="" if tells == "units" else "devices",
                sigma=float(variance) ** 0.5, bound=int(bound),
            )  # fmt: skip
            yield replace(one, hidden=tuple(key[0] == hidden for key in one.keys))


def published(folder: Path, cells: list[Released]) -> Marts:
    marts = Marts(folder)
    for month in {one.day.replace(day=1) for one in cells}:
        marts.write("portal", month, cells)
    return marts
