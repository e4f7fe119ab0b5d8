"""From many runs on two neighbouring inputs to a lower bound on what the difference costs.

Theorem (the definition of differential privacy turned round; Ding, Wang, Wang, Zhang and Kifer 2018; Jagielski,
Ullman and Oprea 2020): if a mechanism M is (ε, δ)-differentially private, then for every event E and all neighbours
D and D′ Pr[M(D) ∈ E] ≤ exp(ε) Pr[M(D′) ∈ E] + δ. So ε ≥ ln((p − δ) / q) with p the one probability and q the other,
whatever E is. With p bounded from below and q from above, each at half the risk, the bound is wrong with
probability at most the risk, since E is chosen on runs that the bound does not use.
"""

from math import log

from msgspec import Struct

from hubbub.release.audit.clopper_pearson import at_least, at_most
from hubbub.release.audit.events import Event, choose
from hubbub.release.audit.sampling import Sides


class LowerBound(Struct, frozen=True):
    """At least this much is lost.

    epsilon  at the `delta` it was made for; 0 when the runs show nothing
    event    that told it
    """

    epsilon: float
    event: Event


def epsilon_at_least(sides: Sides, delta: float, risk: float) -> LowerBound:
    """A lower bound on ε at this δ, wrong with probability at most `risk`. One half of the runs chooses the event."""
    half = len(sides.without) // 2
    event = choose(sides.without[:half], sides.present[:half], sides.change, sides.shown, delta)
    without, present = event.count(sides.without[half:]), event.count(sides.present[half:])
    runs = len(sides.without) - half
    often, seldom = (present, without) if event.present else (without, present)
    p, q = at_least(often, runs, risk / 2) - delta, at_most(seldom, runs, risk / 2)
    return LowerBound(max(0.0, log(p / q)) if p > 0 else 0.0, event)


class Rate(Struct, frozen=True):
    """Between what limits a probability lies."""

    lowest: float
    highest: float


def rate_of(happened: int, runs: int, risk: float) -> Rate:
    """The limits; each is wrong with probability at most `risk`."""
    return Rate(at_least(happened, runs, risk), at_most(happened, runs, risk))
