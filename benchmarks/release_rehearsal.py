"""Which bounds are best for an engine, found without running it: its bounds and its noise in numpy, on the true rows.

The slower peers take minutes a run. What decides their error is known: a random subset of each unit's keys or rows,
Laplace or Gaussian noise, a threshold on devices. So a grid of bounds is rehearsed here, and the best are run for real.
No privacy in this file: it looks at true counts, as only a benchmark on simulated rows may.
"""

import math
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
import numpy.typing as npt
from release_data import Events
from scipy.optimize import brentq
from scipy.special import log_ndtr, ndtr, ndtri

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
LARGE = 100  # the pages that count have at least so many true devices


@dataclass(frozen=True)
class Truth:
    """True, unbounded figures a page: `page` sorted; views and devices in its order."""

    page: Ints
    views: Ints
    devices: Ints

    @classmethod
    def of(cls, events: Events) -> "Truth":
        """Count the rows."""
        page, key = np.unique(events.page, return_inverse=True)
        unit = np.unique(events.unit, return_inverse=True)[1]
        pairs = np.unique(unit * len(page) + key) % len(page)
        return cls(page.astype(np.int64), np.bincount(key), np.bincount(pairs))

    @property
    def large(self) -> npt.NDArray[np.bool_]:
        """Pages that the error is taken over."""
        return np.asarray(self.devices >= LARGE)

    def error(self, released: dict[int, float], query: str) -> float:
        """U: the mean of min(1, |released - true| / true) over large pages; a page that is not released counts 1."""
        true = (self.views if query == "views" else self.devices)[self.large]
        found = np.array([released.get(int(page), math.nan) for page in self.page[self.large]])
        return float(np.nan_to_num(np.minimum(1, np.abs(found - true) / true), nan=1.0).mean())

    def share_released(self, released: dict[int, float]) -> float:
        """Share of large pages that were released."""
        return float(np.mean([int(page) in released for page in self.page[self.large]]))

    def spurious(self, released: dict[int, float]) -> int:
        """Released pages that one device saw, or none: what a threshold is there to hold back."""
        many = set(self.page[self.devices > 1].tolist())
        return sum(page not in many for page in released)


class Pairs:
    """Rows a (unit, page), with a random order of each unit's pages and of its rows."""

    def __init__(self, events: Events, seed: int = 5) -> None:
        rng = np.random.default_rng(seed)
        _, unit = np.unique(events.unit, return_inverse=True)
        self.page, page = np.unique(events.page, return_inverse=True)
        pair, rows = np.unique(unit * len(self.page) + page, return_counts=True)
        self.owner, self.key = np.divmod(pair, len(self.page))
        self.rows = rows.astype(np.float64)
        self._rng = rng
        self.truth = Truth.of(events)

    @cached_property
    def place(self) -> Ints:
        """The random place of each pair among its unit's."""
        return _place(self.owner, self._rng)

    @cached_property
    def row_places(self) -> tuple[Ints, Ints]:
        """The pair of each row, and the row's random place among its unit's."""
        pair = np.repeat(np.arange(len(self.key)), self.rows.astype(np.int64))
        return pair, _place(self.owner[pair], self._rng)

    def by_pages(self, pages: int, rows: int) -> Floats:
        """Bounded figure a page: `pages` random pages a unit, `rows` rows each (1: devices)."""
        kept = self.place < pages
        return _sums(self.key[kept], np.minimum(self.rows[kept], rows), len(self.page))

    def by_rows(self, rows: int) -> tuple[Floats, Floats]:
        """Bounded views and devices a page: `rows` random rows a unit, whatever their page."""
        pair, place = self.row_places
        kept = np.bincount(pair[place < rows], minlength=len(self.key))
        return _sums(self.key, kept, len(self.page)), _sums(self.key, kept > 0, len(self.page))

    def error(self, found: Floats, noise: Floats, released: npt.NDArray[np.bool_], query: str) -> float:
        """U of `found` plus `noise` at the pages released."""
        large = self.truth.large
        true = (self.truth.views if query == "views" else self.truth.devices)[large]
        error = np.minimum(1, np.abs(found[large] + noise[large] - true) / true)
        return float(np.where(released[large], error, 1.0).mean())


def _sums(key: Ints, weight: npt.NDArray[np.generic], pages: int) -> Floats:
    return np.bincount(key, weight.astype(np.float64), pages).astype(np.float64)


def _place(owner: Ints, rng: np.random.Generator) -> Ints:
    """A random place, from 0, of each row among its owner's; `owner` is sorted."""
    order = np.argsort(owner + rng.random(len(owner)), kind="stable")
    place = np.empty(len(owner), np.int64)
    place[order] = np.arange(len(owner)) - np.searchsorted(owner, owner)
    return place


@cache
def gaussian_sigma(epsilon: float, delta: float) -> float:
    """σ of the Gaussian mechanism at L2 sensitivity 1: Balle and Wang 2018, theorem 8."""

    def excess(sigma: float) -> float:
        a, b = 1 / (2 * sigma), epsilon * sigma
        return float(ndtr(a - b) - math.exp(epsilon + log_ndtr(-a - b)) - delta)

    return float(brentq(excess, 0.1, 1e4))


def threshold_gaussian(sigma: float, delta: float, pages: int) -> float:
    """1 + σ z so that a unit's `pages` keys, each with one device, all stay under it but for `delta`."""
    return 1 + sigma * -float(ndtri(-math.expm1(math.log1p(-delta) / pages)))


def threshold_laplace(scale: float, delta: float, pages: int) -> float:
    """The same for Laplace noise of this scale."""
    return 1 - scale * math.log(2 * -math.expm1(math.log1p(-delta) / pages))
