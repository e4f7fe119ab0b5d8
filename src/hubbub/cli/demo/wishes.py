"""What the city asks to be measured besides: topics, goals, funnels, searches. Weights and rates are made up."""

from typing import NamedTuple

import numpy as np
from msgspec import Struct

from hubbub.cli.demo.city import CULTURE, SERVICES, TRANSPORT, Portal
from hubbub.cli.demo.columns import Numbers
from hubbub.core.patterns import matches
from hubbub.core.settings import Condition
from hubbub.core.vocabulary import RETURNING


class Walk(Struct, frozen=True):
    """A funnel that some visits walk: pages one after the other, and at its end an event.

    pages   a pattern a page step
    rate    share of visits that set out on it; how far each comes is how many pages it views
    last    the step after the pages
    done    share of those on its last page that do it
    """

    pages: tuple[str, ...]
    rate: float
    last: Condition
    done: float

    @property
    def steps(self) -> tuple[Condition, ...]:
        """As the settings have them."""
        return (*(Condition(page=page) for page in self.pages), self.last)


class Wishes(Struct, frozen=True):
    """What is asked of one portal.

    goals      name → what counts
    walks      name of the funnel → how it is walked
    search     the page of search results and the parameter that holds the term
    terms      what is searched for, the most frequent first; known beforehand
    returning  weights of `core.vocabulary.RETURNING` of visitors who agreed to tell; () where none are asked
    """

    goals: dict[str, Condition]
    walks: dict[str, Walk]
    search: tuple[str, str]
    terms: tuple[str, ...]
    returning: tuple[float, ...] = ()


AGREED = 0.3  # share of visitors who told that they may be asked whether they came before
SEARCHED = 0.85  # share of views of the search page that show results
NEWS_TERM, NEWS_SEARCHED = "solar", 0.3  # what the launch made people search for, and the share of its visits

_SERVICES, _TRANSPORT, _CULTURE = SERVICES.name, TRANSPORT.name, CULTURE.name
TOPICS = {
    "Public transport": (
        f"{_TRANSPORT}/departures", f"{_TRANSPORT}/disruptions", f"{_TRANSPORT}/lines", f"{_TRANSPORT}/lines/**",
        f"{_TRANSPORT}/tickets", f"{_TRANSPORT}/tickets/**", f"{_TRANSPORT}/districts/*/stops",
    ),
    "Parking": (f"{_TRANSPORT}/parking", f"{_TRANSPORT}/parking/**", f"{_SERVICES}/services/parking-permit"),
    "Cycling": (f"{_TRANSPORT}/bicycles", f"{_TRANSPORT}/bicycles/**"),
    "Papers and permits": (
        f"{_SERVICES}/services/passport", f"{_SERVICES}/services/identity-card",
        f"{_SERVICES}/services/residence-registration", f"{_SERVICES}/services/driving-licence",
        f"{_SERVICES}/services/citizenship", f"{_SERVICES}/appointments", f"{_SERVICES}/appointments/**",
    ),
    "Waste": (f"{_SERVICES}/waste", f"{_SERVICES}/waste/**", f"{_SERVICES}/districts/*/waste-collection"),
    "Housing and building": (
        f"{_SERVICES}/services/housing-benefit", f"{_SERVICES}/services/building-permit",
        f"{_SERVICES}/services/rooftop-solar", f"{_TRANSPORT}/districts/*/roadworks",
    ),
    "Family and school": (
        f"{_SERVICES}/services/childcare", f"{_SERVICES}/services/school-enrolment",
        f"{_SERVICES}/services/birth-certificate", f"{_CULTURE}/library/children",
        f"{_CULTURE}/events/children-theatre",
    ),
    "Libraries": (f"{_CULTURE}/library", f"{_CULTURE}/library/**"),
    "Events and museums": (
        f"{_CULTURE}/calendar", f"{_CULTURE}/calendar/**", f"{_CULTURE}/events/**", f"{_CULTURE}/museums",
        f"{_CULTURE}/museums/**", f"{_CULTURE}/theatre/**",
    ),
}  # fmt: skip

WISHES: dict[str, Wishes] = {
    SERVICES.name: Wishes(
        goals={
            "Application started": Condition(event="Application started"),
            "Appointment booked": Condition(event="Appointment booked"),
            "Waste calendar read": Condition(page="/waste/calendar"),
            "Form taken home": Condition(event="download"),
        },
        walks={
            "Passport appointment": Walk(
                ("/services/passport", "/appointments", "/appointments/book"),
                0.08, Condition(event="Appointment booked"), 0.7,
            ),
            "Parking permit": Walk(
                ("/services/parking-permit", "/parking-permit/apply"), 0.05, Condition(event="Fee paid"), 0.6,
            ),
        },
        search=("/search", "q"),
        terms=tuple(
            "passport;parking permit;opening hours;waste calendar;registration;bulky waste;childcare;appointment;"
            "identity card;housing benefit;dog tax;driving licence;jobs;birth certificate;lost property;compost"
            .split(";")
        ),
        returning=(34, 8, 17, 23, 18),
    ),
    TRANSPORT.name: Wishes(
        goals={
            "Ticket bought": Condition(event="Ticket bought"),
            "Annual pass bought": Condition(event="Ticket bought", property="kind", value="annual"),
            "Route found": Condition(event="Route searched"),
            "Timetable taken home": Condition(event="download"),
        },
        walks={
            "Buy a ticket": Walk(("/tickets", "/tickets/*"), 0.1, Condition(event="Ticket bought"), 0.45),
        },
        search=("/departures", "stop"),
        terms=tuple(
            "central station;town hall;harbour;university;hospital;old town;airport;north end;museum island;zoo;"
            "west hill;mill brook;stadium;fair ground".split(";")
        ),
        returning=(14, 27, 36, 16, 7),
    ),
    CULTURE.name: Wishes(
        goals={
            "Seat reserved": Condition(event="Seat reserved"),
            "Date saved": Condition(event="Calendar saved"),
            "Newsletter ordered": Condition(event="Newsletter ordered"),
        },
        walks={
            "Reserve a seat": Walk(("/calendar", "/events/*", "/tickets"), 0.09, Condition(event="Seat reserved"), 0.5),
        },
        search=("/library/catalogue", "q"),
        terms=tuple(
            "detective novels;travel guides;german course;cookbooks;picture books;audio books;gardening;city history;"
            "comics;knitting;board games;astronomy;poetry".split(";")
        ),
    ),
}  # fmt: skip


class Walked(NamedTuple):
    """Which visits walk a funnel, with the places of its pages in `Portal.pages`; `ended`: who did its last step."""

    visits: Numbers
    ended: Numbers
    last: Condition


def walk(
    portal: Portal, page: Numbers, begins: Numbers, views: Numbers, free: Numbers, rng: np.random.Generator
) -> list[Walked]:
    """Send some of the `free` visits along the portal's funnels, changing their pages in place."""
    found = []
    for each in WISHES[portal.name].walks.values():
        visits = free[rng.random(len(free)) < each.rate]
        for step, pattern in enumerate(each.pages):
            choices = np.array([place for place, path in enumerate(portal.pages) if matches(pattern, path)])
            goes = visits[views[visits] > step]
            likes = (np.arange(len(choices)) + 1.0) ** -0.8
            page[begins[goes] + step] = rng.choice(choices, len(goes), p=likes / likes.sum())
        arrived = visits[views[visits] >= len(each.pages)]
        found.append(Walked(visits, arrived[rng.random(len(arrived)) < each.done], each.last))
    return found


def returning_of(portal: Portal, count: int, rng: np.random.Generator) -> Numbers:
    """Of each of `count` visitors the place in `RETURNING` of what their browser told; one more for nothing told."""
    weights = WISHES[portal.name].returning
    silent = np.full(count, len(RETURNING))
    if not weights:
        return silent
    told = rng.choice(len(RETURNING), count, p=np.array(weights) / sum(weights))
    return np.where(rng.random(count) < AGREED, told, silent)
