"""python-dp (PyDP): it has mechanisms and key selection for counts already bounded, so NumPy bounds here."""

import importlib.metadata
import math

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq
from job import DELTA, EPSILON, Released, Settings, run
from pydp.algorithms.numerical_mechanisms import (  # type: ignore[import-not-found,unused-ignore]
    GaussianMechanism,
    LaplaceMechanism,
)
from pydp.algorithms.partition_selection import (  # type: ignore[import-not-found,unused-ignore]
    create_partition_strategy,
)

Ints = npt.NDArray[np.int64]


class Rows:
    """The rows in order of unit and page, with a random order of each unit's pages and rows."""

    def __init__(self, path: str) -> None:
        table = pq.read_table(path, columns=["unit", "page"])
        unit, page = table["unit"].to_numpy(), table["page"].to_numpy().astype(np.int64)
        order = np.lexsort((page, unit))
        unit, page = unit[order], page[order]
        new_unit = np.r_[True, unit[1:] != unit[:-1]]
        new_pair = new_unit | np.r_[True, page[1:] != page[:-1]]
        self.owner = np.cumsum(new_unit) - 1
        self.page = page
        self.pair = np.cumsum(new_pair) - 1
        first = np.flatnonzero(new_pair)
        self.key, self.pair_owner = page[first], self.owner[first]
        self.rows = np.diff(np.r_[first, len(page)])

    def by_pages(self, pages: int, rows: int) -> Released:
        """So many random pages a unit, at most so many rows of each."""
        kept = place(self.pair_owner) < pages
        return counted(np.repeat(self.key[kept], np.minimum(self.rows[kept], rows)))

    def by_rows(self, rows: int) -> Released:
        """So many random rows a unit."""
        return counted(self.page[place(self.owner) < rows])


def place(owner: Ints) -> Ints:
    """A random place, from 0, of each row among its owner's; `owner` is sorted."""
    order = np.lexsort((np.random.default_rng().random(len(owner)), owner))
    start = np.flatnonzero(np.r_[True, owner[1:] != owner[:-1]])
    found = np.empty(len(owner), np.int64)
    found[order] = np.arange(len(owner)) - start[owner]
    return found


def counted(page: Ints) -> Released:
    """Rows a page."""
    pages, counts = np.unique(page, return_counts=True)
    return dict(zip(pages.tolist(), counts.tolist(), strict=True))


def views_of(rows: Rows, settings: Settings, keys: Released, delta: float) -> Released:
    """Views at the keys: Laplace over random rows, or Gaussian over random pages × rows."""
    epsilon = settings["view_share"] * EPSILON
    if settings["view_noise"] == "laplace":
        bounded = rows.by_rows(settings["view_rows"])
        mechanism = LaplaceMechanism(epsilon, settings["view_rows"])
    else:
        bounded = rows.by_pages(settings["view_pages"], settings["view_rows"])
        mechanism = GaussianMechanism(epsilon, delta, math.sqrt(settings["view_pages"]) * settings["view_rows"])
    return {page: mechanism.add_noise(float(bounded.get(page, 0))) for page in keys}


def direct(settings: Settings) -> tuple[Released, Released]:
    """Devices over a Gaussian threshold are keys and values at once; views at these keys."""
    rows = Rows(settings["rows"])
    epsilon = (1 - settings["view_share"]) * EPSILON
    selection = create_partition_strategy("gaussian", epsilon, DELTA / 2, settings["device_pages"])
    bounded = rows.by_pages(settings["device_pages"], 1)
    noised = {page: selection.noised_value_if_should_keep(count) for page, count in bounded.items()}
    devices = {page: value for page, value in noised.items() if value is not None}
    return views_of(rows, settings, devices, DELTA / 2), devices


def keys_first(settings: Settings) -> tuple[Released, Released]:
    """Keys over a Laplace threshold on few pages a unit, then both queries at these keys."""
    rows = Rows(settings["rows"])
    selection = create_partition_strategy("laplace", settings["key_share"] * EPSILON, DELTA / 2, settings["key_pages"])
    keys = {
        page: 0.0 for page, count in rows.by_pages(settings["key_pages"], 1).items() if selection.should_keep(count)
    }
    share = 1 - settings["key_share"] - settings["view_share"]
    mechanism = LaplaceMechanism(share * EPSILON, settings["device_pages"])
    bounded = rows.by_pages(settings["device_pages"], 1)
    devices = {page: mechanism.add_noise(float(bounded.get(page, 0))) for page in keys}
    return views_of(rows, settings, keys, DELTA / 2), devices


if __name__ == "__main__":
    run(importlib.metadata.version("python-dp"), {"direct": direct, "keys_first": keys_first})
