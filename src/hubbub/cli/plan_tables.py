"""Plans, proposals and versions as tables in a terminal, 80 to 120 columns wide."""

import shutil
from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from hubbub.cli.plan_explained import Explained, ExplainedMeasure
from hubbub.core.plan_text import PlanVersion
from hubbub.release.tuning import Proposal, Proposed
from hubbub.serve.pages.plan_changes import tell_changes
from hubbub.serve.texts import texts_in

NARROWEST, WIDEST = 80, 120
WIDE, ROOMY = 110, 100
TEXTS = texts_in("en")


def console() -> Console:
    """The terminal, or what stands in its place, at a width that reads well."""
    width = max(NARROWEST, min(WIDEST, shutil.get_terminal_size((WIDE, 40)).columns))
    return Console(width=width, highlight=False, markup=False, emoji=False)


def show_explained(told: Explained, to: Console) -> None:
    """The whole against the budget, then every measure, then what the columns mean."""
    to.print(Text(told.source, "bold"), f"plan {told.plan}" + (", a trial: its numbers are not private" * told.trial))
    to.print(f"Protected: {told.unit}")
    to.print(
        f"Budget a device and day: ρ = {told.rho:.4g}, that is ε = {told.epsilon:.3g} at δ = {told.delta:.1e}. The "
        f"measures spend ρ = {told.rho_spent:.4g}, and δ = {told.delta_spent:.1e} on thresholds of new keys; the other "
        f"half of δ is for reading ρ as ε."
    )
    to.print(f"Expected errors: {told.ground}.\n")
    roomy = to.width >= ROOMY
    table = _table(
        ("measure", "left"), ("one device adds", "left"), ("ρ %", "right"), ("noise", "right"), ("above", "right"),
        ("largest", "right"), *([("tenth", "right")] if roomy else []), ("known", "right"), ("cut", "right"),
    )  # fmt: skip
    table.columns[1].min_width = 14
    for each in told.measures:
        table.add_row(*_cells(each, roomy))
    to.print(table)
    to.print(
        "\nρ %: share of the day's ρ. noise: σ, the standard deviation of the discrete Gaussian on each count. above: "
        "a key that is not public shows above this number of devices. largest, tenth: cells a day (of fewer than ten "
        "the last), with the standard error of noise and bound together. known: cells within 20 %. cut: what the bound "
        "is estimated to cut off, by the released histogram of page views a visitor; –: not told by it. --json has all "
        "of it in words, and δ."
    )


def _cells(one: ExplainedMeasure, roomy: bool) -> tuple[str, ...]:
    plan, found = one.plan, one.expected
    known = ["–", "", ""]
    if found.cells:
        largest, tenth = (
            f"{_count(value)} ±{_percent(error)}"
            for value, error in ((found.largest, found.error), (found.tenth, found.tenth_error))
        )
        known = [largest, tenth, f"{found.within}/{found.cells}"]
    if not roomy:
        del known[1]
    cut = "–" if found.cut is None else "" if found.cut == 0 else _percent(found.cut)
    bound = plan.bound.partition(" counts ")[2]
    above = _count(plan.threshold) if plan.threshold else ""
    return (plan.measure, bound, f"{plan.weight:.1f}", _count(plan.sigma), above, *known, cut)


def show_proposal(source: str, proposal: Proposal, to: Console) -> None:
    """Before and after, a line a measure."""
    to.print(Text(source, "bold"))
    table = _table(
        ("measure", "left"), ("importance", "right"), ("ρ %", "right"), ("→", "right"), ("bound", "right"),
        ("→", "right"), ("loss", "right"), ("→", "right"),
    )  # fmt: skip
    for each in proposal.measures:
        table.add_row(*_proposed(each))
    table.add_section()
    table.add_row("all", "", "", "", "", "", _loss(proposal.before), _loss(proposal.after), style="bold")
    to.print(table)


def _proposed(one: Proposed) -> tuple[str, ...]:
    new_bound = str(one.new_bound) if one.new_bound != one.bound else ""
    return (
        one.measure, f"{one.importance:g}", f"{100 * one.share:.1f}", f"{100 * one.new_share:.1f}", str(one.bound),
        new_bound, _loss(one.loss), _loss(one.new_loss),
    )  # fmt: skip


def show_versions(source: str, versions: Sequence[PlanVersion], to: Console) -> None:
    """The versions of a source's plan, oldest first."""
    to.print(Text(source, "bold"))
    table = _table(("version", "right"), ("since", "left"), ("ε", "right"), ("what changed", "left"), ("plan", "left"))
    for each in versions:
        epsilon = f"{each.epsilon:.3g}" if each.is_kept else "?"
        table.add_row(
            str(each.number), each.day.isoformat(), epsilon, "\n".join(tell_changes(each, TEXTS)),
            each.name.rpartition("/")[0] + "/" + each.name.rpartition("/")[2][:12],
        )  # fmt: skip
    to.print(table)


def _table(*columns: tuple[str, str]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), show_edge=False)
    for name, side in columns:
        table.add_column(
            name, justify="right" if side == "right" else "left", no_wrap=side == "right" or name == "measure",
            overflow="fold",
        )  # fmt: skip
    return table


def _count(value: float) -> str:
    return f"{value:,.0f}" if value >= 99.5 else f"{value:.1f}"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share >= 0.0995 else f"{100 * share:.1f} %"


def _loss(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
