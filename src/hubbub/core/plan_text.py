"""The plan in plain words, for the public page: plain values, so that pages need not know the release room."""

from datetime import date
from typing import Literal

from msgspec import Struct


class MeasureText(Struct, frozen=True):
    """One line of the plan, for readers.

    measure      its name in exports
    counted      what is counted, in words
    bound        what one unit may add at most, in words
    keys         where its keys come from, in words
    sensitivity  Δ₂², the squared L2 bound
    weight       share of the day's ρ in percent
    rho          that share
    sigma        standard deviation of the noise on each cell
    threshold    a new key needs a noised count above it; 0 where every key is known beforehand
    delta        probability that the threshold shows a key that one device alone has
    """

    measure: str
    counted: str
    bound: str
    keys: str
    sensitivity: int
    weight: float
    rho: float
    sigma: float
    threshold: float
    delta: float


class PlanText(Struct, frozen=True):
    """The plan and its budget, for readers.

    unit   what is protected, in a sentence
    rho, epsilon, delta  what one unit may cost, in zero-concentrated DP and as (ε, δ)
    trial  the budget is too large for the numbers to be private
    """

    name: str
    unit: str
    rho: float
    epsilon: float
    delta: float
    trial: bool
    measures: tuple[MeasureText, ...]


class PlanDifference(Struct, frozen=True):
    """One thing in which a plan differs from the one before.

    what     `budget`: ε and δ; `added`, `removed`: a measure; `weight`, `bound`: of a measure; `keys`: of a measure,
             those that went and came; `meaning`: what a topic, goal, funnel or amount stands for; `counting`: how a
             measure is counted; `program`: nothing that counts, but the program wrote it anew
    subject  the measure or name, in words
    before, after  as they were and are; "" where there is nothing to say
    measure  the name of the measure in the plan, where it is counted otherwise since
    """

    what: Literal["budget", "added", "removed", "weight", "bound", "keys", "meaning", "counting", "program"]
    subject: str = ""
    before: str = ""
    after: str = ""
    measure: str = ""


class PlanVersion(Struct, frozen=True):
    """A plan that a source was released by, from some debit on.

    number    1, 2, … by source
    name      as it stands in ledger entries, with its hash
    day       the first day that it paid for
    hour      when that was debited, in UTC, to the hour
    seq       the entry that did
    is_kept   its text is there (before release 0.3 only the hash was kept)
    same_as   number of an earlier version with the same plan; 0 when it is new
    measures  how many it has; 0 without its text
    epsilon, delta  of its budget; 0 without its text
    changes   since the version before; () for the first one, and where one of the texts was not kept
    """

    number: int
    name: str
    day: date
    hour: str
    seq: int
    is_kept: bool
    same_as: int = 0
    measures: int = 0
    epsilon: float = 0.0
    delta: float = 0.0
    changes: tuple[PlanDifference, ...] = ()
