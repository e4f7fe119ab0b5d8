"""Simulated days of a city portal for the release benchmark: numpy and a fixed seed, no real person behind a row.

A `World` is 60 days and the day that is measured (day 0; earlier ones are -60 … -1). On each day 17,000 ordinary pages
have Zipf-like popularity and 3,000 more are each seen by one device only (a letter's link, a token in a path; their
numbers are new every day). What an engine must not take for granted is in it on purpose:

- devices differ: picks a day are lognormal with a Pareto tail, heavier in some sections than in others;
- a device has taste: two of 40 sections draw most of its picks, so pages of busy sections lose more to a bound;
- a page is opened again: rows a (device, page) are geometric with a mean that the section sets, heavy devices return;
- a device moves: one to 15 districts, phones more than desktops, one device class;
- days differ: log popularity walks, sections have a weekly season, 20 pages come and 20 go a day.

Calibrated against what was measured before on such data (`python benchmarks/release_data.py` prints both).
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

SEED = 20260504
DAY_ZERO = date(2026, 5, 4)
EVENTS, EVENTS_A_DEVICE = 10_000_000, 10
ORDINARY, SINGLES, SECTIONS = 17_000, 3_000, 40
NEW_PAGES_A_DAY, EARLIER_DAYS = 20, 60
DISTRICTS, CLASSES = 15, 4
ZIPF = 1.0
SPARE = 1.02  # devices drawn beyond the expected number, cut at the number of rows asked for
PICKS_SIGMA, TAIL_SHARE, TAIL_ALPHA, TAIL_SCALE, MOST_PICKS = 1.12, 0.012, 2.0, 10.0, 100
OWN_TASTE, FIRST_OF_TWO = 0.6, 0.75
EXTRA_ROWS, EXTRA_ROWS_SIGMA = 0.92, 0.35
BUSY_SIGMA, WALK, SEASON = 0.3, 0.03, 0.15
OCTAVES, LEAST_FIGURE = 24, 400.0  # of popularity, below 1; what an octave must have to tell a rate
ROAM = np.array([0.695, 0.545, 0.425, 0.525])  # phone, tablet, desktop, other: the chance to go to one more district
CLASS_SHARES = np.array([0.55, 0.08, 0.33, 0.04])

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Events:
    """Rows in random order. `unit`: a device on a day; `page`: ordinary below 18,200, of one device from 20,000."""

    day: date
    unit: npt.NDArray[np.int64]
    page: npt.NDArray[np.int32]
    district: npt.NDArray[np.int8]
    device_class: npt.NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.unit)


class World:
    """The pages, their sections and popularity on every day: the same for the same seed."""

    def __init__(self, seed: int = SEED) -> None:
        rng = np.random.default_rng([seed, 1])
        self.seed = seed
        self.pages = ORDINARY + NEW_PAGES_A_DAY * EARLIER_DAYS
        # sections differ in size and in rank; a page stays in its section
        self.section = np.sort(rng.choice(SECTIONS, self.pages, p=_shares(SECTIONS, 0.6, rng)))
        self.starts = np.searchsorted(self.section, np.arange(SECTIONS + 1))
        rank = np.asarray(rng.permutation(self.pages) % ORDINARY + 1, np.float64)
        self.base = -ZIPF * np.log(rank)
        # slots: page `came[n]` replaces another on its day; day 0 has exactly ORDINARY pages, each with its own rank
        self.first, self.last = self._lives(rank, rng)
        self.busy = np.exp(rng.normal(0, BUSY_SIGMA, SECTIONS))
        self.extra = EXTRA_ROWS * np.exp(rng.normal(0, EXTRA_ROWS_SIGMA, SECTIONS))
        self.week = rng.normal(0, SEASON, (7, SECTIONS))
        steps = rng.normal(0, WALK, (EARLIER_DAYS, self.pages))
        self.walk = np.vstack([np.zeros(self.pages), np.cumsum(steps, axis=0)])  # row n: n days before day 0

    def _lives(self, rank: Floats, rng: np.random.Generator) -> tuple[Ints, Ints]:
        """First and last day of each page. Two pages of one rank: the earlier goes when the later comes."""
        first, last = np.full(self.pages, -EARLIER_DAYS), np.zeros(self.pages, np.int64)
        order = np.argsort(rank, kind="stable")
        twins = np.flatnonzero(np.diff(rank[order]) == 0)
        days = rng.permutation(np.repeat(np.arange(1 - EARLIER_DAYS, 1), NEW_PAGES_A_DAY))
        old, new = order[twins], order[twins + 1]
        last[old], first[new] = days - 1, days
        return first, last

    def weights(self, index: int) -> Floats:
        """Popularity of each ordinary page on day `index` (0: the measured one). Sums to 1, zero where not there."""
        weekday = self.week[index % 7] - self.week[0]
        weights = np.exp(self.base + self.walk[-index] + weekday[self.section])
        weights[(self.first > index) | (self.last < index)] = 0
        return np.asarray(weights / weights.sum(), np.float64)

    def volume(self, index: int) -> float:
        """Devices of day `index`, relative to day 0."""
        return float(np.exp(0.08 * np.cos(2 * np.pi * index / 7) - 0.08))

    def day(self, index: int = 0, events: int | None = None, part: int = 0) -> Events:
        """Rows of day `index`, -60 … 0, as many as it has or `events`. Another `part` has other devices."""
        events = round(EVENTS * self.volume(index)) if events is None else events
        if not -EARLIER_DAYS <= index <= 0:
            raise ValueError(f"no day {index}: the world has -{EARLIER_DAYS} … 0")
        rng = np.random.default_rng([self.seed, 2, -index, part])
        devices = int(events / EVENTS_A_DEVICE * SPARE)
        first, second = (rng.choice(SECTIONS, devices, p=self._section_shares(index)) for _ in range(2))
        picks = self._picks(first, rng)
        device = np.repeat(np.arange(devices), picks)
        page = self._page(index, device, first, second, rng)
        rows = rng.geometric(1 / (1 + self.extra[self.section[page]]))
        self._make_single(index, part, page, rows, rng)
        device, page = np.repeat(device, rows)[:events], np.repeat(page, rows)[:events]
        district, device_class = _places(device, devices, rng)
        unit = np.unique(rng.integers(1, 2**62, devices + 64))
        unit = rng.permutation(unit)[:devices]
        order = rng.permutation(len(device))
        return Events(
            DAY_ZERO + timedelta(days=index),
            unit[device[order]],
            page[order].astype(np.int32),
            district[order],
            device_class[order],
        )

    def parts(self, index: int, events: int) -> Iterator[Events]:
        """A day of any size, in parts of at most 10 million rows."""
        for part, start in enumerate(range(0, events, EVENTS)):
            yield self.day(index, min(EVENTS, events - start), part)

    def likely(self, index: int, reference: Floats, rng: np.random.Generator, dispersion: float = 1.0) -> Floats:
        """A figure a page of day `index` without drawing its rows: the cheap way to 60 earlier days of full size.

        `reference` is the same figure, bounded in whatever way, of `day(0, part=1)`: other devices on the measured
        day's pages, so nothing of the measured rows is in it; shape (pages,). What it says is the figure a unit of
        popularity, by section and octave of popularity (all that makes pages differ); that, times popularity and volume
        of the day, is the mean. The draw is gamma-Poisson with variance `dispersion` × mean (1: Poisson, right for
        devices; a bounded sum has E c² / E c). Pages of one device are not in it, nor is the noise of the release.
        """
        now, then = self.weights(index), self.weights(0)
        mean = self._rates(reference, then)(now) * now * self.volume(index) / self.volume(0)
        if dispersion <= 1:
            return rng.poisson(mean).astype(np.float64)
        return rng.poisson(rng.gamma(np.maximum(mean, 1e-9) / (dispersion - 1), dispersion - 1)).astype(np.float64)

    def _rates(self, reference: Floats, weights: Floats) -> Callable[[Floats], Floats]:
        """A figure a unit of popularity, of pages of these weights, as a function of weights."""

        def groups(each: Floats) -> Ints:
            octave = np.clip(np.log2(np.maximum(each, 2.0**-OCTAVES)).astype(np.int64) + OCTAVES, 0, OCTAVES)
            return self.section * (OCTAVES + 1) + octave

        there = weights > 0
        size = SECTIONS * (OCTAVES + 1)
        sums = [np.bincount(groups(weights)[there], each[there], size) for each in (reference, weights)]
        rate = sums[0] / np.maximum(sums[1], 1e-300)
        octave = np.arange(OCTAVES + 1)
        for section in range(SECTIONS):  # octaves that say little lie between those that say more
            mine = slice(section * (OCTAVES + 1), (section + 1) * (OCTAVES + 1))
            told = sums[0][mine] >= LEAST_FIGURE
            if told.any():
                rate[mine] = np.interp(octave, octave[told], rate[mine][told])
        return lambda each: np.asarray(rate[groups(each)], np.float64)

    def _section_shares(self, index: int) -> Floats:
        return np.bincount(self.section, self.weights(index), SECTIONS).astype(np.float64)

    def _picks(self, section: Ints, rng: np.random.Generator) -> Ints:
        """Picks of each device: lognormal with a Pareto tail, scaled so that rows come to EVENTS_A_DEVICE a device."""
        size = np.exp(rng.normal(0, PICKS_SIGMA, len(section)))
        tail = rng.random(len(section)) < TAIL_SHARE
        size[tail] = TAIL_SCALE * (1 + rng.pareto(TAIL_ALPHA, int(tail.sum())))
        size = np.minimum(size, MOST_PICKS) * self.busy[section]
        rows = size * (1 + self.extra[section])
        more = EVENTS_A_DEVICE - (1 + self.extra[section]).mean()  # each device has one pick at least
        return np.asarray(1 + rng.poisson(size * more / rows.mean()), np.int64)

    def _page(self, index: int, device: Ints, first: Ints, second: Ints, rng: np.random.Generator) -> Ints:
        """The page of each pick: from one of the device's sections, or from all of them, by popularity."""
        cumulative = np.concatenate([[0.0], np.cumsum(self.weights(index))])
        which = rng.random(len(device))
        section = np.where(which < OWN_TASTE * FIRST_OF_TWO, first[device], second[device])
        own = which < OWN_TASTE
        low = np.where(own, cumulative[self.starts[section]], 0.0)
        high = np.where(own, cumulative[self.starts[section + 1]], cumulative[-1])
        at = low + rng.random(len(device)) * (high - low)
        return np.asarray(np.minimum(np.searchsorted(cumulative, at, side="right") - 1, self.pages - 1), np.int64)

    def _make_single(self, index: int, part: int, page: Ints, rows: Ints, rng: np.random.Generator) -> None:
        """Give SINGLES picks a page of their own; some are opened hundreds of times, as one sender could."""
        if part:
            return
        chosen = rng.choice(len(page), min(SINGLES, len(page) // 20), replace=False)
        page[chosen] = 20_000 - index * SINGLES + np.arange(len(chosen))
        rows[chosen] = np.minimum(1 + rng.pareto(1.0, len(chosen)), 2_000).astype(np.int64)


def _shares(count: int, exponent: float, rng: np.random.Generator) -> Floats:
    weights = rng.permutation(np.arange(1, count + 1.0)) ** -exponent
    return np.asarray(weights / weights.sum(), np.float64)


def _places(device: Ints, devices: int, rng: np.random.Generator) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.int8]]:
    """District and class of each row; rows of a device are together. A device with few rows sees few districts."""
    of_device = rng.choice(CLASSES, devices, p=CLASS_SHARES)
    reach = np.minimum(rng.geometric(1 - ROAM[of_device]), DISTRICTS)
    home = rng.choice(DISTRICTS, devices, p=_shares(DISTRICTS, 0.5, rng))
    stride = rng.choice([1, 2, 4, 7], devices)  # coprime to 15: distinct districts
    start = np.searchsorted(device, np.arange(devices))
    nth = np.arange(len(device)) - start[device]
    limit = reach[device]
    later = np.floor(limit * rng.random(len(device)) ** 2).astype(np.int64)
    step = np.where(nth < limit, nth, later)
    district = (home[device] + step * stride[device]) % DISTRICTS
    return district.astype(np.int8), of_device[device].astype(np.int8)


def calibration(events: Events, seed: int = 7) -> dict[str, float]:
    """What was measured before, of these rows: bounds alone, no noise, a random subset of each unit's keys."""
    rng = np.random.default_rng(seed)
    _, unit = np.unique(events.unit, return_inverse=True)
    page = np.unique(events.page, return_inverse=True)[1]
    pair, rows = np.unique(unit * (page.max() + 1) + page, return_counts=True)
    owner, key = np.divmod(pair, page.max() + 1)
    place = _place_in_unit(owner, rng)
    views, devices = np.bincount(key, rows), np.bincount(key)
    large = devices >= 100

    def bounded(keys: int, weight: npt.NDArray[np.float64] | None) -> Floats:
        kept = place < keys
        return np.bincount(key[kept], None if weight is None else weight[kept], len(devices)).astype(np.float64)

    def error(found: Floats, true: npt.NDArray[np.float64] | Ints) -> Floats:
        return np.asarray(np.minimum(1, np.abs(found - true) / true)[large], np.float64)

    cell = np.unique(unit * 64 + events.district * CLASSES + events.device_class)
    cell_owner, cell_key = np.divmod(cell, 64)
    cell_place = _place_in_unit(cell_owner, rng)
    cells = np.bincount(cell_key)
    lost = {k: 1 - np.bincount(cell_key[cell_place < k], minlength=64)[: len(cells)] / cells for k in (3, 6, 15)}
    return {
        "rows": len(events),
        "device_days": int(unit.max()) + 1,
        "pages": len(devices),
        "pages_one_device": int((devices == 1).sum()),
        "pages_100_devices": int(large.sum()),
        "pairs": len(pair),
        "most_pages_a_device": int(np.bincount(owner).max()),
        "views_10x3": float(error(bounded(10, np.minimum(rows, 3.0)), views).mean()),
        "devices_10": float(error(bounded(10, None), devices).mean()),
        "devices_20_median": float(np.median(error(bounded(20, None), devices))),
        "devices_20_p10": float(np.quantile(error(bounded(20, None), devices), 0.1)),
        "devices_20_p90": float(np.quantile(error(bounded(20, None), devices), 0.9)),
    } | {f"cells_{k}": float(np.mean(share)) for k, share in lost.items()}


def _place_in_unit(owner: Ints, rng: np.random.Generator) -> Ints:
    """A random place, from 0, of each row among those of its owner; `owner` is sorted."""
    order = np.lexsort((rng.random(len(owner)), owner))
    start = np.searchsorted(owner, owner)
    place = np.empty(len(owner), np.int64)
    place[order] = np.arange(len(owner)) - start
    return place


WANTED = {
    "pages": 20_000, "pages_one_device": 3_000, "views_10x3": 0.29, "devices_20_median": 0.075,
    "cells_3": 0.12, "cells_6": 0.019, "cells_15": 0.0,
}  # fmt: skip


def main() -> None:
    """Print the calibration of the measured day beside what was measured before."""
    began = time.perf_counter()
    world = World()
    events = world.day()
    print(f"generated in {time.perf_counter() - began:.1f} s")
    for name, value in calibration(events).items():
        print(f"{name:>20} {value:>14,.4g}" + (f"   before: {WANTED[name]:g}" if name in WANTED else ""))


if __name__ == "__main__":
    main()
