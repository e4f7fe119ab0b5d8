"""Combinations of attributes: the error of two and three filters together on a demo day, beside what else there is.

    python benchmarks/combinations.py [runs [depth]]

Three days of the demo's largest portal make one of about 25,000 visitors. A tenth of the standard budget (ρ = .005)
goes to the tables. Compared are, over all conjunctions that at least 1 (50) visitors are in: the tables and least
squares; and the product of one-way shares (independence), with the noise that one-way measures have today.
"""

import sys
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import combinations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from msgspec.structs import replace

from hubbub.cli.demo.city import SERVICES
from hubbub.cli.demo.simulate import simulate_day
from hubbub.cli.demo.story import tell
from hubbub.core.combinations import Tables
from hubbub.core.rows import Kind
from hubbub.core.settings import Combinations, Settings, Site
from hubbub.publish.combining import estimated
from hubbub.release.budget import priced
from hubbub.release.mechanisms import add_noise
from hubbub.release.site_plan import plan_of, tables_of

Floats = npt.NDArray[np.float64]
TODAY = date(2026, 5, 20)
DAYS_AGO = (1, 2, 6)
ASKED = Combinations(
    ("channel", "country", "device", "browser", "language"),
    {
        "country": ("AT", "DE", "CH", "IT", "SK"),
        "browser": ("Chrome", "Safari", "Edge", "Firefox", "Samsung Internet"),
        "language": ("de", "en", "tr", "uk", "hr"),
    },
)
ONE_WAY = {"channel": "channels", "country": "countries", "device": "devices", "browser": "browsers",
           "language": "languages"}  # fmt: skip
LEAST = (1, 50)


def first_views(tables: Tables) -> dict[str, npt.NDArray[np.int64]]:
    """Attribute → the place of each visitor's value among those told apart."""
    story = tell(TODAY, 60)
    found: dict[str, list[Floats]] = {name: [] for name, _ in tables.lists}
    for ago in DAYS_AGO:
        rows = simulate_day(SERVICES, TODAY - timedelta(ago), story)
        views = rows.filter(pc.field("kind") == Kind.PAGEVIEW.value).sort_by("ms")
        _, first = np.unique(views["unit"].to_numpy(), return_index=True)
        for name, values in tables.lists:
            places = pc.index_in(views[name].cast(pa.string()), value_set=pa.array(values))
            found[name].append(np.asarray(places.fill_null(len(values) - 1))[first])
    return {name: np.concatenate(parts).astype(np.int64) for name, parts in found.items()}


def truth(codes: dict[str, npt.NDArray[np.int64]], sizes: dict[str, int], names: tuple[str, ...]) -> Floats:
    """Visitors by some attributes."""
    shape = [sizes[name] for name in names]
    places = np.ravel_multi_index([codes[name] for name in names], shape)
    return np.bincount(places, minlength=int(np.prod(shape))).reshape(shape).astype(np.float64)


def compared(runs: int, depth: int) -> Iterator[str]:
    """A line a width and size."""
    asked_for = replace(ASKED, depth=depth)
    site = Site("portal.example", combinations=asked_for)
    its = priced(plan_of(site, Settings((site,))), "standard")
    tables = tables_of(asked_for)
    sizes = {name: len(values) for name, values in tables.lists}
    codes = first_views(tables)
    units = len(next(iter(codes.values())))
    share, measure = its.shares["combinations"], its.plan["combinations"]
    without = priced(plan_of(Site("portal.example"), Settings(())), "standard")
    wider = float(its.shares["visitors"].scale / without.shares["visitors"].scale)
    yield (
        f"{units} visitors; {tables.count} tables, {tables.cells} cells; {100 * share.rho / its.allowance.rho:.1f} % "
        f"of ρ, σ = {float(share.scale):.1f}; all other noise × {wider:.3f}"
    )
    exact = np.concatenate([truth(codes, sizes, names).ravel() for names in tables.names])
    for width in range(2, depth + 1):
        errors: dict[tuple[str, int], list[float]] = {}
        held = asked = 0
        for _ in range(runs):
            drawn = add_noise(exact.astype(np.int64).tolist(), share.scale, measure.l2_squared, share.rho)
            cells = np.array(drawn, np.float64)[None, :]
            ones = {
                name: np.maximum(0, np.array(add_noise(
                    truth(codes, sizes, (name,)).astype(np.int64).tolist(), its.shares[its_measure].scale, 1,
                    its.shares[its_measure].rho,
                ), np.float64))
                for name, its_measure in ONE_WAY.items()
            }  # fmt: skip
            for names in combinations(sizes, width):
                true = truth(codes, sizes, names)
                found = estimated(tables, cells, float(share.scale) ** 2, {name: np.eye(sizes[name]) for name in names})
                is_in = np.abs(found.values[0] - true) <= 1.96 * np.sqrt(found.variance)
                held, asked = held + int(is_in.sum()), asked + is_in.size
                product = np.full([1] * width, float(units))
                for axis, name in enumerate(names):
                    shape = [sizes[name] if place == axis else 1 for place in range(width)]
                    product = product * (ones[name] / ones[name].sum()).reshape(shape)
                for least in LEAST:
                    big = true >= least
                    for what, values in (("tables", found.values[0]), ("independence", product)):
                        away = np.abs(values - true)[big]
                        errors.setdefault((what, least), []).extend(away)
                        errors.setdefault((f"{what}, relative", least), []).extend(np.minimum(1, away / true[big]))
        for (what, least), away in errors.items():
            yield (
                f"{width} filters, at least {least:>2}: {what:<23} mean {np.mean(away):8.3f}  rms "
                f"{np.sqrt(np.mean(np.square(away))):8.3f}  of {len(away) // runs}"
            )
        yield f"{width} filters: 95 % intervals held {100 * held / asked:.2f} % of {asked}"


if __name__ == "__main__":
    numbers = [int(each) for each in sys.argv[1:]]
    for line in compared(*numbers, *(10, 3)[len(numbers) :]):
        print(line)
