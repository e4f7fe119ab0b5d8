"""`hubbub site`: which sites the home measures; adding and removing them."""

import sys
from typing import Annotated

import typer

from hubbub.cli import settings_file
from hubbub.cli.home import Home
from hubbub.cli.options import HERE, HomeOption
from hubbub.cli.presenting import command_app
from hubbub.core.errors import InputError, Refused

app = command_app(no_args_is_help=True, help="The sites of this home: list, add, remove.")

RESTART = "restart `hubbub serve` (`systemctl restart hubbub`) for it to take effect"
NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="The site's host name.")]


@app.command(name="list")
def list_sites(home: HomeOption = HERE) -> None:
    """Print every site with its zone and the number of its open days."""
    here = Home.open(home)
    open_days = [source for source, _, _ in here.keys.open_days()]
    for site in here.settings.sites:
        print(f"{site.name}\t{here.settings.zone_of(site.name)}\t{open_days.count(site.name)}")


@app.command(name="add")
def add_site(
    name: NameArgument,
    timezone: Annotated[str, typer.Option(metavar="ZONE", help="Its own IANA zone instead of the city's.")] = "",
    title: Annotated[str, typer.Option(metavar="TEXT", help="What readers see instead of the name.")] = "",
    home: HomeOption = HERE,
) -> None:
    """Add a site to hubbub.yaml and print its tag."""
    if any(site.name == name for site in Home.open(home).settings.sites):
        raise Refused(f"{name} is in hubbub.yaml already")
    told = {"name": name, "timezone": timezone, "title": title}
    settings_file.add_site(home, {key: value for key, value in told.items() if value})
    print(f"added {name}; {RESTART}")
    print(f'the tag: <script defer src="https://YOUR-HUBBUB/hubbub.js" data-domain="{name}"></script>')


@app.command(name="remove")
def remove_site(
    name: NameArgument,
    destroy_open: Annotated[
        bool, typer.Option("--destroy-open", help="Destroy its open days, today's too, without releasing them.")
    ] = False,
    home: HomeOption = HERE,
) -> None:
    """Take a site out of hubbub.yaml. What was released of it stays in the ledger, as everything does."""
    here = Home.open(home)
    here.site(name)
    if len(here.settings.sites) == 1:
        raise Refused(f"{name} is the only site; a home without one has nothing to measure")
    days = [day for source, day, _ in here.keys.open_days() if source == name]
    if days and not destroy_open:
        raise InputError(
            name,
            f"{len(days)} of its days are open",
            "Release them first (`hubbub close --include-today --final`), or add --destroy-open to lose them.",
        )
    for day in days:
        here.closer().give_up(name, day)
        print(f"{name}: {day} is destroyed without release", file=sys.stderr)
    settings_file.remove_site(home, [site.name for site in here.settings.sites].index(name))
    print(f"removed {name}; {RESTART}")
