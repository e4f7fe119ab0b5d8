"""The address of a page: what of it may be kept."""

import re
from functools import lru_cache
from urllib.parse import unquote

from msgspec import Struct

from hubbub.collect.paths import clean_path
from hubbub.collect.refused_values import LONGEST_READ, clean_free, clean_term
from hubbub.core.patterns import fold

_NOTHING: frozenset[str] = frozenset()
LONGEST_URL = 2048  # of a live hit; what is longer is cut
_LONGEST_READ = 8192
_MOST_PARAMETERS = 100
_AUTHORITY_END = re.compile(r"[/?#\\]")
_HOST = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*|\[[0-9a-f:.]{2,45}\]")
_LONGEST_HOST = 253
_UTM = frozenset({"utm_source", "utm_medium", "utm_campaign"})
# Click ids by the name they count under, the one that says most first.
_CLICK_IDS = {
    **{"gclid": "gclid", "gbraid": "gclid", "wbraid": "gclid", "gad_source": "gclid", "dclid": "dclid"},
    **{"msclkid": "msclkid", "yclid": "yclid", "ttclid": "ttclid", "twclid": "twclid", "li_fat_id": "li_fat_id"},
    **{"rdt_cid": "rdt_cid", "sccid": "sccid", "fbclid": "fbclid", "igsh": "igshid", "igshid": "igshid"},
}
_CLICKED = tuple(dict.fromkeys(_CLICK_IDS.values()))
_SEPARATORS = re.compile(r"[?#&=;]")


class Page(Struct, frozen=True, gc=False):
    """What is kept of a page's address.

    host          lower case, without "www." and port
    path          cleaned; with the parameters that are part of the address, like `/search?page=2`
    utm_source, utm_medium, utm_campaign    cleaned, lower case, at most 64 characters; "" without
    click_id      name of the parameter by which an advertiser or a network counts a click, such as "gclid", "msclkid"
                  or "fbclid" (its value is not kept); "" without
    search        of a page of search results, what was searched for, as `clean_term` gives it; "" without
    """

    host: str
    path: str
    utm_source: str = ""
    utm_medium: str = ""
    utm_campaign: str = ""
    click_id: str = ""
    search: str = ""


@lru_cache(maxsize=16_384)
def parse_page(
    url: str, keep: frozenset[str] = _NOTHING, paths: tuple[str, ...] = (), search: tuple[str, ...] = ()
) -> Page | None:
    """Parse the address of a page; None when it is no http(s) address.

    Of the query only `utm_*`, the presence of a click id and the parameters named in `keep` and `search` are read; the
    last one of a name wins. The fragment is dropped. What stands at a star of the patterns `paths` becomes one.
    """
    split = split_host(url)
    if split is None:
        return None
    host, rest = split
    if rest.find("?") < 0:
        return Page(host, fold(paths, clean_path(rest)))
    path, _, query = rest.partition("#")[0].partition("?")
    found = _parameters(query, keep.union(search) if search else keep)
    kept = "&".join(f"{name}={_kept_value(found[name])}" for name in sorted(keep & found.keys()))
    click_id = next((name for name in _CLICKED if name in found), "")
    return Page(
        host,
        fold(paths, clean_path(path)) + ("?" + kept if kept else ""),
        utm_source=clean_free(found.get("utm_source", "")).lower(),
        utm_medium=clean_free(found.get("utm_medium", "")).lower(),
        utm_campaign=clean_free(found.get("utm_campaign", "")).lower(),
        click_id=click_id,
        search=_searched(next((found[name] for name in search if found.get(name)), "")),
    )


def split_host(url: str) -> tuple[str, str] | None:
    """The host of an http(s) URL, lower case, without "www." and port, and what follows it; None for others."""
    scheme, colon, rest = url[:_LONGEST_READ].strip().partition("://")
    if not colon or scheme.lower() not in {"http", "https"}:
        return None
    end = _AUTHORITY_END.search(rest)
    authority, rest = (rest[: end.start()], rest[end.start() :]) if end else (rest, "")
    host = clean_host(authority)
    return (host, rest) if host else None


def clean_host(authority: str) -> str:
    """Host of `user:password@host:port`, lower case, in ASCII, without "www." and a final dot; "" if it is none."""
    host = authority.rpartition("@")[2].lower()
    is_ipv6 = host.startswith("[")
    host = host.partition("]")[0] + "]" if is_ipv6 else host.partition(":")[0].removesuffix(".")
    if len(host) > _LONGEST_HOST + len("www."):
        return ""  # at once: the codec's time grows with the square of what it reads
    if not host.isascii():
        try:
            host = host.encode("idna").decode()
        except UnicodeError:
            return ""
    host = host.removeprefix("www.")
    return host if len(host) <= _LONGEST_HOST and _HOST.fullmatch(host) else ""


def _parameters(query: str, keep: frozenset[str]) -> dict[str, str]:
    """The raw values of the parameters that count, click ids under the name of their advertiser's first one."""
    found: dict[str, str] = {}
    for item in query.split("&", _MOST_PARAMETERS)[:_MOST_PARAMETERS]:
        name, _, value = item.partition("=")
        if name in keep:
            found[name] = value
        lowered = name.lower()
        if lowered in _UTM:
            found[lowered] = value
        elif value and lowered in _CLICK_IDS:
            found[_CLICK_IDS[lowered]] = ""
    return found


def _kept_value(value: str) -> str:
    """A cleaned value in which nothing can be taken for the end of it."""
    return _SEPARATORS.sub("_", clean_free(value))


def _searched(value: str) -> str:
    """A search term in a query, in which + is a blank."""
    return clean_term(unquote(value[:LONGEST_READ].replace("+", " "))) if value else ""
