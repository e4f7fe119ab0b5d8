"""What a request asks for, and the escapes that stand in it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hubbub.collect.logs.escapes import received, received_text
from hubbub.collect.logs.targets import ASSETS, DOWNLOADS, Targets
from hubbub.core.reasons import DropReason
from hubbub.core.rows import Kind
from hubbub.core.settings import Site

TARGETS = Targets(Site("portal.example"))


@pytest.mark.parametrize(
    "text",
    [
        "/style.css", "/a/b.PNG?v=3", "/favicon.ico", "/robots.txt", "/sitemap.xml", "/feed", "/blog/feed/",
        "/rss", "/wp-json/wp/v2/posts", "/xmlrpc.php", "/wp-cron.php?doing_wp_cron=1", "/wp-login.php",
        "/.well-known/security.txt", "/data.json", "/fonts/a.woff2", "/wp-admin/admin-ajax.php", "/healthz",
    ],
)  # fmt: skip
def test_what_pages_load_and_programs_ask_for_is_an_asset(text: str) -> None:
    assert TARGETS.read(text + " HTTP/1.1").reason == DropReason.ASSET


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("/", "/"),
        ("/feeding-animals", "/feeding-animals"),
        ("/a.b/c", "/a.b/c"),
        ("/index.php?id=3", "/index.php"),
        ("/css/", "/css/"),
        ("/search?q=a.css", "/search"),
        ("http://www.portal.example/a", "/a"),
        ("/user/jo@example.org/", "/user/*/"),
    ],
)
def test_pages_have_clean_paths(text: str, path: str) -> None:
    for form in (text, f"{text} HTTP/1.1", f"{text} HTTP/2"):
        target = TARGETS.read(form)
        assert (target.reason, target.kind, target.page.path) == (None, Kind.PAGEVIEW, path)


def test_downloads_are_told_by_their_names() -> None:
    target = TARGETS.read("/wp-content/uploads/Plan.PDF?x=1 HTTP/1.1")
    assert (target.reason, target.kind) == (None, Kind.DOWNLOAD)
    assert target.page.path == "/wp-content/uploads/Plan.PDF"
    assert not ASSETS & DOWNLOADS


@pytest.mark.parametrize("text", ["", "HTTP/1.1", "*", "http://elsewhere.example/", "example.org:443", "a b c"])
def test_what_is_no_page_of_the_site_is_a_bad_url(text: str) -> None:
    assert TARGETS.read(text).reason == DropReason.BAD_URL


def test_parameters_stay_when_the_site_keeps_them_and_campaigns_make_the_origin() -> None:
    target = Targets(Site("portal.example", query_keep=("page",))).read("/s?page=2&q=me&utm_source=Mail HTTP/1.1")
    assert target.page.path == "/s?page=2"
    assert (target.origin.path, target.origin.utm_source) == ("", "mail")


@pytest.mark.parametrize(
    ("logged", "sent", "text"),
    [
        ("plain", "plain", "plain"),
        (r"a\x22b", 'a"b', 'a"b'),
        ("a\x02b\x01n", 'a"b\\n', 'a"b\\n'),
        (r"caf\xc3\xa9", "caf\u00c3\u00a9", "caf\u00e9"),
        ("caf\u00e9", "caf\u00c3\u00a9", "caf\u00e9"),
        (r"tab\t\z", "tab\tz", "tab\tz"),
        (r"end\x4", "endx4", "endx4"),
    ],
)
def test_escapes_are_undone_byte_by_byte(logged: str, sent: str, text: str) -> None:
    assert received(logged) == sent
    assert received_text(logged) == text


@settings(deadline=None)
@given(st.text())
def test_any_text_can_be_unescaped_and_read(text: str) -> None:
    assert all(character < "\u0100" for character in received(text))
    TARGETS.read(received_text(text))


def test_paths_are_folded_and_pages_of_results_carry_their_term() -> None:
    targets = Targets(Site("portal.example", paths=("/case/*",), search_query=("q",)))
    target = targets.read("/case/17-b/letters?q=Housing++Benefit HTTP/1.1")
    assert (target.page.path, target.name) == ("/case/*/letters", "housing benefit")
    assert targets.read("/find?q=jane%40mail.example HTTP/1.1").name == ""
    assert targets.read("/case/17-b/decision.pdf HTTP/1.1").name == "/case/*/decision.pdf"
    assert target.origin.search == ""
