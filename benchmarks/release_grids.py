"""The grids of bounds and shares behind the settings in `release_peers.ALL`, rehearsed on the true rows.

    python benchmarks/release_grids.py [--rows 10000000]

For each peer: keys first, at one share of ε, then devices and views at those keys, with the noise and the bounding that
the peer has. Writes the best five of each with how many were tried to `.bench/grids.json` and prints the winners.
"""

import argparse
import json
import math
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np
from release_data import EVENTS, World
from release_peers import BENCH, digest
from release_rehearsal import Floats, Pairs, gaussian_sigma, threshold_gaussian, threshold_laplace

DELTA = 1e-9
RHO = 0.01445  # of ε = 1 at δ/2
SHARES = [(key, device) for key in (0.4, 0.5, 0.6, 0.7, 0.8) for device in (0.1, 0.15, 0.2, 0.25)]
PAGES, ROWS_A_PAGE, ROWS = (1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20), (1, 2, 3, 4), (1, 2, 3, 5, 8, 10, 12, 15, 20, 30)


@dataclass(frozen=True)
class Tried:
    """A setting and its error."""

    u_views: float
    u_devices: float
    shares: tuple[float, float, float]
    keys: str
    devices: str
    views: str
    released: float


@dataclass(frozen=True)
class Option:
    """Bounded figures a page, their noise at the whole budget a share of 1, by name."""

    name: str
    figure: Floats
    noise: Callable[[float], Floats]


class Grid:
    """All bounded figures, made once."""

    def __init__(self, pairs: Pairs, seed: int = 11) -> None:
        self.pairs, self.rng = pairs, np.random.default_rng(seed)
        self.pages = len(pairs.page)

    @cached_property
    def by_pages(self) -> dict[int, Floats]:
        """Devices by pages a unit."""
        return {pages: self.pairs.by_pages(pages, 1) for pages in PAGES}

    @cached_property
    def views_by_pages(self) -> dict[tuple[int, int], Floats]:
        """Views by pages a unit and rows a page."""
        return {(pages, rows): self.pairs.by_pages(pages, rows) for pages in PAGES[2:] for rows in ROWS_A_PAGE}

    @cached_property
    def by_rows(self) -> dict[int, tuple[Floats, Floats]]:
        """Views and devices by rows a unit."""
        return {rows: self.pairs.by_rows(rows) for rows in ROWS}

    def laplace(self, sensitivity: float) -> Callable[[float], Floats]:
        """Noise at ε = share."""
        return lambda share: self.rng.laplace(0, sensitivity / share, self.pages)

    def gaussian(self, sensitivity: float) -> Callable[[float], Floats]:
        """Noise at (share, δ/4)."""
        return lambda share: self.rng.normal(0, gaussian_sigma(round(share, 6), DELTA / 4) * sensitivity, self.pages)

    def zcdp(self, sensitivity: float) -> Callable[[float], Floats]:
        """Noise at share · ρ."""
        return lambda share: self.rng.normal(0, sensitivity / math.sqrt(2 * RHO * share), self.pages)

    def keys(self, name: str, share: float) -> Iterator[tuple[str, np.ndarray[Any, Any]]]:
        """Which pages pass, by bound."""
        for most in PAGES[:5]:
            if name == "smartnoise":
                if most in self.by_rows:
                    threshold = most * (1 - math.log(2 * DELTA / 1.5 / 2 / most) / share)
                    yield f"{most} rows", self.by_rows[most][1] + self.laplace(most)(share) > threshold
            elif name == "opendp":
                sigma = math.sqrt(most / (2 * RHO * share))
                threshold = threshold_gaussian(sigma, DELTA / 2, most)
                yield f"{most} pages", self.by_pages[most] + self.rng.normal(0, sigma, self.pages) > threshold
            else:
                threshold = threshold_laplace(most / share, DELTA / 2, most)
                yield f"{most} pages", self.by_pages[most] + self.laplace(most)(share) > threshold

    def devices(self, name: str) -> list[Option]:
        """How a peer can count devices at given keys."""
        if name == "smartnoise":
            return [Option(f"{rows} rows", both[1], self.laplace(rows)) for rows, both in self.by_rows.items()]
        noise = (lambda pages: self.zcdp(math.sqrt(pages))) if name == "opendp" else self.laplace
        return [Option(f"{pages} pages", figure, noise(pages)) for pages, figure in self.by_pages.items()]

    def views(self, name: str) -> list[Option]:
        """How a peer can count views at given keys."""
        by_rows = [Option(f"{rows} rows", both[0], self.laplace(rows)) for rows, both in self.by_rows.items()]
        boxes = self.views_by_pages.items()
        named = [(f"{pages} pages × {rows} rows", pages, rows, figure) for (pages, rows), figure in boxes]
        if name == "opendp":
            return [Option(text, figure, self.zcdp(math.sqrt(p) * rows)) for text, p, rows, figure in named]
        if name == "pipelinedp":
            return [Option(text, figure, self.laplace(p * rows)) for text, p, rows, figure in named]
        if name == "python-dp":
            gaussian = [Option(text, figure, self.gaussian(math.sqrt(p) * rows)) for text, p, rows, figure in named]
            return by_rows + gaussian
        return by_rows

    def rehearse(self, name: str) -> tuple[list[Tried], int]:
        """All settings of a peer, the best first: for each choice of keys its best devices and views."""
        devices, views = self.devices(name), self.views(name)
        found: list[Tried] = []
        tried = 0
        for key, device in SHARES:
            view = round(1 - key - device, 6)
            if view < 0.05:
                continue
            noised_devices = [(option, option.noise(device)) for option in devices]
            noised_views = [(option, option.noise(view)) for option in views]
            for keys, released in self.keys(name, key):
                tried += len(devices) + len(views)
                u_devices, best_devices = self._best(noised_devices, released, "devices")
                u_views, best_views = self._best(noised_views, released, "views")
                share = float(released[self.pairs.truth.large].mean())
                found.append(Tried(u_views, u_devices, (key, device, view), keys, best_devices, best_views, share))
        return sorted(found, key=lambda each: each.u_views + each.u_devices), tried

    def _best(
        self, options: list[tuple[Option, Floats]], released: np.ndarray[Any, Any], query: str
    ) -> tuple[float, str]:
        errors = [(self.pairs.error(each.figure, noise, released, query), each.name) for each, noise in options]
        return min(errors)


def main() -> None:
    """Rehearse every peer's grid."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=EVENTS)
    events = World().day(0, parser.parse_args().rows)
    grid = Grid(Pairs(events))
    told: dict[str, Any] = {"data": digest(events)}
    for name in ("python-dp", "opendp", "pipelinedp", "tumult", "smartnoise"):
        found, tried = grid.rehearse(name)
        told[name] = {"tried": tried, "best": [asdict(each) for each in found[:5]]}
        print(name, tried, found[0])
    BENCH.mkdir(exist_ok=True)
    (BENCH / "grids.json").write_text(json.dumps(told, indent=1))


if __name__ == "__main__":
    main()
