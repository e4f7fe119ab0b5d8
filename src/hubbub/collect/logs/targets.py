"""What a request asks for: a page, a download, or something that is neither."""

from msgspec import Struct
from msgspec.structs import replace

from hubbub.collect.pages import Page, clean_host, parse_page
from hubbub.collect.paths import STAR
from hubbub.core.reasons import DropReason
from hubbub.core.rows import Kind
from hubbub.core.settings import Site

ASSETS = frozenset(
    "css js mjs cjs map json jsonld xml xsl rss atom txt webmanifest appcache wasm vtt pbf ashx axd "
    "ico png jpg jpeg jpe gif webp avif svg bmp tif tiff cur woff woff2 ttf otf eot".split()
)
"""File name extensions of what pages load by themselves, and of files meant for machines."""

DOWNLOADS = frozenset(
    "pdf zip 7z rar gz tgz bz2 xz tar dmg exe msi pkg deb rpm apk iso doc docx odt rtf xls xlsx ods csv tsv "
    "ppt pptx pps odp key pages numbers epub ics vcf gpx kml kmz geojson shp dwg dxf "
    "mp3 m4a ogg oga wav wma aac flac mid midi mp4 m4v webm ogv avi mov mpeg mpg wmv".split()
)
"""File name extensions of what people fetch to keep, or to open outside the page."""

_MACHINE_FOLDERS = (
    "/.well-known/", "/.git/", "/wp-json/", "/wp-admin/", "/wp-includes/", "/cgi-bin/",
    "/api/event", "/_next/", "/__utm",
)  # fmt: skip
_MACHINE_NAMES = frozenset(
    "xmlrpc.php wp-cron.php wp-login.php admin-ajax.php wp-comments-post.php wp-trackback.php "
    "feed rss rdf atom trackback healthz .env".split()
)

_PAGE_OF_NONE = Page("", "", "", "", "", "")


class Target(Struct, frozen=True, gc=False):
    """What a request line asks for.

    reason  why it can be no row; None when it can
    kind    PAGEVIEW or DOWNLOAD, should the server have answered with it
    page    the page; of a download, its path is the file's
    name    of a page view the cleaned term whose results it shows, of a download its path
    origin  the page without its path: what a referrer is judged by
    """

    reason: DropReason | None
    kind: int = Kind.PAGEVIEW
    page: Page = _PAGE_OF_NONE
    name: str = ""
    origin: Page = _PAGE_OF_NONE


_ASSET = Target(DropReason.ASSET)
_BAD_URL = Target(DropReason.BAD_URL)


class Targets:
    """What requests to one site ask for, by its settings."""

    def __init__(self, site: Site) -> None:
        self._host = clean_host(site.name)
        self._hosts = frozenset({self._host, *map(clean_host, site.own_hosts)})
        self._keep, self._paths, self._search = frozenset(site.query_keep), site.paths, site.search_query

    def is_of_site(self, host: str) -> bool:
        """Whether a line that names this host can be of the site. A name without a dot is the machine's."""
        cleaned = clean_host(host)
        return cleaned in self._hosts or ("." not in cleaned and not cleaned.startswith("["))

    def read(self, text: str) -> Target:
        """What `text` asks for: a path as in `/a?b`, or a whole URL of the site, with or without ` HTTP/1.1`."""
        target = text.rpartition(" HTTP/")[0] or text
        path = target.partition("?")[0]
        extension = _extension_of(path)
        if extension in ASSETS or is_for_machines(path):
            return _ASSET
        url = target if target.lower().startswith(("http://", "https://")) else f"https://{self._host}{target}"
        if not (target.startswith("/") or url is target):
            return _BAD_URL
        page = parse_page(url, self._keep, self._paths, self._search)
        if page is None or page.host not in self._hosts:
            return _BAD_URL
        page = replace(page, host=self._host)
        origin = replace(page, path="", search="")
        if extension in DOWNLOADS:
            return Target(None, Kind.DOWNLOAD, page, page.path, origin)
        return Target(None, Kind.PAGEVIEW, page, "" if page.search == STAR else page.search, origin)


def is_for_machines(path: str) -> bool:
    """Whether a path is a feed, a probe or an interface that no person looks at."""
    return path.rstrip("/").rpartition("/")[2].lower() in _MACHINE_NAMES or path.startswith(_MACHINE_FOLDERS)


def _extension_of(path: str) -> str:
    name = path.rpartition("/")[2]
    return name.rpartition(".")[2].lower() if "." in name else ""
