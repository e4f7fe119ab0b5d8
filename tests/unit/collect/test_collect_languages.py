"""The language a browser asks for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.collect.languages import primary_language
from hubbub.core.vocabulary import LANGUAGES


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("en", "en"),
        ("EN-us", "en"),
        ("en;q=0.5,fr;q=0.9", "fr"),
        ("en;q=0.9,fr;q=0.9", "en"),
        ("zh-Hant-TW", "zh"),
        ("pt_BR", "pt"),
        ("nb-NO,nb;q=0.9", "no"),
        ("iw", "he"),
        ("fil", "tl"),
        ("*", "other"),
        ("*,de;q=0.5", "de"),
        ("de;q=0", "other"),
        ("de;q=x", "other"),
        ("de;q=nan", "other"),
        ("gsw-CH,de;q=0.9", "other"),
        ("", "other"),
        (",;=,", "other"),
        ("xx", "other"),
    ],
)
def test_primary_language(header: str, language: str) -> None:
    assert primary_language(header) == language


@given(st.text(alphabet="dentfr-_;q=0.159,* ", max_size=300))
def test_any_header_is_on_the_list(header: str) -> None:
    assert primary_language(header) in LANGUAGES
