"""How the error of a plan goes with its budget and with single bounds, for a picture."""

from math import exp, log

import numpy as np
from msgspec.structs import replace

from hubbub.core.tradeoff import AtBound, AtBudget, Tradeoff
from hubbub.core.zcdp import epsilon_of
from hubbub.release.budget import PICO, Priced
from hubbub.release.tuning import Losses, Objective, Proposal
from hubbub.release.volumes import Volumes

BUDGETS = tuple(exp(log(4) * step / 6) for step in range(-6, 7))  # a quarter to four times the standing ρ
STANDING, PROPOSED = "as it stands", "proposed"


def trade(standing: Priced, volumes: Volumes, proposal: Proposal, objective: Objective) -> Tradeoff:
    """The curves of a plan and of what is proposed instead."""
    budgets: list[AtBudget] = []
    for times in BUDGETS:
        allowed = replace(standing.allowance, rho=round(standing.allowance.rho * times))
        losses = Losses(replace(standing, allowance=allowed), volumes, objective)
        epsilon = epsilon_of(allowed.rho / PICO, allowed.delta_conversion)
        budgets += [
            AtBudget(plan, epsilon, _objective(losses, standing, proposal, plan)) for plan in (STANDING, PROPOSED)
        ]
    losses = Losses(standing, volumes, objective)
    at_bounds, bounds = [], {}
    for proposed in proposal.measures:
        measure = standing.plan[proposed.measure]
        tried = losses.bounds(measure)
        share = np.array([proposed.new_share])
        found = [(bound, losses.of(measure, share, bound)) for bound in tried] if len(tried) > 1 else []
        at_bounds += [AtBound(proposed.measure, bound, float(loss[0])) for bound, loss in found if loss is not None]
        if any(loss is not None for _, loss in found):
            bounds[proposed.measure] = (proposed.bound, proposed.new_bound)
    return Tradeoff(objective, standing.allowance.epsilon, tuple(budgets), tuple(at_bounds), bounds)


def _objective(losses: Losses, standing: Priced, proposal: Proposal, plan: str) -> float:
    total = whole = 0.0
    for one in proposal.measures:
        share, bound = (one.share, one.bound) if plan == STANDING else (one.new_share, one.new_bound)
        loss = losses.of(standing.plan[one.measure], np.array([share]), bound)
        if loss is not None:
            total, whole = total + one.importance * float(loss[0]), whole + one.importance
    return total / whole if whole else 0.0
