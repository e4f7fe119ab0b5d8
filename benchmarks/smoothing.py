"""What stands beside released numbers, and what it costs: smoothed days of 10,000 series, a large tree that adds up.

Ratios are of time a series (or a node) to the plain way in the same run: one series after the other through the same
filter, and least squares by matrices. Tightening is the estimate's error to the released number's, on simulated pages:
steady ones of 40 visitors, and pages of 10 to 100,000 that wander and keep a week. Coverage is of 95 % intervals; also
on the day of an outage, with and without what all pages say of it, and on the first day of a jump of nine σ.

    python benchmarks/smoothing.py [--series 10000] [--days 730]
"""

import argparse
import json
import sys
from pathlib import Path
from time import process_time

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "unit" / "publish"))

from series_samples import Floats, simulated

from hubbub.publish.consistency import ROOT, Forest, Ints, adjust
from hubbub.publish.smoothing import Smoothed, filtered, fit

SIGMA = 17.1  # of a page's visitors on the standard budget
ALONE = 20
NODES, DENSE = 1_000_000, 1_000


def speed(series: int, days: int) -> tuple[dict[str, float], dict[str, float]]:
    """All series at once against one after the other, with the same process."""
    values = simulated(np.random.default_rng(1), series, days).values
    start = process_time()
    process = fit(values, SIGMA**2, weekday=0)
    fitted = process_time() - start
    start = process_time()
    filtered(values, SIGMA**2, weekday=0, process=process)
    together = (process_time() - start) / series
    start = process_time()
    for line in values[:ALONE]:
        filtered(line[None], SIGMA**2, weekday=0, process=process)
    alone = (process_time() - start) / ALONE
    figures = {"fit_s": fitted, "all_series_s": together * series, "ms_a_series": together * 1000}
    return {"one_after_the_other": alone / together}, figures


def quality() -> dict[str, float]:
    """How much surer, and how often the interval holds."""
    rng = np.random.default_rng(2)
    true = rng.poisson(40.0, (2_000, 60)).astype(np.float64)
    steady = filtered(true + rng.normal(0, SIGMA, true.shape), SIGMA**2)
    pages = simulated(rng, 2_000, 60)
    wandering = filtered(pages.values, SIGMA**2, weekday=0)
    small = pages.true.mean(axis=1) < 100
    jumped = true.copy()
    jumped[:200, -1] += 150
    after = filtered(jumped + rng.normal(0, SIGMA, true.shape), SIGMA**2)
    levels = np.exp(rng.uniform(np.log(10), np.log(150), (2_000, 1)))
    out = rng.poisson(levels * np.where(np.arange(60) == 59, 0.4, 1.0)).astype(np.float64)
    out_cells = out + rng.normal(0, SIGMA, out.shape)
    outage = [filtered(out_cells, SIGMA**2, together=together) for together in (False, True)]
    first = Smoothed(after.estimate[:200], after.variance[:200])
    less = Smoothed(wandering.estimate[small], wandering.variance[small])
    return {
        "steady_error": error(steady, true[:, -1]),
        "steady_coverage": coverage(steady, true[:, -1]),
        "pages_under_100_error": error(less, pages.true[small, -1]),
        "pages_error": error(wandering, pages.true[:, -1]),
        "pages_coverage": coverage(wandering, pages.true[:, -1]),
        "outage_coverage_alone": coverage(outage[0], out[:, -1]),
        "outage_coverage_together": coverage(outage[1], out[:, -1]),
        "first_day_of_a_jump_coverage": coverage(first, jumped[:200, -1]),
    }


def error(found: Smoothed, true: Floats) -> float:
    """Root mean squared error in standard deviations of the released number."""
    return float(np.sqrt(np.mean((found.estimate - true) ** 2)) / SIGMA)


def coverage(found: Smoothed, true: Floats) -> float:
    """How many 95 % intervals hold the number without noise."""
    return float(np.mean(np.abs(found.estimate - true) <= 1.96 * np.sqrt(found.variance)))


def tree(nodes: int, rng: np.random.Generator) -> tuple[Ints, Floats, Floats]:
    """Parents, cells and variances of a tree of about ten children a node, every tenth cell missing."""
    parents: Ints = np.maximum(np.arange(nodes) - 1, 0) // 10
    parents[0] = ROOT
    variances = np.where(rng.random(nodes) < 0.1, np.inf, rng.uniform(100, 400, nodes))
    return parents, rng.normal(100, 20, nodes), variances


def consistency() -> tuple[dict[str, float], dict[str, float]]:
    """Time a node: a large tree, and a small one by matrices."""
    rng = np.random.default_rng(3)
    parents, values, variances = tree(NODES, rng)
    start = process_time()
    adjust(Forest(parents), values, variances)
    passes = (process_time() - start) / NODES
    parents, values, variances = tree(DENSE, rng)
    start = process_time()
    leaves = np.flatnonzero(~np.isin(np.arange(DENSE), parents))
    design = np.zeros((DENSE, len(leaves)))
    for column, leaf in enumerate(leaves.tolist()):
        node = leaf
        while node != ROOT:
            design[node, column] = 1
            node = int(parents[node])
    seen = np.isfinite(variances)
    weighted = design[seen] / np.sqrt(variances[seen])[:, None]
    np.linalg.lstsq(weighted, values[seen] / np.sqrt(variances[seen]))
    matrices = (process_time() - start) / DENSE
    return {"least_squares_by_matrices": matrices / passes}, {"million_nodes_s": passes * NODES}


def main() -> None:
    """Measure and print one JSON line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--series", type=int, default=10_000)
    parser.add_argument("--days", type=int, default=730)
    asked = parser.parse_args()
    ratios, figures = speed(asked.series, asked.days)
    more_ratios, more_figures = consistency()
    ratios |= more_ratios
    figures |= more_figures | quality()
    rounded = {name: round(value, 3) for name, value in figures.items()}
    print(
        json.dumps(
            {
                "benchmark": "smoothing",
                "ratios": {name: round(value, 1) for name, value in ratios.items()},
                "figures": rounded,
            }
        )
    )


if __name__ == "__main__":
    main()
