"""The visitor key and the network it is made of."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.collect.visitors import network_of, visitor_key

AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0"
MONDAY, TUESDAY = b"m" * 32, b"t" * 32


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("::FFFF:c000:201", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2::", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", None),
        ("unknown", None),
        ("192.0.2", None),
        ("192.0.2.256", None),
        ("192.0.02.1", None),
        ("192.0.2.1:80", None),
        ("192.0.2.1\0", None),
        (" 192.0.2.1", None),
        ("2001:db8::1::2", None),
        ("[2001:db8::1]", None),
    ],
)
def test_network_of_an_address(address: str, network: str | None) -> None:
    assert network_of(address) == network


@given(st.ip_addresses(v=6))
def test_an_ipv6_address_counts_as_its_64(address: ipaddress.IPv6Address) -> None:
    network = network_of(str(address))
    if address.ipv4_mapped:
        assert network == str(address.ipv4_mapped)
    else:
        assert network == str(ipaddress.ip_network((address, 64), strict=False)).replace("::ffff:0.0.0.0", "::")


def test_a_visitor_has_unequal_keys_on_two_sites_even_under_one_secret() -> None:
    assert visitor_key(MONDAY, "a.example", "192.0.2.1", AGENT) != visitor_key(MONDAY, "b.example", "192.0.2.1", AGENT)


def test_a_visitor_has_unequal_keys_on_two_days() -> None:
    assert visitor_key(MONDAY, "a.example", "192.0.2.1", AGENT) != visitor_key(TUESDAY, "a.example", "192.0.2.1", AGENT)


def test_a_visitor_keeps_its_key_for_the_day_whatever_the_socket() -> None:
    keys = {
        visitor_key(MONDAY, "a.example", str(network_of(address)), AGENT)
        for address in ("2001:db8::1", "2001:db8::2", "2001:DB8:0:0:ffff::")
    }
    assert len(keys) == 1


def test_parts_cannot_be_moved_from_one_to_the_next() -> None:
    assert visitor_key(MONDAY, "a", "bc", "d") != visitor_key(MONDAY, "ab", "c", "d")
    assert visitor_key(MONDAY, "a", "b", "cd") != visitor_key(MONDAY, "a", "bc", "d")


@given(st.text(), st.binary(min_size=32, max_size=32))
def test_keys_are_signed_64_bits_for_any_agent(agent: str, secret: bytes) -> None:
    assert -(2**63) <= visitor_key(secret, "a.example", "192.0.2.1", agent) < 2**63


def test_keys_spread_over_all_64_bits() -> None:
    """Of 20,000 keys each bit is set in half; false alarm under 1e-5 (64 bits, 5.2 sigma of a binomial each)."""
    keys = [visitor_key(MONDAY, "a.example", f"10.0.{i // 256}.{i % 256}", AGENT) for i in range(20_000)]
    assert len(set(keys)) == len(keys)
    for bit in range(64):
        assert abs(sum(key >> bit & 1 for key in keys) - 10_000) < 5.2 * (20_000 / 4) ** 0.5
