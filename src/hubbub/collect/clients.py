"""Whose request it is: the socket's peer, or the hop before the proxies that the settings trust."""

from collections.abc import Iterable, Mapping
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

PROXIES_REMEMBERED = 256


class Clients:
    """Finds a request's client address. X-Forwarded-For counts only from peers inside `trusted` (CIDR)."""

    def __init__(self, trusted: Iterable[str]) -> None:
        self._networks = tuple(ip_network(network, strict=False) for network in trusted)
        self._proxies: set[str] = set()  # those met so far; clients are not remembered

    def address(self, client: str, headers: Mapping[str, str]) -> str:
        """The client's address as text, "" when a trusted proxy sent one that is none.

        client   the peer's address and port, that of IPv6 in brackets
        headers  names in lower case; of a repeated one `items` gives each
        """
        peer = client.rpartition(":")[0]
        if peer.startswith("["):
            peer = peer[1:-1]
        if not self._networks or not self._is_trusted(peer):
            return peer
        return self._before_proxies(peer, headers)

    def _before_proxies(self, peer: str, headers: Mapping[str, str]) -> str:
        """The right-most hop that is no trusted proxy; the left-most one when all are."""
        lines = [value for name, value in headers.items() if name == "x-forwarded-for"]
        hop = peer
        for sent in reversed(",".join(lines).split(",")):
            if not sent.strip():
                continue
            hop = _without_port(sent.strip())
            if not _is_address(hop):
                return ""
            if not self._is_trusted(hop):
                break
        return hop

    def _is_trusted(self, address: str) -> bool:
        if address in self._proxies:
            return True
        if not _is_address(address):
            return False
        parsed = ip_address(address)
        mapped = getattr(parsed, "ipv4_mapped", None)
        if not any(_contains(network, mapped or parsed) for network in self._networks):
            return False
        if len(self._proxies) < PROXIES_REMEMBERED:
            self._proxies.add(address)
        return True


def _contains(network: IPv4Network | IPv6Network, address: object) -> bool:
    return address in network


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _without_port(hop: str) -> str:
    if hop.startswith("["):
        return hop[1:].partition("]")[0]
    host, _, port = hop.rpartition(":")
    return host if port.isdigit() and "." in host else hop
