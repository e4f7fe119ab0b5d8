"""Proposals for a source's weights and bounds, from what the home has released of it."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from hubbub.cli.home import Home
from hubbub.cli.plan_explained import priced_of, released_volumes
from hubbub.core.errors import InputError, Refused
from hubbub.core.settings import Site, Tuning
from hubbub.core.tables import Table
from hubbub.release.budget import Priced
from hubbub.release.fits import is_fitted
from hubbub.release.site_fits import open_bounds
from hubbub.release.site_plan import SHAPES, untuned
from hubbub.release.tradeoff import trade
from hubbub.release.tuning import Objective, Proposal, propose
from hubbub.release.volumes import Volumes
from hubbub.serve.charts.tradeoff import draw_tradeoff

WORTH = 0.01  # a gain of less than this is none
LOSSES = {
    "error": "mean over shown cells of min(1, √(noise² + bias²) / size), measures weighed by importance",
    "known": "share of shown cells that are not known within 20 %, measures weighed by importance",
}


class Told(Struct, frozen=True):
    """A proposal for programs."""

    source: str
    objective: str
    proposal: Proposal
    plan: Tuning


class Tuned(Struct, frozen=True):
    """A proposal for a site or a table, and what it was made from."""

    of: Site | Table
    source: str
    objective: Objective
    standing: Priced
    volumes: Volumes
    proposal: Proposal

    @property
    def gains(self) -> bool:
        """It is better than what stands, by more than rounding."""
        return self.proposal.after < self.proposal.before * (1 - WORTH)

    @property
    def told(self) -> Told:
        """For JSON."""
        return Told(self.source, self.objective, self.proposal, self.proposal.tuning)

    def sentence(self) -> str:
        """What the losses are, and what would change."""
        ground = f"from {self.volumes.first} to {self.volumes.last}"
        what = f"\nloss: {LOSSES[self.objective]}; of what was released {ground}."
        if not self.gains:
            return f"{what} The plan as it stands is as good as any that was found."
        gain = 1 - self.proposal.after / self.proposal.before
        return f"{what} {100 * gain:.0f} % less, for the same budget, with this in hubbub.yaml:\n"

    def draw(self, path: Path) -> None:
        """The trade-off as a picture. Raises InputError when the file cannot be written."""
        found = trade(self.standing, self.volumes, self.proposal, self.objective)
        try:
            path.write_text(draw_tradeoff(found, self.source), "utf-8")
        except OSError as error:
            raise InputError(str(path), f"cannot be written: {error.strerror}", "Name another file.") from None


def tune(
    home: Home, source: Site | Table, importance: dict[str, float], objective: Objective, with_bounds: bool
) -> Tuned:
    """The best that was found for a source. Raises InputError before the first release, Refused in a trial."""
    standing = priced_of(home, source)
    if standing.allowance.trial:
        raise Refused("the budget is a trial, which widens bounds and gives all measures the same noise: set another")
    volumes = released_volumes(home, standing, source.name)
    if volumes is None or not any(each.values for each in volumes.measures.values()):
        raise InputError(source.name, "no released number stands out of its noise yet", "Close a few days first.")
    own, following = dict[str, float](), tuple[str, ...]()
    if isinstance(source, Site):
        own = {str(each.measure): float(each.weight) for each in untuned(source, home.settings).measures}
        following = open_bounds(source)
    else:
        following = tuple(name for name, each in source.measures.items() if is_fitted(each))
    proposal = propose(standing, volumes, own | importance, objective, with_bounds=with_bounds, following=following)
    return Tuned(source, source.name, objective, standing, volumes, proposal)


def read_importance(told: Sequence[str], tables: Iterable[Table] = ()) -> dict[str, float]:
    """`page_visitors=40` and so on, of sites' measures and those of tables. Raises InputError."""
    known = {*SHAPES, *(name for table in tables for name in table.measures)}
    found = {}
    for each in told:
        name, _, number = each.partition("=")
        try:
            found[name] = float(number)
        except ValueError:
            found[name] = -1.0
        if name not in known or not 0 <= found[name] < float("inf"):
            raise InputError("--importance", f"{each!r} is none", "Write a measure's name = a number from 0.")
    return found


def yaml_of(source: Site | Table, tuning: Tuning) -> str:
    """What to put into hubbub.yaml: of a site below its other settings, of a table in place of its measures."""
    if isinstance(source, Table):
        return "\n".join(["tables:", f"  - name: {source.name}", "    measures:", *_measures(source, tuning)])
    lines = ["sites:", f"  - name: {source.name}", "    plan:", f"      weights: {_flow(tuning.weights.items())}"]
    if tuning.bounds:
        lines.append(f"      bounds: {_flow(tuning.bounds.items())}")
    return "\n".join(lines)


def _measures(table: Table, tuning: Tuning) -> Iterable[str]:
    """Each measure in a line, with the weight and the bound that are proposed; JSON is YAML, too."""
    for name, each in table.measures.items():
        asked = replace(each, weight=tuning.weights[name], bound=tuning.bounds.get(name, each.bound))
        said = {field: getattr(asked, field) for field in asked.__struct_fields__}
        told = {field: value for field, value in said.items() if value or field == "kind"}
        yield f"      {name}: {msgspec.json.encode(told).decode()}"


def _flow(pairs: Iterable[tuple[str, int]]) -> str:
    """A mapping over a few lines of YAML's flow style."""
    lines = [""]
    for name, number in pairs:
        part = f"{name}: {number}, "
        if len(lines[-1]) + len(part) > 62:
            lines.append("")
        lines[-1] += part
    return "{" + "\n                ".join(line.rstrip() for line in lines).rstrip(", ") + "}"
