"""How the error of a plan goes with its budget and with single bounds, as plain values for a chart."""

from msgspec import Struct


class AtBudget(Struct, frozen=True):
    """The objective at a budget, with the weights and bounds of one of the two plans."""

    plan: str
    epsilon: float
    loss: float


class AtBound(Struct, frozen=True):
    """The loss of a measure at a bound, with the share of ρ that is proposed for it."""

    measure: str
    bound: int
    loss: float


class Tradeoff(Struct, frozen=True):
    """Both curves.

    objective  `error`: mean of min(1, relative error); `known`: share of cells that are not known within 20 %
    epsilon    that of the standing budget
    bounds     by measure, the standing and the proposed one
    """

    objective: str
    epsilon: float
    at_budgets: tuple[AtBudget, ...]
    at_bounds: tuple[AtBound, ...]
    bounds: dict[str, tuple[int, int]]
