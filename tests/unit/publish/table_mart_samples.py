"""A declared table and its marts: released cells of a few weeks, made up but shaped like a table's plan's."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

from hubbub.core.tables import Column, Table, TableMeasure
from hubbub.publish.marts import Marts
from hubbub.release.types import Gap, Released

NAME = "service-desk"
ZONE = "Europe/Vienna"
LAST = date(2026, 4, 5)
PARTS = 1_000
DISTRICTS = ("centre", "harbour", "north", "other")
FORMS = ("/dog-tax", "/parking", "/passport")
HOURS_TO_CLOSE = (0.0, 1.0, 4.0, 24.0, 100.0)
BINS = ("0..1", "1..4", "4..24", "24..100")

TABLE = Table(
    name=NAME,
    time="opened",
    unit="case",
    title="Service desk",
    columns={
        "form": Column(open="path", known=FORMS[:2]),
        "district": Column(values=DISTRICTS[:-1]),
        "channel": Column(values=("web", "counter")),
        "hours": Column(most=100, bins=HOURS_TO_CLOSE),
        "balance": Column(least=-50, most=100),
    },
    measures={
        "cases": TableMeasure("units"),
        "requests": TableMeasure("count", by=("district", "form")),
        "by_hour": TableMeasure("count", by=("hour",)),
        "worked": TableMeasure("sum", of="hours", by=("district",)),
        "took": TableMeasure("mean", of="hours", by=("district",), title="How long it took"),
        "typical": TableMeasure("quantiles", of="hours", by=("district",)),
        "spread": TableMeasure("histogram", of="hours"),
        "online": TableMeasure("share", which={"channel": ("web",)}, by=("district",)),
        "steps": TableMeasure("funnel", steps=({"channel": ("web",)}, {"district": ("north",)})),
        "saldo": TableMeasure("mean", of="balance"),
    },
)

Cells = Mapping[Any, float]  # by tuples of texts


def released_table(
    day: date,
    measure: str,
    cells: Cells,
    tells: str,
    dimensions: tuple[str, ...] = (),
    *,
    of: str = "",
    low: float = 0.0,
    high: float = 0.0,
    sigma: float = 0.0,
    new: bool = False,
    gap: Gap = Gap.NONE,
    source: str = NAME,
    trial: bool = False,
    bound: int = 0,
) -> Released:
    """One release; values and sigma in units of one."""
    table: dict[tuple[str, ...], float] = dict(cells.items())
    keys = () if gap else tuple(sorted(table))
    return Released(
        source=source,
        day=day,
        measure=measure,
        slot=None,
        dimensions=dimensions,
        keys=keys,
        values=tuple(round(table[key] * PARTS) for key in keys),
        variance=(sigma * PARTS) ** 2,
        is_new=(new,) * len(keys),
        threshold=80 * PARTS if new else 0,
        hidden=(False,) * len(keys),
        gap=gap,
        trial=trial,
        entry="0" * 64,
        parts=PARTS,
        tells=tells,
        of=of,
        low=low,
        high=high,
        bound=bound,
    )


def sample_table_day(day: date, noisy: Callable[[float], float], sigma: float) -> Iterator[Released]:
    """All releases of one day: 1,000 cases, of which .4, .3, .2 and .1 lie in the districts."""
    shares = dict(zip(DISTRICTS, (0.4, 0.3, 0.2, 0.1), strict=True))
    weights = dict(zip(FORMS, (0.2, 0.3, 0.5), strict=True))
    forms = FORMS if day.day % 2 else FORMS[:2]  # the third one passes its threshold every other day

    def of(measure: str, cells: Cells, tells: str, dimensions: tuple[str, ...] = (), **more: object) -> Released:
        noised: dict[tuple[str, ...], float] = {key: noisy(value) for key, value in cells.items()}
        return released_table(day, measure, noised, tells, dimensions, sigma=sigma, **more)  # type: ignore[arg-type]

    yield of("cases", {(): 1000}, "units")
    by_form = {(form, d): 2000 * weights[form] * share for form in forms for d, share in shares.items()}
    yield of("requests", by_form, "count", ("form", "district"))
    yield of("by_hour", {(str(slot),): 40.0 + slot for slot in range(24)}, "count", ("hour",))
    hours = {"of": "hours", "high": 100.0}
    yield of("worked", {(d,): 100 * share for d, share in shares.items()}, "sum", ("district",), **hours)
    took = {(d, "units"): 1000 * share for d, share in shares.items()}
    took |= {(d, "sum"): -800 * share for d, share in shares.items()}  # a mean of 50 − .8 · 50 = 10
    yield of("took", took, "mean", ("district", "part"), **hours)
    bins = dict(zip(BINS, (0.5, 0.25, 0.2, 0.05), strict=True))
    yield of(
        "typical", {(d, b): 1000 * s * w for d, s in shares.items() for b, w in bins.items()}, "quantiles",
        ("district", "bin"), **hours,
    )  # fmt: skip
    yield of("spread", {(b,): 1000 * w for b, w in bins.items()}, "histogram", ("bin",), **hours)
    told = {(d, "yes"): 250 * share for d, share in shares.items()}
    told |= {(d, "no"): 750 * share for d, share in shares.items()}
    yield of("online", told, "share", ("district", "part"))
    yield of("steps", {("1",): 600, ("2",): 200}, "funnel", ("step",))
    yield of("saldo", {("units",): 1000, ("sum",): -200}, "mean", ("part",), of="balance", low=-50.0, high=100.0)
    yield of("new_form", {(FORMS[2],): 90.0} if len(forms) == 3 else {}, "new", ("form",), new=True)
    yield of("wide_requests", by_form, "wide", ("form", "district"), of="requests")
    yield of("load_requests", {("1",): 900.0, ("2",): 100.0}, "load", ("load",), of="requests")


def sample_table_marts(folder: Path, last: date = LAST, days: int = 40, sigma: float = 0.0, seed: int = 1) -> Marts:
    """Marts of `days` days up to `last`; on the 10th of a month `cases` was lost."""
    random, marts = Random(seed), Marts(folder)
    months: dict[date, list[Released]] = {}
    for back in range(days - 1, -1, -1):
        day = last - timedelta(days=back)
        found = sample_table_day(day, lambda value: random.gauss(value, sigma) if sigma else value, sigma)
        for one in found:
            if day.day == 10 and one.measure == "cases":
                one = released_table(day, "cases", {}, "units", gap=Gap.FORFEITED)
            months.setdefault(day.replace(day=1), []).append(one)
    for month, cells in months.items():
        marts.write(NAME, month, cells)
    return marts
