"""The peers' half of the trends benchmark: each scores the same released cells in an environment of its own.

Environments are made under `.bench/` with pip. Every peer sees cells up to the day before and says what it expects of
the day: the score is the cell's distance from that in the peer's own standard deviations. Fits are renewed every 7
(STL) or 28 days on what came before, as a fit a day takes hours. A peer that was run on the same cells by the same
script is read from `.bench/`.
"""

import hashlib
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from trends_world import Floats, World

BENCH = Path(__file__).parents[1] / ".bench"
PEERS = Path(__file__).with_name("peers")
WIDE_99 = 2.576  # a 99 % interval's edge in standard deviations


@dataclass(frozen=True)
class Peer:
    """What is installed, which script runs, and where its users put the threshold."""

    name: str
    packages: tuple[str, ...]
    script: str
    usual: float
    usual_is: str


ALL = (
    Peer("robust STL", ("statsmodels",), "trends_stl.py", 3.0, "|z| ≥ 3"),
    Peer("AutoETS", ("statsforecast",), "trends_ets.py", WIDE_99, "99 % interval"),
    Peer("MSTL", ("statsforecast",), "trends_mstl.py", WIDE_99, "99 % interval"),
    Peer("Prophet", ("prophet",), "trends_prophet.py", WIDE_99, "99 % interval"),
)


@dataclass(frozen=True)
class Answer:
    """Scores float[n, d] and what they took; or what went wrong."""

    scores: Floats
    took: dict[str, Any]
    refused: str = ""


def environment(packages: tuple[str, ...]) -> tuple[Path, str]:
    """A Python with these packages, made when it is not there yet; and what pip said when it could not be made."""
    folder = BENCH / ("trends-" + "-".join(packages))
    python, done = folder / "bin" / "python", folder / "installed"
    if done.exists():
        return python, ""
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages]
    made = subprocess.run(pip, capture_output=True, text=True, check=False)
    if made.returncode:
        return python, "\n".join(line for line in made.stderr.splitlines() if "ERROR" in line)[-600:]
    done.touch()
    return python, ""


def ask(peer: Peer, world: World, *, again: bool = False) -> Answer:
    """A peer's scores of the world's series."""
    BENCH.mkdir(exist_ok=True)
    none = np.full(world.values.shape, np.nan)
    answer = BENCH / f"trends_{_digest(peer, world)}.npz"
    took = answer.with_suffix(".json")
    if again or not took.exists():
        python, refused = environment(peer.packages)
        if refused:
            return Answer(none, {}, refused)
        job = answer.with_name(f"{answer.stem}_job.npz")
        holidays = np.array(sorted(world.holidays), np.int64)
        np.savez(job, values=world.values, holidays=holidays, first=world.first.isoformat())
        command = [str(python), str(PEERS / peer.script), str(job), str(answer)]
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
        job.unlink()
        if ran.returncode:
            return Answer(none, {}, ran.stderr[-600:])
        took.write_text(ran.stdout.splitlines()[-1])
    with np.load(answer) as kept:
        return Answer(kept["scores"], json.loads(took.read_text()))


def _digest(peer: Peer, world: World) -> str:
    """Which cells these are, and which scripts looked at them."""
    found = hashlib.sha256(np.nan_to_num(world.values, nan=-1e9).tobytes())
    for name in (peer.script, "trends_job.py", "trends_forecast.py"):
        found.update((PEERS / name).read_bytes())
    return found.hexdigest()[:16]
