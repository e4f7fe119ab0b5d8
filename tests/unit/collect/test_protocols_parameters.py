"""Parameters, numbers and times out of text: what they are, and that nothing raises or takes long."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.collect.protocols.parameters import (
    MOST_PARAMETERS,
    moment,
    number,
    parameters,
    shown_key,
    whole,
)

WANTED = frozenset({"a", "b"})


def test_wanted_names_are_decoded_and_the_last_of_a_name_counts() -> None:
    assert parameters("a=1+2%203&c=%zz&a=%C3%A9&b", WANTED) == {"a": "é", "b": ""}
    assert parameters("", WANTED) == {}


def test_no_more_than_so_many_parameters_are_looked_at() -> None:
    assert parameters("c=1&" * MOST_PARAMETERS + "a=1", WANTED) == {}


@pytest.mark.parametrize(
    ("text", "found"), [("0", 0), ("17", 17), ("", None), ("-1", None), ("²", None), ("1.0", None)]
)
def test_whole_numbers(text: str, found: int | None) -> None:
    assert whole(text) == found


@pytest.mark.parametrize(("text", "found"), [("2.5", 2.5), ("-3", -3), ("nan", 0), ("inf", 0), ("1e99", 0), ("x", 0)])
def test_numbers(text: str, found: float) -> None:
    assert number(text) == found


@pytest.mark.parametrize(
    "text",
    ["1700042400", "2023-11-15 10:00:00", "2023-11-15T10:00:00Z", "2023-11-15T11:00:00+01:00", "1700042400.0"],
)
def test_times_in_the_forms_that_clients_write(text: str) -> None:
    assert moment(text) == 1_700_042_400_000


def test_what_is_no_time() -> None:
    assert moment("yesterday") is None
    assert moment("") is None


def test_the_key_of_a_bearer() -> None:
    assert shown_key({"authorization": "bearer  abc "}) == "abc"
    assert shown_key({"authorization": "Basic abc"}) == ""
    assert shown_key({}) == ""


@given(st.text())
def test_nothing_raises(text: str) -> None:
    parameters(text, WANTED)
    whole(text)
    number(text)
    moment(text)
    shown_key({"authorization": text})
