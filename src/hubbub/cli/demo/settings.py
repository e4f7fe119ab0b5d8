"""The demo's hubbub.yaml: three portals whose public pages, campaigns and events are declared, and a table."""

import msgspec

from hubbub.cli.demo.city import CITY, PORTALS, ZONE, Portal
from hubbub.cli.demo.requests import TABLE
from hubbub.cli.demo.story import VIRAL_PAGE
from hubbub.cli.demo.views import LAUNCHED
from hubbub.cli.demo.wishes import TOPICS, WISHES
from hubbub.core.settings import Amount, Server, Settings, Site

HEADER = """\
# The simulated city of `hubbub demo`. Written anew at each start; for a home of your own: `hubbub init`.
# The live stream comes from this machine and names made-up addresses, so the loopback proxy is believed.
"""


def demo_settings() -> Settings:
    """The simulated city's settings, at the default budget."""
    return Settings(
        sites=tuple(_site(portal) for portal in PORTALS),
        tables=(TABLE,),
        timezone=ZONE,
        city=CITY,
        topics=TOPICS,
        server=Server(trusted_proxies=("127.0.0.1/32",)),
    )


def demo_yaml() -> str:
    """`demo_settings()` as the text of a hubbub.yaml."""
    tree = msgspec.to_builtins(demo_settings())
    return HEADER + msgspec.yaml.encode(tree).decode()


def _site(portal: Portal) -> Site:
    """The portal as a source. The page that no one foresaw is on no list: it has to pass the threshold."""
    events: dict[str, dict[str, tuple[str, ...]]] = {}
    launched = (LAUNCHED,) if LAUNCHED.name in {event.name for event in portal.events} else ()
    for event in (*portal.events, *launched):
        properties = events.setdefault(event.name, {})
        properties[event.key] = (*properties.get(event.key, ()), *event.values)
    pages = tuple(page for page in portal.pages if page != VIRAL_PAGE)
    wishes = WISHES[portal.name]
    return Site(
        name=portal.name,
        title=portal.title,
        pages=pages,
        campaigns=portal.campaigns,
        events=events,
        search_query=(wishes.search[1],),
        search_terms=wishes.terms,
        amounts={event.name: Amount(event.most, "EUR") for event in portal.events if event.prices},
        goals=wishes.goals,
        funnels={name: walk.steps for name, walk in wishes.walks.items()},
        returning=bool(wishes.returning),
    )
