"""Lindenfurt, a city that does not exist: its districts and its three portals, with what is read there and when.

All names end in `.example`, which no one can own. Weights are relative; what comes first in a list is read most.
"""

from msgspec import Struct

CITY = "Lindenfurt"
ZONE = "Europe/Vienna"
DISTRICTS = ("altstadt", "hafen", "nordend", "lerchenfeld", "auwiesen", "bahnhof", "westberg", "muehlbach")


class Section(Struct, frozen=True):
    """A part of a portal whose pages are read together; `pages` from the most to the least read."""

    weight: float
    pages: tuple[str, ...]


class Happening(Struct, frozen=True):
    """Something visitors do besides reading: `name` and, of a declared event, one property with its values.

    rate    share of visits with it
    prices  of an event that is paid for: what each value costs, in hundredths of a euro
    most    of such an event: the most of one device and day that is counted, in euros
    """

    name: str
    rate: float
    key: str = ""
    values: tuple[str, ...] = ()
    prices: tuple[int, ...] = ()
    most: int = 0


class Portal(Struct, frozen=True):
    """One portal: its size, its rhythm, its pages, and what is done there.

    visitors   devices on an ordinary day
    weekdays   seven factors, Monday first
    hours      24 weights by the hour on the wall clock
    home       share of direct visits that begin on the front page
    referrals  other sites that link here, in `crowd.SOURCES` beside the sources every portal has
    missing    addresses that are still linked somewhere but gone
    """

    name: str
    title: str
    visitors: int
    weekdays: tuple[float, ...]
    hours: tuple[float, ...]
    home: float
    sections: tuple[Section, ...]
    events: tuple[Happening, ...]
    outlinks: tuple[str, ...]
    downloads: tuple[str, ...]
    missing: tuple[str, ...]
    referrals: tuple[str, ...]
    campaigns: tuple[str, ...]

    @property
    def pages(self) -> tuple[str, ...]:
        """Every page, section by section; the front page first."""
        return tuple(page for section in self.sections for page in section.pages)


def _below(folder: str, names: str) -> tuple[str, ...]:
    return tuple(f"{folder}/{name}" for name in names.split())


def _districts(last: str) -> tuple[str, ...]:
    return tuple(f"/districts/{district}{last}" for district in DISTRICTS)


OFFICE_HOURS = (2, 1, 1, 1, 1, 3, 10, 28, 60, 82, 86, 74, 55, 62, 70, 62, 50, 42, 40, 44, 46, 38, 20, 7)
COMMUTE_HOURS = (4, 2, 1, 1, 4, 20, 62, 95, 74, 42, 36, 38, 42, 42, 46, 60, 84, 90, 62, 42, 32, 26, 18, 9)
EVENING_HOURS = (5, 2, 1, 1, 1, 2, 6, 14, 24, 34, 42, 46, 44, 42, 44, 48, 54, 62, 76, 92, 95, 72, 38, 14)

SERVICES = Portal(
    name="services.demo.example",
    title="Services",
    visitors=6200,
    weekdays=(1.28, 1.2, 1.12, 1.1, 0.98, 0.58, 0.6),
    hours=OFFICE_HOURS,
    home=0.42,
    sections=(
        Section(0.9, ("/", "/search", "/contact", "/opening-hours", "/sitemap", "/accessibility", "/privacy")),
        Section(
            1.6,
            _below(
                "/services",
                "passport residence-registration parking-permit birth-certificate driving-licence childcare "
                "identity-card housing-benefit marriage building-permit dog-tax business-registration "
                "citizenship fishing-licence name-change school-enrolment lost-property noise-complaint",
            ),
        ),
        Section(
            0.8, ("/appointments", *_below("/appointments", "book passport registration vehicles change cancel"))
        ),
        Section(0.08, ("/parking-permit/apply",)),
        Section(0.7, ("/waste", *_below("/waste", "calendar bulky recycling-centres compost hazardous fees"))),
        Section(0.12, ("/services/rooftop-solar",)),
        Section(0.6, _districts("/office") + _districts("/waste-collection")),
        Section(
            0.5,
            ("/jobs", *_below("/news", "budget-hearing new-opening-hours summer-closing road-names council-meeting")),
        ),
    ),
    events=(
        Happening(
            "Application started", 0.07, "service", ("passport", "parking", "residence", "childcare", "dog-tax")
        ),
        Happening("Appointment booked", 0.06, "office", ("centre", "hafen", "nordend", "westberg")),
        Happening("Fee paid", 0.02, "service", ("parking", "passport", "registration"), (3650, 7590, 1640), 100),
        Happening("Waste reminder", 0.025, "kind", ("paper", "organic", "residual")),
        Happening("Page helpful", 0.05, "answer", ("yes", "no")),
    ),
    outlinks=("federal-services.example", "pay.example", "maps.example", "signature.example"),
    downloads=_below(
        "/files",
        "waste-calendar.pdf parking-permit-form.pdf fees.pdf registration-form.pdf childcare-places.xlsx "
        "council-minutes.pdf",
    ),
    missing=("/old/start.html", "/services/passports", "/formulare", "/waste/calender"),
    referrals=(
        "lindenfurter-bote.example", "region.example", "federal-services.example", "newcomers.example",
        "university.example",
    ),
    campaigns=("rooftop-solar", "newcomers", "waste-app"),
)  # fmt: skip

TRANSPORT = Portal(
    name="transport.demo.example",
    title="Transport",
    visitors=5400,
    weekdays=(1.15, 1.12, 1.12, 1.14, 1.18, 0.75, 0.54),
    hours=COMMUTE_HOURS,
    home=0.55,
    sections=(
        Section(1.2, ("/", "/departures", "/disruptions", "/contact", "/app", "/lost-and-found")),
        Section(
            1.1,
            ("/lines", *_below("/lines", "tram-1 tram-2 tram-5 bus-10 bus-11 bus-14 bus-20 bus-31 night-n1 ferry")),
        ),
        Section(
            1.0,
            ("/tickets", *_below("/tickets", "annual-pass single day week student senior job-ticket group refunds")),
        ),
        Section(0.6, ("/parking", *_below("/parking", "garages residents park-and-ride fees charging"))),
        Section(0.5, ("/bicycles", *_below("/bicycles", "sharing routes parking workshop cargo"))),
        Section(0.55, _districts("/stops") + _districts("/roadworks")),
        Section(0.35, _below("/news", "bridge-closed-in-summer new-trams timetable-change night-service fares")),
    ),
    events=(
        Happening(
            "Ticket bought", 0.08, "kind", ("single", "day", "week", "annual"), (280, 690, 1950, 3040), 30
        ),
        Happening("Route searched", 0.2, "mode", ("tram", "bus", "bicycle", "ferry", "walk")),
        Happening("Disruption alert", 0.03, "line", ("tram-1", "tram-2", "bus-10")),
    ),
    outlinks=("railways.example", "carsharing.example", "maps.example", "regional-bus.example"),
    downloads=_below("/files", "network-map.pdf timetable-tram-1.pdf timetable-bus-10.pdf fares.pdf stops.csv"),
    missing=("/fahrplan", "/lines/tram-3", "/tickets/monthly"),
    referrals=(
        "lindenfurter-bote.example", "railways.example", "university.example", "region.example", "tourism.example",
    ),
    campaigns=("annual-pass", "bike-week", "night-service"),
)  # fmt: skip

CULTURE = Portal(
    name="culture.demo.example",
    title="Culture",
    visitors=4300,
    weekdays=(0.8, 0.82, 0.92, 1.0, 1.18, 1.22, 1.06),
    hours=EVENING_HOURS,
    home=0.38,
    sections=(
        Section(1.0, ("/", "/calendar", "/calendar/weekend", "/tickets", "/newsletter", "/contact")),
        Section(
            1.2,
            _below(
                "/events",
                "museum-night harbour-festival jazz-in-the-park open-air-cinema book-fair city-run christmas-market "
                "film-week children-theatre poetry-slam design-days choir-weekend",
            ),
        ),
        Section(
            0.8, ("/library", *_below("/library", "catalogue opening-hours membership e-books reading-rooms children"))
        ),
        Section(0.7, ("/museums", *_below("/museums", "city-museum art-hall natural-history harbour toys"))),
        Section(0.6, ("/theatre", *_below("/theatre", "programme tickets youth subscription"))),
        Section(0.03, ("/news/storks-on-the-town-hall",)),
        Section(0.45, _districts("/events") + _districts("/venues")),
        Section(0.4, _below("/news", "new-director funding-round summer-programme artist-in-residence")),
    ),
    events=(
        Happening(
            "Seat reserved", 0.06, "venue", ("theatre", "art-hall", "cinema", "concert-hall"),
            (2400, 900, 1050, 3200), 60,
        ),
        Happening("Calendar saved", 0.06, "topic", ("music", "film", "children", "theatre")),
        Happening("Newsletter ordered", 0.02, "topic", ("weekly", "family")),
        Happening("Video played", 0.05, "topic", ("music", "city")),
    ),
    outlinks=("ticketshop.example", "museums.example", "tourism.example", "radio.example"),
    downloads=_below("/files", "summer-programme.pdf museum-night-map.pdf calendar.ics theatre-season.pdf"),
    missing=("/programm", "/events/jazz-night", "/library/login"),
    referrals=(
        "lindenfurter-bote.example", "tourism.example", "ticketshop.example", "radio.example", "university.example",
    ),
    campaigns=("museum-night", "summer-programme", "library-card"),
)  # fmt: skip

PORTALS = (SERVICES, TRANSPORT, CULTURE)
