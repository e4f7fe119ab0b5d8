"""Has a number changed by more than noise explains? One comparison of two estimates, ready to be put in words.

Only the noise that protects people is weighed here: that a Monday differs from a Sunday is for the reader,
or for a trend, to judge.
"""

from enum import StrEnum
from math import sqrt

from msgspec import Struct

from hubbub.publish.intervals import Z95, Estimate

DENOMINATOR_SIGMAS = 10.0


class Direction(StrEnum):
    """What can be said about a change."""

    ROSE = "rose"
    FELL = "fell"
    STEADY = "steady"  # noise alone explains the difference
    UNKNOWN = "unknown"  # one of the two numbers is missing


class Change(Struct, frozen=True):
    """A number against an earlier one of the same kind.

    difference         now − before, and its standard error
    ratio, low, high   relative change (.12 is 12 % more) and its 95 % interval; None when the earlier number is
                       less than ten standard errors from zero, so that a percentage would mislead
    """

    direction: Direction
    difference: float = 0.0
    stderr: float = 0.0
    ratio: float | None = None
    low: float | None = None
    high: float | None = None

    @property
    def margin(self) -> float | None:
        """Half the width of the relative change's 95 % interval."""
        return None if self.low is None or self.high is None else (self.high - self.low) / 2


def compare(now: Estimate | None, before: Estimate | None) -> Change:
    """Compare two independent estimates.

    The interval of the ratio is Fieller's (E. C. Fieller, "Some problems in interval estimation", JRSS B 16,
    1954), for two independent normal errors; the direction follows the 95 % interval of the difference.
    """
    if now is None or before is None:
        return Change(Direction.UNKNOWN)
    difference = now.value - before.value
    stderr = sqrt(now.stderr**2 + before.stderr**2)
    direction = _direction(difference, stderr)
    bounds = _fieller(now, before)
    if bounds is None:
        return Change(direction, difference, stderr)
    low, high = bounds
    return Change(direction, difference, stderr, now.value / before.value - 1, low - 1, high - 1)


def _direction(difference: float, stderr: float) -> Direction:
    if abs(difference) <= Z95 * stderr or difference == 0:
        return Direction.STEADY
    return Direction.ROSE if difference > 0 else Direction.FELL


def _fieller(top: Estimate, bottom: Estimate) -> tuple[float, float] | None:
    """95 % interval of top/bottom; None when the bottom is too near zero."""
    if bottom.value <= 0 or bottom.value < DENOMINATOR_SIGMAS * bottom.stderr:
        return None
    spread_top, spread_bottom = (Z95 * top.stderr) ** 2, (Z95 * bottom.stderr) ** 2
    scale = bottom.value**2 - spread_bottom
    middle = top.value * bottom.value
    root = sqrt(max(0.0, middle**2 - scale * (top.value**2 - spread_top)))
    return (middle - root) / scale, (middle + root) / scale
