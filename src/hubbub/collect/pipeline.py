"""The way of a live event to a row. Whoever reads `STEPS` has read it.

Each step looks at the arrival, fills in what it found, and may drop the event with a typed reason. What is
derived from a user agent, a URL, a referrer or a language is remembered where it is derived, in caches of bounded
size (so texts are cut before they become keys), and a step mostly costs one lookup. An address is remembered nowhere.
"""

from collections.abc import Callable, Mapping

from hubbub.collect.agents import describe
from hubbub.collect.arrivals import NO_EVENT, Arrival
from hubbub.collect.countries import country_of
from hubbub.collect.events import LONGEST_URL, decode
from hubbub.collect.happenings import happening
from hubbub.collect.languages import primary_language
from hubbub.collect.pages import Page, parse_page
from hubbub.collect.portals import LocalDay, portals_of
from hubbub.collect.tags import Tags
from hubbub.collect.traffic import classify
from hubbub.collect.visitors import network_of, visitor_key
from hubbub.core.days import HOUR_MS
from hubbub.core.errors import DayClosed
from hubbub.core.ports import KeyRing
from hubbub.core.reasons import DropReason
from hubbub.core.rows import Kind, Row
from hubbub.core.settings import Settings

LONGEST_AGENT = 1024
LONGEST_LANGUAGE = 128
ENGAGEMENT = Kind.ENGAGEMENT.value


class Sources:
    """What the steps look things up in: the sites, the city's day and the secrets."""

    __slots__ = ("city_day", "keyring", "portals")

    def __init__(self, settings: Settings, keyring: KeyRing) -> None:
        self.portals = portals_of(settings)
        self.city_day = LocalDay(settings.timezone)
        self.keyring = keyring


Step = Callable[[Arrival, Sources], DropReason | None]


def read_body(arrival: Arrival, _: Sources) -> DropReason | None:
    """The event that the body says."""
    if arrival.body is None:
        return DropReason.TOO_LARGE
    if arrival.event is NO_EVENT:
        event = decode(arrival.body)
        if isinstance(event, DropReason):
            return event
        arrival.event = event
    return None


def find_site(arrival: Arrival, sources: Sources) -> DropReason | None:
    """The site of the event, and the site's own day and hour."""
    portal = sources.portals.get(arrival.event.d)
    if portal is None:
        return DropReason.UNKNOWN_SITE
    arrival.portal, arrival.source = portal, portal.name
    local_day = portal.local_day
    arrival.day = local_day.at(arrival.ms)
    arrival.hour = (arrival.ms - local_day.start_ms) // HOUR_MS
    return None


def respect_opt_out(arrival: Arrival, _: Sources) -> DropReason | None:
    """Who sends Global Privacy Control or Do Not Track is not counted."""
    headers = arrival.headers
    if headers.get(b"sec-gpc") == b"1" or headers.get(b"dnt") == b"1":
        return DropReason.OPT_OUT
    return None


def refuse_prefetch(arrival: Arrival, _: Sources) -> DropReason | None:
    """A page that was loaded in advance has not been seen."""
    headers = arrival.headers
    purpose = headers.get(b"sec-purpose") or headers.get(b"purpose") or headers.get(b"x-moz")
    if purpose is not None and (b"prefetch" in purpose.lower() or b"prerender" in purpose.lower()):
        return DropReason.PREFETCH
    return None


def refuse_bots(arrival: Arrival, _: Sources) -> DropReason | None:
    """What the user agent says; programs are not visitors."""
    arrival.user_agent = user_agent = arrival.headers.get(b"user-agent", b"").decode("latin-1")
    arrival.agent = agent = describe(user_agent[:LONGEST_AGENT])
    return DropReason.BOT if agent.is_bot else None


def read_page(arrival: Arrival, _: Sources) -> DropReason | None:
    """The page's cleaned path, and what of its address says where the visit came from."""
    page = parse_page(arrival.event.u[:LONGEST_URL], arrival.portal.query_keep)
    if page is None:
        return DropReason.BAD_URL
    arrival.page = page
    return None


def trace_traffic(arrival: Arrival, _: Sources) -> DropReason | None:
    """Where the visit came from, unless that is known for spam."""
    referrer = arrival.event.r or arrival.event.referrer or ""
    arrival.traffic = traffic = classify(referrer[:LONGEST_URL], arrival.page)
    return DropReason.SPAM_REFERRER if traffic.is_spam else None


def read_happening(arrival: Arrival, _: Sources) -> DropReason | None:
    """What happened: kind, name and declared properties."""
    found = happening(arrival.event, arrival.page, arrival.portal)
    if isinstance(found, DropReason):
        return found
    arrival.kind, arrival.name, arrival.detail = found
    return None


def key_visitor(arrival: Arrival, sources: Sources) -> DropReason | None:
    """The unit, under the day's secret, and the country; here the address is used for the last time."""
    network = network_of(arrival.address)
    if network is None:
        return DropReason.NO_ADDRESS
    arrival.country = country_of(arrival.address)
    try:
        secret = sources.keyring.visitor_secret(arrival.source, arrival.day)
    except DayClosed:
        return DropReason.DAY_CLOSED
    arrival.unit = visitor_key(secret, arrival.source, network, arrival.user_agent)
    return None


STEPS: tuple[Step, ...] = (
    read_body,
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
    """Turns arrivals into rows. One a process: it remembers, and it draws tags."""

    __slots__ = ("_sources", "_tags")

    def __init__(self, settings: Settings, keyring: KeyRing) -> None:
        self._sources = Sources(settings, keyring)
        self._tags = Tags()
        _load_tables()

    def run(self, arrival: Arrival) -> Row | DropReason:
        """The row of an arrival or why there is none; either way `source` and `day` of the arrival are set."""
        sources = self._sources
        for step in STEPS:
            reason = step(arrival, sources)
            if reason is not None:
                if not arrival.source:
                    arrival.day = sources.city_day.at(arrival.ms)
                return reason
        return self._row(arrival)

    def _row(self, arrival: Arrival) -> Row:
        event, agent, traffic = arrival.event, arrival.agent, arrival.traffic
        is_engagement = arrival.kind == ENGAGEMENT
        return Row(
            arrival.unit,
            self._tags.draw(),
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
            _language(arrival.headers),
            event.engaged_ms if is_engagement else 0,
            event.scroll if is_engagement else 0,
        )


def _language(headers: Mapping[bytes, bytes]) -> str:
    return primary_language(headers.get(b"accept-language", b"").decode("latin-1")[:LONGEST_LANGUAGE])


def _load_tables() -> None:
    """Have the tables read that are read at first use, so that no visitor waits for them."""
    describe("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
    classify("https://www.example.org/", Page("example.com", "/"))
    country_of("192.0.2.1")
