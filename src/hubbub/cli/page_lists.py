"""Lists of a site's public pages: sitemaps, their indexes, plain lists; read once, or again every day."""

import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import date
from pathlib import Path

from msgspec import Struct

from hubbub.cli.home import Home
from hubbub.collect.sitemaps import MAX_BYTES, read_page_list
from hubbub.core.days import day_of
from hubbub.core.errors import InputError
from hubbub.core.keys import Dimension
from hubbub.core.settings import Site

MOST_SITEMAPS = 500
TIMEOUT_S = 30


class PageList(Struct, frozen=True):
    """The paths that a list and all it leads to name, and the hosts that they are of."""

    paths: tuple[str, ...]
    hosts: frozenset[str]


def read_pages(place: str, site: Site, read: Callable[[str], bytes] | None = None) -> PageList:
    """The public pages that a file or an address lists. Raises InputError when it cannot be read or lists none."""
    fetch = read or read_place
    keep = frozenset(site.query_keep)
    queue, done, paths, hosts = [place], set[str](), dict[str, None](), set[str]()
    while queue:
        current = queue.pop()
        if current in done:
            continue
        if len(done) >= MOST_SITEMAPS:
            raise InputError(place, f"over {MOST_SITEMAPS} sitemaps", "Import them in parts.")
        done.add(current)
        found = read_page_list(fetch(current), current, keep)
        paths.update(dict.fromkeys(found.paths))
        hosts.update(found.hosts)
        queue.extend(found.sitemaps)
    if not paths:
        raise InputError(place, "no page in it", "Give a sitemap.xml, or a list with a path a line.")
    return PageList(tuple(paths), frozenset(hosts))


def refresh_pages(home: Home, site: Site) -> int:
    """Take the pages of the site's `sitemap` again, once a local day; how many were not known before.

    It is fetched by the clock, whatever is visited. A list that cannot be read leaves what was known as it is, and is
    tried again at the next look.
    """
    today = day_of(home.clock.now_ms(), home.settings.zone_of(site.name))
    mark = _mark(home.run_folder, site)
    if not site.sitemap or (mark.exists() and mark.read_text("utf-8") == f"{today} {site.sitemap}"):
        return 0
    found = read_pages(site.sitemap, site)
    added = add_pages(home, site, found, today)
    mark.parent.mkdir(parents=True, exist_ok=True)
    mark.write_text(f"{today} {site.sitemap}", "utf-8")
    return added


def add_pages(home: Home, site: Site, found: PageList, today: date) -> int:
    """Make pages public from the next close on; how many were not known before."""
    return home.public_keys.add(site.name, Dimension.PAGE, found.paths, "import", today)


def read_place(place: str) -> bytes:
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


def _mark(folder: Path, site: Site) -> Path:
    """Where it stands when the list was taken last; names of sites are host names."""
    return folder / "page-lists" / site.name
