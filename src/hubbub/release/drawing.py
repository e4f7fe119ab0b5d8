"""From bounded counts to cells: one noise vector a measure, over all its days; new keys pass their threshold."""

from collections.abc import Mapping, Sequence
from datetime import date

from msgspec import Struct

from hubbub.release.budget import Share
from hubbub.release.entries import Cells
from hubbub.release.key_lists import Key, KeyList
from hubbub.release.mechanisms import add_noise, passes
from hubbub.release.plan import Keys, MeasurePlan


class DayKeys(Struct, frozen=True):
    """A day and the public keys of its cells, in order."""

    day: date
    list: KeyList

    @property
    def keys(self) -> tuple[Key, ...]:
        """The keys themselves."""
        return self.list.keys


def draw(
    measure: MeasurePlan, share: Share, days: Sequence[DayKeys], counts: Mapping[date, Mapping[Key, int]]
) -> list[Cells]:
    """The cells of each day: every public key's, zeros too, and the new keys above the threshold.

    One vector for all days costs what one day costs, since a unit lies on one day.
    """
    has_public, has_new = measure.keys is not Keys.NEW, measure.new_keys > 0
    vector: list[int] = []
    unlisted: list[list[Key]] = []
    for each in days:
        counted = counts.get(each.day, {})
        if has_public:
            vector += [counted.get(key, 0) for key in each.keys]
        unlisted.append(sorted(counted.keys() - set(each.keys)) if has_new else [])
        vector += [counted[key] for key in unlisted[-1]]
    noised = iter(add_noise(vector, share.scale, measure.l2_squared, share.rho))
    cells = []
    for each, found in zip(days, unlisted, strict=True):
        values = tuple(next(noised) for _ in each.keys) if has_public else ()
        new = [(key, next(noised)) for key in found]
        cells.append(Cells(values, tuple((key, value) for key, value in new if passes(value, share.threshold))))
    return cells
