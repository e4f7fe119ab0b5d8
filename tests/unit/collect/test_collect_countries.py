"""The country of an address."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.collect.countries import countries_of, country_of
from hubbub.core.vocabulary import COUNTRIES

# Addresses of organisations that say themselves where they are.
KNOWN = {"131.130.1.1": "AT", "8.8.8.8": "US", "129.187.1.1": "DE", "2001:628::1": "AT", "200.160.2.3": "BR"}
UNKNOWN = ("10.0.0.1", "127.0.0.1", "::1", "192.168.1.1", "", "nonsense", "300.1.1.1", "1.2.3.4/24")


@pytest.mark.parametrize(("address", "country"), KNOWN.items())
def test_known_addresses(address: str, country: str) -> None:
    assert country_of(address) == country


@pytest.mark.parametrize("address", UNKNOWN)
def test_what_no_registry_says_is_zz(address: str) -> None:
    assert country_of(address) == "ZZ"


@pytest.mark.parametrize(
    "address", ["::ffff:131.130.1.1", "::FFFF:8382:101", "0:0:0:0:0:ffff:131.130.1.1", "2001:628::1%eth0"]
)
def test_an_address_counts_whatever_socket_it_came_through(address: str) -> None:
    assert country_of(address) == "AT"
    assert countries_of([address]) == ["AT"]


def test_many_at_once_are_the_same_in_order() -> None:
    addresses = [*KNOWN, *UNKNOWN]
    assert countries_of(addresses) == [country_of(address) for address in addresses]
    assert countries_of([]) == []


@given(st.one_of(st.ip_addresses().map(str), st.text(max_size=50)))
def test_any_text_is_on_the_list(address: str) -> None:
    assert country_of(address) in COUNTRIES
