"""What is kept of a page's address."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hubbub.collect.pages import Page, parse_page, split_host


@pytest.mark.parametrize(
    ("url", "page"),
    [
        ("https://portal.example", Page("portal.example", "/")),
        ("https://portal.example/", Page("portal.example", "/")),
        ("HTTP://WWW.Portal.Example:8080/A/b/", Page("portal.example", "/A/b/")),
        ("https://portal.example./a", Page("portal.example", "/a")),
        ("https://user:secret@portal.example/a", Page("portal.example", "/a")),
        ("https://portal.example/a?b=c&d=e#f", Page("portal.example", "/a")),
        ("https://portal.example/a#f?utm_source=x", Page("portal.example", "/a")),
        ("https://portal.example?x=1", Page("portal.example", "/")),
        ("https://portal.example\\a", Page("portal.example", "/a")),
        ("https://bücher.example/a", Page("xn--bcher-kva.example", "/a")),
        ("http://[2001:DB8::1]:80/a", Page("[2001:db8::1]", "/a")),
        ("http://localhost:3000/a", Page("localhost", "/a")),
        ("https://portal.example/u/a@b.example", Page("portal.example", "/u/*")),
        (
            "https://portal.example/?utm_source=News+Letter&utm_medium=E-Mail&utm_campaign=Spring%202024",
            Page("portal.example", "/", "news letter", "e-mail", "spring 2024"),
        ),
        ("https://portal.example/?UTM_Source=a", Page("portal.example", "/", "a")),
        ("https://portal.example/?utm_term=x&utm_content=y", Page("portal.example", "/")),
        ("https://portal.example/?utm_campaign=user-1234567", Page("portal.example", "/", "", "", "user-*")),
        ("https://portal.example/?utm_source=jane%40x.example", Page("portal.example", "/", "*")),
        ("https://portal.example/?gclid=Cj0KCQ", Page("portal.example", "/", click_id="gclid")),
        ("https://portal.example/?wbraid=Cj0KCQ", Page("portal.example", "/", click_id="gclid")),
        ("https://portal.example/?msclkid=123", Page("portal.example", "/", click_id="msclkid")),
        ("https://portal.example/?fbclid=IwAR", Page("portal.example", "/", click_id="fbclid")),
        ("https://portal.example/?gclid=", Page("portal.example", "/")),
    ],
)
def test_of_an_address_only_this_is_kept(url: str, page: Page) -> None:
    assert parse_page(url) == page


@pytest.mark.parametrize(
    "url",
    [
        "",
        "portal.example/a",
        "//portal.example/a",
        "ftp://portal.example/",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "mailto:a@b.example",
        "about:blank",
        "https://",
        "https:///a",
        "https://a..b/",
        "https://exa mple/",
        "https://-a.example/",
        "https://" + "a." * 150 + "example/",
        "http://[zz]/",
    ],
)
def test_what_is_no_page_is_none(url: str) -> None:
    assert parse_page(url) is None


def test_declared_parameters_are_part_of_the_path_sorted_and_cleaned() -> None:
    url = "https://portal.example/search?q=a%26b%3Dc&page=3&mail=a%40b.example&page=4&other=5"
    page = parse_page(url, frozenset({"page", "q", "mail", "absent"}))
    assert page is not None
    assert page.path == "/search?mail=*&page=4&q=a_b_c"


def test_a_page_is_parsed_once() -> None:
    assert parse_page("https://portal.example/once") is parse_page("https://portal.example/once")


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_a_page_or_none(text: str) -> None:
    page = parse_page("https://portal.example/" + text + "?utm_source=" + text)
    assert page is not None
    for part in (page.path, page.utm_source):
        part.encode()
        assert "@" not in part
    assert len(page.utm_source) <= 64
    assert parse_page(text) is None or split_host(text) is not None
