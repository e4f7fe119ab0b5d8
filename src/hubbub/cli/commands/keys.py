"""`hubbub keys`: which pages are public, which new ones wait, which are hidden."""

import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Annotated

import typer

from hubbub.cli.home import Home
from hubbub.cli.new_pages import check_new_pages
from hubbub.cli.options import HERE, HomeOption, SiteOption
from hubbub.cli.presenting import command_app
from hubbub.collect.sitemaps import MAX_BYTES, read_page_list
from hubbub.core.days import day_of
from hubbub.core.errors import InputError
from hubbub.core.keys import Dimension

app = command_app(no_args_is_help=True, help="Public keys (pages and others): import, confirm, hide.")

MOST_SITEMAPS = 500
TIMEOUT_S = 30
DimensionOption = Annotated[
    Dimension,
    typer.Option("--dimension", metavar="DIMENSION", help="What the keys are: page, event, referrer, campaign, term."),
]
KeysArgument = Annotated[list[str], typer.Argument(metavar="KEY...", help="Keys as `hubbub keys list` prints them.")]


@app.command(name="import")
def import_keys(
    place: Annotated[str, typer.Argument(metavar="FILE|URL", help="sitemap.xml (or an index of them) or a list.")],
    site: SiteOption,
    home: HomeOption = HERE,
) -> None:
    """Take the public pages of a site from its sitemap or a list: their numbers then need no threshold.

    The list holds for days that are closed from now on; take it again when pages were added.
    """
    here = Home.open(home)
    portal = here.site(site)
    keep = frozenset(portal.query_keep)
    queue, done, paths, hosts = [place], set[str](), dict[str, None](), set[str]()
    while queue:
        current = queue.pop()
        if current in done:
            continue
        if len(done) >= MOST_SITEMAPS:
            raise InputError(place, f"over {MOST_SITEMAPS} sitemaps", "Import them in parts.")
        done.add(current)
        found = read_page_list(_read(current), current, keep)
        paths.update(dict.fromkeys(found.paths))
        hosts.update(found.hosts)
        queue.extend(found.sitemaps)
    if not paths:
        raise InputError(place, "no page in it", "Give a sitemap.xml, or a list with a path a line.")
    today = day_of(here.clock.now_ms(), here.settings.zone_of(portal.name))
    added = here.public_keys.add(portal.name, Dimension.PAGE, paths, "import", today)
    print(f"{len(paths):,} pages read, {added:,} of them not known before")
    foreign = sorted(host for host in hosts if host.removeprefix("www.") != portal.name.removeprefix("www."))
    if foreign:
        more = f" and {len(foreign) - 1} more" if len(foreign) > 1 else ""
        print(f"hubbub: note: it names pages of {foreign[0]}{more}; are they those of {site}?", file=sys.stderr)


@app.command(name="list")
def list_keys(site: SiteOption, home: HomeOption = HERE) -> None:
    """Print every key that is not on a fixed list: dimension, standing, origin, since, key."""
    here = Home.open(home)
    for known in here.public_keys.known(here.site(site).name):
        print(f"{known.dimension}\t{known.standing}\t{known.origin}\t{known.since}\t{known.key}")


@app.command()
def waiting(site: SiteOption, home: HomeOption = HERE) -> None:
    """Print the new keys that were released and wait for someone to confirm them."""
    here = Home.open(home)
    for known in here.public_keys.waiting(here.site(site).name):
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
    keys: KeysArgument, site: SiteOption, dimension: DimensionOption = Dimension.PAGE, home: HomeOption = HERE
) -> None:
    """Show new keys, or hidden ones again, in all that was released."""
    here = Home.open(home)
    _check_known(here, site, dimension, keys)
    changed = here.public_keys.approve(site, dimension, keys)
    here.republish(site)
    print(f"{changed} shown")


@app.command()
def revoke(
    keys: KeysArgument, site: SiteOption, dimension: DimensionOption = Dimension.PAGE, home: HomeOption = HERE
) -> None:
    """Hide keys from pages, API and exports, in all that was released and from now on."""
    here = Home.open(home)
    _check_known(here, site, dimension, keys)
    changed = here.public_keys.revoke(site, dimension, keys)
    here.republish(site)
    print(f"{changed} hidden")


def _check_known(home: Home, site: str, dimension: Dimension, keys: list[str]) -> None:
    """Raises InputError for the first key that is not known: a mistyped one must not pass for done."""
    known = {each.key for each in home.public_keys.known(home.site(site).name) if each.dimension == dimension}
    for key in keys:
        if key not in known:
            raise InputError(repr(key), f"no such {dimension} is known here", "`hubbub keys list` prints all of them.")


def _read(place: str) -> bytes:
    """The bytes of a file or an http(s) address, at most MAX_BYTES."""
    try:
        if place.startswith(("http://", "https://")):
            with urllib.request.urlopen(place, timeout=TIMEOUT_S) as answer:  # noqa: S310, the scheme is checked
                data: bytes = answer.read(MAX_BYTES + 1)
        else:
            with Path(place).open("rb") as file:
                data = file.read(MAX_BYTES + 1)
    except (OSError, urllib.error.URLError) as error:
        reason = getattr(error, "strerror", None) or getattr(error, "reason", None) or type(error).__name__
        raise InputError(place, f"cannot be read: {reason}", "Check the path or address.") from None
    if len(data) > MAX_BYTES:
        raise InputError(place, "over 50 MiB", "Split the list.")
    return data
