"""Public page lists in each of their forms."""

import gzip

import pytest

from hubbub.collect.sitemaps import read_page_list
from hubbub.core.errors import InputError

SITEMAP = b"""<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
  <url><loc> https://portal.example/contact </loc><lastmod>2026-01-01</lastmod></url>
  <url><loc>https://portal.example/case/12345678?x=1</loc></url>
  <url><loc>https://portal.example/contact</loc></url>
</urlset>"""


def test_a_sitemap_gives_cleaned_paths_once() -> None:
    assert read_page_list(SITEMAP, "sitemap.xml").paths == ("/contact", "/case/*")


def test_a_packed_sitemap_reads_alike() -> None:
    assert read_page_list(gzip.compress(SITEMAP), "s.gz") == read_page_list(SITEMAP, "s")


def test_an_index_names_its_sitemaps() -> None:
    index = b"<sitemapindex><sitemap><loc>https://portal.example/a.xml</loc></sitemap></sitemapindex>"
    assert read_page_list(index, "index").sitemaps == ("https://portal.example/a.xml",)


def test_an_index_cannot_name_files_of_this_machine() -> None:
    with pytest.raises(InputError, match="no http"):
        read_page_list(b"<sitemapindex><sitemap><loc>/etc/hostname</loc></sitemap></sitemapindex>", "index")


def test_hosts_are_told_and_bare_paths_have_none() -> None:
    assert read_page_list(SITEMAP, "s").hosts == ("portal.example",)
    assert read_page_list(b"/a\nhttps://other.example/b\n", "list").hosts == ("other.example",)


def test_a_plain_list() -> None:
    data = "\ufeff/a\n\n# note\nhttps://portal.example/b?utm_source=x\n/a\n".encode()
    assert read_page_list(data, "list").paths == ("/a", "/b")


@pytest.mark.parametrize(
    ("data", "place"),
    [
        (b"/a\nnonsense\n", "line 2"),
        (b"<urlset>\n<url>", "line 2"),
        (b"\x1f\x8bbroken", "s"),
        (b"/a\n\xff\n", "line 2"),
    ],
)
def test_what_cannot_be_read_names_the_line(data: bytes, place: str) -> None:
    with pytest.raises(InputError) as caught:
        read_page_list(data, "s")
    assert place in caught.value.place


def test_an_entity_bomb_is_refused() -> None:
    entities = "".join(
        f'<!ENTITY e{i} "{"&e" + str(i - 1) + ";" if i else "x"}{"&e" + str(i - 1) + ";" if i else "x"}">'
        for i in range(40)
    )
    data = f"<!DOCTYPE u [{entities}]><urlset><url><loc>&e39;</loc></url></urlset>".encode()
    with pytest.raises(InputError):
        read_page_list(data, "bomb")
