"""The client's address: the socket's, or what a trusted proxy says, and only then."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.collect.clients import Clients

PROXIES = ("10.0.0.0/8", "fd00::/8")


class Forwarded(dict[str, str]):
    """Headers with repeated lines, as the server gives them: `get` knows one, `items` knows all."""

    def __init__(self, *lines: str) -> None:
        super().__init__(host="x")
        self._lines = lines

    def items(self) -> Any:
        return [("host", "x"), *(("x-forwarded-for", line) for line in self._lines)]


def test_without_proxies_the_header_means_nothing() -> None:
    assert Clients(()).address("10.0.0.1:80", Forwarded("203.0.113.9")) == "10.0.0.1"


def test_a_stranger_cannot_forge_an_address() -> None:
    assert Clients(PROXIES).address("198.51.100.1:80", Forwarded("203.0.113.9")) == "198.51.100.1"


@pytest.mark.parametrize(
    ("lines", "client"),
    [
        (("203.0.113.9",), "203.0.113.9"),
        (("1.1.1.1, 203.0.113.9",), "203.0.113.9"),
        (("1.1.1.1, 203.0.113.9, 10.2.3.4",), "203.0.113.9"),
        (("1.1.1.1", "203.0.113.9", "10.2.3.4, fd00::7"), "203.0.113.9"),
        (("203.0.113.9:4711",), "203.0.113.9"),
        (("[2001:db8::7]:4711",), "2001:db8::7"),
        (("[2001:db8::7]",), "2001:db8::7"),
        (("2001:db8::7",), "2001:db8::7"),
        (("10.9.9.9, 10.2.3.4",), "10.9.9.9"),
        (("unknown",), ""),
        (("203.0.113.9, _hidden",), ""),
        (("203.0.113.9,",), "203.0.113.9"),
        ((), "10.0.0.1"),
        (("",), "10.0.0.1"),
    ],
)
def test_the_right_most_untrusted_hop_is_the_client(lines: tuple[str, ...], client: str) -> None:
    assert Clients(PROXIES).address("10.0.0.1:80", Forwarded(*lines)) == client


def test_a_mapped_peer_is_its_ipv4_address() -> None:
    assert Clients(PROXIES).address("[::ffff:10.0.0.1]:80", Forwarded("203.0.113.9")) == "203.0.113.9"


def test_proxies_are_remembered_and_clients_are_not() -> None:
    clients = Clients(PROXIES)
    for last in range(1, 255):
        assert clients.address("10.0.0.1:80", Forwarded(f"203.0.113.{last}, 10.0.0.2")) == f"203.0.113.{last}"
        clients.address(f"198.51.100.{last}:80", Forwarded())
    assert clients._proxies == {"10.0.0.1", "10.0.0.2"}


def test_a_peer_of_ipv6_stands_in_brackets() -> None:
    assert Clients(()).address("[2001:db8::7]:80", {}) == "2001:db8::7"
    assert Clients(()).address("", {}) == ""


@given(st.text(max_size=60))
def test_no_header_makes_it_fail(value: str) -> None:
    address = Clients(PROXIES).address("10.0.0.1:80", {"x-forwarded-for": value})
    assert isinstance(address, str)
