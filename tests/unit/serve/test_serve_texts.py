"""Texts: numbers and dates as readers write them, and other languages when there is a catalogue."""

import struct
from datetime import date
from pathlib import Path

import pytest

from hubbub.core.vocabulary import COUNTRIES, LANGUAGES
from hubbub.serve.names import key_label
from hubbub.serve.texts import Texts, choose_language, languages, texts_in

ENGLISH = texts_in("en")


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0"), (-0.4, "0"), (1234567.4, "1,234,567"), (-31, "\u221231"), (999.6, "1,000")]
)
def test_counts(value: float, text: str) -> None:
    assert ENGLISH.count(value) == text


def test_other_numbers() -> None:
    assert ENGLISH.percent(0.1234) == "12\u00a0%"
    assert ENGLISH.decimal(-0.04, 1) == "0.0"
    assert ENGLISH.duration(134) == "2 min 14 s"
    assert ENGLISH.duration(9.4) == "9 s"
    assert ENGLISH.power_of_ten(1e-9) == "10⁻⁹"
    assert ENGLISH.power_of_ten(5e-10) == "5\u00a0×\u00a010⁻¹⁰"


def test_ranges_say_no_more_than_they_must() -> None:
    assert ENGLISH.days(date(2026, 5, 11), date(2026, 5, 17)) == "11–17 May 2026"
    assert ENGLISH.days(date(2026, 4, 11), date(2026, 5, 17)) == "11 April – 17 May 2026"
    assert ENGLISH.days(date(2025, 12, 30), date(2026, 1, 2)) == "30 December 2025 – 2 January 2026"
    assert ENGLISH.days(date(2026, 5, 17), date(2026, 5, 17)) == "Sun 17 May 2026"


def test_the_readers_language_is_chosen_among_those_there_are() -> None:
    assert choose_language("de-AT,de;q=0.9,en;q=0.8", ("en", "de")) == "de"
    assert choose_language("hu, en;q=0.5", ("en", "de")) == "en"
    assert choose_language("de;q=broken, *", ("en", "de")) == "en"
    assert choose_language("", ("en",)) == "en"


def compile_catalogue(pairs: dict[str, str]) -> bytes:
    """A .mo file (GNU gettext manual, "The Format of GNU MO Files")."""
    entries = sorted((key.encode(), value.encode()) for key, value in pairs.items())
    start = 28 + 16 * len(entries)
    tables, data = [b"", b""], b""
    for column in (0, 1):
        for entry in entries:
            tables[column] += struct.pack("<II", len(entry[column]), start + len(data))
            data += entry[column] + b"\0"
    header = struct.pack("<7I", 0x950412DE, 0, len(entries), 28, 28 + 8 * len(entries), 0, start)
    return header + tables[0] + tables[1] + data


def test_a_compiled_catalogue_translates(tmp_path: Path) -> None:
    folder = tmp_path / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    pairs = {"": "Content-Type: text/plain; charset=UTF-8\n", "May": "Mai"}
    (folder / "hubbub.mo").write_bytes(compile_catalogue(pairs))
    languages.cache_clear()
    assert languages(tmp_path) == ("en", "de")
    languages.cache_clear()
    assert texts_in("de", tmp_path).day(date(2026, 5, 17)) == "17 Mai 2026"


@pytest.mark.parametrize(
    ("dimension", "key", "label"),
    [
        ("country", "AT", "Austria"),
        ("country", "ZZ", "Unknown country"),
        ("country", "QQ", "QQ"),
        ("language", "hu", "Hungarian"),
        ("language", "other", "Other"),
        ("referrer", "", "Direct or unknown"),
        ("page", "/a?b", "/a?b"),
        ("event", "event:Signup plan=free", "Signup plan=free"),
        ("event", "outlink:orf.at", "Link out: orf.at"),
        ("event", "404:/old", "Not found: /old"),
        ("event", "Note: {x}", "Note: {x}"),
    ],
)
def test_keys_have_names(dimension: str, key: str, label: str) -> None:
    assert key_label(dimension, key, ENGLISH) == label


def test_every_listed_country_and_language_has_a_name() -> None:
    for dimension, keys in (("country", COUNTRIES), ("language", LANGUAGES)):
        assert [key for key in keys if key_label(dimension, key, ENGLISH) == key] == []


def test_english_needs_no_catalogue() -> None:
    assert isinstance(texts_in("xx"), Texts)
    assert texts_in("xx").say("{a} of {b}", a=1, b=2) == "1 of 2"
