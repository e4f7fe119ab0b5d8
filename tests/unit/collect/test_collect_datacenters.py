"""Ranges of data centres: what is inside, what the settings add and take out, 50,000 ranges beside plain reading."""

import random
from ipaddress import IPv4Address, ip_address, ip_network
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hubbub.collect.datacenters import Ranges, datacenters_of, read_ranges
from hubbub.core.errors import InputError
from hubbub.core.settings import Server

NETWORKS = st.one_of(
    st.tuples(st.ip_addresses(v=4), st.integers(0, 32)), st.tuples(st.ip_addresses(v=6), st.integers(0, 64))
).map(lambda pair: str(ip_network(f"{pair[0]}/{pair[1]}", strict=False)))


def test_cloud_providers_ranges_are_known() -> None:
    known = datacenters_of(Server())
    assert known.hold("52.94.76.1")
    assert known.hold("::ffff:52.94.76.1")
    assert known.hold("2600:1f18::1")
    for people in ("84.112.1.1", "2001:871::1", "127.0.0.1", "10.0.0.1", "::1"):
        assert not known.hold(people)


def test_a_proxy_in_front_of_everyone_is_no_data_centre() -> None:
    assert not datacenters_of(Server()).hold("104.16.0.1")


@pytest.mark.parametrize("text", ["", "x", "1.2.3", "1.2.3.4.5", "::g", "1.2.3.4%eth0", "fe80::1%eth0", "\0", "é"])
def test_what_is_no_address_lies_nowhere(text: str) -> None:
    assert not Ranges(["0.0.0.0/0", "::/0"]).hold(text) or "%" in text


def test_a_file_adds_ranges_and_takes_some_out(tmp_path: Path) -> None:
    place = tmp_path / "ranges.txt"
    place.write_text(
        "# ours\n198.51.100.0/24\n!198.51.100.7  # the virtual desktops\n\n! 52.94.76.0/24\n2001:db8::/32\n"
    )
    known = datacenters_of(Server(datacenter_ranges=str(place)))
    only = datacenters_of(Server(datacenters="none", datacenter_ranges=str(place)))
    assert [known.hold(f"198.51.100.{host}") for host in (6, 7, 8)] == [True, False, True]
    assert not known.hold("52.94.76.1")
    assert known.hold("52.94.77.1")
    assert not only.hold("52.94.77.1")
    assert only.hold("2001:db8:1::1")


def test_without_ranges_nothing_is_dropped() -> None:
    assert not datacenters_of(Server(datacenters="none")).hold("52.94.76.1")


@pytest.mark.parametrize("text", ["198.51.100.0/33", "all", "198.51.100.0/24 2001:db8::/32", "!"])
def test_a_line_that_is_no_range_is_named_but_not_quoted(text: str) -> None:
    with pytest.raises(InputError) as error:
        read_ranges(f"192.0.2.0/24\n{text}\n", "ranges.txt")
    assert "line 2" in str(error.value)


def test_a_missing_file_says_what_to_do() -> None:
    with pytest.raises(InputError, match="datacenter_ranges"):
        datacenters_of(Server(datacenter_ranges="/nowhere/ranges.txt"))


@settings(max_examples=200, deadline=None)
@given(st.lists(NETWORKS, max_size=8), st.lists(NETWORKS, max_size=4), st.ip_addresses())
def test_as_plain_reading_says(ranges: list[str], but: list[str], address: object) -> None:
    found = Ranges(ranges, but)
    inside = {ip_network(entry) for entry in ranges}
    outside = {ip_network(entry) for entry in but}
    for asked in (
        address,
        *(network[0] for network in inside | outside),
        *(network[-1] for network in inside | outside),
    ):
        mapped = getattr(asked, "ipv4_mapped", None) or asked
        expected = any(mapped in network for network in inside) and not any(mapped in network for network in outside)
        assert found.hold(str(asked)) == expected


def test_fifty_thousand_ranges() -> None:
    draw = random.Random(7)
    networks = [ip_network((draw.getrandbits(32), draw.randrange(14, 33)), strict=False) for _ in range(50_000)]
    found = Ranges(map(str, networks))
    by_length: dict[int, set[int]] = {}
    for network in networks:
        by_length.setdefault(network.prefixlen, set()).add(int(network.network_address))
    for _ in range(5_000):
        address = draw.getrandbits(32)
        expected = any(address >> (32 - bits) << (32 - bits) in known for bits, known in by_length.items())
        assert found.hold(str(IPv4Address(address))) == expected
    assert found.hold(str(ip_address(int(networks[0].network_address))))
