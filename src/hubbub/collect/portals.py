"""What the live path needs to know of a site, made ready once: its day, its pages, its declared events."""

from collections.abc import Mapping
from datetime import date

from msgspec import Struct

from hubbub.collect.memo import Memo
from hubbub.collect.pages import Page, parse_page
from hubbub.core.days import HOUR_MS, bounds, day_of
from hubbub.core.settings import Settings

PAGES_REMEMBERED = 16_384
LONGEST_URL = 2048
ORIGIN_SEPARATOR = "\n"

Declared = Mapping[str, Mapping[str, frozenset[str]]]


class Landing(Struct, frozen=True, gc=False):
    """A page and `origin`: all of it that a referrer is judged by, in one string."""

    page: Page
    origin: str


class LocalDay:
    """The day of a zone at the present instant; asks the zone's rules once a day."""

    __slots__ = ("_zone", "day", "end_ms", "start_ms")

    def __init__(self, zone: str) -> None:
        self._zone = zone
        self.day = date.min
        self.start_ms = self.end_ms = 0

    def hour_at(self, ms: int) -> int:
        """The hour slot of the instant `ms`; afterwards `day` is its day."""
        if not self.start_ms <= ms < self.end_ms:
            self.day = day_of(ms, self._zone)
            self.start_ms, self.end_ms = bounds(self.day, self._zone)
        return (ms - self.start_ms) // HOUR_MS


class Portal:
    """One site, ready for events. Sites of one zone share a `LocalDay`, those that keep the same query its pages."""

    __slots__ = ("events", "local_day", "name", "pages")

    def __init__(self, name: str, local_day: LocalDay, pages: Mapping[str, Landing | None], events: Declared) -> None:
        self.name, self.local_day, self.pages, self.events = name, local_day, pages, events


def portals_of(settings: Settings) -> dict[str, Portal]:
    """The sites of the settings by name."""
    days: dict[str, LocalDay] = {}
    pages: dict[frozenset[str], Memo[str, Landing | None]] = {}
    portals = {}
    for site in settings.sites:
        zone = settings.zone_of(site.name)
        keep = frozenset(site.query_keep)
        if keep not in pages:
            pages[keep] = _remembered_pages(keep)
        declared = {
            name: {key: frozenset(values) for key, values in properties.items()}
            for name, properties in site.events.items()
        }
        portals[site.name] = Portal(site.name, days.setdefault(zone, LocalDay(zone)), pages[keep], declared)
    return portals


def page_of_origin(origin: str) -> Page:
    """A page without its path, from a `Landing.origin`."""
    host, utm_source, utm_medium, utm_campaign, click_id = origin.split(ORIGIN_SEPARATOR)
    return Page(host, "", utm_source, utm_medium, utm_campaign, click_id)


def _remembered_pages(keep: frozenset[str]) -> "Memo[str, Landing | None]":
    def landing(url: str) -> Landing | None:
        page = parse_page(url[:LONGEST_URL], keep)
        if page is None:
            return None
        parts = (page.host, page.utm_source, page.utm_medium, page.utm_campaign, page.click_id)
        return Landing(page, ORIGIN_SEPARATOR.join(parts))

    return Memo(landing, limit=PAGES_REMEMBERED)
