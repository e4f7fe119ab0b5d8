"""What the live path needs to know of a site, made ready once: its day, its hosts and what it declares."""

from collections.abc import Iterator, Mapping
from datetime import date

from hubbub.collect.pages import clean_host, split_host
from hubbub.collect.refused_values import region_of
from hubbub.collect.traffic import silent_hosts
from hubbub.core.days import bounds, day_of
from hubbub.core.settings import Settings, Site

Declared = Mapping[str, Mapping[str, frozenset[str]]]

OLD_SNIPPETS = ("umami:", "matomo:", "goatcounter:")


class LocalDay:
    """The day of a zone at the present instant; asks the zone's rules once a day. `start_ms` is when it began."""

    __slots__ = ("_end_ms", "day", "start_ms", "zone")

    def __init__(self, zone: str) -> None:
        self.zone = zone
        self.day = date.min
        self.start_ms = self._end_ms = 0

    def at(self, ms: int) -> date:
        """The day of the instant `ms`, which this now is."""
        if not self.start_ms <= ms < self._end_ms:
            self.day = day_of(ms, self.zone)
            self.start_ms, self._end_ms = bounds(self.day, self.zone)
        return self.day


class Portal:
    """One site, ready for hits. Sites of one zone share a `LocalDay`; `region` is where its telephones are dialled."""

    __slots__ = (
        "amounts", "events", "local_day", "name", "paths", "query_keep", "region", "returning", "search_query",
        "silent_hosts",
    )  # fmt: skip

    def __init__(self, site: Site, local_day: LocalDay) -> None:
        self.name, self.local_day = site.name, local_day
        self.region = region_of(local_day.zone)
        self.query_keep, self.search_query, self.paths = frozenset(site.query_keep), site.search_query, site.paths
        self.silent_hosts = silent_hosts(site)
        self.events: Declared = {
            name: {key: frozenset(values) for key, values in properties.items()}
            for name, properties in site.events.items()
        }
        self.amounts, self.returning = site.amounts, site.returning


class Portals:
    """The sites that take live hits, by all that hits call them."""

    __slots__ = ("_by_host", "_by_name")

    def __init__(self, settings: Settings) -> None:
        self._by_name: dict[str, Portal] = {}
        self._by_host: dict[str, Portal] = {}
        days: dict[str, LocalDay] = {}
        live = [site for site in settings.sites if site.collect != "log"]
        for site in live:
            zone = settings.zone_of(site.name)
            portal = Portal(site, days.setdefault(zone, LocalDay(zone)))
            self._by_name[site.name] = portal
            for name in _names(site):
                self._by_name.setdefault(name, portal)
            for host in (site.name, *site.own_hosts):
                self._by_host.setdefault(clean_host(host) or host, portal)

    def find(self, site: str, url: str) -> Portal | None:
        """The site that a hit names; the one whose host its page has, when it names none or an old snippet's number."""
        portal = self._by_name.get(site)
        if portal is None and (not site or site.startswith(OLD_SNIPPETS)):
            split = split_host(url)
            return self._by_host.get(split[0]) if split else None
        return portal


def _names(site: Site) -> Iterator[str]:
    """What hits may call a site besides its name."""
    yield from (bare := site.name.removeprefix("www."), f"www.{bare}")
    yield from (f"umami:{website.lower()}" for website in site.umami)
    yield from (f"matomo:{number}" for number in site.matomo)
    yield from (f"goatcounter:{code.lower()}" for code in site.goatcounter)
