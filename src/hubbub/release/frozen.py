"""The key lists of a close, frozen before its rows are read."""

from collections.abc import Mapping
from datetime import date

from msgspec import Struct

from hubbub.core.keys import Dimension
from hubbub.release.door import SINGLE, Door, hour_keys
from hubbub.release.key_lists import Key, KeyList, key_list
from hubbub.release.plan import Keys, MeasurePlan

LISTED = (Dimension.PAGE, Dimension.REFERRER, Dimension.CAMPAIGN, Dimension.EVENT, Dimension.TERM)


class Frozen(Struct, frozen=True):
    """Public keys by dimension, and each day's pages once its new ones are released."""

    lists: dict[str, KeyList]
    pages: dict[date, KeyList]
    slots: dict[date, int]

    def texts(self, dimension: str) -> list[str]:
        """The public keys of a dimension."""
        return [key[0] for key in self.lists[dimension].keys]

    def of(self, measure: MeasurePlan, day: date) -> KeyList:
        """The list that a measure's cells are made by (`NEW`: what is not new)."""
        if measure.keys is Keys.SINGLE:
            return key_list(SINGLE)
        if measure.keys is Keys.HOURS:
            return hour_keys(self.slots[day])
        if measure.keys is Keys.FIXED:
            return key_list(measure.fixed_keys)
        if measure.keys is Keys.DAY:
            return self.pages[day]
        assert measure.dimension is not None
        return self.lists[measure.dimension]

    def with_new_pages(self, released: Mapping[date, tuple[Key, ...]]) -> "Frozen":
        """The lists with the pages of each day: the public ones and those released as new for it."""
        public = self.lists[Dimension.PAGE]
        known = frozenset(public.keys)
        pages = {}
        for day, keys in released.items():
            fresh = [key for key in keys if key not in known]
            pages[day] = key_list(sorted([*public.keys, *fresh])) if fresh else public
        return Frozen(self.lists, pages, self.slots)


def freeze(door: Door, source: str, days: list[date]) -> Frozen:
    """Take over what the settings declare, and fix the lists. Nothing here has seen a row of these days."""
    site = door.settings.site(source)
    if site is not None:
        declared: dict[str, list[str]] = {
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
        for dimension, keys in declared.items():
            door.public.declare(source, dimension, keys, days[0])
    return Frozen(
        {dimension: door.public.frozen(source, dimension) for dimension in LISTED},
        {},
        {day: door.slots(source, day) for day in days},
    )
