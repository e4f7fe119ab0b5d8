"""What the live path needs to know of a site, made ready once: its day and its declared events."""

from collections.abc import Mapping
from datetime import date

from hubbub.core.days import bounds, day_of
from hubbub.core.settings import Settings

Declared = Mapping[str, Mapping[str, frozenset[str]]]


class LocalDay:
    """The day of a zone at the present instant; asks the zone's rules once a day. `start_ms` is when it began."""

    __slots__ = ("_end_ms", "_zone", "day", "start_ms")

    def __init__(self, zone: str) -> None:
        self._zone = zone
        self.day = date.min
        self.start_ms = self._end_ms = 0

    def at(self, ms: int) -> date:
        """The day of the instant `ms`, which this now is."""
        if not self.start_ms <= ms < self._end_ms:
            self.day = day_of(ms, self._zone)
            self.start_ms, self._end_ms = bounds(self.day, self._zone)
        return self.day


class Portal:
    """One site, ready for events. Sites of one zone share a `LocalDay`."""

    __slots__ = ("events", "local_day", "name", "query_keep")

    def __init__(self, name: str, local_day: LocalDay, query_keep: frozenset[str], events: Declared) -> None:
        self.name, self.local_day, self.query_keep, self.events = name, local_day, query_keep, events


def portals_of(settings: Settings) -> dict[str, Portal]:
    """The sites of the settings by name."""
    days: dict[str, LocalDay] = {}
    portals = {}
    for site in settings.sites:
        zone = settings.zone_of(site.name)
        declared = {
            name: {key: frozenset(values) for key, values in properties.items()}
            for name, properties in site.events.items()
        }
        local_day = days.setdefault(zone, LocalDay(zone))
        portals[site.name] = Portal(site.name, local_day, frozenset(site.query_keep), declared)
    return portals
