"""Which released numbers must add up: the one table of what least squares may tie together.

A tie holds where every unit of a total stands in exactly one cell of a partition, counted from the same rows at the
same close, so that the two agree before noise, exactly and on every day (tests/unit/release holds the SQL to it). Where
a bound lets a unit into several cells, where a unit may be in none, or where the cells of some keys are not released,
numbers do not add up and must not be made to.
"""

from msgspec import Struct

from hubbub.core.keys import Measure

TOTAL = Measure.VISITORS


class Partition(Struct, frozen=True):
    """Cells of a measure in exactly one of which each visitor stands.

    dimension  by which they are asked; "" where they are not asked by themselves
    key        1 or 2: the column of the mart that tells them apart
    first_key  only cells with this first key; "" for all
    """

    measure: Measure
    dimension: str
    key: int = 1
    first_key: str = ""


PARTITIONS: tuple[Partition, ...] = (
    # what the first page view says; whatever is on no list counts under the list's last entry
    Partition(Measure.CHANNELS, "channel"),
    Partition(Measure.COUNTRIES, "country"),
    Partition(Measure.DEVICES, "device"),
    Partition(Measure.BROWSERS, "browser"),
    Partition(Measure.SYSTEMS, "os"),
    Partition(Measure.LANGUAGES, "language"),
    # a unit has one number of views; the bins begin at 1 and the last one is open
    Partition(Measure.CONTRIBUTIONS, "views"),
    # a unit with a page view has a first visit, which bounces or is in one of the bins from 0 s on
    Partition(Measure.VISITS, "", key=2, first_key="1"),
)

APART: dict[Measure, str] = {
    Measure.VISITORS_HOUR: "a visitor counts in its first three hours",
    Measure.PAGEVIEWS: "views, at most 10 a visitor; no other measure has that bound",
    Measure.PAGEVIEWS_HOUR: "views within a bound on squares of hourly counts, not the day's bound of 10",
    Measure.PAGE_VISITORS: "a visitor counts on at most five pages, and on no page that is not listed",
    Measure.NEW_PAGES: "only pages that many visitors saw are released",
    Measure.PAGE_PAGEVIEWS: "only listed pages, within a bound that no cell of a section or the site has",
    Measure.ENTRY_PAGES: "who began on a page that is not listed is in no cell",
    Measure.EXIT_PAGES: "who ended on a page that is not listed is in no cell",
    Measure.REFERRERS: "who came from a source that is not released is in no cell",
    Measure.CAMPAIGNS: "who came by no campaign is in no cell",
    Measure.EVENTS: "a visitor counts in at most three events",
    Measure.ENGAGEMENT: "who does not tell it is in no cell",
    Measure.SCROLLING: "who does not tell it is in no cell",
    Measure.SET_ASIDE: "these devices are in no other number",
    Measure.TOPICS: "a visitor counts in at most three topics",
    Measure.GOALS: "a device counts in at most three goals",
    Measure.FUNNELS: "a visitor counts in at most two funnels",
    Measure.SEARCH_TERMS: "a device counts in at most two terms",
    Measure.AMOUNTS: "sums of amounts, of at most two events a device",
    Measure.RETURNING: "who does not tell it is in no cell",
    Measure.COMBINATIONS: "they are made to agree among each other when they are asked for (publish.combining)",
}
"""Why the other measures stand by themselves."""

TIED_BY: tuple[str, ...] = tuple(one.dimension for one in PARTITIONS if one.dimension)
