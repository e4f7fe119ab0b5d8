"""Public lists of pages: a sitemap (sitemaps.org), an index of sitemaps, or a plain list, as cleaned paths."""

import gzip
import zlib
from collections.abc import Iterable
from xml.etree import ElementTree

from msgspec import Struct

from hubbub.collect.pages import Page, parse_page
from hubbub.core.errors import InputError

MAX_BYTES = 52_428_800  # the sitemap protocol's own limit for one file, uncompressed

_NO_HOST = "here"


class PageList(Struct, frozen=True):
    """What a file of public pages holds.

    paths     cleaned paths, each once, in the file's order
    sitemaps  addresses of further sitemaps, of an index
    hosts     hosts of the addresses, each once; a bare path has none
    """

    paths: tuple[str, ...]
    sitemaps: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()


def read_page_list(data: bytes, place: str, keep: frozenset[str] = frozenset()) -> PageList:
    """The pages that `data` lists; `place` names it in errors, `keep` the query parameters that stay.

    Sitemap keys pass the same cleaner as every path, so that a public list cannot carry a person either.
    Raises InputError when the data is neither a sitemap nor a list of paths or addresses.
    """
    if data[:2] == b"\x1f\x8b":
        data = _unpack(data, place)
    text_start = data.lstrip()[:1]
    if text_start == b"<":
        return _read_sitemap(data, place, keep)
    return _read_lines(data, place, keep)


def _unpack(data: bytes, place: str) -> bytes:
    """The gzip `data` unpacked, at most MAX_BYTES of it."""
    try:
        unpacker = zlib.decompressobj(wbits=31)
        unpacked = unpacker.decompress(data, MAX_BYTES + 1)
    except (zlib.error, gzip.BadGzipFile):
        raise InputError(place, "the gzip file is damaged", "Fetch it again.") from None
    if len(unpacked) > MAX_BYTES:
        raise InputError(place, "over 50 MiB unpacked", "Split the sitemap, as its protocol asks.")
    return unpacked


def _read_sitemap(data: bytes, place: str, keep: frozenset[str]) -> PageList:
    try:
        root = ElementTree.fromstring(data)  # noqa: S314, expat 2.4.1 and later refuse entity bombs themselves
    except ElementTree.ParseError as error:
        line = error.position[0]
        raise InputError(f"{place}, line {line}", "this is not well-formed XML", "Mend the sitemap.") from None
    locations = [node.text.strip() for node in root.iter() if node.tag.rpartition("}")[2] == "loc" and node.text]
    if root.tag.rpartition("}")[2] == "sitemapindex":
        if any(not location.startswith(("http://", "https://")) for location in locations):
            raise InputError(place, "names a sitemap that is no http(s) address", "Import the sitemaps themselves.")
        return PageList((), tuple(dict.fromkeys(locations)))
    return _page_list(page for location in locations if (page := parse_page(location, keep)) is not None)


def _read_lines(data: bytes, place: str, keep: frozenset[str]) -> PageList:
    """A path or an address a line; empty lines and lines that start with # are passed over."""
    pages = []
    for number, raw in enumerate(data.splitlines(), 1):
        try:
            line = raw.decode("utf-8-sig").strip()
        except UnicodeDecodeError:
            raise InputError(f"{place}, line {number}", "not UTF-8 text", "Save the list as UTF-8.") from None
        if not line or line.startswith("#"):
            continue
        page = parse_page(f"https://{_NO_HOST}{line}" if line.startswith("/") else line, keep)
        if page is not None:
            pages.append(page)
        else:
            raise InputError(f"{place}, line {number}", "neither a path nor an address", "Write /path, one a line.")
    return _page_list(pages)


def _page_list(pages: Iterable[Page]) -> PageList:
    paths, hosts = dict[str, None](), dict[str, None]()
    for page in pages:
        paths[page.path] = None
        if page.host != _NO_HOST:
            hosts[page.host] = None
    return PageList(tuple(paths), hosts=tuple(hosts))
