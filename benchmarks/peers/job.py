"""One run of a peer in its own environment: settings in, released values out. Standard library only.

    python PEER.py settings.json answer.json

Settings hold `rows` (a Parquet file with unit and page), `way` and its bounds. The answer holds page → value for both
queries, the version, and the seconds from opening the file to the last value; imports and the start of a session are
not counted. Every way spends ε = 1 and δ = 1e-9 on the two queries together, with keys that nobody knows beforehand:

- direct: each query (or both in one) finds its own keys, as the peer's documentation does it;
- keys_first: keys are found once, under a tight bound, and both queries are asked at these keys.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

EPSILON, DELTA = 1.0, 1e-9
Released = dict[int, float]
Settings = dict[str, Any]
Release = Callable[[Settings], tuple[Released, Released]]  # views, devices


def run(version: str, ways: dict[str, Release]) -> None:
    """Run the way that the settings name and write the answer."""
    settings: Settings = json.loads(Path(sys.argv[1]).read_text())
    began, used = time.perf_counter(), time.process_time()
    views, devices = ways[settings["way"]](settings)
    answer = {
        "version": version,
        "seconds": time.perf_counter() - began,
        "cpu_seconds": time.process_time() - used,
        "views": {str(page): float(value) for page, value in views.items()},
        "devices": {str(page): float(value) for page, value in devices.items()},
    }
    Path(sys.argv[2]).write_text(json.dumps(answer))
