"""The key lists of a close, frozen before its rows are read."""

from collections.abc import Mapping
from datetime import date

from msgspec import Struct

from hubbub.core.keys import Dimension
from hubbub.core.tables import HOUR
from hubbub.release.door import SINGLE, Door, hour_keys
from hubbub.release.key_lists import Key, KeyList, key_list
from hubbub.release.plan import MORE, Keys, MeasurePlan

LISTED = (Dimension.PAGE, Dimension.REFERRER, Dimension.CAMPAIGN, Dimension.EVENT, Dimension.TERM)


class Frozen(Struct, frozen=True):
    """Public keys by dimension, and by dimension and day those with what was released as new for the day."""

    lists: dict[str, KeyList]
    by_day: dict[tuple[str, date], KeyList]
    slots: dict[date, int]

    def texts(self, dimension: str) -> list[str]:
        """The public keys of a dimension."""
        return [key[0] for key in self.lists[dimension].keys]

    def texts_by_day(self) -> dict[str, dict[date, list[str]]]:
        """The keys of each day, by dimension."""
        found: dict[str, dict[date, list[str]]] = {}
        for (dimension, day), listed in self.by_day.items():
            found.setdefault(dimension, {})[day] = [key[0] for key in listed.keys]
        return found

    def of(self, measure: MeasurePlan, day: date) -> KeyList:
        """The list that a measure's cells are made by (`NEW`: what is not new)."""
        if measure.keys is Keys.SINGLE:
            return key_list(SINGLE)
        if measure.keys is Keys.HOURS:
            return hour_keys(self.slots[day])
        if measure.keys is Keys.FIXED:
            return key_list(self._of_day(measure, measure.fixed_keys, day))
        assert measure.dimension is not None
        if measure.keys is not Keys.DAY and measure.tells != MORE:
            return self.lists[measure.dimension]
        known = self.by_day[measure.dimension, day]
        if not measure.fixed:
            return known
        rest = self._of_day(measure, measure.fixed, day)
        return known if rest == SINGLE else key_list((*key, *each) for key in known.keys for each in rest)

    def with_new_keys(self, dimension: str, released: Mapping[date, tuple[Key, ...]]) -> "Frozen":
        """The lists with the keys of each day: the public ones, and those released as new for it."""
        by_day = dict(self.by_day)
        for day, keys in released.items():
            before = by_day.get((dimension, day), self.lists[dimension])
            fresh = frozenset(keys).difference(before.keys)
            by_day[dimension, day] = key_list(sorted([*before.keys, *fresh])) if fresh else before
        return Frozen(self.lists, by_day, self.slots)

    def _of_day(self, measure: MeasurePlan, keys: tuple[Key, ...], day: date) -> tuple[Key, ...]:
        """Those of a measure by hour that the day has: 23, 24 or 25 slots."""
        if HOUR not in measure.dimensions:
            return keys
        place = measure.dimensions.index(HOUR) - (measure.keys is Keys.DAY)
        return tuple(key for key in keys if int(key[place]) < self.slots[day])


def freeze(door: Door, source: str, days: list[date]) -> Frozen:
    """Take over what the settings declare, and fix the lists. Nothing here has seen a row of these days."""
    declared = _declared(door, source)
    of_site = door.settings.table(source) is None
    for dimension, keys in declared.items():
        door.public.declare(source, dimension, keys, days[0])
    return Frozen(
        {name: door.public.frozen(source, name, of_site=of_site) for name in dict.fromkeys((*LISTED, *declared))},
        {},
        {day: door.slots(source, day) for day in days},
    )


def _declared(door: Door, source: str) -> dict[str, list[str]]:
    """The keys that the settings know beforehand, by dimension."""
    table = door.settings.table(source)
    if table is not None:
        return {name: list(column.known) for name, column in table.columns.items() if column.open}
    site = door.settings.site(source)
    if site is None:
        return {}
    return {
        Dimension.PAGE: list(site.pages),
        Dimension.CAMPAIGN: list(site.campaigns),
        Dimension.TERM: list(site.search_terms),
        Dimension.EVENT: [
            key
            for event, properties in site.events.items()
            for key in (
                f"event:{event}",
                *(f"event:{event} {name}={value}" for name, values in properties.items() for value in values),
            )
        ],
    }
