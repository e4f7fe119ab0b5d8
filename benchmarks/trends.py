"""What the trend finder finds, against robust STL, AutoETS, MSTL, Prophet and itself told only an average variance.

    python benchmarks/trends.py [--quick] [--parts simulation nab melbourne speed] [--sample 200]

*Simulation* (`trends_world`, scored by `trends_scoring`): ours on all 2,000 series, and everyone on the same sample of
200 (ours given the sample alone). A baseline is shown at its users' threshold and at the best threshold whose realised
false discovery rate is at most .1, chosen with the truth at hand; so is ours, beside what it raises by itself. *NAB*
(`trends_nab`), *Melbourne* (`trends_melbourne`) and *speed* (`trends_speed`) are scripts of their own as well.
Everything is written to `.bench/trends.json`.
"""

import argparse
import json
from collections.abc import Sequence
from time import perf_counter
from typing import Any

import numpy as np
import trends_melbourne
import trends_nab
import trends_speed
from trends_ours import row_scores, scan
from trends_peers import ALL, BENCH, Peer, ask
from trends_scoring import PROMISED, Detection, Score, at_least, oracle, raised, score
from trends_world import KINDS, Event, World, make_world

PARTS = ("simulation", "nab", "melbourne", "speed")
THRESHOLDS = np.geomspace(1.5, 100, 60)
Figures = dict[str, Any]


def averaged(world: World) -> World:
    """The same cells, each series told the mean of its noise's variances only."""
    mean = np.broadcast_to(world.variances.mean(axis=1, keepdims=True), world.variances.shape).copy()
    return World(world.values, mean, world.first, world.truth, world.holidays, world.siblings, world.means)


def of_ours(world: World) -> Figures:
    """At the promised rate by itself, and at the best threshold beyond."""
    start = perf_counter()
    found = scan(world.values, world.variances, world.first, world.holidays)
    took = perf_counter() - start
    return {"seconds": round(took, 1)} | _both(world.truth, score(world.truth, found), found)


def _both(truth: Sequence[Event], own: Score, found: Sequence[Detection]) -> Figures:
    scores = np.array([each.score for each in found])
    thresholds = np.unique(np.quantile(scores, np.linspace(0, 1, 60))) if len(scores) else scores
    threshold, best = oracle(truth, lambda least: at_least(found, least), thresholds.tolist())
    return {"usual": own.figures(), "at_promised": best.figures() | {"threshold": _finite(threshold)}}


def _finite(threshold: float) -> float | None:
    """None: no threshold keeps the promise."""
    return round(threshold, 3) if np.isfinite(threshold) else None


def of_peer(peer: Peer, world: World, *, again: bool) -> Figures:
    """At its users' threshold, and at the best with a realised rate of .1."""
    answer = ask(peer, world, again=again)
    if answer.refused:
        return {"refused": answer.refused}
    threshold, best = oracle(world.truth, lambda least: raised(answer.scores, least), THRESHOLDS.tolist())
    own = score(world.truth, raised(answer.scores, peer.usual))
    return {
        **{name: value if isinstance(value, str) else round(value, 1) for name, value in answer.took.items()},
        "usual_is": peer.usual_is,
        "usual": own.figures(),
        "at_promised": best.figures() | {"threshold": _finite(threshold)},
    }


def simulation(seed: int, series: int, sample: int, *, again: bool) -> tuple[dict[str, float], Figures]:
    """Ratios and figures by detector."""
    world = make_world(seed, series)
    some = world.sample(sample)
    found: Figures = {
        f"ours, {len(world.values)} series": of_ours(world),
        f"ours told an average variance, {len(world.values)} series": of_ours(averaged(world)),
        "ours": of_ours(some),
        "ours told an average variance": of_ours(averaged(some)),
    }
    for peer in ALL:
        found[peer.name] = of_peer(peer, some, again=again)
        print(_line(peer.name, found[peer.name]), flush=True)
    best = max(
        (
            each["at_promised"]["recall"]
            for name, each in found.items()
            if not name.startswith("ours") and "usual" in each
        ),
        default=0.0,
    )
    ours = found["ours"]["at_promised"]["recall"]
    return {"recall_at_.1_to_best_peer": round(ours / max(best, 1e-3), 2)}, found


def _line(name: str, figures: Figures) -> str:
    """One row of the table."""
    if "refused" in figures:
        return f"{name:48} {figures['refused']}"
    cells = [f"{name:48}"]
    for way in ("usual", "at_promised"):
        each = figures[way]
        delay = "   –" if each["delay"] is None else f"{each['delay']:4.1f}"
        cells.append(f"FDR {each['fdr']:.3f}  recall {each['recall']:.3f}  delay {delay}")
    return "  |  ".join(cells)


def show(found: Figures) -> None:
    """The table of the simulation: by themselves, at a realised rate of .1, recall by kind and by size."""
    print(f"\n{'':48}  |  by itself or at its users' threshold  |  best threshold with a realised rate of {PROMISED}")
    for name, figures in found.items():
        print(_line(name, figures))
    for what, names in (("recall_by_kind", KINDS), ("recall_by_size", None)):
        print()
        for name, figures in found.items():
            if "refused" in figures:
                continue
            for way in ("usual", "at_promised"):
                shares = figures[way][what]
                chosen = names or tuple(shares)
                cells = "  ".join(f"{each} {shares[each]:.2f}" for each in chosen if each in shares)
                print(f"{name:48} {way:12} {cells}")


def nab() -> dict[str, dict[str, float]]:
    """Ours and the simple detectors on the part that is here."""
    found = trends_nab.run({"ours": row_scores, **trends_nab.SIMPLE}, trends_nab.load())
    for name, scores in found.items():
        print(f"{name:24}", *(f"{score:8.1f}" for score in scores.values()))
    for name, published in trends_nab.PUBLISHED.items():
        print(f"{name + ' *':24}", *(f"{each:8.1f}" for each in published))
    print("* published, of all 58 series")
    return found


def melbourne() -> dict[str, float]:
    """The table, and how much of it is explained."""
    found = trends_melbourne.run(scan, 30)
    print(trends_melbourne.table(found))
    return {
        "explained": round(trends_melbourne.explained(found), 3),
        "days_explained": round(trends_melbourne.by_chance(found), 3),
    }


def main() -> None:
    """Run the parts that are asked for and print one JSON line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="that it runs: 16 of 400 series, 1,000 for speed")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--series", type=int, default=2_000)
    parser.add_argument("--sample", type=int, default=200, help="series that the peers get")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--again", action="store_true", help="forget what the peers said before")
    asked = parser.parse_args()
    series, sample = (400, 16) if asked.quick else (asked.series, asked.sample)
    ratios: dict[str, float] = {}
    figures: Figures = {}
    if "simulation" in asked.parts:
        more, figures["simulation"] = simulation(asked.seed, series, sample, again=asked.again)
        ratios |= more
        show(figures["simulation"])
    if "nab" in asked.parts:
        figures["nab"] = nab()
    if "melbourne" in asked.parts:
        figures["melbourne"] = melbourne()
    if "speed" in asked.parts:
        more, figures["speed"] = trends_speed.run(*((1_000, 10) if asked.quick else (10_000, 40)))
        ratios |= more
    BENCH.mkdir(exist_ok=True)
    found = {"benchmark": "trends", "ratios": ratios, "figures": figures}
    (BENCH / "trends.json").write_text(json.dumps(found, indent=1))
    print(json.dumps(found))


if __name__ == "__main__":
    main()
