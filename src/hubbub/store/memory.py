"""How much memory a close may take."""

import os
from pathlib import Path

GROUP = Path("/sys/fs/cgroup/memory.max")  # what a container is allowed, in a container


def memory_limit(group: Path = GROUP) -> int:
    """Bytes: half of the machine's memory, or of what the process's control group is allowed where that is less."""
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        allowed = int(group.read_text("ascii"))
    except (OSError, ValueError):  # no control groups, or "max"
        allowed = machine
    return min(machine, allowed) // 2
