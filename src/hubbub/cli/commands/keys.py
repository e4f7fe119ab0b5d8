"""`hubbub keys`: which pages and values of open columns are public, which new ones wait, which are hidden."""

import sys
from datetime import date
from typing import Annotated

import typer

from hubbub.cli.home import Home
from hubbub.cli.new_pages import check_new_pages
from hubbub.cli.options import HERE, HomeOption, SiteOption
from hubbub.cli.page_lists import add_pages, read_pages, read_place
from hubbub.cli.presenting import command_app
from hubbub.collect.records.open_values import read_values
from hubbub.core.days import day_of
from hubbub.core.errors import InputError
from hubbub.core.keys import Dimension
from hubbub.core.settings import Site
from hubbub.core.tables import Table

app = command_app(no_args_is_help=True, help="Public keys (pages and others): import, confirm, hide.")

DimensionOption = Annotated[
    Dimension,
    typer.Option("--dimension", metavar="DIMENSION", help="What the keys are: page, event, referrer, campaign, term."),
]
SiteChoice = Annotated[str | None, typer.Option("--site", metavar="NAME", help="The site's name, as in hubbub.yaml.")]
TableChoice = Annotated[
    str | None, typer.Option("--table", metavar="NAME", help="In place of a site: a table of hubbub.yaml.")
]
ColumnChoice = Annotated[
    str | None, typer.Option("--column", metavar="COLUMN", help="With --table: one of its open columns.")
]
KeysArgument = Annotated[list[str], typer.Argument(metavar="KEY...", help="Keys as `hubbub keys list` prints them.")]


@app.command(name="import")
def import_keys(
    place: Annotated[
        str,
        typer.Argument(
            metavar="FILE|URL", help="sitemap.xml (or an index of them) or a list; of a table a list or a CSV file."
        ),
    ],
    site: SiteChoice = None,
    home: HomeOption = HERE,
    table: TableChoice = None,
    column: ColumnChoice = None,
) -> None:
    """Take the public pages of a site, or values of a table's open column, from a list: they then need no threshold.

    The list holds for days that are closed from now on; take it again when pages were added, or name it as the site's
    `sitemap` in hubbub.yaml: then it is read every day. It must not come from the
    rows themselves.
    """
    here = Home.open(home)
    source = _source(here, site, table)
    today = day_of(here.clock.now_ms(), here.settings.zone_of(source.name))
    if isinstance(source, Table):
        name = _column(source, column)
        values = read_values(read_place(place), place, name, source.columns[name])
        added = here.public_keys.add(source.name, name, values, "import", today)
        print(f"{len(values):,} values of {name} read, {added:,} of them not known before")
        return
    _import_pages(here, source, place, today)


def _import_pages(here: Home, portal: Site, place: str, today: date) -> None:
    found = read_pages(place, portal)
    added = add_pages(here, portal, found, today)
    print(f"{len(found.paths):,} pages read, {added:,} of them not known before")
    foreign = sorted(host for host in found.hosts if host.removeprefix("www.") != portal.name.removeprefix("www."))
    if foreign:
        more = f" and {len(foreign) - 1} more" if len(foreign) > 1 else ""
        print(f"hubbub: note: it names pages of {foreign[0]}{more}; are they those of {portal.name}?", file=sys.stderr)


@app.command(name="list")
def list_keys(site: SiteChoice = None, home: HomeOption = HERE, table: TableChoice = None) -> None:
    """Print every key that is not on a fixed list: dimension, standing, origin, since, key."""
    here = Home.open(home)
    for known in here.public_keys.known(_source(here, site, table).name):
        print(f"{known.dimension}\t{known.standing}\t{known.origin}\t{known.since}\t{known.key}")


@app.command()
def waiting(site: SiteChoice = None, home: HomeOption = HERE, table: TableChoice = None) -> None:
    """Print the new keys that were released and wait for someone to confirm them."""
    here = Home.open(home)
    for known in here.public_keys.waiting(_source(here, site, table).name):
        print(f"{known.dimension}\t{known.since}\t{known.key}")


@app.command()
def check(site: SiteOption, home: HomeOption = HERE) -> None:
    """Ask the site for its waiting pages; those that it answers with 200 are shown."""
    here = Home.open(home)
    portal = here.site(site)
    if not portal.check_url:
        raise InputError("check_url", "is not set for this site", "Name the origin to ask in hubbub.yaml.")
    print(f"{check_new_pages(here, portal)} pages confirmed")


@app.command()
def approve(
    keys: KeysArgument,
    site: SiteChoice = None,
    dimension: DimensionOption = Dimension.PAGE,
    home: HomeOption = HERE,
    table: TableChoice = None,
    column: ColumnChoice = None,
) -> None:
    """Show new keys, or hidden ones again, in all that was released."""
    here = Home.open(home)
    source, name = _known(here, _source(here, site, table), dimension, column, keys)
    changed = here.public_keys.approve(source, name, keys)
    here.republish(source)
    print(f"{changed} shown")


@app.command()
def revoke(
    keys: KeysArgument,
    site: SiteChoice = None,
    dimension: DimensionOption = Dimension.PAGE,
    home: HomeOption = HERE,
    table: TableChoice = None,
    column: ColumnChoice = None,
) -> None:
    """Hide keys from pages, API and exports, in all that was released and from now on."""
    here = Home.open(home)
    source, name = _known(here, _source(here, site, table), dimension, column, keys)
    changed = here.public_keys.revoke(source, name, keys)
    here.republish(source)
    print(f"{changed} hidden")


def _source(home: Home, site: str | None, table: str | None) -> Site | Table:
    """The site or table that is named. Raises InputError."""
    if (site is None) == (table is None):
        raise InputError("--site", "name a site or a table, one of them", "Add --site NAME, or --table NAME.")
    return home.site(site or "") if table is None else home.table(table)


def _column(table: Table, column: str | None) -> str:
    """The open column of a table that is meant: the one that is named, or the only one. Raises InputError."""
    opened = [name for name, each in table.columns.items() if each.open]
    if column is None and len(opened) == 1:
        return opened[0]
    if column not in opened:
        problem = "name one of the open columns" if column is None else f"{table.name} has no open column {column!r}"
        raise InputError("--column", problem, f"It has: {', '.join(opened) or 'none'}.")
    return column


def _known(
    home: Home, source: Site | Table, dimension: Dimension, column: str | None, keys: list[str]
) -> tuple[str, str]:
    """Source and dimension. Raises InputError for the first key that is not known: a mistyped one must not pass for
    done.
    """
    name = _column(source, column) if isinstance(source, Table) else dimension.value
    known = {each.key for each in home.public_keys.known(source.name) if each.dimension == name}
    for key in keys:
        if key not in known:
            raise InputError(repr(key), f"no such {name} is known here", "`hubbub keys list` prints all of them.")
    return source.name, name
