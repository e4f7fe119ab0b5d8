"""The plan in plain words, for the public page: plain values, so that pages need not know the release room."""

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
