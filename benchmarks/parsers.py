"""The longest that any parser takes for any of 160 texts of 64 kB that are meant to be hard for it.

Each parser of `tests/parsers_attacked.py` reads each text three times with empty caches; the shortest counts, so that
what else the machine does is left out. The baseline is `json.loads` of a 64 kB object in the same run. Ends with an
error when anything takes over 50 ms of processor time. What operators write may take longer, and hubbub.yaml gets 4 kB.

    python benchmarks/parsers.py [--only NAME] [--show 15]
"""

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from hard_texts import attacks
from hubbub.collect.forgetting import forget
from parsers_attacked import SIZE, parsers

LONGEST_MS = 50.0
ROUNDS = 3
OPERATORS = ("settings", "data centres' file")


def milliseconds(parse: Callable[[str], object], text: str) -> float:
    """The shortest of some readings, ms of processor time; a first reading under a millisecond is enough."""
    best = float("inf")
    for _ in range(ROUNDS):
        forget()
        start = time.process_time()
        parse(text)
        best = min(best, (time.process_time() - start) * 1000)
        if best < 1:
            break
    return best


def main() -> None:
    """Measure, print the worst of each parser, then one JSON line."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--only", default="", help="parsers whose name begins so")
    options.add_argument("--show", type=int, default=15, help="how many of the slowest to print")
    asked = options.parse_args()
    texts = dict(attacks())
    loads = json.dumps({f"name{at}": f"value {at}" for at in range(2_300)})[: SIZE - 2]
    loads = loads[: loads.rindex(",")] + "}"
    baseline = milliseconds(json.loads, loads)
    worst: dict[str, tuple[float, str]] = {}
    for name, parse in parsers().items():
        if name.startswith(asked.only):
            parse("a")  # loads tables
            worst[name] = max((milliseconds(parse, text), label) for label, text in texts.items())
    slowest = sorted(worst.items(), key=lambda item: item[1], reverse=True)
    for name, (took, label) in slowest[: asked.show]:
        print(f"{took:8.2f} ms  {took / baseline:7.1f} × json.loads  {name}: {label}")
    strangers = [took for name, (took, _) in slowest if not name.startswith(OPERATORS)]
    figures = {"worst_ms": round(max(strangers), 2), "json_loads_ms": round(baseline, 3)}
    figures |= {"parsers": float(len(worst)), "texts": float(len(texts))}
    print(
        json.dumps(
            {"benchmark": "parsers", "ratios": {"json_loads": round(max(strangers) / baseline, 1)}, "figures": figures}
        )
    )
    if max(strangers) > LONGEST_MS:
        sys.exit(f"a parser takes over {LONGEST_MS:.0f} ms")


if __name__ == "__main__":
    main()
