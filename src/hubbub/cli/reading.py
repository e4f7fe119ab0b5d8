"""What pages and API of a home read from."""

from hubbub.cli.home import Home
from hubbub.release.budget import PICO, Priced, priced
from hubbub.release.portal import PORTAL
from hubbub.serve.reading import MeasureText, PlanText, ReadSide


def read_side(home: Home) -> ReadSide:
    """The read side of a home: marts, ledger, clock, and its plan in words."""
    plan = plan_text(priced(PORTAL, home.settings.budget))
    return ReadSide(home.settings, home.marts, home.ledger, home.clock, plan)


def plan_text(plan: Priced) -> PlanText:
    """The plan under its budget, for readers."""
    measures = tuple(
        MeasureText(
            measure=each.measure,
            counted=each.says,
            bound=each.limit.format(each.bound),
            sensitivity=each.l2_squared,
            weight=100 * each.weight / plan.plan.weights,
            sigma=float(plan.shares[each.measure].scale),
        )
        for each in plan.plan.measures
    )
    allowed = plan.allowance
    return PlanText(plan.plan.name, allowed.rho / PICO, allowed.epsilon, allowed.delta, measures)
