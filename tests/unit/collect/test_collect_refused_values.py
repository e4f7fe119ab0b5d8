"""Values that look like a person's are known, whoever writes them how; what people search for is not taken for one."""

import random
from importlib import import_module

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.collect.paths import clean_value
from hubbub.collect.refused_values import (
    FEWEST_DIGITS,
    clean_free,
    clean_term,
    could_name,
    load,
    region_of,
    why_personal,
)
from hubbub.collect.tables.documents import ACCOUNTS, DOCUMENTS

MAIL, ACCOUNT, NUMBER = "an e-mail address", "a bank account or card number", "a telephone or document number"

# All of them are made up, or are the examples of the documentation of the schemes.
PERSONAL = [
    ("jane@mail.example", MAIL),
    ("write to jane.doe+x@mail.example please", MAIL),
    ("jane (at) mail.example", MAIL),
    ("+43 664 1234567", NUMBER),
    ("0043 664 1234567", NUMBER),
    ("call +44 20 7946 0958", NUMBER),
    ("+1 (617) 253-1000", NUMBER),
    ("0664 / 123 45 67", NUMBER),
    ("4111 1111 1111 1111", ACCOUNT),
    ("visa 4111-1111-1111-1111 refund", ACCOUNT),
    ("5500000000000004", ACCOUNT),
    ("378282246310005", ACCOUNT),
    ("DE89 3704 0044 0532 0130 00", ACCOUNT),
    ("gb82west12345698765432", ACCOUNT),
    ("my iban AT61 1904 3002 3457 3201", ACCOUNT),
    ("2850590940090418135201", ACCOUNT),  # Argentina, CBU
    ("1237 010180", NUMBER),  # Austria
    ("85.07.30-033 28", NUMBER),  # Belgium
    ("111.444.777-35", NUMBER),  # Brazil
    ("756.9217.0769.85", NUMBER),  # Switzerland
    ("710319 2745", NUMBER),  # Czechia
    ("36 574 261 809", NUMBER),  # Germany
    ("211062-5629", NUMBER),  # Denmark
    ("12345678Z", NUMBER),  # Spain
    ("X-2482300-W", NUMBER),  # Spain, foreigners
    ("311280-888Y", NUMBER),  # Finland
    ("2 95 10 99 126 111 93", NUMBER),  # France
    ("943 476 5919", NUMBER),  # Great Britain, health
    ("AB 12 34 56 C", NUMBER),  # Great Britain, insurance
    ("01013099997", NUMBER),  # Greece
    ("33392005961", NUMBER),  # Croatia
    ("1234567T", NUMBER),  # Ireland
    ("2341 2341 2346", NUMBER),  # India
    ("RCCMNL83S18D969H", NUMBER),  # Italy
    ("1112.22.333", NUMBER),  # the Netherlands
    ("151086 95088", ACCOUNT),  # Norway, whose accounts have the same check digit
    ("44051401458", NUMBER),  # Poland
    ("1630615123457", NUMBER),  # Romania
    ("880320-0016", NUMBER),  # Sweden
    ("078-05-1120", NUMBER),  # United States
    ("7503305044089", NUMBER),  # South Africa
    ("BOXW310820HNERXN09", NUMBER),  # Mexico
    ("٤١١١ ١١١١ ١١١١ ١١١١", ACCOUNT),
    ("４１１１１１１１１１１１１１１１", ACCOUNT),
]

ORDINARY = [
    "",
    "wohngeld 2026",
    "bus 42",
    "linie 13a 14a 48a",
    "10115 berlin",
    "1010 wien 1020 wien",
    "zone 100",
    "zone 100 101",
    "§ 12 abs. 3",
    "paragraph 34 absatz 5 satz 2",
    "opening hours 8:00-12:30 13:00-17:30",
    "23.11.2026",
    "2026-11-23 council meeting",
    "schuljahr 2026/2027",
    "events 2025 - 2026",
    "rent 1.000.000 euro",
    "100.000 m2",
    "covid-19",
    "en 13432",
    "iso 9001 2015",
    "form 1040",
    "u6 u4 u1",
    "museum @ night",
    "what is @",
    "straße 12/3/45",
    "A4 B2 C1",
    "résumé 東京 2020",
    "hauptstraße 5, 1220 wien",
    "postal code 90210",
    "9 to 5",
]


@pytest.mark.parametrize(("text", "reason"), PERSONAL)
def test_what_names_a_person_is_known(text: str, reason: str) -> None:
    assert why_personal(text, "AT") == reason
    assert clean_free(text) == "*" or "@" not in text
    assert clean_term(text, "AT") == "*"


@pytest.mark.parametrize("text", ORDINARY)
def test_what_people_look_for_names_no_one(text: str) -> None:
    assert why_personal(text, "AT") == ""


def test_few_texts_are_taken_for_a_person_that_the_cleaner_lets_through() -> None:
    """A stress of texts that are all numbers: fewer than one in 200, where ordinary searches have nearly none."""
    drawn = random.Random(5)
    words = "bus zone wohngeld reisepass termin straße bezirk 42 7 13a 2026 1010 1220 10115 9001 12/3 48.2 §".split()
    texts = [" ".join(drawn.choices(words, k=drawn.randint(1, 4))) for _ in range(4000)]
    passed = [text for text in texts if "*" not in clean_value(text)]
    assert len(passed) > 3000
    assert sum(why_personal(text, "AT") != "" for text in passed) < len(passed) / 200


def test_what_has_few_digits_is_not_looked_at() -> None:
    assert not could_name("bus 42 zone 100")
    assert could_name("123 456")
    assert could_name("a@b")
    assert FEWEST_DIGITS == 6


def test_national_telephone_numbers_need_the_country_of_the_site() -> None:
    assert why_personal("0664 1234567", region_of("Europe/Vienna")) == NUMBER
    assert region_of("Europe/Vienna") == "AT"
    assert region_of("UTC") == ""
    assert region_of("Mars/North") == ""


def test_terms_are_written_one_way() -> None:
    assert clean_term("  Wohn  GELD\t2026 ") == "wohn geld 2026"
    assert clean_term("C++") == "c++"
    assert clean_term("a+b") == "a+b"
    assert clean_term("x" * 100) in ("x" * 64, "*")
    assert clean_term("order 12345678") == "*"
    assert clean_term("") == ""


def test_every_listed_document_is_one_of_stdnum() -> None:
    load()
    for names in (*DOCUMENTS.values(), *ACCOUNTS.values()):
        for name in names:
            assert callable(import_module(f"stdnum.{name}").is_valid)


@given(st.text(max_size=300), st.sampled_from(["", "AT", "US"]))
def test_any_text_is_answered(text: str, region: str) -> None:
    assert why_personal(text, region) in ("", MAIL, ACCOUNT, NUMBER)
    term = clean_term(text, region)
    assert clean_term(term, region) in (term, "*")
    assert len(term) <= 64
