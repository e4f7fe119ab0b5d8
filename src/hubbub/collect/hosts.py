"""What is known of a host: its registrable domain, the source it belongs to, whether it only sends spam."""

import re
from functools import cache, lru_cache
from typing import Literal

from msgspec import Struct
from tldextract import TLDExtract

from hubbub.collect.tables.places import UNNAMED
from hubbub.collect.tables.sources import NAMED, Kind
from hubbub.collect.tables.spam import DOMAINS, RULES

_ENDING = re.compile(r"com|net|(?:com?\.)?[a-z]{2}")
_SPAM = re.compile(RULES)
LONGEST_HOST = 253  # of a name in the domain name system


class Place(Struct, frozen=True, gc=False):
    """A source: its name (the registrable domain if no table knows it, "" for a host without one) and its kind."""

    name: str
    kind: Kind | Literal[""]


NOWHERE = Place("", "")


@cache
def _extractor() -> TLDExtract:
    """The public suffix list that comes with tldextract: nothing is fetched, nothing is written to a cache.

    `.example` (RFC 6761) counts as a suffix, so that what documentation and the demo name behaves like the rest.
    """
    return TLDExtract(suffix_list_urls=(), cache_dir=None, extra_suffixes=("example",))


@cache
def _places() -> tuple[dict[str, Place], dict[str, Place]]:
    """Hosts, and brands without their ending (`google`, `mail.yahoo`), each to its place."""
    hosts: dict[str, Place] = {}
    brands: dict[str, Place] = {}
    entries = [(Place(name, kind), listed) for name, kind, listed in NAMED]
    entries += [(Place("", kind), listed) for kind, listed in UNNAMED.items()]
    for place, listed in entries:
        for host in listed.split():
            if host.endswith(".*"):
                brands.setdefault(host.removesuffix(".*"), place)
            else:
                hosts.setdefault(host, place)
    return hosts, brands


@lru_cache(maxsize=16_384)
def registrable_domain(host: str) -> str:
    """The domain under the public suffix, like `wien.gv.at`; "" for an address, a name without a suffix, no name."""
    if len(host) > LONGEST_HOST:
        return ""
    return _extractor().extract_str(host).top_domain_under_public_suffix


@lru_cache(maxsize=16_384)
def place_of(host: str) -> Place:
    """The place a host (lower case, without "www.") belongs to; the longest match counts."""
    if len(host) > LONGEST_HOST:
        return NOWHERE
    found = _extractor().extract_str(host)
    domain = found.top_domain_under_public_suffix
    if not domain:
        return NOWHERE
    hosts, brands = _places()
    place = _longest(hosts, host)
    if place is None and _ENDING.fullmatch(found.suffix):
        place = _longest(brands, f"{found.subdomain}.{found.domain}" if found.subdomain else found.domain)
    if place is None:
        return Place(domain, "")
    return place if place.name else Place(domain, place.kind)


def _longest(places: dict[str, Place], host: str) -> Place | None:
    while host:
        place = places.get(host)
        if place is not None:
            return place
        host = host.partition(".")[2]
    return None


@lru_cache(maxsize=16_384)
def is_same_site(host: str, other: str) -> bool:
    """Whether two hosts are one organisation's: the same, one under the other, or under one registrable domain.

    Here private suffixes count: two people's pages on `github.io` are not one organisation's.
    """
    if host == other or host.endswith("." + other) or other.endswith("." + host):
        return True
    extract = _extractor().extract_str
    domain = extract(host, include_psl_private_domains=True).top_domain_under_public_suffix
    return bool(domain) and domain == extract(other, include_psl_private_domains=True).top_domain_under_public_suffix


@lru_cache(maxsize=16_384)
def is_spam(host: str) -> bool:
    """Whether a referrer's host is known for nothing but spam, or calls itself as only spammers do."""
    return len(host) <= LONGEST_HOST and (registrable_domain(host) in DOMAINS or _SPAM.search(host) is not None)
