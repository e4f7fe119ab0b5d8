"""What happened in Lindenfurt: one launch, one outage, one page that went around the world. Dates are relative."""

from datetime import date, timedelta

from msgspec import Struct

from hubbub.cli.demo.city import CULTURE, SERVICES, TRANSPORT, Portal
from hubbub.cli.demo.crowd import LAUNCH_SOURCES, VIRAL_SOURCES, Source

LAUNCH_PAGE = "/services/rooftop-solar"
VIRAL_PAGE = "/news/storks-on-the-town-hall"
OUTAGE_HOURS = (7, 13)


class Surge(Struct, frozen=True):
    """Visits that come on top for one page.

    shares      extra visits as a share of an ordinary day's visitors, by days since `first`; the last one stays
    bounce      share of these visits that see this one page only
    far         they come from further away and mostly by phone
    """

    portal: str
    page: str
    first: date
    shares: tuple[float, ...]
    sources: tuple[Source, ...]
    bounce: float
    far: bool = False

    def share_on(self, day: date) -> float:
        """Extra visits on `day` as a share of an ordinary day's; 0 before it began."""
        since = (day - self.first).days
        return 0.0 if since < 0 else self.shares[min(since, len(self.shares) - 1)]


class Outage(Struct, frozen=True):
    """Hours of a day without a single row; `hours` on the wall clock, the end excluded."""

    portal: str
    day: date
    hours: tuple[int, int]


class Story(Struct, frozen=True):
    """Everything out of the ordinary."""

    launch: Surge
    outage: Outage
    viral: Surge

    @property
    def surges(self) -> tuple[Surge, ...]:
        """The launch and the viral page."""
        return self.launch, self.viral

    def unborn_pages(self, portal: Portal, day: date) -> tuple[str, ...]:
        """Pages of the portal that do not exist yet on `day`."""
        return tuple(surge.page for surge in self.surges if surge.portal == portal.name and day < surge.first)


class Sight(Struct, frozen=True):
    """Something worth looking at: where (site, first and last day) and what to see there."""

    title: str
    site: str
    first: date
    last: date
    text: str


def tell(today: date, days: int) -> Story:
    """The story of the `days` days before `today`; it fits into any number of days from one up."""

    def ago(share: float) -> date:
        return today - timedelta(days=max(1, round(days * share)))

    outage_day = ago(0.17)
    while outage_day.weekday() > 4 and outage_day > today - timedelta(days=days):
        outage_day -= timedelta(days=1)
    launch = Surge(
        SERVICES.name,
        LAUNCH_PAGE,
        ago(0.35),
        (0.5, 0.42, 0.34, 0.3, 0.26, 0.22, 0.2, 0.17, 0.15, 0.13, 0.12),
        LAUNCH_SOURCES,
        bounce=0.3,
    )
    viral = Surge(
        CULTURE.name,
        VIRAL_PAGE,
        ago(0.085),
        (2.4, 1.7, 0.8, 0.4, 0.2, 0.08),
        VIRAL_SOURCES,
        bounce=0.82,
        far=True,
    )
    return Story(launch, Outage(TRANSPORT.name, outage_day, OUTAGE_HOURS), viral)


def sights(story: Story, today: date) -> tuple[Sight, ...]:
    """What to look at, in the order it happened."""
    yesterday = today - timedelta(days=1)
    launch, outage, viral = story.launch, story.outage, story.viral
    start, end = outage.hours
    found = (
        Sight(
            "A service is launched",
            launch.portal,
            launch.first,
            yesterday,
            f"{launch.page} opens on {launch.first}; the newsletter's campaign brings most of its first readers",
        ),
        Sight(
            "An outage",
            outage.portal,
            outage.day,
            outage.day,
            f"nothing arrives on {outage.day} between {start}:00 and {end}:00",
        ),
        Sight(
            "A page goes around the world",
            viral.portal,
            viral.first,
            min(viral.first + timedelta(days=len(viral.shares) - 1), yesterday),
            f"{viral.page} on {viral.first}: social networks, phones, short visits, and then it is over",
        ),
    )
    return tuple(sorted(found, key=lambda sight: sight.first))
