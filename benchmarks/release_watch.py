"""Work in a process of its own, and what a process and all that it starts use: memory together, processor time."""

import multiprocessing
import os
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")
TICK = os.sysconf("SC_CLK_TCK")


def alone(work: Callable[..., T], *args: object) -> T:
    """Run in a fresh process, so that its peak of memory is its own."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(work, *args).result()


@dataclass(frozen=True)
class Use:
    """`peak_mb`: the larger of the tree's resident memory at one instant and any one process's own peak (VmHWM)."""

    code: int
    seconds: float
    cpu_seconds: float
    peak_mb: float
    said: str


def watch(
    command: Sequence[str], environment: Mapping[str, str], log: Path, limit_s: float = 3600, pause_s: float = 0.05
) -> Use:
    """Run a command to its end, or to `limit_s`, and look at its tree every `pause_s`."""
    began = time.perf_counter()
    peak, used = 0.0, dict[int, float]()
    with log.open("w+") as out:
        process = subprocess.Popen(command, env=dict(environment), stdout=out, stderr=subprocess.STDOUT)
        while process.poll() is None:
            memory = [_memory_mb(pid) for pid in _tree(process.pid)]
            peak = max(peak, sum(now for now, _ in memory), *(most for _, most in memory), 0)
            used |= {pid: max(_cpu_seconds(pid), used.get(pid, 0.0)) for pid in _tree(process.pid)}
            if time.perf_counter() - began > limit_s:
                process.kill()
            time.sleep(pause_s)
    return Use(process.returncode, time.perf_counter() - began, sum(used.values()), peak, log.read_text()[-2000:])


def _tree(pid: int) -> list[int]:
    """A process and its descendants that are alive."""
    found, todo = [], [pid]
    while todo:
        at = todo.pop()
        found.append(at)
        try:
            for task in Path(f"/proc/{at}/task").iterdir():
                todo += [int(child) for child in (task / "children").read_text().split()]
        except (OSError, ValueError):
            continue
    return found


def _memory_mb(pid: int) -> tuple[float, float]:
    """Resident memory now and its peak."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0, 0.0
    kb = {name: float(value.split()[0]) for name, _, value in (line.partition(":") for line in lines) if "Vm" in name}
    return kb.get("VmRSS", 0.0) * 1024 / 1e6, kb.get("VmHWM", 0.0) * 1024 / 1e6


def _cpu_seconds(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICK
