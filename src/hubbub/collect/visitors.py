"""The visitor key: the only thing that ties a device's rows together, and only within one source and day."""

from hashlib import blake2b
from socket import AF_INET, AF_INET6, inet_ntop, inet_pton

_MAPPED = bytes(10) + b"\xff\xff"
_HOST_HALF = bytes(8)


def network_of(address: str) -> str | None:
    """The network that stands for a client: an IPv4 address itself, of an IPv6 address its /64.

    IPv4 addresses mapped into IPv6 (`::ffff:192.0.2.1`) are unwrapped, so that a client has one key whatever
    socket it came through. A zone (`fe80::1%eth0`) is ignored. None when the text is no address.
    """
    try:
        if ":" not in address:
            inet_pton(AF_INET, address)
            return address
        packed = inet_pton(AF_INET6, address.partition("%")[0])
    except (OSError, ValueError):
        return None
    if packed.startswith(_MAPPED):
        return inet_ntop(AF_INET, packed[12:])
    return inet_ntop(AF_INET6, packed[:8] + _HOST_HALF) + "/64"


def visitor_key(secret: bytes, source: str, network: str, user_agent: str) -> int:
    """Keyed BLAKE2b of (source, network, user agent) under the secret of that source and day, signed 64 bits.

    The name of the source is inside the hash although each source has a secret of its own: should two sources
    ever be given the same secret by mistake, their keys still differ.

    Why 64 bits are enough. A collision merges two devices into one unit. For one protected device on a source
    and day with n others its chance is at most n / 2^64: 5.4e-14 at n = 10^6, which is 1/18,000 of the default
    delta of 1e-9, and may be added to it. Even then the harm is bounded: a unit's bounds keep at most one unit's
    worth of rows, so adding or removing the device replaces the merged unit's kept rows by others; this is a
    removal and an addition, a group of two, and costs at most 2^2 = 4 rho. Counts lose, of n devices, n^2 / 2^65
    pairs: 2.7e-8 of a visitor a day at n = 10^6.

    `secret` has 1..64 bytes. The parts cannot be confused: neither a source's name nor a network holds a NUL,
    and the user agent, which might, comes last.
    """
    parts = f"{source}\0{network}\0{user_agent}".encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(parts, digest_size=8, key=secret).digest(), "big", signed=True)


def unit_key(secret: bytes, source: str, unit: str) -> int:
    """Keyed BLAKE2b of what tells a table's units apart, under the secret of that source and day, signed 64 bits: as
    `visitor_key`.
    """
    parts = f"{source}\0{unit}".encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(parts, digest_size=8, key=secret).digest(), "big", signed=True)
