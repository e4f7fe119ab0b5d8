"""10,000 daily series × 730 points scanned in one run, against statsforecast's MSTL on a sample of them.

The ratio is of processor time a series: MSTL fits a series and says one day ahead with an interval; ours judges every
day of it.

    python benchmarks/trends_speed.py [--series 10000] [--sample 40]
"""

import argparse
import json
import subprocess
from time import perf_counter, process_time

import numpy as np
from trends_ours import scan
from trends_peers import BENCH, PEERS, environment
from trends_world import World, make_world

DAYS = 730


def ours(world: World) -> tuple[float, float]:
    """Processor seconds and seconds of one scan of everything."""
    start, used = perf_counter(), process_time()
    scan(world.values, world.variances, world.first, world.holidays)
    return process_time() - used, perf_counter() - start


def mstl(world: World, sample: int) -> tuple[float, str]:
    """Processor seconds a series, and MSTL's version; or infinity and what went wrong."""
    python, refused = environment(("statsforecast",))
    if refused:
        return float("inf"), refused
    job = BENCH / "trends_speed.npz"
    np.savez(job, values=world.sample(sample).values)
    command = [str(python), str(PEERS / "trends_mstl_fit.py"), str(job)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    if ran.returncode:
        return float("inf"), ran.stderr[-600:]
    took = json.loads(ran.stdout.splitlines()[-1])
    return float(took["cpu_seconds"]), str(took["version"])


def run(series: int, sample: int) -> tuple[dict[str, float], dict[str, float | str]]:
    """Ratios and figures."""
    world = make_world(2, series, DAYS)
    cpu, seconds = ours(world)
    peer, said = mstl(world, sample)
    figures: dict[str, float | str] = {
        "series": len(world.values),
        "ours_cpu_s": round(cpu, 2),
        "ours_s": round(seconds, 2),
        "ours_ms_a_series": round(1000 * cpu / len(world.values), 3),
        "mstl_ms_a_series": round(1000 * peer, 2),
        "mstl": said,
    }
    return {"mstl_to_ours": round(peer / (cpu / len(world.values)), 1)}, figures


def main() -> None:
    """Measure and print one JSON line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--series", type=int, default=10_000)
    parser.add_argument("--sample", type=int, default=40)
    asked = parser.parse_args()
    ratios, figures = run(asked.series, asked.sample)
    print(json.dumps({"benchmark": "trends_speed", "ratios": ratios, "figures": figures}))


if __name__ == "__main__":
    main()
