"""`hubbub plan`: what is measured and what it may cost: check it, explain it, tune it, see how it changed."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from hubbub.cli.config import FILE, read_settings_text
from hubbub.cli.config_problems import problems_of
from hubbub.cli.home import Home
from hubbub.cli.options import HERE, HomeOption, JsonOption
from hubbub.cli.plan_explained import explain, priced_in, priced_of, released_volumes, sources_of
from hubbub.cli.plan_tables import console, show_explained, show_proposal, show_versions
from hubbub.cli.plan_tuning import read_importance, tune, yaml_of
from hubbub.cli.plan_warnings import of_budget, of_releases, of_settings, of_site, public_keys_of
from hubbub.cli.presenting import command_app
from hubbub.core.errors import HubbubError, InputError
from hubbub.core.settings import Site
from hubbub.core.tables import Table
from hubbub.release.budget import PICO, Priced
from hubbub.release.describe import describe
from hubbub.release.expectation import expect
from hubbub.release.truncation import Truncation
from hubbub.release.tuning import Objective

app = command_app(no_args_is_help=True, help="The plan: check it, explain it, tune it, see how it changed.")
SourceOption = Annotated[
    str, typer.Option("--source", "--site", metavar="NAME", help="One site or table, by its name; otherwise all.")
]


@app.command()
def check(
    file: Annotated[Path | None, typer.Argument(metavar="[FILE]", help="A hubbub.yaml; otherwise the home's.")] = None,
    home: HomeOption = HERE,
) -> None:
    """Check hubbub.yaml: every problem with its place and remedy, then each source's plan in a line, then warnings.

    Exits with 1 when there is a problem. Of the home's own file, what was released is looked at, too.
    """
    problems, settings = problems_of(read_settings_text(file or home / FILE))
    for problem in problems:
        print(f"hubbub: {' '.join(str(problem).split())}", file=sys.stderr)
    if settings is None:
        raise typer.Exit(1)
    here = Home.open(home) if file is None else None
    failed = False
    for warning in of_settings(settings):
        print(f"warning: {warning}")
    for source in settings.sources:
        try:
            its = priced_in(settings, source) if here is None else priced_of(here, source)
        except HubbubError as error:
            print(f"hubbub: {source.name}: {error}", file=sys.stderr)
            failed = True
            continue
        print(_line(source.name, its))
        for warning in _warnings(source, its, here):
            print(f"  warning: {warning}")
    if failed:
        raise typer.Exit(1)


def _line(name: str, its: Priced) -> str:
    allowed = its.allowance
    above = [f"{each.measure} {each.threshold:.0f}" for each in describe(its).measures if each.threshold]
    spent = sum(share.rho for share in its.shares.values()) / PICO
    return (
        f"{name}: {len(its.plan.measures)} measures, ρ {spent:.4g} of {allowed.rho / PICO:.4g}, ε "
        f"{allowed.epsilon:.3g}, δ {allowed.delta:.0e}; new keys above: {', '.join(above) or 'none'}"
    )


def _warnings(source: Site | Table, its: Priced, here: Home | None) -> Iterator[str]:
    known = dict[str, int]()
    if here is not None and here.has_ledger:
        for key in here.public_keys.known(source.name):
            if key.standing == "confirmed":
                known[key.dimension] = known.get(key.dimension, 0) + 1
    yield from of_budget(its)
    if isinstance(source, Site):
        yield from of_site(source, its, public_keys_of(source, known))
    volumes = released_volumes(here, its, source.name) if here is not None else None
    if volumes is not None:
        yield from of_releases(its, volumes, expect(its, volumes, Truncation(its.plan, volumes)))


@app.command(name="explain")
def explain_plan(
    source: SourceOption = "",
    visitors: Annotated[
        float | None, typer.Option(metavar="N", min=1, help="Visitors a day to assume, instead of what was released.")
    ] = None,
    json: JsonOption = False,
    home: HomeOption = HERE,
) -> None:
    """Say what each number of a plan is, what it costs, its noise, and the error to expect.

    Errors are those at the last month's released numbers (rows are not looked at, and nothing is spent), or at so many
    visitors a day.
    """
    here = Home.open(home)
    told = [explain(here, each, visitors) for each in sources_of(here.settings, source)]
    if json:
        print(msgspec.json.encode(told).decode())
        return
    to = console()
    for place, each in enumerate(told):
        if place:
            to.print()
        show_explained(each, to)


@app.command(name="tune")
def tune_plan(
    source: SourceOption = "",
    objective: Annotated[
        Objective,
        typer.Option(help="`error`: the mean of min(1, relative error); `known`: cells not known within 20 %."),
    ] = "error",
    importance: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=NUMBER",
            help="How much a measure counts; otherwise its weight in hubbub's plan, or 1.",
        ),
    ] = None,
    bounds: Annotated[bool, typer.Option(help="Propose bounds, too, where what they cut off can be estimated.")] = True,
    svg: Annotated[Path | None, typer.Option(metavar="FILE", help="Draw the trade-off into this file.")] = None,
    json: JsonOption = False,
    home: HomeOption = HERE,
) -> None:
    """Propose weights and bounds that make the error of a month's released numbers as small as the budget allows.

    It looks at released cells alone and spends nothing. What it prints can be put into hubbub.yaml as it is.
    """
    here = Home.open(home)
    wanted = read_importance(importance or [], here.settings.tables)
    found = [tune(here, each, wanted, objective, bounds) for each in sources_of(here.settings, source)]
    if svg is not None:
        if len(found) > 1:
            raise InputError("--svg", "a picture is of one source", "Name it with --source.")
        found[0].draw(svg)
    if json:
        print(msgspec.json.encode([each.told for each in found]).decode())
        return
    to = console()
    for each in found:
        show_proposal(each.source, each.proposal, to)
        to.print(each.sentence())
        if each.gains:
            print(yaml_of(each.of, each.proposal.tuning))


@app.command()
def history(
    source: SourceOption = "",
    text: Annotated[str, typer.Option(metavar="PLAN", help="Print the whole text of this plan, by its name.")] = "",
    json: JsonOption = False,
    home: HomeOption = HERE,
) -> None:
    """Print which plans a source was released by, since when, and what each one changed."""
    here = Home.open(home)
    if text:
        names = {each.name for source in here.ledger.sources() for each in here.ledger.plan_versions(source)}
        found = [name for name in names if name == text or name.rpartition("/")[2].startswith(text.rpartition("/")[2])]
        kept = here.ledger.plan_text(found[0]) if len(found) == 1 else b""
        if not kept:
            raise InputError("--text", f"no text of one plan {text!r} is kept", "See `hubbub plan history --json`.")
        print(msgspec.json.format(kept, indent=2).decode())
        return
    sources = [source] if source else here.ledger.sources()
    told = {each: here.ledger.plan_versions(each) for each in sources}
    if json:
        print(msgspec.json.encode(told).decode())
        return
    to = console()
    for name, versions in told.items():
        show_versions(name, versions, to)
