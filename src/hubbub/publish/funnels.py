"""From the deepest step of each visitor to how many came at least so far."""

from collections import defaultdict
from collections.abc import Iterable

from msgspec.structs import replace

from hubbub.publish.intervals import total_of
from hubbub.publish.rows import WHOLE
from hubbub.publish.scan import CellSum, Group


def reached(sums: Iterable[CellSum]) -> tuple[CellSum, ...]:
    """For each step the sum of its cell and all deeper ones, values and variances, and beside it, in the bin `WHOLE`,
    that of the first step, which a rate divides by.

    A visitor stands in one cell of a funnel, so sums of its cells count visitors; sums that share cells share noise.
    """
    by_group: dict[Group, dict[int, CellSum]] = defaultdict(dict)
    for one in sums:
        by_group[replace(one.group, key="")][int(one.group.key)] = one
    found = []
    for group, steps in by_group.items():
        tails: dict[int, CellSum] = {}
        for step in sorted(steps, reverse=True):
            deeper = tails.get(step + 1)
            total = total_of([steps[step].total, *([deeper.total] if deeper else [])])
            tails[step] = CellSum(replace(group, key=str(step)), total, steps[step].days)
        for step, tail in tails.items():
            found.append(tail)
            found.append(replace(tails[min(tails)], group=replace(group, key=str(step), bin=WHOLE)))
    return tuple(found)
