"""The way of a live hit to a row. Whoever reads `STEPS` has read it.

Each step looks at the arrival, fills in what it found, and may drop the hit with a typed reason. What is
derived from a user agent, a URL, a referrer or a language is remembered where it is derived, in caches of bounded
size (so texts are cut before they become keys), and a step mostly costs one lookup. An address is remembered nowhere.
"""

import re
from collections.abc import Callable
from datetime import date

from hubbub.collect.agents import describe
from hubbub.collect.arrivals import Arrival
from hubbub.collect.countries import country_of
from hubbub.collect.datacenters import datacenters_of
from hubbub.collect.happenings import happening
from hubbub.collect.languages import primary_language
from hubbub.collect.pages import LONGEST_URL, Page, parse_page
from hubbub.collect.portals import LocalDay, Portals
from hubbub.collect.refused_values import load
from hubbub.collect.tags import Tags, once_tag
from hubbub.collect.traffic import classify
from hubbub.collect.visitors import network_of, visitor_key
from hubbub.core.days import HOUR_MS, bounds, day_of
from hubbub.core.errors import DayClosed
from hubbub.core.ports import KeyRing
from hubbub.core.reasons import DropReason
from hubbub.core.rows import BY_ITSELF, Kind, Row
from hubbub.core.settings import Settings
from hubbub.core.vocabulary import RETURNING

LONGEST_AGENT = 1024
LONGEST_LANGUAGE = 128
LONGEST_PURPOSE = 128
# Headers in which browsers have said that a page is loaded before anyone asked for it: today's standard one, that of
# Chrome and Safari before it, Firefox's, that of Safari's pictures of favourite pages, and a draft's.
PURPOSES = ("sec-purpose", "purpose", "x-moz", "x-purpose", "sec-fetch-purpose")
IN_ADVANCE = re.compile("prefetch|prerender|preview|preload", re.IGNORECASE)
FAST_CLOCK_MS = 60_000  # how far ahead a sender's clock may be
ENGAGEMENT = Kind.ENGAGEMENT.value


class Sources:
    """What the steps look things up in: the sites, the city's day and the secrets."""

    __slots__ = ("city_day", "datacenters", "keep_ms", "keyring", "portals")

    def __init__(self, settings: Settings, keyring: KeyRing) -> None:
        self.portals = Portals(settings)
        self.city_day = LocalDay(settings.timezone)
        self.keep_ms = settings.keep_hours * HOUR_MS
        self.keyring = keyring
        self.datacenters = datacenters_of(settings.server)


Step = Callable[[Arrival, Sources], DropReason | None]


def find_site(arrival: Arrival, sources: Sources) -> DropReason | None:
    """The site of the hit, and the site's own day and hour."""
    hit = arrival.hit
    portal = sources.portals.find(hit.site, hit.url)
    if portal is None:
        return DropReason.UNKNOWN_SITE
    arrival.portal, arrival.source = portal, portal.name
    arrival.ms = ms = arrival.request.ms
    local_day = portal.local_day
    arrival.day = local_day.at(ms)
    if hit.ms:
        return _date_back(arrival, sources)
    arrival.hour = (ms - local_day.start_ms) // HOUR_MS
    return None


def _date_back(arrival: Arrival, sources: Sources) -> DropReason | None:
    """The day and hour at which its sender says that it happened; a clock that is a little fast is set right."""
    received, said = arrival.request.ms, arrival.hit.ms
    if not received - sources.keep_ms <= said <= received + FAST_CLOCK_MS:
        return DropReason.BAD_TIME
    arrival.ms = ms = min(said, received)
    zone = arrival.portal.local_day.zone
    arrival.day = day_of(ms, zone)
    arrival.hour = (ms - bounds(arrival.day, zone).start_ms) // HOUR_MS
    return None


def respect_opt_out(arrival: Arrival, _: Sources) -> DropReason | None:
    """Who sends Global Privacy Control or Do Not Track is not counted."""
    headers = arrival.request.headers
    if headers.get("sec-gpc") == "1" or headers.get("dnt") == "1":
        return DropReason.OPT_OUT
    return None


def refuse_prefetch(arrival: Arrival, _: Sources) -> DropReason | None:
    """A page that was loaded in advance has not been seen."""
    get = arrival.request.headers.get
    for name in PURPOSES:
        purpose = get(name)
        if purpose is not None and IN_ADVANCE.search(purpose[:LONGEST_PURPOSE]):
            return DropReason.PREFETCH
    return None


def refuse_bots(arrival: Arrival, _: Sources) -> DropReason | None:
    """What the user agent says; programs are not visitors."""
    arrival.user_agent = user_agent = arrival.hit.user_agent or arrival.request.headers.get("user-agent", "")
    arrival.agent = agent = describe(user_agent[:LONGEST_AGENT])
    return DropReason.BOT if agent.is_bot else None


def read_page(arrival: Arrival, _: Sources) -> DropReason | None:
    """The page's cleaned path, and what of its address says where the visit came from."""
    portal = arrival.portal
    page = parse_page(arrival.hit.url[:LONGEST_URL], portal.query_keep, portal.paths, portal.search_query)
    if page is None:
        return DropReason.BAD_URL
    arrival.page = page
    return None


def trace_traffic(arrival: Arrival, _: Sources) -> DropReason | None:
    """Where the visit came from, unless that is known for spam."""
    silent = arrival.portal.silent_hosts
    arrival.traffic = traffic = classify(arrival.hit.referrer[:LONGEST_URL], arrival.page, silent)
    return DropReason.SPAM_REFERRER if traffic.is_spam else None


def read_happening(arrival: Arrival, _: Sources) -> DropReason | None:
    """What happened: kind, name, declared properties and amount, and what had to be left out."""
    found = happening(arrival.hit, arrival.page, arrival.portal)
    if isinstance(found, DropReason):
        return found
    arrival.kind, arrival.name, arrival.detail, arrival.amount, arrival.left_out = found
    return None


def key_visitor(arrival: Arrival, sources: Sources) -> DropReason | None:
    """The unit, under the day's secret, and the country; here the address is used for the last time."""
    address = arrival.hit.address or arrival.request.address
    network = network_of(address)
    if network is None:
        return DropReason.NO_ADDRESS
    if sources.datacenters.hold(address):
        return DropReason.DATACENTER
    arrival.country = country_of(address)
    try:
        secret = sources.keyring.visitor_secret(arrival.source, arrival.day)
    except DayClosed:
        return DropReason.DAY_CLOSED
    arrival.unit = visitor_key(secret, arrival.source, network, arrival.user_agent)
    if arrival.hit.once:
        arrival.tag = once_tag(secret, arrival.hit.once)
    return None


STEPS: tuple[Step, ...] = (
    find_site,
    respect_opt_out,
    refuse_prefetch,
    refuse_bots,
    read_page,
    trace_traffic,
    read_happening,
    key_visitor,
)


class Pipeline:
    """Turns hits into rows. One a process: it remembers, and it draws tags."""

    __slots__ = ("_sources", "_tags")

    def __init__(self, settings: Settings, keyring: KeyRing) -> None:
        self._sources = Sources(settings, keyring)
        self._tags = Tags()
        _load_tables()

    def city_day(self, ms: int) -> date:
        """The city's day at the instant `ms`, which this now is: where drops of no site count."""
        return self._sources.city_day.at(ms)

    def run(self, arrival: Arrival) -> Row | DropReason:
        """The row of an arrival or why there is none; either way `source` and `day` of the arrival are set."""
        sources = self._sources
        for step in STEPS:
            reason = step(arrival, sources)
            if reason is not None:
                if not arrival.source:
                    arrival.day = sources.city_day.at(arrival.request.ms)
                return reason
        return self._row(arrival)

    def _row(self, arrival: Arrival) -> Row:
        hit, agent, traffic = arrival.hit, arrival.agent, arrival.traffic
        is_engagement = arrival.kind == ENGAGEMENT
        return Row(
            arrival.unit,
            arrival.tag or self._tags.draw(),
            arrival.ms,
            arrival.hour,
            arrival.kind,
            arrival.page.path,
            arrival.name,
            arrival.detail,
            traffic.referrer,
            traffic.channel,
            traffic.campaign,
            arrival.country,
            agent.device,
            agent.browser,
            agent.os,
            _language(arrival),
            hit.engaged_ms if is_engagement else 0 if hit.interactive else BY_ITSELF,
            hit.scroll if is_engagement else 0,
            arrival.amount,
            hit.returning if arrival.portal.returning and hit.returning in RETURNING else "",
        )


def _language(arrival: Arrival) -> str:
    accepted = arrival.hit.language or arrival.request.headers.get("accept-language", "")
    return primary_language(accepted[:LONGEST_LANGUAGE])


def _load_tables() -> None:
    """Have the tables read that are read at first use, so that no visitor waits for them."""
    describe("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
    classify("https://www.example.org/", Page("example.com", "/"))
    country_of("192.0.2.1")
    load()
