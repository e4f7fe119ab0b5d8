"""The country of an address, from the registries' own delegation data; offline."""

from collections.abc import Sequence
from ipaddress import IPv6Address

from iptocc import country_code

from hubbub.core.vocabulary import COUNTRIES

UNKNOWN = "ZZ"
_KNOWN = frozenset(COUNTRIES)


def country_of(address: str) -> str:
    """ISO 3166-1 alpha-2 of the country an address is registered in; "ZZ" when no registry says.

    Not cached on purpose: a look-up costs less than a cache's would, and no address stays in memory.
    """
    code = country_code(_registered(address)) if address.isascii() else UNKNOWN
    return code if code in _KNOWN else UNKNOWN


def countries_of(addresses: Sequence[str]) -> list[str]:
    """`country_of` each of many addresses, in their order."""
    return [
        code if code in _KNOWN else UNKNOWN for code in country_code([_registered(address) for address in addresses])
    ]


def _registered(address: str) -> str:
    """The address that a registry gave out: without a zone, and the IPv4 one that a socket for both wrote as IPv6."""
    if ":" not in address:
        return address
    address = address.partition("%")[0]
    if "ffff:" not in address.lower():
        return address
    try:
        mapped = IPv6Address(address).ipv4_mapped
    except ValueError:
        return address
    return str(mapped) if mapped else address
